//! Queries and clauses: which variables each sees, and which clauses tenants may send.

use bolt_wire::cypher::syntax::{
    Clause, ExprKind, Foreach, HintKind, Match, Projection, Query, RegularQuery, SingleQuery,
    Subquery, SubqueryScope, Yields,
};
use bolt_wire::cypher::visit::{self, Visit};
use wire::Span;

use super::names::Names;
use super::scope::Scope;
use crate::Reason;

/// Where a query stands.
#[derive(Clone, Copy)]
enum Place {
    /// It is the statement, and its columns are the client's.
    Outermost,
    Inner,
}

impl<'t> Scope<'_, 't> {
    /// The query that is the statement.
    pub(super) fn outermost_query(&mut self, query: &'t Query) {
        self.steps(query, Names::default(), None, Place::Outermost);
    }

    /// A query in another. It begins with the variables of `start`, or with what an importing WITH
    /// takes of `imported`. Returns its columns.
    pub(super) fn inner_query(
        &mut self,
        query: &'t Query,
        start: Names<'t>,
        imported: Option<&Names<'t>>,
    ) -> Names<'t> {
        self.steps(query, start, imported, Place::Inner)
    }

    fn steps(
        &mut self,
        query: &'t Query,
        start: Names<'t>,
        imported: Option<&Names<'t>>,
        place: Place,
    ) -> Names<'t> {
        let mut incoming = start;
        let mut imported = imported;
        for (index, step) in query.steps.iter().enumerate() {
            // Only the last step's columns are the query's.
            let is_last = index + 1 == query.steps.len();
            let place = if is_last { place } else { Place::Inner };
            let mut columns = Names::default();
            match step {
                RegularQuery::Union(parts) => {
                    for (_, part) in parts {
                        columns.extend(self.part(part, incoming.clone(), imported, place));
                    }
                }
                RegularQuery::Conditional { branches, otherwise } => {
                    for branch in branches {
                        self.names = incoming.clone();
                        self.expr(&branch.condition);
                        columns.extend(self.part(&branch.query, incoming.clone(), None, place));
                    }
                    for part in otherwise.iter() {
                        columns.extend(self.part(part, incoming.clone(), None, place));
                    }
                }
            }
            incoming = columns;
            imported = None;
        }
        incoming
    }

    fn part(
        &mut self,
        part: &'t SingleQuery,
        start: Names<'t>,
        imported: Option<&Names<'t>>,
        place: Place,
    ) -> Names<'t> {
        let clauses = match part {
            SingleQuery::Clauses(clauses) => clauses,
            SingleQuery::Braced { graph, query } => {
                if let Some(graph) = graph {
                    self.refuse_graph(graph.span);
                }
                return self.steps(query, start, imported, place);
            }
        };
        self.names = start;
        if let (Some(imported), Some(Clause::With(_))) = (imported, clauses.first()) {
            self.names = imported.clone();
        }
        let is_alone = clauses.len() == 1;
        let mut columns = Names::default();
        for clause in clauses {
            match (clause, place) {
                (Clause::Call(call), Place::Outermost) if is_alone => self.call(call, true),
                (Clause::Return(projection), Place::Outermost) => {
                    self.confine_clause(clause);
                    // The names stand behind all that the items become.
                    self.name_columns(projection);
                }
                (_, Place::Outermost | Place::Inner) => self.confine_clause(clause),
            }
            if matches!(clause, Clause::Return(_)) {
                columns = std::mem::take(&mut self.names);
            }
        }
        columns
    }

    fn refuse_graph(&mut self, span: Span) {
        self.refuse(Reason::StatementNotAllowed, span, "USE is not open to tenants");
    }

    pub(super) fn confine_clause(&mut self, clause: &'t Clause) {
        match clause {
            Clause::Call(call) => self.call(call, false),
            Clause::Create(create) | Clause::Insert(create) => {
                create.patterns.iter().for_each(|pattern| self.written_pattern(pattern));
            }
            Clause::Delete(_) | Clause::Filter(_) | Clause::Finish(_) | Clause::Page(_) => {
                visit::visit_clause(self, clause);
            }
            Clause::For(unwind) | Clause::Unwind(unwind) => {
                self.expr(&unwind.list);
                self.names.add(&unwind.variable);
            }
            Clause::Foreach(foreach) => self.foreach(foreach),
            Clause::Let(items) => {
                for item in items {
                    self.expr(&item.value);
                    self.names.add(&item.variable);
                }
            }
            Clause::LoadCsv(load) => {
                self.refuse(
                    Reason::StatementNotAllowed,
                    load.span,
                    "LOAD CSV is not open to tenants",
                );
            }
            Clause::Match(found) => self.found(found),
            Clause::Merge(merge) => {
                self.written_pattern(&merge.pattern);
                let items = merge.actions.iter().flat_map(|action| &action.items);
                items.for_each(|item| self.set_item(item));
            }
            Clause::Remove(items) => items.iter().for_each(|item| self.remove_item(item)),
            Clause::Return(projection) => self.projection(projection),
            Clause::Set(items) => items.iter().for_each(|item| self.set_item(item)),
            Clause::Subquery(subquery) => self.subquery(subquery),
            Clause::Use(graph) => self.refuse_graph(graph.span),
            Clause::With(with) => {
                let before = self.names.clone();
                self.projection(&with.projection);
                // What orders and filters sees both what was and what goes on.
                if let Some(condition) = &with.condition {
                    let after = std::mem::replace(&mut self.names, before);
                    self.names.extend(after.clone());
                    self.expr(condition);
                    self.names = after;
                }
            }
        }
    }

    fn found(&mut self, found: &'t Match) {
        if let Some(search) = &found.search {
            self.refuse_syntax(search.span, "SEARCH looks through nodes of all tenants");
        }
        for hint in &found.hints {
            match &hint.kind {
                HintKind::Index { label, .. } | HintKind::Scan { label, .. } => {
                    self.label(&label.text, label.span);
                }
                HintKind::Expand(_) | HintKind::Join(_) => {}
            }
        }
        found.patterns.iter().for_each(|pattern| self.names.add_pattern(pattern));
        let end = found.patterns.last().map(|pattern| pattern.span);
        let end = found.hints.last().map(|hint| hint.span).or(end).unwrap_or(found.span);
        self.found_paths(&found.patterns, found.condition.as_ref(), end, true);
    }

    fn foreach(&mut self, foreach: &'t Foreach) {
        self.expr(&foreach.list);
        let before = self.names.clone();
        self.names.add(&foreach.variable);
        foreach.clauses.iter().for_each(|clause| self.confine_clause(clause));
        self.names = before;
    }

    fn subquery(&mut self, subquery: &'t Subquery) {
        let outer = self.names.clone();
        let columns = match &subquery.scope {
            None => self.inner_query(&subquery.query, Names::default(), Some(&outer)),
            Some(SubqueryScope::All) => self.inner_query(&subquery.query, outer.clone(), None),
            Some(SubqueryScope::Names(list)) => {
                let mut start = Names::default();
                list.iter().for_each(|name| start.add(name));
                self.inner_query(&subquery.query, start, None)
            }
        };
        self.names = outer;
        self.names.extend(columns);
        if let Some(with) = &subquery.in_transactions {
            with.report.iter().for_each(|name| self.names.add(name));
            self.transactions(with);
        }
    }

    /// The variables of a YIELD.
    pub(super) fn add_yields(&mut self, yields: &'t Yields) {
        for item in &yields.items {
            self.names.add(item.alias.as_ref().unwrap_or(&item.column));
        }
    }

    pub(super) fn projection(&mut self, projection: &'t Projection) {
        let mut columns = Names::default();
        if let Some(star) = projection.star {
            self.star(star, &mut columns);
        }
        for item in &projection.items {
            self.expr(&item.value);
            match (&item.alias, &item.value.kind) {
                (Some(alias), _) => columns.add(alias),
                (None, ExprKind::Variable(name)) => columns.add(name),
                (None, ExprKind::MapProjection(map)) => columns.add(&map.variable),
                // Without an alias it has no name that anything could refer to.
                (None, _) => {}
            }
        }
        let before = self.names.clone();
        self.names.extend(columns.clone());
        self.page_of(projection);
        self.names = before;
        self.names = columns;
    }

    /// `*`, without what is ours.
    fn star(&mut self, star: Span, columns: &mut Names<'t>) {
        columns.extend(self.names.clone());
        if !self.names.has_ours {
            return;
        }
        let quoted = |name: &&str| format!("`{}`", name.replace('`', "``"));
        let list: Vec<String> = self.names.known.iter().map(quoted).collect();
        if list.is_empty() {
            self.refuse(
                Reason::SyntaxError,
                star,
                "* is not allowed when there are no variables in scope",
            );
        }
        self.edits.replace(star, list.join(", "));
        columns.has_ours = false;
    }
}
