//! The verdict on SQL.

use std::fs;
use std::path::Path;

use policies::policy::Policy;
use policies::postgres::{Catalog, Parameters, Rules, judge};
use policies::{Mode, Rejection, Tenant};

use super::Explanation;
use crate::command::Failure;

/// The policy, applied to the snapshot at `catalog`.
pub(super) fn rules(policy: Policy, path: &Path, catalog: Option<&Path>) -> Result<Rules, Failure> {
    let (policy, catalog) = match catalog {
        Some(path) => (policy, read_catalog(path)?),
        None => {
            eprintln!(
                "partywall: without --catalog every relation is unknown; \
                 `partywall catalog --settings FILE` prints the snapshot to give here"
            );
            (without_relations(policy), Catalog::default())
        }
    };
    Rules::new(&policy, &catalog, 0).map_err(|errors| {
        let line = |error| format!("{}: {error}", path.display());
        Failure::Documents(errors.iter().map(line).collect())
    })
}

/// Without a catalog an entry that names a relation cannot be resolved, and none is needed.
fn without_relations(mut policy: Policy) -> Policy {
    if let Some(postgres) = &mut policy.postgres {
        postgres.shared.clear();
        postgres.functions.clear();
        postgres.operators.clear();
        postgres.tables.clear();
    }
    policy
}

fn read_catalog(path: &Path) -> Result<Catalog, Failure> {
    let problem = |what: String| {
        let mend = "`partywall catalog --settings FILE` prints one";
        Failure::Documents(vec![format!("{}: {what}; {mend}", path.display())])
    };
    let text = fs::read_to_string(path).map_err(|error| problem(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| problem(format!("no catalog snapshot: {error}")))
}

pub(super) fn explain(
    statement: &str,
    values: Option<&[serde_json::Value]>,
    tenant: &Tenant,
    rules: &Rules,
    mode: Mode,
) -> Result<Explanation, Rejection> {
    let plan = judge(statement, rules, mode, &wire::Limits::default())?;
    let scoped = plan.scope(tenant)?;
    let mut detail = None;
    if let Some(values) = values {
        plan.check_parameters(tenant, &Values::new(values))?;
    } else if !plan.parameters().is_empty() {
        let numbers: Vec<_> =
            plan.parameters().iter().map(|check| format!("${}", check.number)).collect();
        detail = Some(format!("{} must be bound to the tenant's own id", numbers.join(", ")));
    }
    Ok(Explanation {
        verdict: if plan.is_unchanged() { "forward" } else { "rewrite" },
        statement: Some(scoped.get().text().to_owned()),
        reason: None,
        detail,
    })
}

/// Parameter values as a client would bind them in text format, their types left to the server.
struct Values(Vec<Option<String>>);

impl Values {
    fn new(values: &[serde_json::Value]) -> Self {
        let text = |value: &serde_json::Value| match value {
            serde_json::Value::Null => None,
            serde_json::Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        Self(values.iter().map(text).collect())
    }
}

impl Parameters for Values {
    fn value(&self, number: u16) -> Option<Option<&[u8]>> {
        let value = self.0.get(usize::from(number).checked_sub(1)?)?;
        Some(value.as_ref().map(String::as_bytes))
    }

    fn is_binary(&self, _number: u16) -> bool {
        false
    }

    fn type_oid(&self, _number: u16) -> u32 {
        0
    }
}
