//! The policy, applied to one server.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Tenancy;
use crate::policy::{MongoPolicy, Namespace, Policy};
use crate::{RulesError, TenantId};

/// What is known of a server when it was last asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerFacts {
    /// `version` of `buildInfo`: for people, and for the reply to a client's `buildInfo`.
    pub version: String,
    /// The first three numbers of `versionArray` of `buildInfo`.
    pub numbers: [i32; 3],
    /// Whether `$graphLookup` is known to leave out `restrictSearchWithMatch`: then it is refused.
    pub graph_lookup_is_open: bool,
    /// The views that there are. Where documents are told apart by a field they are refused, unless
    /// they are shared: a view's pipeline reads everyone's documents.
    pub views: BTreeSet<Namespace>,
}

/// What judging a command needs to know: the policy, applied to one server.
#[derive(Clone, Debug)]
pub struct Rules {
    epoch: u64,
    resolved: Option<Resolved>,
}

/// The usable part of [`Rules`].
#[derive(Clone, Debug)]
struct Resolved {
    policy: Arc<MongoPolicy>,
    facts: Arc<ServerFacts>,
    views: Arc<BTreeSet<Namespace>>,
}

impl Rules {
    /// Applies `policy` to the server of `facts`. `epoch` tells these rules from those before and
    /// after them. A policy without `[mongo]` refuses everything.
    ///
    /// # Errors
    /// Every contradiction, at once.
    pub fn new(policy: &Policy, facts: &ServerFacts, epoch: u64) -> Result<Self, Vec<RulesError>> {
        let resolved = policy.mongo.as_ref().map(|policy| Resolved {
            policy: Arc::new(policy.clone()),
            facts: Arc::new(facts.clone()),
            views: Arc::new(facts.views.clone()),
        });
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
        let resolved = self.resolved.as_ref()?;
        let (policy, views) = (Arc::clone(&resolved.policy), Arc::clone(&resolved.views));
        Some(Tenancy::new(policy, views, tenant))
    }

    /// What is known of the server; `None` when no usable policy is in force.
    pub(super) fn facts(&self) -> Option<&ServerFacts> {
        self.resolved.as_ref().map(|resolved| resolved.facts.as_ref())
    }
}
