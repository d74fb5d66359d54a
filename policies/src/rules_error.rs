//! Where a policy does not fit a store.

/// A contradiction between the policy and a store, with the path of the policy entry and a way to mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {what}")]
pub struct RulesError {
    /// The entry, as a TOML path: `postgres.tables."billing.invoices".column`.
    pub path: String,
    /// What is wrong and what to write instead.
    pub what: String,
}
