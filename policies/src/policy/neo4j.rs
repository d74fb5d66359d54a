//! `[neo4j]`: by what nodes belong to their tenant.

use bolt_wire::cypher::quote_name;

use crate::document::{Once, Reported, Table, Value};

/// `[neo4j]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neo4jPolicy {
    /// `strategy`: by what a node belongs to its tenant.
    pub strategy: Neo4jStrategy,
    /// `property`: the property that holds the id, where properties tell. `tenant_id` by default.
    /// INVARIANT: a name that needs no escapes in backticks.
    pub property: String,
    /// `shared_labels`: nodes that every tenant reads and none writes.
    pub shared_labels: Vec<String>,
    /// `functions`: those that are open to tenants beside the built-in ones. They must compute from
    /// their arguments alone.
    pub functions: Vec<String>,
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
/// The property's name where the policy names none.
const PROPERTY: &str = "tenant_id";

impl Neo4jPolicy {
    pub(super) fn resolve(table: &mut Table<'_>) -> Result<Self, Reported> {
        let choices = [("label", Neo4jStrategy::Label), ("property", Neo4jStrategy::Property)];
        let strategy = table.get("strategy").map(|value| value.choose(value.text()?, &choices));
        let hide = table.get("hide").map(|value| value.boolean());
        let mut once = Once::new();
        let shared_labels = table.get("shared_labels").map(|value| {
            value.list(|item| {
                let label = item.text()?;
                if label.is_empty() || label.contains('\0') || quote_name(label).is_err() {
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
        let property = table.get("property").map(|value| property(&value)).transpose();
        let functions = table.get("functions").map(|value| {
            value.list(|item| {
                let name = item.text()?;
                if name.split('.').all(is_plain) {
                    Ok(name.to_owned())
                } else {
                    Err(item.refuse("is not a function; write it as in `apoc.text.join`"))
                }
            })
        });
        Ok(Self {
            property: property?.unwrap_or_else(|| PROPERTY.to_owned()),
            functions: functions.transpose()?.unwrap_or_default(),
            strategy: strategy.transpose()?.unwrap_or(Neo4jStrategy::Label),
            shared_labels: shared_labels.transpose()?.unwrap_or_default(),
            hide: hide.transpose()?.unwrap_or(false),
        })
    }
}

fn property(value: &Value<'_>) -> Result<String, Reported> {
    let name = value.text()?;
    if is_plain(name) {
        Ok(name.to_owned())
    } else {
        Err(value.refuse("must be a name of letters, digits and `_`, such as `tenant_id`"))
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
