//! Clauses, in order, with the variables that each leaves behind.
//!
//! Which variables are bound matters in one place: a node in CREATE or MERGE that is bound already
//! is not made, and one that is not bound is.

use bolt_wire::cypher::syntax::{
    Clause, Expr, ExprKind, Factor, Foreach, Name, Path, PathPattern, Projection, Query,
    RegularQuery, SingleQuery, Subquery, SubqueryScope,
};
use bolt_wire::cypher::visit::{self, Visit};

use super::Verifier;
use crate::Reason;

impl<'t> Verifier<'_, 't> {
    /// Steps of a query that begins with the variables `seen`. Leaves its columns bound.
    pub(super) fn steps(&mut self, query: &'t Query, seen: &[&'t str]) {
        let mut incoming = seen.to_vec();
        for step in &query.steps {
            let mut columns = Vec::new();
            match step {
                RegularQuery::Union(parts) => {
                    for (_, part) in parts {
                        self.bound.clone_from(&incoming);
                        self.single(part);
                        columns.append(&mut self.bound);
                    }
                }
                RegularQuery::Conditional { branches, otherwise } => {
                    for branch in branches {
                        self.bound.clone_from(&incoming);
                        self.expr(&branch.condition);
                        self.single(&branch.query);
                        columns.append(&mut self.bound);
                    }
                    for part in otherwise.iter() {
                        self.bound.clone_from(&incoming);
                        self.single(part);
                        columns.append(&mut self.bound);
                    }
                }
            }
            incoming = columns;
        }
        self.bound = incoming;
    }

    fn single(&mut self, part: &'t SingleQuery) {
        match part {
            SingleQuery::Braced { graph, query } => {
                if graph.is_some() {
                    self.fail(Reason::StatementNotAllowed, "USE is not open to tenants");
                }
                let seen = self.bound.clone();
                self.steps(query, &seen);
            }
            SingleQuery::Clauses(clauses) => {
                clauses.iter().for_each(|clause| self.clause(clause));
                if !matches!(clauses.last(), Some(Clause::Return(_))) {
                    self.bound.clear();
                }
            }
        }
    }

    pub(super) fn prove_clause(&mut self, clause: &'t Clause) {
        match clause {
            Clause::Call(call) => self.call(call),
            Clause::Create(create) | Clause::Insert(create) => {
                create.patterns.iter().for_each(|pattern| self.made(pattern));
            }
            Clause::Delete(delete) => {
                delete.values.iter().for_each(|value| self.target(value));
                visit::visit_clause(self, clause);
            }
            Clause::Filter(_) | Clause::Finish(_) | Clause::Page(_) => {
                visit::visit_clause(self, clause);
            }
            Clause::For(unwind) | Clause::Unwind(unwind) => {
                self.expr(&unwind.list);
                self.bind_value(&unwind.variable, None);
            }
            Clause::Foreach(foreach) => self.foreach(foreach),
            Clause::Let(items) => {
                for item in items {
                    self.expr(&item.value);
                    self.bind_value(&item.variable, Some(&item.value));
                }
            }
            Clause::LoadCsv(_) => {
                self.fail(Reason::StatementNotAllowed, "LOAD CSV is not open to tenants");
            }
            Clause::Match(found) => {
                if found.search.is_some() {
                    self.fail(Reason::SyntaxNotSupported, "SEARCH looks at nodes of all tenants");
                }
                self.read(&found.patterns, found.condition.as_ref());
            }
            Clause::Merge(merge) => {
                self.made(&merge.pattern);
                let items = merge.actions.iter().flat_map(|action| &action.items);
                items.for_each(|item| self.set_item(item));
            }
            Clause::Remove(items) => items.iter().for_each(|item| self.remove_item(item)),
            Clause::Return(projection) => {
                visit::visit_clause(self, clause);
                self.project(projection);
            }
            Clause::Set(items) => items.iter().for_each(|item| self.set_item(item)),
            Clause::Subquery(subquery) => self.subquery(subquery),
            Clause::Use(_) => self.fail(Reason::StatementNotAllowed, "USE is not open to tenants"),
            Clause::With(with) => {
                visit::visit_clause(self, clause);
                self.project(&with.projection);
            }
        }
    }

    fn foreach(&mut self, foreach: &'t Foreach) {
        self.expr(&foreach.list);
        let seen = self.bound.clone();
        self.bind_value(&foreach.variable, None);
        foreach.clauses.iter().for_each(|clause| self.clause(clause));
        self.bound = seen;
    }

    fn subquery(&mut self, subquery: &'t Subquery) {
        let seen = self.bound.clone();
        let inner: Vec<&'t str> = match &subquery.scope {
            // What an importing WITH does not name is not seen, and it may name all of these.
            None if imports(&subquery.query) => seen.clone(),
            None => Vec::new(),
            Some(SubqueryScope::All) => seen.clone(),
            Some(SubqueryScope::Names(names)) => names.iter().map(|name| &*name.text).collect(),
        };
        self.bound.clone_from(&inner);
        if subquery.scope.is_none() && !all_import(&subquery.query) && !inner.is_empty() {
            let what = "a sub-query imports in some of its parts only";
            self.fail(Reason::SyntaxNotSupported, what);
        }
        self.steps(&subquery.query, &inner);
        self.bound.extend(seen);
        if let Some(with) = &subquery.in_transactions {
            let counts = with.concurrency.iter().chain(&with.rows);
            counts.for_each(|count| self.expr(count));
            with.report.iter().for_each(|name| self.bind_value(name, None));
        }
    }

    /// The variables of a pattern that is looked for.
    pub(super) fn bind(&mut self, pattern: &'t PathPattern) {
        self.bound.extend(pattern.variable.iter().map(|name| name.text.as_str()));
        match &pattern.path {
            Path::Factors(factors) => self.bind_factors(factors),
            Path::Shortest(path) => self.bind_factors(&path.factors),
        }
    }

    fn bind_factors(&mut self, factors: &'t [Factor]) {
        for factor in factors {
            match factor {
                Factor::Node(node) => self.bound.extend(node.variable.iter().map(|v| &*v.text)),
                Factor::Relationship(relationship) => {
                    let body = relationship.body.iter();
                    let names = body.flat_map(|body| &body.variable);
                    self.bound.extend(names.map(|name| name.text.as_str()));
                }
                Factor::Parenthesized(path) => self.bind(&path.pattern),
            }
        }
    }

    /// A variable that stands for a value.
    pub(super) fn bind_value(&mut self, name: &'t Name, value: Option<&'t Expr>) {
        self.bound.push(&name.text);
        self.note_value(&name.text, value);
    }

    fn project(&mut self, projection: &'t Projection) {
        if projection.star.is_none() {
            self.bound.clear();
        }
        for item in &projection.items {
            match (&item.alias, &item.value.kind) {
                (Some(alias), _) => self.bind_value(alias, Some(&item.value)),
                (None, ExprKind::Variable(name)) => self.bound.push(&name.text),
                (None, ExprKind::MapProjection(map)) => self.bind_value(&map.variable, None),
                (None, _) => {}
            }
        }
    }
}

/// Whether a sub-query without a scope begins by importing.
fn imports(query: &Query) -> bool {
    firsts(query).iter().any(|first| matches!(first, Some(Clause::With(_))))
}

fn all_import(query: &Query) -> bool {
    firsts(query).iter().all(|first| matches!(first, Some(Clause::With(_))))
}

fn firsts(query: &Query) -> Vec<Option<&Clause>> {
    let of_single = |part: &'_ SingleQuery| -> bool { matches!(part, SingleQuery::Clauses(_)) };
    let mut found = Vec::new();
    match query.steps.first() {
        Some(RegularQuery::Union(parts)) => {
            for (_, part) in parts {
                match part {
                    SingleQuery::Clauses(clauses) => found.push(clauses.first()),
                    SingleQuery::Braced { .. } => found.push(None),
                }
            }
        }
        Some(RegularQuery::Conditional { branches, otherwise }) => {
            let parts = branches.iter().map(|branch| &branch.query).chain(otherwise);
            found.extend(parts.filter(|part| of_single(part)).map(|_| None));
        }
        None => {}
    }
    found
}
