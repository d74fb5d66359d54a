//! PostgreSQL: the catalog is what its rules depend on.

mod drift;
mod snapshot;
mod watched;

use std::sync::Arc;
use std::time::Instant;

use arc_swap::ArcSwapOption;
use identity::Registry;
use policies::RulesError;
use policies::policy::Policy;
use policies::postgres::{Catalog, Rules};
use relay::postgres as relayed;

use super::{Peer, Reading, World};
use crate::settings::{Limits, Listener, PostgresUrl, UpstreamUrl};
use crate::tls::SslMode;
use crate::upstream::Upstream;

/// The shell's side of a listener for PostgreSQL.
#[derive(Debug)]
pub(super) struct Postgres {
    world: Arc<relayed::World>,
    url: UpstreamUrl,
    account: PostgresUrl,
    catalog: ArcSwapOption<Catalog>,
}

impl Postgres {
    pub(super) fn new(
        account: &PostgresUrl,
        listener: &Listener,
        limits: &Limits,
        registry: Arc<Registry>,
        epoch: u64,
    ) -> Self {
        let url = listener.upstream.clone();
        let settings = relayed::Settings {
            mode: listener.mode,
            limits: limits.wire,
            upstream: relayed_upstream(&url, account),
            authentication_timeout: limits.handshake,
            dial_timeout: limits.dial,
        };
        let rules = Arc::new(Rules::deny_all(epoch));
        let world = Arc::new(relayed::World::new(settings, rules, registry));
        Self { world, url, account: account.clone(), catalog: ArcSwapOption::empty() }
    }
}

impl World for Postgres {
    fn read<'r>(&'r self, upstream: &'r Upstream) -> Reading<'r> {
        Box::pin(async {
            let catalog = read_catalog(upstream, &self.url, &self.account).await?;
            let changed = self.catalog.load().as_deref() != Some(&catalog);
            self.catalog.store(Some(Arc::new(catalog)));
            Ok(changed)
        })
    }

    fn store(&self) -> Option<String> {
        let version = self.catalog.load().as_ref()?.server_version;
        Some(format!("PostgreSQL {}.{}", version / 10_000, version % 10_000))
    }

    fn apply(&self, policy: &Policy, epoch: u64) -> Result<(), Vec<RulesError>> {
        let Some(catalog) = self.catalog.load_full() else { return Ok(()) };
        self.world.set_rules(Arc::new(Rules::new(policy, &catalog, epoch)?));
        Ok(())
    }

    fn deny_all(&self, epoch: u64) {
        self.world.set_rules(Arc::new(Rules::deny_all(epoch)));
    }

    fn drift(&self, policy: &Policy) -> Vec<String> {
        match (&policy.postgres, self.catalog.load().as_deref()) {
            (Some(policy), Some(catalog)) => drift::find(policy, catalog),
            _ => Vec::new(),
        }
    }

    fn set_registry(&self, registry: Arc<Registry>) {
        self.world.set_registry(registry);
    }

    fn connect(&self, peer: Peer, now: Instant) -> Box<dyn relay::Connection> {
        let Peer { in_tls, offers_tls, server_end_point, .. } = peer;
        let peer = relayed::Peer { offers_tls, server_end_point, in_tls };
        Box::new(relayed::Connection::new(Arc::clone(&self.world), peer, now))
    }
}

/// Reads the catalog of `upstream`, which `url` leads to, as `account`.
///
/// # Errors
/// Why it cannot be had, as a sentence that names the upstream.
pub(crate) async fn read_catalog(
    upstream: &Upstream,
    url: &UpstreamUrl,
    account: &PostgresUrl,
) -> Result<Catalog, String> {
    snapshot::read(upstream, &login(url, account), url.is_loopback()).await
}

/// The proxy's own account, as connections use it.
fn relayed_upstream(url: &UpstreamUrl, account: &PostgresUrl) -> relayed::Upstream {
    let password = url.password.as_ref();
    relayed::Upstream {
        user: account.user.clone(),
        password: password.map(|text| relayed::Password::new(text.expose().to_owned())),
        database: account.database.clone(),
        ssl_mode: match url.ssl.mode() {
            SslMode::Disable => relayed::SslMode::Disable,
            SslMode::Prefer => relayed::SslMode::Prefer,
            SslMode::Require => relayed::SslMode::Require,
            SslMode::VerifyCa => relayed::SslMode::VerifyCa,
            SslMode::VerifyFull => relayed::SslMode::VerifyFull,
        },
        application_name: account.application_name.clone(),
        is_loopback: url.is_loopback(),
    }
}

/// The proxy's own account, as the reader of the catalog uses it.
fn login(url: &UpstreamUrl, account: &PostgresUrl) -> tokio_postgres::Config {
    let mut login = tokio_postgres::Config::new();
    login.user(&account.user).dbname(&account.database);
    login.application_name(account.application_name.as_deref().unwrap_or("partywall"));
    if let Some(password) = &url.password {
        login.password(password.expose());
    }
    login.ssl_mode(match url.ssl.mode() {
        SslMode::Disable => tokio_postgres::config::SslMode::Disable,
        SslMode::Prefer => tokio_postgres::config::SslMode::Prefer,
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => {
            tokio_postgres::config::SslMode::Require
        }
    });
    login
}
