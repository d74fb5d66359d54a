//! Find what a name in FROM means, and qualify it, so that the store finds the same.

use std::sync::Arc;

use postgres_wire::sql::syntax::{FromItem, LockStrength, Locking, Range};

use crate::postgres::ident::quoted;
use crate::postgres::resolved::{Access, Table};
use crate::postgres::scope::{Judged, NamedRange, Scope};
use crate::{Reason, Rejection};

/// What a range is, for a tenant.
#[derive(Clone)]
pub(in crate::postgres) enum Meaning {
    /// A common table expression, which is confined where it is defined.
    Cte,
    /// A system catalog that holds no rows of tenants.
    Catalog,
    /// Readable by all tenants.
    Shared(Arc<Table>),
    /// Holds rows of tenants.
    Scoped(Arc<Table>),
}

impl Scope<'_> {
    /// What a range in FROM means.
    pub(super) fn meaning(&self, range: &Range) -> Judged<Meaning> {
        let unqualified = range.name.schema.is_none();
        let is_cte = self.levels().any(|level| level.ctes.contains(&range.name.name));
        if unqualified && is_cte { Ok(Meaning::Cte) } else { self.stored_meaning(range) }
    }

    /// What a range means that cannot be a common table expression: the target of a write.
    pub(super) fn stored_meaning(&self, range: &Range) -> Judged<Meaning> {
        let (schema, name) = (range.name.schema.as_deref(), range.name.name.as_str());
        if self.rules.is_catalog(schema, name) {
            return Ok(Meaning::Catalog);
        }
        let access = match schema {
            None => self.rules.relation_on_path(name),
            Some(schema) => self.rules.relation(schema, name),
        };
        match access {
            Some(Access::Scoped(table)) => Ok(Meaning::Scoped(table.clone())),
            Some(Access::Shared(table)) => Ok(Meaning::Shared(table.clone())),
            Some(Access::Denied(why)) => Err(self.relation_refused(range, why)),
            None => Err(self.relation_refused(range, "the policy does not know it")),
        }
    }

    fn relation_refused(&self, range: &Range, why: &str) -> Rejection {
        let what = format!("relation \"{}\" is not open to tenants: {why}", range.name.name);
        self.reject(Reason::RelationNotAllowed, what, range.at)
            .hint("Give the table the tenant column, or list it in the policy.")
    }

    /// Writes the schema before an unqualified name: between the snapshot and now, another relation
    /// may have come first on the search path.
    pub(super) fn qualify(&mut self, range: &mut Range, table: &Table) -> Judged<()> {
        if range.name.schema.is_none() {
            let at = range.at.offset().ok_or_else(|| self.lost("a relation", range.at))?;
            self.edits.insert_text(at, format!("{}.", quoted(&table.schema)));
            range.name.schema = Some(table.schema.clone());
        }
        Ok(())
    }

    /// Notes the names of a FROM list, before anything in it is judged.
    pub(in crate::postgres) fn name_ranges(&mut self, items: &[FromItem]) -> Judged<()> {
        items.iter().try_for_each(|item| self.name_range(item))
    }

    fn name_range(&mut self, item: &FromItem) -> Judged<()> {
        match item {
            FromItem::Relation(range) => self.name_relation(range),
            FromItem::Query { lateral: _, query: _, alias }
            | FromItem::Table { lateral: _, table: _, alias } => {
                let named = alias.as_ref().map(|alias| NamedRange {
                    name: alias.name.clone(),
                    table: None,
                    read_only: false,
                });
                self.here.ranges.extend(named);
                Ok(())
            }
            FromItem::Functions(functions) => {
                let named = functions.alias.as_ref().map(|alias| NamedRange {
                    name: alias.name.clone(),
                    table: None,
                    read_only: false,
                });
                self.here.ranges.extend(named);
                Ok(())
            }
            FromItem::Join(join) => {
                self.name_range(&join.left)?;
                self.name_range(&join.right)
            }
        }
    }

    pub(super) fn name_relation(&mut self, range: &Range) -> Judged<()> {
        let (table, read_only) = match self.meaning(range)? {
            Meaning::Cte => (None, false),
            Meaning::Catalog => (None, true),
            Meaning::Shared(table) => (Some(table), true),
            Meaning::Scoped(table) => (Some(table), false),
        };
        let name = range.alias.as_ref().map_or(&range.name.name, |alias| &alias.name).clone();
        // Column aliases rename the columns, so the table's own names prove nothing.
        let renamed = range.alias.as_ref().is_some_and(|alias| !alias.columns.is_empty());
        let table = table.filter(|_| !renamed);
        self.here.ranges.push(NamedRange { name, table, read_only });
        Ok(())
    }

    /// FOR UPDATE would make tenants wait for each other on rows that they share.
    pub(in crate::postgres) fn check_locking(&mut self, locking: &[Locking]) -> Judged<()> {
        for clause in locking {
            match clause.strength {
                LockStrength::KeyShare | LockStrength::Share => continue,
                LockStrength::NoKeyUpdate | LockStrength::Update => {}
            }
            let locked = |range: &&NamedRange| {
                range.read_only
                    && (clause.of.is_empty() || clause.of.iter().any(|of| of.name == range.name))
            };
            if let Some(range) = self.here.ranges.iter().find(locked) {
                let what = format!("rows of \"{}\" are shared and cannot be locked", range.name);
                return Err(Rejection::new(Reason::SharedRelationReadOnly, what)
                    .hint("Name the tables to lock: FOR UPDATE OF …"));
            }
        }
        Ok(())
    }
}
