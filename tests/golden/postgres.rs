//! SQL and its verdicts.

use std::fs;
use std::path::Path;

use policies::Mode;
use policies::policy::Policy;
use policies::postgres::{Catalog, Rules, judge};
use policies::{Reason, Rejection, Tenant, TenantId};
use tests::golden::File;
use wire::Limits;

/// What a file's header asks for.
pub struct Bench {
    rules: Rules,
    mode: Mode,
    tenant: Tenant,
    /// Another tenant, whose output must never name the first.
    other: Tenant,
}

impl Bench {
    pub fn of(file: &File, folder: &Path) -> Self {
        let read = |key: &str| {
            let name = file.header(key).unwrap_or_else(|| panic!("no `{key}` line"));
            fs::read_to_string(folder.join(name)).unwrap()
        };
        let policy = Policy::parse(&read("policy")).unwrap_or_else(|e| panic!("{e:?}"));
        let catalog: Catalog = serde_json::from_str(&read("catalog")).unwrap();
        let rules = Rules::new(&policy, &catalog, 1).unwrap_or_else(|e| panic!("{e:?}"));
        let tenant = |text: &str| Tenant {
            id: TenantId::parse(policy.tenant_kind, text).unwrap(),
            slug: "some".to_owned(),
        };
        let mode = match file.header("mode") {
            None | Some("inject") => Mode::Inject,
            Some("validate") => Mode::Validate,
            Some(other) => panic!("no such mode: {other}"),
        };
        Self {
            rules,
            mode,
            tenant: tenant(file.header("tenant").unwrap()),
            other: tenant(file.header("other").unwrap()),
        }
    }
}

impl super::Bench for Bench {
    fn outcome(&self, input: &str) -> String {
        let limits = Limits::default();
        let judged = judge(input, &self.rules, self.mode, &limits)
            .and_then(|plan| plan.scope(&self.tenant).map(|query| (plan, query)));
        let (plan, query) = match judged {
            Ok(judged) => judged,
            Err(rejection) => return rejected(input, &rejection),
        };
        let text = query.get().text().to_owned();
        self.check_output(input, &text);
        let parameters: String = plan
            .parameters()
            .iter()
            .map(|check| format!("\nparameter ${}", check.number))
            .collect();
        if text == input {
            assert!(plan.is_unchanged(), "unchanged text, changed plan: {input}");
            format!("forward{parameters}")
        } else {
            format!("rewrite\n{text}{parameters}")
        }
    }
}

impl Bench {
    /// What must hold of every output, whatever the file expects.
    fn check_output(&self, input: &str, text: &str) {
        let limits = Limits::default();
        // The output is its own best input: it carries its tenant predicate. It holds in validate
        // mode too, where the client may write it.
        let again = judge(text, &self.rules, Mode::Validate, &limits)
            .unwrap_or_else(|rejection| panic!("output is refused: {rejection}\n{text}"));
        let _ = again
            .scope(&self.tenant)
            .unwrap_or_else(|r| panic!("output names another: {r}\n{text}"));
        let for_other = judge(input, &self.rules, self.mode, &limits)
            .and_then(|plan| plan.scope(&self.other).map(|query| query.get().text().to_owned()));
        let id = self.tenant.id.to_string();
        if let (Ok(other), false) = (for_other, input.contains(&id)) {
            assert!(!other.contains(&id), "one tenant's text names another: {other}");
        }
        let denied = judge(input, &Rules::deny_all(1), self.mode, &limits);
        assert_eq!(denied.unwrap_err().reason, Reason::PolicyUnusable);
    }
}

fn rejected(input: &str, rejection: &Rejection) -> String {
    let Some(span) = rejection.span else { return format!("reject {}", rejection.reason) };
    let at = span.start as usize;
    let start = input[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = input[start..].lines().next().unwrap_or_default();
    let caret = " ".repeat(input[start..at].chars().count());
    format!("reject {}\n{line}\n{caret}^", rejection.reason)
}
