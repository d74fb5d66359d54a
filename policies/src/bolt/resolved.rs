//! The policy, applied to one server.

use bolt_wire::cypher::Dialect;
use bolt_wire::cypher::syntax::IndexKind;

use super::Tenancy;
use super::guard::Guard;
use super::tenancy::LABEL_PREFIX;
use crate::policy::{Neo4jPolicy, Policy};
use crate::{RulesError, TenantId};

/// What is known of a server when it was last asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerFacts {
    /// The version as the server says it in HELLO, such as `Neo4j/5.26.30`: for people.
    pub version: String,
    /// What a statement is read in that names no version of the language.
    pub dialect: Dialect,
    /// Whether the server knows statements that name their version (`CYPHER 5`).
    pub names_dialects: bool,
    /// What SHOW INDEXES lists, but for lookup indexes.
    pub indexes: Vec<Index>,
}

impl Default for ServerFacts {
    /// A server of the 5 line without indexes.
    fn default() -> Self {
        Self {
            version: String::new(),
            dialect: Dialect::Cypher5,
            names_dialects: false,
            indexes: Vec::new(),
        }
    }
}

/// An index that the store has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Which kind.
    pub kind: IndexKind,
    /// Whether it is of relationships and not of nodes.
    pub is_of_relationships: bool,
    /// Of which labels or types.
    pub labels_or_types: Vec<String>,
    /// Of which properties.
    pub properties: Vec<String>,
    /// The constraint that it belongs to.
    pub constraint: Option<String>,
}

/// What judging a statement needs to know: the policy, applied to one server.
#[derive(Clone, Debug)]
pub struct Rules {
    epoch: u64,
    resolved: Option<Resolved>,
}

/// The usable part of [`Rules`].
#[derive(Clone, Debug)]
pub(super) struct Resolved {
    pub policy: Neo4jPolicy,
    pub facts: ServerFacts,
    pub guard: Guard,
}

impl Rules {
    /// Applies `policy` to the server of `facts`. `epoch` tells these rules from those before and
    /// after them. A policy without `[neo4j]` refuses everything.
    ///
    /// # Errors
    /// Every contradiction, at once.
    pub fn new(policy: &Policy, facts: &ServerFacts, epoch: u64) -> Result<Self, Vec<RulesError>> {
        let resolved = policy.neo4j.as_ref().map(|policy| {
            let mut facts = facts.clone();
            // What is of one tenant's label is not for others to see.
            let is_common = |label: &String| !label.starts_with(LABEL_PREFIX);
            facts.indexes.retain(|index| index.labels_or_types.iter().all(is_common));
            Resolved { policy: policy.clone(), facts, guard: Guard::new(policy) }
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

    /// The tenant's part of the graph; `None` when no usable policy is in force.
    #[must_use]
    pub fn tenancy(&self, tenant: &TenantId) -> Option<Tenancy> {
        self.resolved.as_ref().map(|_| Tenancy::new(tenant.clone()))
    }

    pub(super) fn resolved(&self) -> Option<&Resolved> {
        self.resolved.as_ref()
    }
}
