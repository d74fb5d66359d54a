//! The verdict on commands of MongoDB.

use std::path::Path;

use policies::mongo::{self, Explained, Rules, ServerFacts};
use policies::policy::Policy;
use policies::{Mode, Reason, Rejection, TenantId};

use super::Explanation;
use crate::command::Failure;
use crate::protocol::require_section;
use crate::settings;

/// The policy, applied to a server of which nothing is known.
pub(super) fn rules(policy: &Policy, path: &Path) -> Result<Rules, Failure> {
    let documents = |errors: Vec<policies::RulesError>| {
        let line = |error| format!("{}: {error}", path.display());
        Failure::Documents(errors.iter().map(line).collect())
    };
    require_section(settings::Protocol::Mongo, policy).map_err(|error| documents(vec![error]))?;
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
        let what = "a command has no parameters beside its arguments";
        return Err(Rejection::new(Reason::SyntaxError, what));
    }
    let (verdict, statement, detail) = match mongo::explain(statement, tenant, rules, mode)? {
        Explained::Forward(line) => ("forward", Some(line), None),
        Explained::Rewrite(line) => ("rewrite", Some(line), None),
        Explained::Reply(reply) => ("reply", None, reply),
    };
    Ok(Explanation { verdict, statement, reason: None, detail })
}
