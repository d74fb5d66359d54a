//! A policy and a catalog, resolved against each other.

use super::Catalog;
use crate::policy::Policy;

/// What judging a statement needs to know: the policy, applied to one catalog snapshot.
#[derive(Clone, Debug)]
pub struct Rules {
    epoch: u64,
}

/// A contradiction between policy and catalog, with the path of the policy entry and a way to mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {what}")]
pub struct RulesError {
    /// The entry, as a TOML path: `postgres.tables."billing.invoices".column`.
    pub path: String,
    /// What is wrong and what to write instead.
    pub what: String,
}

impl Rules {
    /// Applies `policy` to `catalog`. `epoch` tells these rules from those before and after them;
    /// caches are keyed by it.
    ///
    /// # Errors
    /// Every contradiction, at once.
    pub fn new(_policy: &Policy, _catalog: &Catalog, epoch: u64) -> Result<Self, Vec<RulesError>> {
        Ok(Self { epoch })
    }

    /// The rules that refuse everything: what an unusable policy becomes.
    #[must_use]
    pub fn deny_all(epoch: u64) -> Self {
        Self { epoch }
    }

    /// See [`Rules::new`].
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }
}
