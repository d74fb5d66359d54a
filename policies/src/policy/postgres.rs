//! `[postgres]`: tables scoped by a column, shared tables, and what is open beyond the built-in
//! lists.

use std::collections::BTreeMap;

use super::name;
use crate::document::{Once, Reported, Table, Value};
use crate::postgres::Object;

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

impl PostgresPolicy {
    pub(super) fn resolve(table: &mut Table<'_>) -> Result<Self, Reported> {
        let column = column(table);
        let mut shared_names = Once::new();
        let shared = objects(table, "shared", name::qualified, &mut shared_names);
        let functions = objects(table, "functions", name::qualified, &mut Once::new());
        let operators = objects(table, "operators", name::operator, &mut Once::new());
        let tables = table.get("tables").map(|value| tables(&value, &shared_names)).transpose();
        Ok(Self {
            column: column?,
            shared: shared?,
            functions: functions?,
            operators: operators?,
            tables: tables?.unwrap_or_default(),
        })
    }
}

fn column(table: &mut Table<'_>) -> Result<String, Reported> {
    let value = table.require("column")?;
    name::column(value.text()?).map_err(|what| value.refuse(what))
}

fn objects(
    table: &mut Table<'_>,
    key: &'static str,
    parse: fn(&str) -> Result<Object, String>,
    names: &mut Once<Object>,
) -> Result<Vec<Object>, Reported> {
    let Some(list) = table.get(key) else { return Ok(Vec::new()) };
    list.list(|value| {
        let object = parse(value.text()?).map_err(|what| value.refuse(what))?;
        names.claim(object.clone(), &value)?;
        Ok(object)
    })
}

fn tables(
    value: &Value<'_>,
    shared: &Once<Object>,
) -> Result<BTreeMap<Object, TableRule>, Reported> {
    let mut names = Once::new();
    let rules = value.entries(|written, value| {
        let rule = value.table(|table| Ok(TableRule { column: column(table)? }));
        let object = name::qualified(written).map_err(|what| {
            let unquoted = if written.contains('.') { "" } else { ", in quotes" };
            value.refuse_key(format!("{what}{unquoted}"))
        })?;
        names.claim(object.clone(), &value)?;
        if let Some(line) = shared.line(&object, &value) {
            return Err(value.refuse_key(format!(
                "is also `shared` on line {line}; a table has a tenant or is shared: keep one"
            )));
        }
        Ok((object, rule?))
    })?;
    Ok(rules.into_iter().collect())
}
