//! What a policy and a catalog make of each other, and where they contradict.

use super::*;

const POLICY: &str = r#"
version = 1
[tenant]
id = "uuid"
[postgres]
column = "tenant_id"
shared = ["public.plans"]
[postgres.tables."public.events"]
column = "org_id"
"#;

fn column(name: &str, type_name: &str) -> Column {
    Column {
        name: name.to_owned(),
        type_schema: "pg_catalog".to_owned(),
        type_name: type_name.to_owned(),
        deterministic: true,
        generated: false,
    }
}

fn relation(name: &str, kind: RelationKind, columns: &[(&str, &str)]) -> Relation {
    Relation {
        schema: "public".to_owned(),
        name: name.to_owned(),
        kind,
        columns: columns.iter().map(|(name, type_name)| column(name, type_name)).collect(),
        parents: Vec::new(),
        unique: Vec::new(),
    }
}

fn catalog() -> Catalog {
    Catalog {
        server_version: 170_000,
        search_path: vec!["public".to_owned()],
        relations: vec![
            relation("plans", RelationKind::Table, &[("code", "text")]),
            relation("orders", RelationKind::Table, &[("tenant_id", "uuid")]),
            relation("events", RelationKind::PartitionedTable, &[("org_id", "uuid")]),
            relation("totals", RelationKind::View, &[("tenant_id", "uuid")]),
        ],
        ..Catalog::default()
    }
}

fn errors(policy: &str, catalog: &Catalog) -> Vec<String> {
    match Rules::new(&Policy::parse(policy).unwrap(), catalog, 1) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn all_contradictions_are_told_at_once() {
    let policy = POLICY
        .replace("public.plans", "public.gone")
        .replace("org_id", "owner")
        .replace("public.events", "public.orders");
    assert_eq!(
        errors(&policy, &catalog()),
        [
            "postgres.shared: there is no relation `public.gone` in the database; create it or \
             remove the entry",
            "postgres.tables.\"public.orders\".column: it has no tenant column",
        ]
    );
}

#[test]
fn a_column_that_cannot_hold_ids_is_an_error_where_it_is_listed() {
    let mut catalog = catalog();
    catalog.relations[2].columns = vec![column("org_id", "int8")];
    let told = errors(POLICY, &catalog);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("cannot hold the policy's tenant ids"), "{told:?}");
}

#[test]
fn a_server_of_an_unknown_major_is_not_served() {
    let catalog = Catalog { server_version: 190_000, ..catalog() };
    assert!(errors(POLICY, &catalog)[0].contains("use PostgreSQL 13 to 18"));
}

#[test]
fn a_partition_follows_its_parent() {
    let mut catalog = catalog();
    let mut part = relation("events_1", RelationKind::Table, &[("org_id", "uuid")]);
    part.parents = vec![Object { schema: "public".to_owned(), name: "events".to_owned() }];
    catalog.relations.push(part);
    let rules = Rules::new(&Policy::parse(POLICY).unwrap(), &catalog, 1).unwrap();
    let access = rules.resolved().unwrap().relation("public", "events_1");
    assert!(matches!(access, Some(Access::Scoped(table)) if table.tenant_column() == "org_id"));
}

#[test]
fn a_view_is_closed_until_it_is_listed() {
    let open = |policy: &str| {
        let rules = Rules::new(&Policy::parse(policy).unwrap(), &catalog(), 1).unwrap();
        matches!(rules.resolved().unwrap().relation("public", "totals"), Some(Access::Scoped(_)))
    };
    assert!(!open(POLICY));
    let listed = format!("{POLICY}[postgres.tables.\"public.totals\"]\ncolumn = \"tenant_id\"\n");
    assert!(open(&listed));
}

#[test]
fn the_search_path_is_quoted_whole() {
    let catalog = Catalog { search_path: vec!["a\"b".to_owned(), "c".to_owned()], ..catalog() };
    let rules = Rules::new(&Policy::parse(POLICY).unwrap(), &catalog, 1).unwrap();
    assert_eq!(rules.search_path(), "\"a\"\"b\", \"c\"");
    assert_eq!(Rules::deny_all(1).search_path(), "\"\"");
}
