//! What asks for the tenant, as text.
//!
//! The label of the tenant is not known when a text is judged: its place is held by a name that
//! no client can write, [`SLOT`], and each tenant's label is put there when the text is sent.

use super::tenancy::LABEL_PREFIX;
use crate::policy::{Neo4jPolicy, Neo4jStrategy};

/// Names of ours begin with this. No client's may.
pub(super) const OUR_PREFIX: &str = "__partywall_";
/// The parameter with the tenant's id.
pub(super) const TENANT_PARAMETER: &str = "__partywall_tenant";
/// Parameters of the client's that are maps, with the tenant's id added.
pub(super) const OWNED_PREFIX: &str = "__partywall_owned_";
/// Stands for the tenant's label. No id has the character behind the prefix.
pub(super) const SLOT: &str = "Tenant_?";
/// The slot as it stands in a text.
pub(super) const QUOTED_SLOT: &str = "`Tenant_?`";

/// What asks for the tenant.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    strategy: Strategy,
    /// Labels of what all tenants read.
    shared: Vec<String>,
    /// `|` and each of them in backticks.
    shared_alternatives: String,
}

#[derive(Clone, Debug)]
enum Strategy {
    Label,
    /// The name of the property, which needs no escapes in backticks.
    Property(String),
}

impl Guard {
    pub(super) fn new(policy: &Neo4jPolicy) -> Self {
        let strategy = match policy.strategy {
            Neo4jStrategy::Label => Strategy::Label,
            Neo4jStrategy::Property => Strategy::Property(policy.property.clone()),
        };
        let quoted = |label: &String| format!("|`{}`", label.replace('`', "``"));
        let shared_alternatives = policy.shared_labels.iter().map(quoted).collect();
        Self { strategy, shared: policy.shared_labels.clone(), shared_alternatives }
    }

    /// The property that tells whose a node is, where one does.
    pub(super) fn property(&self) -> Option<&str> {
        match &self.strategy {
            Strategy::Label => None,
            Strategy::Property(name) => Some(name),
        }
    }

    /// Whether the label is that of nodes that all tenants read.
    pub(super) fn is_shared(&self, label: &str) -> bool {
        self.shared.iter().any(|shared| shared == label)
    }

    /// Whether no client may name the label.
    pub(super) fn is_reserved_label(&self, label: &str) -> bool {
        match self.strategy {
            Strategy::Label => label.starts_with(LABEL_PREFIX),
            Strategy::Property(_) => false,
        }
    }

    /// Whether no client may name the property.
    pub(super) fn is_reserved_property(&self, name: &str) -> bool {
        self.property() == Some(name)
    }

    /// The entry of a map that says whose a node is.
    pub(super) fn entry(&self) -> String {
        match &self.strategy {
            Strategy::Label => String::new(),
            Strategy::Property(name) => format!("`{name}`: $`{TENANT_PARAMETER}`"),
        }
    }

    /// A node of the tenant's, in parentheses.
    pub(super) fn node(&self) -> String {
        match &self.strategy {
            Strategy::Label => format!("(:{QUOTED_SLOT})"),
            Strategy::Property(_) => format!("({{{}}})", self.entry()),
        }
    }

    /// A node that a path of the tenant's may lead over, in parentheses.
    pub(super) fn node_of_path(&self) -> String {
        match &self.strategy {
            Strategy::Label => format!("(:{QUOTED_SLOT}{})", self.shared_alternatives),
            Strategy::Property(_) => self.node(),
        }
    }

    /// Whether `value`, an expression that binds tightly, is a node of the tenant's.
    pub(super) fn is_own(&self, value: &str) -> String {
        match &self.strategy {
            Strategy::Label => format!("{value}:{QUOTED_SLOT}"),
            Strategy::Property(name) => format!("{value}.`{name}` = $`{TENANT_PARAMETER}`"),
        }
    }

    /// Whether all nodes of the path are ones that the tenant may see. `path` is in backticks.
    pub(super) fn path(&self, path: &str) -> String {
        let node = format!("`{OUR_PREFIX}n`");
        let own = self.is_own(&node);
        let shared = &self.shared_alternatives;
        let test = match (&self.strategy, shared.strip_prefix('|')) {
            (Strategy::Label, _) => format!("{own}{shared}"),
            (Strategy::Property(_), Some(shared)) => format!("{own} OR {node}:{shared}"),
            (Strategy::Property(_), None) => own,
        };
        format!("all({node} IN nodes({path}) WHERE {test})")
    }

    /// Whether `value`, a relationship's name, lies between nodes of the tenant's.
    pub(super) fn lies_between_own(&self, value: &str) -> String {
        let ends = [format!("startNode({value})"), format!("endNode({value})")];
        let [start, end] = ends.map(|end| self.is_own(&end));
        format!("{start} AND {end}")
    }
}
