//! The proof: from the bytes that will be sent, that nothing in them reaches another tenant's rows.
//!
//! `verify` gets the tree of the text as it will travel, and knows nothing of how it came about. It
//! shares no code with the rules; with them it shares facts: what a name means, which functions are
//! open. It demands that
//!
//! - every relation that holds tenants' rows carries, in a condition that no row can get around, an
//!   equality of its own tenant column with the tenant's id;
//! - every row written gets the tenant's id, and no row loses it;
//! - every function, operator, type and setting is open to tenants;
//! - every other relation is readable by all, and only read.
//!
//! What it cannot decide without the tenant or the parameters, it hands on as a demand: literals and
//! parameters that must turn out to be the tenant's id.

mod conjunct;
mod expr;
mod range;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use postgres_wire::sql::syntax::{
    At, Body, Cte, Distinct, Query, Select, SetSetting, SortKey, Statement, StatementKind, Target,
    Transaction, Window, With,
};

use super::resolved::Resolved;
use super::session;
use crate::{Reason, Rejection};

/// Where the tenant's id may come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carrier<'a> {
    /// From us: guards hold this very text, which the client did not write.
    Exemplar(&'a str),
    /// From the client: guards hold literals and parameters, which become demands.
    Client,
}

/// What still has to be shown for each tenant and each Bind.
#[derive(Debug, Default)]
pub(super) struct Proof {
    /// Literals that must read as the tenant's id.
    pub(super) literals: Vec<(String, At)>,
    /// Parameters that must be bound to the tenant's id: number, place, and whether the text uses
    /// them for nothing else.
    pub(super) parameters: Vec<(u16, At, bool)>,
    /// How often each relation that holds tenants' rows was seen: schema and name.
    pub(super) scoped: BTreeMap<(String, String), usize>,
}

/// Proves that `statements` are confined.
///
/// # Errors
/// The first thing that is not, as a refusal. Its span is in the text that was verified.
pub(super) fn verify(
    statements: &[Statement],
    rules: &Resolved,
    carrier: Carrier<'_>,
) -> Result<Proof, Rejection> {
    let mut verifier = Verifier {
        rules,
        carrier,
        ctes: Vec::new(),
        proof: Proof::default(),
        parameter_uses: BTreeMap::new(),
        tenant_parameters: BTreeMap::new(),
        suspects: Vec::new(),
        columns: BTreeSet::new(),
    };
    for statement in statements {
        verifier.statement(&statement.kind, statement.at)?;
    }
    verifier.finish()
}

type Verified<T = ()> = Result<T, Rejection>;

struct Verifier<'a> {
    rules: &'a Resolved,
    carrier: Carrier<'a>,
    /// The common table expressions in force, innermost last.
    ctes: Vec<String>,
    proof: Proof,
    /// How often each parameter stands in the text.
    parameter_uses: BTreeMap<u16, usize>,
    /// How often each parameter stands for the tenant's id, and where first.
    tenant_parameters: BTreeMap<u16, (usize, At)>,
    /// Fields that would call a closed function, were they not columns.
    suspects: Vec<(String, At)>,
    /// The columns of every table that the text names.
    columns: BTreeSet<String>,
}

impl Verifier<'_> {
    fn finish(mut self) -> Verified<Proof> {
        if let Some((name, at)) =
            self.suspects.iter().find(|(name, _)| !self.columns.contains(name))
        {
            return Err(unproved(&format!("field \"{name}\""), *at));
        }
        for (number, (uses, at)) in &self.tenant_parameters {
            let sole = self.parameter_uses.get(number) == Some(uses);
            self.proof.parameters.push((*number, *at, sole));
        }
        Ok(self.proof)
    }

    fn statement(&mut self, kind: &StatementKind, at: At) -> Verified {
        match kind {
            StatementKind::Query(query) => self.query(query),
            StatementKind::Insert(insert) => self.insert(insert),
            StatementKind::Update(update) => self.update(update),
            StatementKind::Delete(delete) => self.delete(delete),
            StatementKind::Set(set) => self.set(set),
            StatementKind::Show(name) if session::is_readable(name) => Ok(()),
            StatementKind::Show(name) => Err(unproved(&format!("SHOW {name}"), at)),
            StatementKind::Transaction(transaction) => self.transaction(transaction, at),
            StatementKind::SetAllConstraints { deferred: _ }
            | StatementKind::Discard(_)
            | StatementKind::Deallocate(_)
            | StatementKind::CloseAll
            | StatementKind::UnlistenAll
            | StatementKind::Empty => Ok(()),
        }
    }

    fn set(&self, set: &SetSetting) -> Verified {
        match set {
            SetSetting::Value { name, values, local: _ } => {
                session::check_set(name, values, &self.rules.search_path)
            }
            SetSetting::Default { name } | SetSetting::Reset { name } => session::check_reset(name),
            SetSetting::Transaction { modes, session: _ } => {
                modes.iter().try_for_each(|mode| session::check_transaction_mode(&mode.name))
            }
            SetSetting::ResetAll => Ok(()),
        }
    }

    fn transaction(&self, transaction: &Transaction, _at: At) -> Verified {
        match transaction {
            Transaction::Begin(modes) => {
                modes.iter().try_for_each(|mode| session::check_transaction_mode(&mode.name))
            }
            Transaction::Commit { chain: _ }
            | Transaction::Rollback { chain: _ }
            | Transaction::Savepoint(_)
            | Transaction::Release(_)
            | Transaction::RollbackTo(_) => Ok(()),
        }
    }

    /// Runs `step`; names that it adds end with it.
    fn scoped<T>(&mut self, step: impl FnOnce(&mut Self) -> Verified<T>) -> Verified<T> {
        let depth = self.ctes.len();
        let result = step(self);
        self.ctes.truncate(depth);
        result
    }

    fn query(&mut self, query: &Query) -> Verified {
        self.scoped(|this| {
            this.with(query.with.as_ref())?;
            match &query.body {
                Body::Select(select) => this.select(select)?,
                Body::Values(rows) => {
                    rows.iter().flatten().try_for_each(|value| this.expr(value))?;
                }
                Body::SetOperation { operation: _, all: _, left, right } => {
                    this.query(left)?;
                    this.query(right)?;
                }
            }
            this.sort_keys(&query.order_by)?;
            query.limit.iter().try_for_each(|limit| this.expr(limit))?;
            query.offset.iter().try_for_each(|offset| this.expr(offset))
        })
    }

    fn with(&mut self, with: Option<&With>) -> Verified {
        let Some(With { recursive, ctes }) = with else { return Ok(()) };
        if *recursive {
            self.ctes.extend(ctes.iter().map(|cte| cte.name.clone()));
        }
        for Cte { name, columns: _, materialized: _, statement, search: _, cycle, at } in ctes {
            self.scoped(|this| this.statement(statement, *at))?;
            if let Some(cycle) = cycle {
                cycle.value.iter().try_for_each(|value| self.expr(value))?;
                cycle.default.iter().try_for_each(|value| self.expr(value))?;
            }
            if !recursive {
                self.ctes.push(name.clone());
            }
        }
        Ok(())
    }

    fn select(&mut self, select: &Select) -> Verified {
        let Select {
            distinct,
            targets,
            from,
            filter,
            group_by,
            group_distinct: _,
            having,
            windows,
        } = select;
        match distinct {
            Distinct::No | Distinct::Yes => {}
            Distinct::On(exprs) => exprs.iter().try_for_each(|expr| self.expr(expr))?,
        }
        self.targets(targets)?;
        self.from(from, filter.as_ref())?;
        filter.iter().try_for_each(|filter| self.expr(filter))?;
        group_by.iter().try_for_each(|expr| self.expr(expr))?;
        having.iter().try_for_each(|having| self.expr(having))?;
        windows.iter().try_for_each(|window| self.window(window))
    }

    fn targets(&mut self, targets: &[Target]) -> Verified {
        targets.iter().try_for_each(|target| self.expr(&target.value))
    }

    fn sort_keys(&mut self, keys: &[SortKey]) -> Verified {
        keys.iter().try_for_each(|SortKey { value, direction: _, nulls: _, using }| {
            if !using.is_empty() {
                self.operator(using, value.at)?;
            }
            self.expr(value)
        })
    }

    fn window(&mut self, window: &Window) -> Verified {
        let Window { name: _, base: _, partition_by, order_by, frame: _, start, end } = window;
        partition_by.iter().try_for_each(|expr| self.expr(expr))?;
        self.sort_keys(order_by)?;
        start.iter().chain(end).try_for_each(|offset| self.expr(offset))
    }
}

/// Something that the rules should have refused or mended, and did not.
fn unproved(what: &str, at: At) -> Rejection {
    let rejection = Rejection::new(Reason::Internal, format!("{what} could not be proved safe"));
    match at.span() {
        Some(span) => rejection.at(span),
        None => rejection,
    }
}

/// Something that only the client can mend.
fn refused(reason: Reason, what: impl Into<std::borrow::Cow<'static, str>>, at: At) -> Rejection {
    let rejection = Rejection::new(reason, what);
    match at.span() {
        Some(span) => rejection.at(span),
        None => rejection,
    }
}
