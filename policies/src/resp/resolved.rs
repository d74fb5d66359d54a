//! The policy, applied to one server.

use std::collections::BTreeSet;

use super::Tenancy;
use crate::policy::{Policy, RedisPolicy};
use crate::{RulesError, TenantId};

/// What is known of a server when it was last asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerFacts {
    /// `redis_version` as INFO says it: for people.
    pub version: String,
    /// Commands of which the server says otherwise than our table: they are refused.
    pub disagreements: BTreeSet<&'static str>,
}

/// What judging a request needs to know: the policy, applied to one server.
#[derive(Clone, Debug)]
pub struct Rules {
    epoch: u64,
    resolved: Option<Resolved>,
}

/// The usable part of [`Rules`].
#[derive(Clone, Debug)]
struct Resolved {
    policy: RedisPolicy,
    off: BTreeSet<&'static str>,
}

impl Rules {
    /// Applies `policy` to the server of `facts`. `epoch` tells these rules from those before and
    /// after them. A policy without `[redis]` refuses everything.
    ///
    /// # Errors
    /// Every contradiction, at once.
    pub fn new(policy: &Policy, facts: &ServerFacts, epoch: u64) -> Result<Self, Vec<RulesError>> {
        let resolved = policy
            .redis
            .as_ref()
            .map(|policy| Resolved { policy: policy.clone(), off: facts.disagreements.clone() });
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

    /// The tenant's part of the key space; `None` when no usable policy is in force.
    #[must_use]
    pub fn tenancy(&self, tenant: &TenantId) -> Option<Tenancy> {
        Some(Tenancy::new(self.resolved.as_ref()?.policy.prefix(tenant)))
    }

    /// Whether the server agrees with our table about the command of this name.
    pub(super) fn is_on(&self, command: &str) -> bool {
        self.resolved.as_ref().is_some_and(|resolved| !resolved.off.contains(command))
    }
}
