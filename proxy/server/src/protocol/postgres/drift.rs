//! Where a database has drifted away from its policy: what still works, but not as its owner may
//! think. What does not work at all, `Rules::new` reports as a contradiction.

use std::collections::{BTreeMap, BTreeSet};

use policies::policy::PostgresPolicy;
use policies::postgres::{Catalog, Object, Relation, RelationKind};

/// Everything worth a warning, in the order of the relations' names.
pub(super) fn find(policy: &PostgresPolicy, catalog: &Catalog) -> Vec<String> {
    let relations: BTreeMap<Object, &Relation> =
        catalog.relations.iter().map(|relation| (object(relation), relation)).collect();
    let shared: BTreeSet<&Object> = policy.shared.iter().collect();
    let mut warnings = Vec::new();
    for (object, relation) in &relations {
        let name = format!("{}.{}", object.schema, object.name);
        if relation.kind == RelationKind::Sequence {
            continue;
        }
        if shared.contains(object) {
            if has_column(relation, &policy.column) {
                warnings.push(format!(
                    "{name}: is `shared`, so every tenant reads all of it, and yet it has the \
                     tenant column `{}`; is it meant to be?",
                    policy.column
                ));
            }
            continue;
        }
        match tenant_column(policy, object, &relations) {
            Some(column) => warnings.extend(scoped(&name, relation, column)),
            None => warnings.push(unreachable(&name, relation, policy)),
        }
    }
    warnings
}

/// Ancestors that are looked at before a chain is given up.
const ANCESTORS_MAX: usize = 32;

/// The column that confines a relation, where one does: its own entry's, that of an ancestor, or
/// the policy's.
fn tenant_column<'p>(
    policy: &'p PostgresPolicy,
    object: &Object,
    relations: &BTreeMap<Object, &Relation>,
) -> Option<&'p str> {
    let relation = relations.get(object)?;
    let mut line = vec![object];
    for _ in 0..ANCESTORS_MAX {
        if let Some(rule) = line.iter().find_map(|ancestor| policy.tables.get(ancestor)) {
            return Some(&rule.column);
        }
        let parents = |ancestor: &&Object| relations.get(*ancestor).map(|found| &found.parents);
        line = line.iter().filter_map(parents).flatten().collect();
    }
    let by_itself = matches!(relation.kind, RelationKind::Table | RelationKind::PartitionedTable);
    (by_itself && has_column(relation, &policy.column)).then_some(policy.column.as_str())
}

fn scoped(name: &str, relation: &Relation, column: &str) -> Vec<String> {
    let mut warnings = Vec::new();
    if matches!(relation.kind, RelationKind::View | RelationKind::MaterializedView) {
        warnings.push(format!(
            "{name}: a view is confined by what it puts out; counts, windows and limits inside it \
             see the rows of all tenants"
        ));
    }
    for key in &relation.unique {
        if !key.iter().any(|part| part == column) {
            warnings.push(format!(
                "{name}: the unique key ({}) does not hold `{column}`: a tenant can tell from an \
                 error that another has the same value, unless values cannot be guessed",
                key.join(", ")
            ));
        }
    }
    warnings
}

fn unreachable(name: &str, relation: &Relation, policy: &PostgresPolicy) -> String {
    let listing = format!(
        "list it under `shared`, or with its column as [postgres.tables.\"{name}\"], if tenants \
         need it"
    );
    let kind = match relation.kind {
        RelationKind::View | RelationKind::MaterializedView => "a view",
        RelationKind::ForeignTable => "a foreign table",
        _ => {
            let column = &policy.column;
            return format!("{name}: has no column `{column}`, so tenants are refused; {listing}");
        }
    };
    format!("{name}: is {kind} and not listed, so tenants are refused; {listing}")
}

fn has_column(relation: &Relation, name: &str) -> bool {
    relation.columns.iter().any(|column| column.name == name)
}

fn object(relation: &Relation) -> Object {
    Object { schema: relation.schema.clone(), name: relation.name.clone() }
}

#[cfg(test)]
mod tests {
    use policies::policy::Policy;
    use serde_json::json;

    use super::*;

    fn relation(name: &str, kind: &str, columns: &[&str], unique: &[&[&str]]) -> serde_json::Value {
        let columns: Vec<_> = columns
            .iter()
            .map(|name| json!({"name": name, "type_schema": "pg_catalog", "type_name": "uuid"}))
            .collect();
        json!({
            "schema": "public", "name": name, "kind": kind, "columns": columns, "unique": unique,
        })
    }

    #[test]
    fn each_kind_of_drift_is_named_once() {
        let policy = Policy::parse(concat!(
            "version = 1\n[tenant]\nid = 'uuid'\n[postgres]\ncolumn = 'tenant_id'\n",
            "shared = ['public.plans', 'public.leaky']\n",
            "[postgres.tables.'public.totals']\ncolumn = 'owner'\n",
        ));
        let mut child = relation("part_2026", "table", &["tenant_id"], &[]);
        child["parents"] = json!([{"schema": "public", "name": "parent"}]);
        let catalog = json!({
            "server_version": 170_011, "search_path": ["public"],
            "functions": [], "operators": [], "types": [],
            "relations": [
                relation("orders", "table", &["id", "tenant_id"], &[&["id"], &["tenant_id", "id"]]),
                relation("plans", "table", &["id"], &[&["id"]]),
                relation("leaky", "table", &["tenant_id"], &[]),
                relation("notes", "table", &["id"], &[]),
                relation("totals", "view", &["owner"], &[]),
                relation("summary", "view", &["tenant_id"], &[]),
                relation("orders_id_seq", "sequence", &[], &[]),
                relation("parent", "partitioned-table", &["tenant_id"], &[]),
                child,
            ],
        });
        let catalog: Catalog = serde_json::from_value(catalog).unwrap();
        let warnings = find(&policy.unwrap().postgres.unwrap(), &catalog);
        let heads: Vec<_> = warnings.iter().map(|line| line.get(..40).unwrap()).collect();
        assert_eq!(
            heads,
            [
                "public.leaky: is `shared`, so every tena",
                "public.notes: has no column `tenant_id`,",
                "public.orders: the unique key (id) does ",
                "public.summary: is a view and not listed",
                "public.totals: a view is confined by wha",
            ]
        );
    }
}
