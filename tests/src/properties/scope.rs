//! The judge of SQL: whatever it forwards is proved, and is nobody else's.

use std::sync::OnceLock;

use policies::Mode;
use policies::policy::Policy;
use policies::postgres::{Catalog, Rules, judge};
use policies::{Reason, Rejection, Tenant, TenantId};
use wire::Limits;

const POLICY: &str = include_str!("../../golden/postgres/shop.toml");
const CATALOG: &str = include_str!("../../golden/postgres/shop.json");
const ACME: &str = "11111111-1111-4111-8111-111111111111";
const BIRCH: &str = "22222222-2222-4222-8222-222222222222";

/// A policy, a catalog, and two tenants of them.
struct Shop {
    rules: Rules,
    acme: Tenant,
    birch: Tenant,
}

impl Shop {
    fn open() -> Result<Self, String> {
        let policy = Policy::parse(POLICY).map_err(|errors| format!("{errors:?}"))?;
        let catalog: Catalog = serde_json::from_str(CATALOG).map_err(|error| error.to_string())?;
        let rules = Rules::new(&policy, &catalog, 1).map_err(|errors| format!("{errors:?}"))?;
        let tenant = |id: &str| {
            let id =
                TenantId::parse(policy.tenant_kind, id).map_err(|error| format!("{error:?}"))?;
            Ok::<_, String>(Tenant { id, slug: "some".to_owned() })
        };
        Ok(Self { rules, acme: tenant(ACME)?, birch: tenant(BIRCH)? })
    }

    fn output(&self, text: &str, mode: Mode, tenant: &Tenant) -> Result<String, Rejection> {
        let plan = judge(text, &self.rules, mode, &Limits::default())?;
        let scoped = plan.scope(tenant)?;
        let query = scoped.get();
        if plan.is_unchanged() {
            assert_eq!(query.text(), text, "a plan says that it changes nothing, and does");
        }
        for offset in 0..=query.text().len() {
            assert!(query.client_offset(offset) <= text.len(), "an offset leaves the text");
        }
        Ok(query.text().to_owned())
    }
}

/// Judging any text ends with a verdict. What is forwarded for a tenant carries its own proof, is
/// forwarded byte for byte when it comes again in validate mode, and names no other tenant.
pub fn scope(input: &[u8]) {
    static SHOP: OnceLock<Result<Shop, String>> = OnceLock::new();
    let shop = SHOP.get_or_init(Shop::open);
    let Ok(shop) = shop else {
        assert_eq!(shop.as_ref().err(), None, "the shop does not open");
        return;
    };
    let Ok(text) = str::from_utf8(input) else { return };
    let for_acme = shop.output(text, Mode::Inject, &shop.acme);
    let for_birch = shop.output(text, Mode::Inject, &shop.birch);
    let names_neither = !text.contains(ACME) && !text.contains(BIRCH);
    match (&for_acme, &for_birch) {
        (Ok(acme), Ok(birch)) => {
            assert_eq!(shop.output(acme, Mode::Validate, &shop.acme).as_ref(), Ok(acme));
            if names_neither {
                assert!(!birch.contains(ACME) && !acme.contains(BIRCH), "{acme}\n{birch}");
                assert_eq!(&acme.replace(ACME, BIRCH), birch, "tenants differ by their id only");
            }
        }
        (Err(acme), Err(birch)) => {
            assert_eq!(acme.reason, birch.reason);
            assert_ne!(acme.reason, Reason::Internal, "the proof failed: {acme:?}");
        }
        (one, other) => {
            let foreign = |verdict: &Result<String, Rejection>| {
                verdict.as_ref().is_err_and(|no| no.reason == Reason::ForeignTenantValue)
            };
            assert!(foreign(one) || foreign(other), "{one:?}\n{other:?}");
        }
    }
    if let Err(rejection) = &for_acme {
        let span = rejection.span.unwrap_or_default();
        assert!(span.of(text).is_some(), "{rejection:?} points out of the text");
    }
}
