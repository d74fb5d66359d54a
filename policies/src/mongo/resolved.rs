//! The policy, applied to one server.

use super::Tenancy;
use crate::policy::{MongoPolicy, Policy};
use crate::{RulesError, TenantId};

/// What is known of a server when it was last asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerFacts {
    /// `version` of `buildInfo`: three numbers and maybe more, for people and for `buildInfo`'s reply.
    pub version: String,
    /// `versionArray` of `buildInfo`, its first three numbers.
    pub numbers: [i32; 3],
    /// Whether `$graphLookup` is known to leave out `restrictSearchWithMatch`: then it is refused.
    pub graph_lookup_is_open: bool,
}

/// What judging a command needs to know: the policy, applied to one server.
#[derive(Clone, Debug)]
pub struct Rules {
    epoch: u64,
    resolved: Option<(MongoPolicy, ServerFacts)>,
}

impl Rules {
    /// Applies `policy` to the server of `facts`. `epoch` tells these rules from those before and
    /// after them. A policy without `[mongo]` refuses everything.
    ///
    /// # Errors
    /// Every contradiction, at once.
    pub fn new(policy: &Policy, facts: &ServerFacts, epoch: u64) -> Result<Self, Vec<RulesError>> {
        let resolved = policy.mongo.as_ref().map(|policy| (policy.clone(), facts.clone()));
        Ok(Self { epoch, resolved })
    }

    /// Rules that refuse everything.
    #[must_use]
    pub fn deny_all(epoch: u64) -> Self {
        Self { epoch, resolved: None }
    }

    /// Tells these rules from all others.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The tenant's part of the store; `None` when no usable policy is in force.
    #[must_use]
    pub fn tenancy(&self, tenant: &TenantId) -> Option<Tenancy> {
        let (policy, _) = self.resolved.as_ref()?;
        Some(Tenancy::new(policy, tenant))
    }
}
