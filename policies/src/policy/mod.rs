//! `policy.toml`: what belongs to a tenant. Document in, resolved policy out, all errors at once.

use std::collections::BTreeMap;

use crate::postgres::Object;
use crate::tenant::TenantKind;

/// A policy that has been read and resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The kind of tenant id that every store holds.
    pub tenant_kind: TenantKind,
    /// The `[postgres]` table, where there is one. Without it every SQL statement is refused.
    pub postgres: Option<PostgresPolicy>,
}

/// `[postgres]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostgresPolicy {
    /// `column`: each table that has it is scoped by it.
    pub column: String,
    /// `shared`: readable by every tenant, writable by none.
    pub shared: Vec<Object>,
    /// `functions`: beyond the built-in allow-list.
    pub functions: Vec<Object>,
    /// `operators`: beyond the built-in allow-list.
    pub operators: Vec<Object>,
    /// `[postgres.tables."schema.name"]`
    pub tables: BTreeMap<Object, TableRule>,
}

/// `[postgres.tables."schema.name"]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableRule {
    /// The column that holds the tenant id in this table.
    pub column: String,
}
