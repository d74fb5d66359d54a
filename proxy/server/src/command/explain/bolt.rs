//! The verdict on statements of Cypher.

use std::path::Path;

use policies::bolt::{self, Explained, Rules, ServerFacts};
use policies::policy::Policy;
use policies::{Mode, Reason, Rejection, TenantId};

use super::Explanation;
use crate::command::Failure;
use crate::protocol::require_section;
use crate::settings;

/// The policy, applied to a server of the 5 line without indexes.
pub(super) fn rules(policy: &Policy, path: &Path) -> Result<Rules, Failure> {
    let documents = |errors: Vec<policies::RulesError>| {
        let line = |error| format!("{}: {error}", path.display());
        Failure::Documents(errors.iter().map(line).collect())
    };
    require_section(settings::Protocol::Bolt, policy).map_err(|error| documents(vec![error]))?;
    Rules::new(policy, &ServerFacts::default(), 0).map_err(documents)
}

pub(super) fn explain(
    statement: &str,
    values: Option<&[serde_json::Value]>,
    tenant: &TenantId,
    rules: &Rules,
    mode: Mode,
) -> Result<Explanation, Rejection> {
    if values.is_some() {
        let what = "parameters of Cypher have names: they are judged when they travel";
        return Err(Rejection::new(Reason::SyntaxError, what));
    }
    let limits = wire::Limits::default();
    let (verdict, statement) = match bolt::explain(statement, tenant, rules, mode, &limits)? {
        Explained::Forward(text) => ("forward", text),
        Explained::Rewrite(text) => ("rewrite", text),
    };
    Ok(Explanation { verdict, statement: Some(statement), reason: None, detail: None })
}
