//! From a text to a plan, or to a refusal.

use std::hash::{DefaultHasher, Hash, Hasher};

use wire::Limits;

use super::{Plan, Rules};
use crate::{Mode, Reason, Rejection};

/// Judges the text of a RUN, for every tenant at once.
///
/// # Errors
/// The refusal.
pub fn judge(text: &str, rules: &Rules, mode: Mode, limits: &Limits) -> Result<Plan, Rejection> {
    let unusable = || Rejection::new(Reason::PolicyUnusable, "no usable policy is in force");
    let rules = rules.resolved().ok_or_else(unusable)?;
    if text.len() > limits.statement_bytes_max {
        let what = format!("the statement is longer than {} bytes", limits.statement_bytes_max);
        return Err(Rejection::new(Reason::StatementTooLarge, what));
    }
    let _ = (mode, &rules.policy, &rules.facts);
    Err(Rejection::new(Reason::StatementNotAllowed, "statements are not judged yet"))
}

/// The hash of what a statement is, without what it is about.
#[must_use]
pub fn fingerprint(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.len().hash(&mut hasher);
    hasher.finish()
}
