//! `[neo4j]`: read and checked now, so that one policy can be written for all stores. Listeners for
//! this protocol are not served yet.

use crate::document::{Once, Reported, Table};

/// `[neo4j]`. Not enforced yet: there are no listeners for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neo4jPolicy {
    /// `strategy`: by what a node belongs to its tenant.
    pub strategy: Neo4jStrategy,
    /// `shared_labels`: nodes that every tenant reads and none writes.
    pub shared_labels: Vec<String>,
    /// `hide`: whether results are freed of the tenant's own label or property.
    pub hide: bool,
}

/// By what a node belongs to its tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Neo4jStrategy {
    /// A label, `Tenant_` and the id. The default.
    Label,
    /// A property that holds the id.
    Property,
}

/// What tenants' own labels begin with.
const TENANT_LABEL: &str = "Tenant_";

impl Neo4jPolicy {
    pub(super) fn resolve(table: &mut Table<'_>) -> Result<Self, Reported> {
        let choices = [("label", Neo4jStrategy::Label), ("property", Neo4jStrategy::Property)];
        let strategy = table.get("strategy").map(|value| value.choose(value.text()?, &choices));
        let hide = table.get("hide").map(|value| value.boolean());
        let mut once = Once::new();
        let shared_labels = table.get("shared_labels").map(|value| {
            value.list(|item| {
                let label = item.text()?;
                if label.is_empty() || label.contains('\0') {
                    return Err(item.refuse("is not a label"));
                }
                if label.starts_with(TENANT_LABEL) {
                    return Err(item.refuse(format!(
                        "labels that begin with `{TENANT_LABEL}` belong to one tenant each"
                    )));
                }
                once.claim(label.to_owned(), &item)?;
                Ok(label.to_owned())
            })
        });
        Ok(Self {
            strategy: strategy.transpose()?.unwrap_or(Neo4jStrategy::Label),
            shared_labels: shared_labels.transpose()?.unwrap_or_default(),
            hide: hide.transpose()?.unwrap_or(false),
        })
    }
}
