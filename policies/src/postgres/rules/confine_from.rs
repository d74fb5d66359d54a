//! Give every range of a FROM list its guard, where the guard means "as if the other rows were not
//! there".
//!
//! A guard climbs from its relation: through INNER and CROSS joins and preserved sides up to WHERE;
//! at the nullable side of an outer join it stops and joins that ON. Where there is no ON that it
//! may use, and where names are hidden or changed on the way up, the relation is wrapped into a
//! sub-select that holds the guard.

use postgres_wire::sql::syntax::{FromItem, Join, JoinKind};

use super::add_guard::Guard;
use super::resolve_relation::Meaning;
use crate::postgres::scope::{Judged, Scope};

/// Where the guards of a part of FROM may go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sink {
    /// To whoever asked: WHERE, or the ON of a join further up.
    Up,
    /// Nowhere: wrap.
    Wrap,
}

impl Scope<'_> {
    /// Judges a FROM list and returns the guards that belong into WHERE.
    pub(in crate::postgres) fn confine(&mut self, items: &mut [FromItem]) -> Judged<Vec<Guard>> {
        let mut guards = Vec::new();
        for item in items {
            self.confine_item(item, Sink::Up, &mut guards)?;
        }
        Ok(guards)
    }

    fn confine_item(
        &mut self,
        item: &mut FromItem,
        sink: Sink,
        guards: &mut Vec<Guard>,
    ) -> Judged<()> {
        match item {
            FromItem::Relation(_) => self.confine_relation(item, sink, guards),
            FromItem::Query { lateral: _, query, alias: _ } => self.query(query),
            FromItem::Functions(functions) => {
                for (call, columns) in &mut functions.calls {
                    self.expr(call)?;
                    self.check_column_definitions(columns)?;
                }
                self.check_column_definitions(&mut functions.columns)
            }
            FromItem::Table { lateral: _, table, alias: _ } => self.expr(table),
            FromItem::Join(join) => self.confine_join(join, sink, guards),
        }
    }

    fn confine_relation(
        &mut self,
        item: &mut FromItem,
        sink: Sink,
        guards: &mut Vec<Guard>,
    ) -> Judged<()> {
        let FromItem::Relation(range) = item else { return Ok(()) };
        if let Some(sample) = &mut range.sample {
            self.exprs(&mut sample.arguments)?;
            self.exprs(&mut sample.repeatable)?;
            match sample.method.as_slice() {
                [method] if method == "bernoulli" || method == "system" => {}
                _ => return Err(self.unsupported("this TABLESAMPLE method", range.at)),
            }
        }
        let table = match self.meaning(range)? {
            Meaning::Cte | Meaning::Catalog => return Ok(()),
            Meaning::Shared(table) => return self.qualify(range, &table),
            Meaning::Scoped(table) => table,
        };
        let renamed = range.alias.as_ref().is_some_and(|alias| !alias.columns.is_empty());
        if sink == Sink::Wrap || renamed {
            return self.wrap(item, &table);
        }
        let guard = Guard::of(range, &table);
        self.qualify(range, &table)?;
        guards.push(guard);
        Ok(())
    }

    fn confine_join(&mut self, join: &mut Join, sink: Sink, guards: &mut Vec<Guard>) -> Judged<()> {
        // An alias on a join hides the names inside, so nothing climbs out of it.
        let sink = if join.alias.is_some() { Sink::Wrap } else { sink };
        let mut own = Vec::new();
        let nullable = if join.on.is_some() { Sink::Up } else { Sink::Wrap };
        match join.kind {
            JoinKind::Inner if sink == Sink::Up => {
                self.confine_item(&mut join.left, Sink::Up, guards)?;
                self.confine_item(&mut join.right, Sink::Up, guards)?;
            }
            JoinKind::Inner => {
                self.confine_item(&mut join.left, nullable, &mut own)?;
                self.confine_item(&mut join.right, nullable, &mut own)?;
            }
            JoinKind::Left => {
                self.confine_item(&mut join.left, sink, guards)?;
                self.confine_item(&mut join.right, nullable, &mut own)?;
            }
            JoinKind::Right => {
                self.confine_item(&mut join.left, nullable, &mut own)?;
                self.confine_item(&mut join.right, sink, guards)?;
            }
            JoinKind::Full => {
                self.confine_item(&mut join.left, Sink::Wrap, &mut own)?;
                self.confine_item(&mut join.right, Sink::Wrap, &mut own)?;
            }
        }
        let Some(on) = &mut join.on else { return Ok(()) };
        let place = on.at;
        self.expr(on)?;
        if own.is_empty() {
            return Ok(());
        }
        let clause = self.anchors.on_clause(place).ok_or_else(|| self.lost("ON", place))?;
        self.add_to_filter(&mut join.on, Ok(clause), own)
    }
}
