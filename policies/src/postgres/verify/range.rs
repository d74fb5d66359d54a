//! Every relation in FROM: what it is, and that its guard holds for every row that gets out.

use std::sync::Arc;

use postgres_wire::sql::syntax::{
    At, ColumnDefinition, Expr, FromItem, Functions, Join, JoinKind, Range, Sample,
};

use super::conjunct::conjuncts;
use super::{Carrier, Verified, Verifier, refused, unproved};
use crate::Reason;
use crate::postgres::resolved::{Access, Table};

impl Verifier<'_> {
    pub(super) fn from(&mut self, items: &[FromItem], filter: Option<&Expr>) -> Verified {
        let mut conditions = Vec::new();
        conjuncts(filter, &mut conditions);
        let alone = matches!(items, [FromItem::Relation(_)]);
        items.iter().try_for_each(|item| self.item(item, &conditions, alone))
    }

    /// `conditions` hold for every row that this item contributes to the result, and for no
    /// null-extended stand-in of one.
    pub(super) fn item(&mut self, item: &FromItem, conditions: &[&Expr], alone: bool) -> Verified {
        match item {
            FromItem::Relation(range) => self.relation(range, conditions, alone),
            FromItem::Query { lateral: _, query, alias: _ } => self.query(query),
            FromItem::Functions(functions) => {
                let Functions { lateral: _, ordinality: _, rows_from: _, calls, alias: _, columns } =
                    &**functions;
                for (call, columns) in calls {
                    self.expr(call)?;
                    self.column_definitions(columns)?;
                }
                self.column_definitions(columns)
            }
            FromItem::Table { lateral: _, table, alias: _ } => self.expr(table),
            FromItem::Join(join) => self.join(join, conditions),
        }
    }

    fn column_definitions(&mut self, columns: &[ColumnDefinition]) -> Verified {
        columns.iter().try_for_each(|column| self.type_name(&column.type_name))
    }

    /// Which conditions hold for each side: those from outside for a side whose rows come out
    /// unchanged, the join's own for a side whose rows must match.
    fn join(&mut self, join: &Join, outside: &[&Expr]) -> Verified {
        let Join { kind, natural: _, left, right, using: _, using_alias: _, on, alias } = join;
        // Names inside a join with an alias cannot be seen from outside.
        let outside: &[&Expr] = if alias.is_some() { &[] } else { outside };
        let mut own = Vec::new();
        conjuncts(on.as_ref(), &mut own);
        let mut both = own.clone();
        both.extend(outside);
        match kind {
            JoinKind::Inner => {
                self.item(left, &both, false)?;
                self.item(right, &both, false)?;
            }
            JoinKind::Left => {
                self.item(left, outside, false)?;
                self.item(right, &own, false)?;
            }
            JoinKind::Right => {
                self.item(left, &own, false)?;
                self.item(right, outside, false)?;
            }
            JoinKind::Full => {
                self.item(left, &[], false)?;
                self.item(right, &[], false)?;
            }
        }
        on.iter().try_for_each(|on| self.expr(on))
    }

    fn relation(&mut self, range: &Range, conditions: &[&Expr], alone: bool) -> Verified {
        if let Some(Sample { method, arguments, repeatable }) = &range.sample {
            if !matches!(method.as_slice(), [name] if name == "bernoulli" || name == "system") {
                return Err(unproved("TABLESAMPLE", range.at));
            }
            arguments.iter().chain(repeatable).try_for_each(|argument| self.expr(argument))?;
        }
        if range.name.schema.is_none() && self.ctes.contains(&range.name.name) {
            return Ok(());
        }
        let Some(table) = self.stored(range)? else { return Ok(()) };
        if self.guarded(range, &table, conditions, alone) {
            return Ok(());
        }
        Err(self.unguarded(&table, range.at))
    }

    pub(super) fn unguarded(&self, table: &Table, at: At) -> crate::Rejection {
        match self.carrier {
            Carrier::Exemplar(_) => unproved(&format!("relation \"{}\"", table.name), at),
            Carrier::Client => refused(
                Reason::TenantPredicateMissing,
                format!(
                    "\"{}\" lacks its tenant predicate on \"{}\"",
                    table.name,
                    table.tenant_column()
                ),
                at,
            ),
        }
    }

    /// The table that a range means when it holds tenants' rows; `None` when it may be read whole.
    pub(super) fn stored(&mut self, range: &Range) -> Verified<Option<Arc<Table>>> {
        let (schema, name) = (range.name.schema.as_deref(), range.name.name.as_str());
        if self.rules.is_catalog(schema, name) {
            return Ok(None);
        }
        let access = match (schema, self.carrier) {
            // What we rewrite, we qualify: nothing else than the snapshot decides what it means.
            (None, Carrier::Exemplar(_)) => None,
            (None, Carrier::Client) => self.rules.relation_on_path(name),
            (Some(schema), _) => self.rules.relation(schema, name),
        };
        match access {
            Some(Access::Scoped(table)) => {
                let table = table.clone();
                self.columns.extend(table.columns.iter().map(|column| column.name.clone()));
                let key = (table.schema.clone(), table.name.clone());
                *self.proof.scoped.entry(key).or_default() += 1;
                Ok(Some(table))
            }
            Some(Access::Shared(table)) => {
                self.columns.extend(table.columns.iter().map(|column| column.name.clone()));
                Ok(None)
            }
            Some(Access::Denied(_)) | None => {
                Err(unproved(&format!("relation \"{name}\""), range.at))
            }
        }
    }
}
