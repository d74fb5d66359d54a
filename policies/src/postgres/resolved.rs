//! A policy and a catalog, resolved against each other.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use postgres_wire::sql::syntax::Form;

use super::witness::Agreed;
use super::{Catalog, Column, Object, Relation, RelationKind, lists};
use crate::RulesError;
use crate::policy::{Policy, PostgresPolicy};
use crate::tenant::TenantKind;

/// The special forms that the planner may evaluate before a guard and that can fail.
const COSTLESS_FORMS: &[&str] =
    &["JSON", "JSON_ARRAY", "JSON_OBJECT", "JSON_SCALAR", "JSON_SERIALIZE", "JSON query function"];

/// The first `server_version_num` whose functions and catalogs the allow-lists do not know.
const VERSION_UNKNOWN: u32 = 190_000;

/// What judging a statement needs to know: the policy, applied to one catalog snapshot.
#[derive(Clone, Debug)]
pub struct Rules {
    epoch: u64,
    resolved: Option<Resolved>,
}

/// The usable part of [`Rules`].
#[derive(Clone, Debug)]
pub(super) struct Resolved {
    pub(super) kind: TenantKind,
    pub(super) search_path: Vec<String>,
    relations: HashMap<String, HashMap<String, Access>>,
    functions: Names,
    /// Functions outside `pg_catalog` that one argument can call, as `x.f` does.
    attribute_functions: HashSet<String>,
    operators: Names,
    types: HashSet<(String, String)>,
    /// Whether what the grammar reads as SQL/JSON syntax could be a call of a function of that name:
    /// before version 17 the words were names like any other.
    json_words_are_names: bool,
    /// What the second reader agreed with under these rules.
    pub(super) agreed: Arc<Agreed>,
}

/// The names outside `pg_catalog`, and those of them that the policy opens.
#[derive(Clone, Debug, Default)]
struct Names {
    existing: HashMap<String, HashSet<String>>,
    open: HashSet<Object>,
}

/// What a tenant may do with a relation.
#[derive(Clone, Debug)]
pub(super) enum Access {
    /// Its own rows.
    Scoped(Arc<Table>),
    /// Read all of it.
    Shared(Arc<Table>),
    /// Nothing, and why.
    Denied(&'static str),
}

/// A relation that tenants may name.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) schema: String,
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    /// The tenant column's place in `columns`; meaningful for scoped tables.
    tenant: usize,
    pub(super) unique: Vec<Vec<String>>,
}

impl Table {
    /// The tenant column's name.
    pub(super) fn tenant_column(&self) -> &str {
        self.columns.get(self.tenant).map_or("", |column| &column.name)
    }

    /// The `pg_catalog` type that a tenant constant is cast to: the column's own.
    pub(super) fn tenant_type(&self) -> &str {
        self.columns.get(self.tenant).map_or("", |column| &column.type_name)
    }

    /// Whether the relation has a column of this name.
    pub(super) fn has_column(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name)
    }
}

impl Rules {
    /// Applies `policy` to `catalog`. `epoch` tells these rules from those before and after them;
    /// caches are keyed by it. A policy without `[postgres]` refuses everything.
    ///
    /// # Errors
    /// Every contradiction, at once.
    pub fn new(policy: &Policy, catalog: &Catalog, epoch: u64) -> Result<Self, Vec<RulesError>> {
        let Some(postgres) = &policy.postgres else { return Ok(Self::deny_all(epoch)) };
        let relations = relations(policy.tenant_kind, postgres, catalog)?;
        let functions = Names {
            existing: by_name(catalog.functions.iter().map(|f| (&f.schema, &f.name))),
            open: postgres.functions.iter().cloned().collect(),
        };
        let operators = Names {
            existing: by_name(catalog.operators.iter().map(|o| (&o.schema, &o.name))),
            open: postgres.operators.iter().cloned().collect(),
        };
        let attribute_functions = catalog
            .functions
            .iter()
            .filter(|function| function.arguments >= 1)
            .map(|function| function.name.clone())
            .collect();
        let types = catalog
            .types
            .iter()
            .map(|object| (object.schema.clone(), object.name.clone()))
            .collect();
        let json_words_are_names = catalog.server_version < 170_000
            && catalog
                .functions
                .iter()
                .any(|function| function.name == "json" || function.name.starts_with("json_"));
        let resolved = Resolved {
            json_words_are_names,
            agreed: Arc::default(),
            kind: policy.tenant_kind,
            search_path: catalog.search_path.clone(),
            relations,
            functions,
            attribute_functions,
            operators,
            types,
        };
        Ok(Self { epoch, resolved: Some(resolved) })
    }

    /// The rules that refuse everything: what an unusable policy becomes.
    #[must_use]
    pub fn deny_all(epoch: u64) -> Self {
        Self { epoch, resolved: None }
    }

    /// See [`Rules::new`].
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The search path that the upstream session must have for these rules to hold: the schemas of
    /// the snapshot, quoted, as the value of the setting.
    #[must_use]
    pub fn search_path(&self) -> String {
        let path = self.resolved.as_ref().map_or(&[][..], |resolved| &resolved.search_path);
        let quoted: Vec<String> =
            path.iter().map(|schema| format!("\"{}\"", schema.replace('"', "\"\""))).collect();
        if quoted.is_empty() { "\"\"".to_owned() } else { quoted.join(", ") }
    }

    pub(super) fn resolved(&self) -> Option<&Resolved> {
        self.resolved.as_ref()
    }
}

impl Resolved {
    /// What a tenant may do with the relation `schema.name`; `None` where there is none.
    pub(super) fn relation(&self, schema: &str, name: &str) -> Option<&Access> {
        self.relations.get(schema)?.get(name)
    }

    /// The relation that an unqualified name means outside `pg_catalog`.
    pub(super) fn relation_on_path(&self, name: &str) -> Option<&Access> {
        self.search_path.iter().find_map(|schema| self.relation(schema, name))
    }

    /// Whether a name in FROM means a system catalog that holds no rows of tenants. An unqualified
    /// name could mean a relation of the path on a server that lacks the catalog.
    pub(super) fn is_catalog(&self, schema: Option<&str>, name: &str) -> bool {
        match schema {
            None => lists::catalog_readable(name) && self.relation_on_path(name).is_none(),
            Some("pg_catalog") => lists::catalog_readable(name),
            Some("information_schema") => lists::information_schema_readable(name),
            Some(_) => false,
        }
    }

    /// Whether a tenant may call the function of this name, whatever its arguments.
    pub(super) fn function_open(&self, name: &[String]) -> bool {
        match name {
            [name] => self.functions.open_on_path(name, &self.search_path, lists::function_allowed),
            [schema, name] if schema == "pg_catalog" => lists::function_allowed(name),
            // A pure function that JDBC's metadata reads keys with.
            [schema, name] if schema == "information_schema" => name == "_pg_expandarray",
            [schema, name] => self.functions.is_open(schema, name),
            _ => false,
        }
    }

    /// Whether a tenant may use the operator of this name.
    pub(super) fn operator_open(&self, name: &[String]) -> bool {
        match name {
            // A built-in operator that an extension overloads for its own types stays open: the
            // guard names `pg_catalog` and no tenant can create an operator.
            [name] => {
                lists::operator_allowed(name)
                    || self.operators.open_on_path(name, &self.search_path, |_| false)
            }
            [schema, name] if schema == "pg_catalog" => lists::operator_allowed(name),
            [schema, name] => self.operators.is_open(schema, name),
            _ => false,
        }
    }

    /// Whether a plain `=` can mean anything but `pg_catalog`'s.
    pub(super) fn equality_is_overloaded(&self) -> bool {
        self.operators
            .existing
            .get("=")
            .is_some_and(|schemas| self.search_path.iter().any(|schema| schemas.contains(schema)))
    }

    /// Whether a special form means what the grammar says it means, and cannot look at a row before
    /// its guard does: the planner holds SQL/JSON's constructors to cost nothing, and some can fail.
    pub(super) fn form_open(&self, form: &Form) -> bool {
        match form {
            Form::Special(name, _) => {
                let is_json = name.to_ascii_lowercase().contains("json");
                !(COSTLESS_FORMS.contains(name) || self.json_words_are_names && is_json)
            }
            Form::And
            | Form::Or
            | Form::Not
            | Form::Case { operand: _, default: _ }
            | Form::Coalesce
            | Form::Greatest
            | Form::Least
            | Form::IsNull
            | Form::IsNotNull
            | Form::BooleanTest(_)
            | Form::Row { explicit: _ }
            | Form::Array
            | Form::List
            | Form::NamedArgument(_)
            | Form::Grouping
            | Form::GroupingSet(_)
            | Form::SqlValue(_, _) => true,
        }
    }

    /// Whether a tenant may name the type.
    pub(super) fn type_open(&self, name: &[String]) -> bool {
        match name {
            [name] => {
                lists::type_allowed(name)
                    || self.search_path.iter().any(|schema| self.own_type_open(schema, name))
            }
            [schema, name] if schema == "pg_catalog" => lists::type_allowed(name),
            [schema, name] => self.own_type_open(schema, name),
            _ => false,
        }
    }

    /// A type outside `pg_catalog`, or the row type of a relation that tenants may read.
    fn own_type_open(&self, schema: &str, name: &str) -> bool {
        self.types.contains(&(schema.to_owned(), name.to_owned()))
            || matches!(self.relation(schema, name), Some(Access::Scoped(_) | Access::Shared(_)))
    }

    /// Whether the field selection `x.name` could call a function that tenants may not call.
    pub(super) fn field_calls_closed_function(&self, name: &str) -> bool {
        lists::field_calls_closed_function(name)
            || self.attribute_functions.contains(name) && !self.function_open(&[name.to_owned()])
    }
}

impl Names {
    fn is_open(&self, schema: &str, name: &str) -> bool {
        self.open.contains(&Object { schema: schema.to_owned(), name: name.to_owned() })
    }

    /// Whether every object that an unqualified name can mean is open.
    fn open_on_path(&self, name: &str, path: &[String], built_in: fn(&str) -> bool) -> bool {
        let mut own = path
            .iter()
            .filter(|schema| self.existing.get(name).is_some_and(|found| found.contains(*schema)))
            .peekable();
        let any = own.peek().is_some() || built_in(name);
        any && own.all(|schema| self.is_open(schema, name))
    }
}

fn by_name<'a>(
    objects: impl Iterator<Item = (&'a String, &'a String)>,
) -> HashMap<String, HashSet<String>> {
    let mut names: HashMap<String, HashSet<String>> = HashMap::new();
    for (schema, name) in objects {
        names.entry(name.clone()).or_default().insert(schema.clone());
    }
    names
}

fn relations(
    kind: TenantKind,
    policy: &PostgresPolicy,
    catalog: &Catalog,
) -> Result<HashMap<String, HashMap<String, Access>>, Vec<RulesError>> {
    let by_object: BTreeMap<Object, &Relation> = catalog
        .relations
        .iter()
        .map(|r| (Object { schema: r.schema.clone(), name: r.name.clone() }, r))
        .collect();
    let mut errors = contradictions(kind, policy, &by_object);
    if catalog.server_version >= VERSION_UNKNOWN {
        errors.push(RulesError {
            path: "postgres".to_owned(),
            what: "the server is of a newer major version than the lists of safe functions know; \
                   use PostgreSQL 13 to 18"
                .to_owned(),
        });
    }
    let mut relations: HashMap<String, HashMap<String, Access>> = HashMap::new();
    for (object, relation) in &by_object {
        let access = access(kind, policy, object, relation, &by_object);
        relations.entry(object.schema.clone()).or_default().insert(object.name.clone(), access);
    }
    if errors.is_empty() {
        Ok(relations)
    } else {
        errors.sort_by(|a, b| a.path.cmp(&b.path));
        Err(errors)
    }
}

/// The policy's entries that the catalog cannot honour.
fn contradictions(
    kind: TenantKind,
    policy: &PostgresPolicy,
    catalog: &BTreeMap<Object, &Relation>,
) -> Vec<RulesError> {
    let missing = |path: String, object: &Object| RulesError {
        path,
        what: format!(
            "there is no relation `{}.{}` in the database; create it or remove the entry",
            object.schema, object.name
        ),
    };
    let mut errors = Vec::new();
    for object in &policy.shared {
        if !catalog.contains_key(object) {
            errors.push(missing("postgres.shared".to_owned(), object));
        }
    }
    for (object, rule) in &policy.tables {
        let path = format!("postgres.tables.\"{}.{}\"", object.schema, object.name);
        let Some(relation) = catalog.get(object) else {
            errors.push(missing(path, object));
            continue;
        };
        if let Err(why) = tenant_column(kind, relation, &rule.column) {
            errors.push(RulesError { path: format!("{path}.column"), what: why.to_owned() });
        }
    }
    errors
}

fn access(
    kind: TenantKind,
    policy: &PostgresPolicy,
    object: &Object,
    relation: &Relation,
    catalog: &BTreeMap<Object, &Relation>,
) -> Access {
    let table = |tenant| {
        Arc::new(Table {
            schema: relation.schema.clone(),
            name: relation.name.clone(),
            columns: relation.columns.clone(),
            tenant,
            unique: relation.unique.clone(),
        })
    };
    if policy.shared.contains(object) {
        return Access::Shared(table(usize::MAX));
    }
    let listed = listed_column(policy, object, relation, catalog, 0);
    let by_itself = match relation.kind {
        RelationKind::Table | RelationKind::PartitionedTable => true,
        RelationKind::View | RelationKind::MaterializedView | RelationKind::ForeignTable => false,
        RelationKind::Sequence => return Access::Denied("it is a sequence"),
    };
    let column = match listed {
        Some(column) => column,
        None if by_itself => &policy.column,
        None => return Access::Denied("it is a view or a foreign table and not listed"),
    };
    match tenant_column(kind, relation, column) {
        Ok(place) => Access::Scoped(table(place)),
        Err(why) => Access::Denied(why),
    }
}

/// The column that `[postgres.tables]` names for a relation or for one that it is a part of.
fn listed_column<'a>(
    policy: &'a PostgresPolicy,
    object: &Object,
    relation: &Relation,
    catalog: &BTreeMap<Object, &Relation>,
    depth: u32,
) -> Option<&'a String> {
    const DEPTH_MAX: u32 = 32;
    if let Some(rule) = policy.tables.get(object) {
        return Some(&rule.column);
    }
    if depth == DEPTH_MAX {
        return None;
    }
    relation
        .parents
        .iter()
        .find_map(|parent| listed_column(policy, parent, catalog.get(parent)?, catalog, depth + 1))
}

/// The place of the tenant column, if the relation has one that can carry ids of `kind`.
fn tenant_column(kind: TenantKind, relation: &Relation, name: &str) -> Result<usize, &'static str> {
    let found = relation.columns.iter().enumerate().find(|(_, column)| column.name == name);
    let Some((place, column)) = found else { return Err("it has no tenant column") };
    let types: &[&str] = match kind {
        TenantKind::Uuid => &["uuid"],
        TenantKind::Bigint => &["int8", "int4"],
        TenantKind::Text => &["text", "varchar"],
    };
    if column.type_schema != "pg_catalog" || !types.contains(&column.type_name.as_str()) {
        return Err("its tenant column has a type that cannot hold the policy's tenant ids");
    }
    if !column.deterministic {
        return Err("its tenant column has a collation that takes different ids for equal");
    }
    if column.generated {
        return Err("its tenant column is generated");
    }
    Ok(place)
}

#[cfg(test)]
mod tests;
