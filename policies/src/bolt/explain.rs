//! The verdict on a statement, for people.

use bolt_wire::packstream::Dictionary;
use wire::Limits;

use super::{Rules, Verdict, judge};
use crate::{Mode, Reason, Rejection, TenantId};

/// What a statement would become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Explained {
    /// It travels as it is.
    Forward(String),
    /// This travels in its place.
    Rewrite(String),
}

/// Judges `text` for `tenant`, as a RUN without parameters.
///
/// # Errors
/// The refusal.
pub fn explain(
    text: &str,
    tenant: &TenantId,
    rules: &Rules,
    mode: Mode,
    limits: &Limits,
) -> Result<Explained, Rejection> {
    let plan = judge(text, rules, mode, limits)?;
    let unusable = || Rejection::new(Reason::PolicyUnusable, "no usable policy is in force");
    let tenancy = rules.tenancy(tenant).ok_or_else(unusable)?;
    let run = match plan.scope(Dictionary::new(), &tenancy)? {
        Verdict::Forward(run) => run.into_inner(),
        Verdict::Observed(run, _) => run,
    };
    Ok(if run.statement == text {
        Explained::Forward(run.statement)
    } else {
        Explained::Rewrite(run.statement)
    })
}
