//! What an operator asks a store, and tells it, for tenants: what is amiss in it, and which indexes
//! make guarded statements as quick as unguarded ones.
//!
//! These statements look at everybody. They are for the operator's own account and never for a client.

use bolt_wire::cypher::syntax::IndexKind;
use bolt_wire::cypher::{quote_name, quote_string};

use super::tenancy::LABEL_PREFIX;
use super::{Index, ServerFacts};
use crate::TenantId;
use crate::policy::{Neo4jPolicy, Neo4jStrategy};

/// A statement that counts what should not be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// Cypher. It gives one number.
    pub statement: String,
    /// What it counts, as the end of a sentence that begins with that number.
    pub counts: String,
}

/// What to look for in the store: it looks at every node and relationship.
#[must_use]
pub fn searches(policy: &Neo4jPolicy) -> Vec<Search> {
    let shared = text_list(&policy.shared_labels);
    let is_shared = |node: &str| format!("any(l IN labels({node}) WHERE l IN {shared})");
    let owner = |node: &str| match policy.strategy {
        Neo4jStrategy::Label => {
            format!("[l IN labels({node}) WHERE l STARTS WITH '{LABEL_PREFIX}']")
        }
        Neo4jStrategy::Property => {
            let key = quote_string(&policy.property);
            format!("[v IN [{node}[{key}]] WHERE v IS NOT NULL]")
        }
    };
    let search = |statement: String, counts: &str| Search { statement, counts: counts.to_owned() };
    let mut searches = vec![
        search(
            format!(
                "MATCH (n) WHERE NOT {} AND size({}) = 0 RETURN count(n)",
                is_shared("n"),
                owner("n")
            ),
            "nodes belong to no tenant and are not shared, so that nobody sees them",
        ),
        search(
            format!(
                "MATCH (a)-[r]->(b) WITH {} AS x, {} AS y \
                 WHERE size(x) > 0 AND size(y) > 0 AND x <> y RETURN count(*)",
                owner("a"),
                owner("b")
            ),
            "relationships lead from one tenant's nodes to another's, so that neither sees them and \
             deleting a node of one deletes them for both",
        ),
        search(
            format!(
                "MATCH (n) WHERE {} AND size({}) > 0 RETURN count(n)",
                is_shared("n"),
                owner("n")
            ),
            "nodes have an owner and a shared label, so that every tenant reads them",
        ),
    ];
    if policy.strategy == Neo4jStrategy::Label {
        searches.push(search(
            format!("MATCH (n) WHERE size({}) > 1 RETURN count(n)", owner("n")),
            "nodes bear the labels of several tenants",
        ));
    }
    searches
}

/// What is odd about the store's own constraints: those that are unique over all tenants tell one of
/// them what another has.
#[must_use]
pub fn oddities(policy: &Neo4jPolicy, facts: &ServerFacts) -> Vec<String> {
    let is_global = |index: &&Index| index.constraint.is_some() && !is_of_tenant(policy, index);
    let constraints = facts.indexes.iter().filter(is_global).map(|index| {
        let name = index.constraint.as_deref().unwrap_or_default();
        let place = format!("{}({})", index.labels_or_types.join("|"), index.properties.join(", "));
        let mend = match policy.strategy {
            Neo4jStrategy::Label => "make one for each tenant's label instead".to_owned(),
            Neo4jStrategy::Property => format!("lead it with `{}`", policy.property),
        };
        format!(
            "constraint {name}: {place} is unique over all tenants, which tells one of them what \
             another has; {mend}"
        )
    });
    constraints.collect()
}

/// Whether what the index says of equal values it says within one tenant.
fn is_of_tenant(policy: &Neo4jPolicy, index: &Index) -> bool {
    let of_label = index.labels_or_types.iter().all(|label| label.starts_with(LABEL_PREFIX));
    let is_shared = index.labels_or_types.iter().all(|label| policy.shared_labels.contains(label));
    match policy.strategy {
        Neo4jStrategy::Label => of_label || is_shared,
        Neo4jStrategy::Property => is_shared || index.properties.contains(&policy.property),
    }
}

/// The indexes that serve guarded statements as the store's own serve unguarded ones, as statements.
/// What is there already is left out.
#[must_use]
pub fn index_statements(
    policy: &Neo4jPolicy,
    facts: &ServerFacts,
    tenants: &[TenantId],
) -> Vec<String> {
    let mut statements = Vec::new();
    for index in &facts.indexes {
        let [label] = index.labels_or_types.as_slice() else { continue };
        let is_plain = index.kind == IndexKind::Range && !index.is_of_relationships;
        if !is_plain || is_of_tenant(policy, index) || label.starts_with(LABEL_PREFIX) {
            continue;
        }
        match policy.strategy {
            Neo4jStrategy::Label => statements.extend(tenants.iter().filter_map(|tenant| {
                range_index(&format!("{LABEL_PREFIX}{tenant}"), &index.properties)
            })),
            Neo4jStrategy::Property => {
                let tenant = std::slice::from_ref(&policy.property);
                let led = [tenant, &index.properties].concat();
                statements.extend(match index.constraint {
                    Some(_) => unique(label, &led),
                    None => range_index(label, &led),
                });
                // A composite index serves only what names each of its properties.
                statements.extend(range_index(label, tenant));
            }
        }
    }
    statements.sort();
    statements.dedup();
    statements
}

/// `None` where a name cannot be written down.
fn range_index(label: &str, properties: &[String]) -> Option<String> {
    let (Ok(label), Some(properties)) = (quote_name(label), listed(properties)) else {
        return None;
    };
    Some(format!("CREATE INDEX IF NOT EXISTS FOR (n:{label}) ON ({properties});"))
}

/// As [`range_index`].
fn unique(label: &str, properties: &[String]) -> Option<String> {
    let (Ok(label), Some(properties)) = (quote_name(label), listed(properties)) else {
        return None;
    };
    let form = "CREATE CONSTRAINT IF NOT EXISTS FOR";
    Some(format!("{form} (n:{label}) REQUIRE ({properties}) IS UNIQUE;"))
}

fn listed(properties: &[String]) -> Option<String> {
    let mut names = Vec::new();
    for property in properties {
        match quote_name(property) {
            Ok(name) => names.push(format!("n.{name}")),
            Err(_) => return None,
        }
    }
    Some(names.join(", "))
}

/// Texts as a list of literals.
fn text_list(texts: &[String]) -> String {
    let literals: Vec<String> = texts.iter().map(|text| quote_string(text)).collect();
    format!("[{}]", literals.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TenantKind;
    use crate::policy::Policy;

    fn policy(lines: &str) -> Neo4jPolicy {
        let text = format!("version = 1\ntenant.id = 'text'\n[neo4j]\n{lines}");
        Policy::parse(&text).unwrap().neo4j.unwrap()
    }

    fn index(labels: &str, properties: &[&str], constraint: Option<&str>) -> Index {
        Index {
            name: "i".to_owned(),
            kind: IndexKind::Range,
            is_of_relationships: false,
            labels_or_types: vec![labels.to_owned()],
            properties: properties.iter().map(|name| (*name).to_owned()).collect(),
            constraint: constraint.map(str::to_owned),
        }
    }

    fn facts(indexes: Vec<Index>) -> ServerFacts {
        ServerFacts { indexes, ..ServerFacts::default() }
    }

    #[test]
    fn each_strategy_has_its_indexes() {
        let facts = facts(vec![
            index("Person", &["email"], None),
            index("Person", &["key"], Some("c")),
            index("Tenant_a", &["email"], None),
        ]);
        let tenants = ["a", "b"].map(|id| TenantId::parse(TenantKind::Text, id).unwrap());
        assert_eq!(
            index_statements(&policy("strategy = 'property'"), &facts, &tenants),
            [
                "CREATE CONSTRAINT IF NOT EXISTS FOR (n:`Person`) REQUIRE (n.`tenant_id`, n.`key`) \
                 IS UNIQUE;",
                "CREATE INDEX IF NOT EXISTS FOR (n:`Person`) ON (n.`tenant_id`);",
                "CREATE INDEX IF NOT EXISTS FOR (n:`Person`) ON (n.`tenant_id`, n.`email`);",
            ]
        );
        assert_eq!(
            index_statements(&policy("strategy = 'label'"), &facts, &tenants),
            [
                "CREATE INDEX IF NOT EXISTS FOR (n:`Tenant_a`) ON (n.`email`);",
                "CREATE INDEX IF NOT EXISTS FOR (n:`Tenant_a`) ON (n.`key`);",
                "CREATE INDEX IF NOT EXISTS FOR (n:`Tenant_b`) ON (n.`email`);",
                "CREATE INDEX IF NOT EXISTS FOR (n:`Tenant_b`) ON (n.`key`);",
            ]
        );
    }

    #[test]
    fn what_is_unique_over_all_tenants_is_odd() {
        let facts = facts(vec![
            index("Person", &["email"], Some("one")),
            index("Person", &["tenant_id", "email"], Some("two")),
            index("Tenant_a", &["email"], Some("three")),
            index("Country", &["code"], Some("four")),
            index("Person", &["email"], None),
        ]);
        let named = |strategy: &str| {
            let lines = format!("strategy = '{strategy}'\nshared_labels = ['Country']");
            let odd = oddities(&policy(&lines), &facts);
            ["one", "two", "three", "four"].map(|name| {
                odd.iter().any(|text| text.starts_with(&format!("constraint {name}: ")))
            })
        };
        assert_eq!(named("label"), [true, true, false, false]);
        assert_eq!(named("property"), [true, false, true, false]);
    }

    #[test]
    fn searches_are_cypher_whatever_labels_are_called() {
        for lines in ["", "shared_labels = [\"a'b\\\\\", \"c\"]", "strategy = 'property'"] {
            for search in searches(&policy(lines)) {
                let parsed = bolt_wire::cypher::parse(
                    &search.statement,
                    bolt_wire::cypher::Dialect::Cypher5,
                    1 << 20,
                );
                assert!(parsed.is_ok(), "{}", search.statement);
            }
        }
    }
}
