//! Rewriting: a statement's tree and its text, edited in step.
//!
//! The tree is edited in place and every edit is noted for the text as well. Whether the two came
//! out the same, and whether the result is confined, is not decided here: `plan` parses the edited
//! text again and compares, `verify` proves.

use std::sync::Arc;

use postgres_wire::sql::syntax::{
    At, Body, Cte, Distinct, Expr, Query, Select, SortKey, Statement, StatementKind, Target,
    Window, With,
};
use wire::Span;

use super::anchor::Anchors;
use super::edit::{Edits, Part};
use super::resolved::{Resolved, Table};
use crate::{Reason, Rejection};

pub(super) type Judged<T> = Result<T, Rejection>;

/// The rewriting of one text.
pub(super) struct Scope<'a> {
    pub(super) rules: &'a Resolved,
    pub(super) anchors: Anchors<'a>,
    pub(super) edits: Edits,
    /// The tenant id that stands for every tenant's while the template is made.
    pub(super) exemplar: &'a str,
    /// The names of the query levels around, outermost first.
    pub(super) outer: Vec<Level>,
    /// The names of the query level at hand.
    pub(super) here: Level,
}

/// The names that one query level adds.
#[derive(Default)]
pub(super) struct Level {
    /// Common table expressions.
    pub(super) ctes: Vec<String>,
    /// The ranges of FROM, and the target of a write.
    pub(super) ranges: Vec<NamedRange>,
}

/// A range and the name that columns are qualified with.
pub(super) struct NamedRange {
    pub(super) name: String,
    pub(super) table: Option<Arc<Table>>,
    /// Whether it belongs to all tenants, so that no tenant may lock its rows.
    pub(super) read_only: bool,
}

impl Scope<'_> {
    pub(super) fn statement(&mut self, statement: &mut Statement) -> Judged<()> {
        let at = statement.at;
        self.statement_kind(&mut statement.kind, at)
    }

    fn statement_kind(&mut self, kind: &mut StatementKind, at: At) -> Judged<()> {
        match kind {
            StatementKind::Query(query) => self.query(query),
            StatementKind::Insert(insert) => self.insert(insert),
            StatementKind::Update(update) => self.update(update),
            StatementKind::Delete(delete) => self.delete(delete),
            StatementKind::Set(set) => self.set_setting(set, at),
            StatementKind::Show(name) => self.show_setting(name, at),
            StatementKind::Transaction(transaction) => self.transaction(transaction, at),
            StatementKind::SetAllConstraints { deferred: _ }
            | StatementKind::Discard(_)
            | StatementKind::Deallocate(_)
            | StatementKind::CloseAll
            | StatementKind::UnlistenAll
            | StatementKind::Empty => Ok(()),
        }
    }

    /// Runs `step` with a query level of its own.
    pub(super) fn level<T>(&mut self, step: impl FnOnce(&mut Self) -> Judged<T>) -> Judged<T> {
        self.outer.push(std::mem::take(&mut self.here));
        let result = step(self);
        self.here = self.outer.pop().unwrap_or_default();
        result
    }

    pub(super) fn query(&mut self, query: &mut Query) -> Judged<()> {
        self.level(|this| {
            this.with(query.with.as_mut())?;
            match &mut query.body {
                Body::Select(select) => this.select(select)?,
                Body::Values(rows) => {
                    for row in rows {
                        this.exprs(row)?;
                    }
                }
                Body::SetOperation { operation: _, all: _, left, right } => {
                    this.query(left)?;
                    this.query(right)?;
                }
            }
            this.sort_keys(&mut query.order_by)?;
            this.exprs(&mut query.limit)?;
            this.exprs(&mut query.offset)?;
            this.check_locking(&query.locking)
        })
    }

    /// WITH adds its names to the level in force: all at once when recursive, else each behind its
    /// own definition (PostgreSQL, SELECT, "WITH Clause").
    pub(super) fn with(&mut self, with: Option<&mut With>) -> Judged<()> {
        let Some(with) = with else { return Ok(()) };
        if with.recursive {
            let names: Vec<String> = with.ctes.iter().map(|cte| cte.name.clone()).collect();
            self.here.ctes.extend(names);
        }
        for cte in &mut with.ctes {
            self.cte(cte)?;
            if !with.recursive {
                self.here.ctes.push(cte.name.clone());
            }
        }
        Ok(())
    }

    fn cte(&mut self, cte: &mut Cte) -> Judged<()> {
        let at = cte.at;
        match &mut cte.statement {
            StatementKind::Query(_)
            | StatementKind::Insert(_)
            | StatementKind::Update(_)
            | StatementKind::Delete(_) => {
                self.level(|this| this.statement_kind(&mut cte.statement, at))?
            }
            StatementKind::Set(_)
            | StatementKind::Show(_)
            | StatementKind::Transaction(_)
            | StatementKind::SetAllConstraints { deferred: _ }
            | StatementKind::Discard(_)
            | StatementKind::Deallocate(_)
            | StatementKind::CloseAll
            | StatementKind::UnlistenAll
            | StatementKind::Empty => return Err(self.unsupported("this statement in WITH", at)),
        }
        if let Some(cycle) = &mut cte.cycle {
            self.exprs(&mut cycle.value)?;
            self.exprs(&mut cycle.default)?;
        }
        Ok(())
    }

    fn select(&mut self, select: &mut Select) -> Judged<()> {
        self.name_ranges(&select.from)?;
        let guards = self.confine(&mut select.from)?;
        match &mut select.distinct {
            Distinct::No | Distinct::Yes => {}
            Distinct::On(exprs) => self.exprs(exprs)?,
        }
        self.targets(&mut select.targets)?;
        self.exprs(&mut select.filter)?;
        self.exprs(&mut select.group_by)?;
        self.exprs(&mut select.having)?;
        for window in &mut select.windows {
            self.window(window)?;
        }
        if guards.is_empty() {
            return Ok(());
        }
        let place = self.filter_place(select)?;
        self.add_to_filter(&mut select.filter, place, guards)
    }

    pub(super) fn targets(&mut self, targets: &mut [Target]) -> Judged<()> {
        targets.iter_mut().try_for_each(|target| self.expr(&mut target.value))
    }

    pub(super) fn exprs<'e>(
        &mut self,
        exprs: impl IntoIterator<Item = &'e mut Expr>,
    ) -> Judged<()> {
        exprs.into_iter().try_for_each(|expr| self.expr(expr))
    }

    pub(super) fn sort_keys(&mut self, keys: &mut [SortKey]) -> Judged<()> {
        keys.iter_mut().try_for_each(|key| {
            if !key.using.is_empty() {
                self.check_operator(&key.using, key.value.at)?;
            }
            self.expr(&mut key.value)
        })
    }

    pub(super) fn window(&mut self, window: &mut Window) -> Judged<()> {
        self.exprs(&mut window.partition_by)?;
        self.sort_keys(&mut window.order_by)?;
        self.exprs(&mut window.start)?;
        self.exprs(&mut window.end)
    }

    /// The levels in force, innermost first.
    pub(super) fn levels(&self) -> impl Iterator<Item = &Level> {
        std::iter::once(&self.here).chain(self.outer.iter().rev())
    }

    /// The tenant's id as SQL: a constant of the column's exact type.
    pub(super) fn tenant_parts(prefix: &str, type_name: &str) -> Vec<Part> {
        vec![
            Part::Text(prefix.to_owned()),
            Part::Tenant,
            Part::Text(format!("::pg_catalog.{}", super::ident::quoted(type_name))),
        ]
    }

    /// The token that begins at `at`, for a refusal to point at.
    pub(super) fn span(&self, at: At) -> Option<Span> {
        self.anchors.span(at).or_else(|| at.span())
    }

    pub(super) fn reject(&self, reason: Reason, what: String, at: At) -> Rejection {
        let rejection = Rejection::new(reason, what);
        match self.span(at) {
            Some(span) => rejection.at(span),
            None => rejection,
        }
    }

    pub(super) fn unsupported(&self, what: &str, at: At) -> Rejection {
        self.reject(Reason::SyntaxNotSupported, format!("{what} cannot be confined"), at)
    }

    /// A place that should be there was not found.
    pub(super) fn lost(&self, what: &str, at: At) -> Rejection {
        self.reject(Reason::Internal, format!("{what} was not found in the text"), at)
    }
}
