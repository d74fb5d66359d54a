//! The catalog snapshot: what the store holds, by name, as far as judging needs it.
//!
//! It is taken at start with [`SNAPSHOT_QUERY`], and again when the policy is reloaded. `partywall
//! catalog` prints it, `partywall explain` and the golden tests read it from a file.

use serde::{Deserialize, Serialize};

/// One statement that returns one row with one column: the snapshot as JSON text.
pub const SNAPSHOT_QUERY: &str = include_str!("catalog.sql");

/// A snapshot of the store's catalog.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    /// `server_version_num`, for example 170011.
    pub server_version: u32,
    /// The service login's effective search path: schemas that exist, in order, without the
    /// implicit `pg_catalog` and `pg_temp`.
    pub search_path: Vec<String>,
    /// Every table, view, sequence and foreign table outside `pg_catalog`, `pg_toast` and
    /// `information_schema`.
    pub relations: Vec<Relation>,
    /// Every function, aggregate and procedure outside `pg_catalog` and `information_schema`.
    pub functions: Vec<Function>,
    /// Every operator outside `pg_catalog`.
    pub operators: Vec<Object>,
    /// Every type outside `pg_catalog` and `information_schema`, without array types and the row
    /// types of relations.
    pub types: Vec<Object>,
}

/// A relation and its columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// The schema's name, unquoted.
    pub schema: String,
    /// The relation's name, unquoted.
    pub name: String,
    /// What it is.
    pub kind: RelationKind,
    /// Its visible columns in `attnum` order.
    pub columns: Vec<Column>,
    /// The relations that it inherits from or is a partition of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<Object>,
    /// The column sets of its unique and exclusion indexes, partial and expression indexes left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unique: Vec<Vec<String>>,
}

/// `pg_class.relkind`, as far as a statement can name it in FROM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RelationKind {
    /// `r`
    Table,
    /// `p`
    PartitionedTable,
    /// `v`
    View,
    /// `m`
    MaterializedView,
    /// `f`
    ForeignTable,
    /// `S`
    Sequence,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name, unquoted.
    pub name: String,
    /// Its type's schema, unquoted.
    pub type_schema: String,
    /// Its type's `pg_type.typname`: `uuid`, `int8`, `varchar`.
    pub type_name: String,
    /// Whether equality under its collation is byte equality; true for types without collation.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub deterministic: bool,
    /// Whether it is `GENERATED ALWAYS AS (…) STORED` or `VIRTUAL`, so that no INSERT may name it.
    #[serde(default, skip_serializing_if = "is_no")]
    pub generated: bool,
}

/// A function, by name and number of arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// Its schema, unquoted.
    pub schema: String,
    /// Its name, unquoted.
    pub name: String,
    /// How many input arguments it has.
    pub arguments: u16,
}

/// A schema-qualified name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// The schema, unquoted.
    pub schema: String,
    /// The name, unquoted.
    pub name: String,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_yes(value: &bool) -> bool {
    *value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_no(value: &bool) -> bool {
    !*value
}
