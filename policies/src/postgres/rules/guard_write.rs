//! Guard the target of UPDATE and DELETE, and of ON CONFLICT DO UPDATE.

use std::sync::Arc;

use postgres_wire::sql::syntax::{Alias, Assignment, Delete, OnConflict, Range, Returning, Update};

use super::add_guard::Guard;
use super::resolve_relation::Meaning;
use crate::Reason;
use crate::postgres::resolved::Table;
use crate::postgres::scope::{Judged, NamedRange, Scope};

impl Scope<'_> {
    pub(in crate::postgres) fn update(&mut self, update: &mut Update) -> Judged<()> {
        self.level(|this| {
            this.with(update.with.as_mut())?;
            let table = this.write_target(&update.table)?;
            this.name_ranges(&update.from)?;
            let mut guards = vec![Guard::of(&update.table, &table)];
            this.qualify(&mut update.table, &table)?;
            guards.extend(this.confine(&mut update.from)?);
            this.assignments(&mut update.assignments)?;
            this.exprs(&mut update.filter)?;
            this.returning(update.returning.as_mut())?;
            let place = this
                .anchors
                .filter_behind_relation(update.table.at)
                .ok_or_else(|| this.lost("WHERE", update.table.at))?;
            this.add_to_filter(&mut update.filter, place, guards)
        })
    }

    pub(in crate::postgres) fn delete(&mut self, delete: &mut Delete) -> Judged<()> {
        self.level(|this| {
            this.with(delete.with.as_mut())?;
            let table = this.write_target(&delete.table)?;
            this.name_ranges(&delete.using)?;
            let mut guards = vec![Guard::of(&delete.table, &table)];
            this.qualify(&mut delete.table, &table)?;
            guards.extend(this.confine(&mut delete.using)?);
            this.exprs(&mut delete.filter)?;
            this.returning(delete.returning.as_mut())?;
            let place = this
                .anchors
                .filter_behind_relation(delete.table.at)
                .ok_or_else(|| this.lost("WHERE", delete.table.at))?;
            this.add_to_filter(&mut delete.filter, place, guards)
        })
    }

    /// DO UPDATE meets the row that stands in the way, whoever's it is: it is changed only if it is
    /// the tenant's.
    pub(super) fn guard_conflict(
        &mut self,
        clause: &mut OnConflict,
        into: &Range,
        table: &Arc<Table>,
    ) -> Judged<()> {
        let Some(update) = &mut clause.update else { return Ok(()) };
        self.here.ranges.push(NamedRange {
            name: "excluded".to_owned(),
            table: Some(table.clone()),
            read_only: false,
        });
        self.assignments(&mut update.assignments)?;
        self.exprs(&mut update.filter)?;
        let place = self
            .anchors
            .filter_of_conflict(clause.at)
            .ok_or_else(|| self.lost("DO UPDATE", clause.at))?;
        let guards = vec![Guard::of(into, table)];
        self.add_to_filter(&mut update.filter, place, guards)
    }

    /// The table that a write goes to. It is never a common table expression.
    pub(super) fn write_target(&mut self, range: &Range) -> Judged<Arc<Table>> {
        let table = match self.stored_meaning(range)? {
            Meaning::Scoped(table) => table,
            Meaning::Shared(_) | Meaning::Catalog | Meaning::Cte => {
                let what = format!("relation \"{}\" is read-only for tenants", range.name.name);
                return Err(self.reject(Reason::SharedRelationReadOnly, what, range.at));
            }
        };
        let name = match &range.alias {
            Some(Alias { name, columns: _ }) => name.clone(),
            None => range.name.name.clone(),
        };
        self.here.ranges.push(NamedRange { name, table: Some(table.clone()), read_only: false });
        Ok(table)
    }

    pub(super) fn assignments(&mut self, assignments: &mut [Assignment]) -> Judged<()> {
        for assignment in assignments {
            for target in &mut assignment.targets {
                self.indirection(&mut target.indirection, target.at)?;
            }
            self.expr(&mut assignment.value)?;
        }
        Ok(())
    }

    pub(super) fn returning(&mut self, returning: Option<&mut Returning>) -> Judged<()> {
        match returning {
            Some(returning) => self.targets(&mut returning.targets),
            None => Ok(()),
        }
    }
}
