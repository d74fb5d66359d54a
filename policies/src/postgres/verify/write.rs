//! Every write: that it changes the tenant's rows only, and leaves them the tenant's.

use std::sync::Arc;

use postgres_wire::sql::syntax::{
    Assignee, Assignment, At, Body, ConflictTarget, Delete, Expr, ExprKind, Form, FromItem,
    IndexKey, Insert, JoinKind, OnConflict, Query, Range, Returning, Select, Update,
};

use super::conjunct::{conjuncts, tenant_value};
use super::{Verified, Verifier, refused, unproved};
use crate::Reason;
use crate::postgres::resolved::{Access, Table};

impl Verifier<'_> {
    pub(super) fn update(&mut self, update: &Update) -> Verified {
        let Update { with, table: range, assignments, from, filter, returning } = update;
        self.scoped(|this| {
            this.with(with.as_ref())?;
            let table = this.target(range)?;
            this.guard_target(range, &table, filter.as_ref(), from.is_empty())?;
            this.from(from, filter.as_ref())?;
            this.assignments(assignments, range, &table, false)?;
            filter.iter().try_for_each(|filter| this.expr(filter))?;
            this.returning(returning.as_ref())
        })
    }

    pub(super) fn delete(&mut self, delete: &Delete) -> Verified {
        let Delete { with, table: range, using, filter, returning } = delete;
        self.scoped(|this| {
            this.with(with.as_ref())?;
            let table = this.target(range)?;
            this.guard_target(range, &table, filter.as_ref(), using.is_empty())?;
            this.from(using, filter.as_ref())?;
            filter.iter().try_for_each(|filter| this.expr(filter))?;
            this.returning(returning.as_ref())
        })
    }

    pub(super) fn insert(&mut self, insert: &Insert) -> Verified {
        let Insert { with, into, columns, overriding: _, source, on_conflict, returning } = insert;
        self.scoped(|this| {
            this.with(with.as_ref())?;
            let table = this.target(into)?;
            let place = this.tenant_place(columns, into, &table)?;
            let Some(source) = source else { return Err(this.unguarded(&table, into.at)) };
            this.query(source)?;
            this.scoped(|this| {
                // The source's own names are out of sight again; what its columns mean is decided
                // by its FROM alone.
                this.rows(source, place, &table, into.at)
            })?;
            if let Some(clause) = on_conflict {
                this.on_conflict(clause, into, &table)?;
            }
            this.returning(returning.as_ref())
        })
    }

    /// The table that a write goes to: one that holds tenants' rows, never a common table
    /// expression or a catalog.
    fn target(&mut self, range: &Range) -> Verified<Arc<Table>> {
        match self.stored(range)? {
            Some(table) => Ok(table),
            None => Err(unproved(&format!("a write to \"{}\"", range.name.name), range.at)),
        }
    }

    fn guard_target(
        &mut self,
        range: &Range,
        table: &Table,
        filter: Option<&Expr>,
        alone: bool,
    ) -> Verified {
        let mut conditions = Vec::new();
        conjuncts(filter, &mut conditions);
        if self.guarded(range, table, &conditions, alone) {
            Ok(())
        } else {
            Err(self.unguarded(table, range.at))
        }
    }

    /// Where the tenant column stands in the column list, counted from its end: a star may hide how
    /// many columns come before it.
    fn tenant_place(&self, columns: &[Assignee], into: &Range, table: &Table) -> Verified<usize> {
        let mut places = columns
            .iter()
            .rev()
            .enumerate()
            .filter(|(_, column)| column.column == table.tenant_column());
        match (places.next(), places.next()) {
            (Some((place, column)), None) if column.indirection.is_empty() => Ok(place),
            (Some(_), Some((_, second))) => {
                let what = format!("column \"{}\" specified more than once", second.column);
                Err(refused(Reason::UnprovableTenantValue, what, second.at))
            }
            (Some(_) | None, _) => Err(self.unguarded(table, into.at)),
        }
    }

    /// That every row of `source` holds the tenant's id at `place` from its end.
    fn rows(&mut self, source: &Query, place: usize, table: &Table, at: At) -> Verified {
        match &source.body {
            Body::Values(rows) => rows.iter().try_for_each(|row| {
                let value = row.iter().rev().nth(place);
                self.value(value, table, at, |_| false)
            }),
            Body::Select(select) => {
                if copies_whole_rows(self, source, select, place) {
                    return Ok(());
                }
                // Behind the last star, targets and columns correspond from the end.
                let mut behind = select.targets.iter().rev().take(place + 1);
                if behind.clone().any(|target| is_star(&target.value)) {
                    return Err(unprovable(table, at));
                }
                let value = behind.nth(place);
                let rules = self.rules;
                let ctes = self.ctes.clone();
                let own_column = |names: &[String]| {
                    !names_a_cte(source, &ctes, &select.from)
                        && is_tenant_column_of(rules, &select.from, names)
                };
                self.value(value.map(|target| &target.value), table, at, own_column)
            }
            Body::SetOperation { operation: _, all: _, left, right } => {
                self.rows(left, place, table, at)?;
                self.rows(right, place, table, at)
            }
        }
    }

    /// That a value written to the tenant column is the tenant's id, or will be shown to be.
    fn value(
        &mut self,
        value: Option<&Expr>,
        table: &Table,
        at: At,
        is_own_column: impl Fn(&[String]) -> bool,
    ) -> Verified {
        let Some(value) = value else { return Err(unprovable(table, at)) };
        if let ExprKind::Column(column) = &value.kind
            && !column.star
            && is_own_column(&column.names)
        {
            return Ok(());
        }
        match tenant_value(value, table, self.carrier) {
            Some(found) => {
                self.demand(found);
                Ok(())
            }
            None => Err(unprovable(table, value.at)),
        }
    }

    fn on_conflict(&mut self, clause: &OnConflict, into: &Range, table: &Table) -> Verified {
        let OnConflict { target, update, at: _ } = clause;
        if let Some(ConflictTarget::Index { elements, filter, at: _ }) = target {
            for element in elements {
                match &element.key {
                    IndexKey::Column(_) => {}
                    IndexKey::Expression(expr) => self.expr(expr)?,
                }
            }
            filter.iter().try_for_each(|filter| self.expr(filter))?;
        }
        let Some(update) = update else { return Ok(()) };
        // `excluded` is in sight too, so a bare column name proves nothing.
        self.guard_target(into, table, update.filter.as_ref(), false)?;
        self.assignments(&update.assignments, into, table, true)?;
        update.filter.iter().try_for_each(|filter| self.expr(filter))
    }

    fn assignments(
        &mut self,
        assignments: &[Assignment],
        range: &Range,
        table: &Table,
        excluded: bool,
    ) -> Verified {
        for Assignment { targets, value } in assignments {
            for (place, target) in targets.iter().enumerate() {
                self.indirection(&target.indirection, target.at)?;
                if target.column == table.tenant_column() {
                    self.assignment(targets.len(), place, target, value, range, table, excluded)?;
                }
            }
            self.expr(value)?;
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "one assignment, taken apart")]
    fn assignment(
        &mut self,
        width: usize,
        place: usize,
        target: &Assignee,
        value: &Expr,
        range: &Range,
        table: &Table,
        excluded: bool,
    ) -> Verified {
        if !target.indirection.is_empty() {
            return Err(unprovable(table, target.at));
        }
        let value = if width == 1 { Some(value) } else { row_part(value, place) };
        let name = range.alias.as_ref().map_or(&range.name.name, |alias| &alias.name);
        let own_column = |names: &[String]| match names {
            [column] => !excluded && column == table.tenant_column(),
            [of, column] => {
                column == table.tenant_column() && (of == name || excluded && of == "excluded")
            }
            _ => false,
        };
        self.value(value, table, target.at, own_column)
    }

    fn returning(&mut self, returning: Option<&Returning>) -> Verified {
        match returning {
            Some(Returning { options: _, targets }) => self.targets(targets),
            None => Ok(()),
        }
    }
}

/// The part of `ROW(…)` or `(…, …)` at `place`.
fn row_part(value: &Expr, place: usize) -> Option<&Expr> {
    if let ExprKind::Compound(row) = &value.kind
        && let Form::Row { explicit: _ } = row.form
    {
        row.parts.get(place)
    } else {
        None
    }
}

fn unprovable(table: &Table, at: At) -> crate::Rejection {
    let what = format!("the value for \"{}\" cannot be proved to be yours", table.tenant_column());
    refused(Reason::UnprovableTenantValue, what, at)
        .hint("Leave the column out, or give it a literal or a parameter.")
}

fn is_star(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Column(column) => column.star,
        // `(x).*` has as many columns as its type.
        ExprKind::Indirection(_, _) => true,
        ExprKind::Parameter(_)
        | ExprKind::Const(_)
        | ExprKind::Call(_)
        | ExprKind::Operation(_)
        | ExprKind::Cast(_, _)
        | ExprKind::Collate(_, _)
        | ExprKind::SubLink(_)
        | ExprKind::Compound(_)
        | ExprKind::Default => false,
    }
}

fn names_a_cte(source: &Query, ctes: &[String], from: &[FromItem]) -> bool {
    let own = source.with.iter().flat_map(|with| with.ctes.iter().map(|cte| &cte.name));
    let names: Vec<&String> = own.chain(ctes).collect();
    from.iter().any(|item| match item {
        FromItem::Relation(range) => {
            range.name.schema.is_none() && names.contains(&&range.name.name)
        }
        FromItem::Join(_) => !names.is_empty(),
        FromItem::Query { lateral: _, query: _, alias: _ }
        | FromItem::Functions(_)
        | FromItem::Table { lateral: _, table: _, alias: _ } => false,
    })
}

/// `SELECT * FROM t`, where `t`'s own tenant column comes out at the right place.
fn copies_whole_rows(
    verifier: &Verifier<'_>,
    source: &Query,
    select: &Select,
    place: usize,
) -> bool {
    let ([target], [FromItem::Relation(range)]) = (&*select.targets, &*select.from) else {
        return false;
    };
    let renamed = range.alias.as_ref().is_some_and(|alias| !alias.columns.is_empty());
    if !is_star(&target.value) || renamed || names_a_cte(source, &verifier.ctes, &select.from) {
        return false;
    }
    let Some(table) = scoped_table(verifier.rules, range) else { return false };
    table.columns.iter().rev().nth(place).is_some_and(|column| column.name == table.tenant_column())
}

fn scoped_table(rules: &crate::postgres::resolved::Resolved, range: &Range) -> Option<Arc<Table>> {
    let access = match range.name.schema.as_deref() {
        Some(schema) => rules.relation(schema, &range.name.name),
        None => rules.relation_on_path(&range.name.name),
    };
    match access {
        Some(Access::Scoped(table)) => Some(table.clone()),
        Some(Access::Shared(_) | Access::Denied(_)) | None => None,
    }
}

/// Whether a column reference is the tenant column of a range whose rows are never null-extended.
fn is_tenant_column_of(
    rules: &crate::postgres::resolved::Resolved,
    from: &[FromItem],
    names: &[String],
) -> bool {
    let alone = matches!(from, [FromItem::Relation(_)]);
    from.iter().any(|item| match item {
        FromItem::Relation(range) => {
            let Some(table) = scoped_table(rules, range) else { return false };
            let visible = range.alias.as_ref().map_or(&range.name.name, |alias| &alias.name);
            let renamed = range.alias.as_ref().is_some_and(|alias| !alias.columns.is_empty());
            match names {
                _ if renamed => false,
                [column] => alone && column == table.tenant_column(),
                [of, column] => of == visible && column == table.tenant_column(),
                _ => false,
            }
        }
        FromItem::Join(join) if join.kind == JoinKind::Inner && join.alias.is_none() => {
            let qualified = names.len() == 2;
            let sides = [&join.left, &join.right];
            qualified
                && sides
                    .into_iter()
                    .any(|side| is_tenant_column_of(rules, std::slice::from_ref(side), names))
        }
        FromItem::Join(_)
        | FromItem::Query { lateral: _, query: _, alias: _ }
        | FromItem::Functions(_)
        | FromItem::Table { lateral: _, table: _, alias: _ } => false,
    })
}
