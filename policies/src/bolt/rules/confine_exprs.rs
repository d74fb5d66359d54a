//! Expressions: what they call, what they name, and the patterns in them.

use bolt_wire::cypher::syntax::{
    Access, Expr, ExprKind, Function, Map, MapProjection, ProjectionItem, Reduce, SubqueryBody,
};
use bolt_wire::cypher::visit::{self, Visit};

use super::super::allowed;
use super::super::guard::OUR_PREFIX;
use super::super::tenancy::LABEL_PREFIX;
use super::scope::Scope;
use crate::Reason;

impl<'t> Scope<'_, 't> {
    pub(super) fn confine_expr(&mut self, expr: &'t Expr) {
        match &expr.kind {
            ExprKind::Access(_, steps) => {
                steps.iter().for_each(|step| self.step(step));
                visit::visit_expr(self, expr);
            }
            ExprKind::Function(function) => self.function(expr, function),
            ExprKind::Exists(body) | ExprKind::Count(body) => self.subquery_body(expr, body),
            ExprKind::Pattern(factors) => self.pattern_expr(expr, factors),
            ExprKind::PatternComprehension(pattern) => self.pattern_comprehension(pattern),
            ExprKind::ShortestPath(path) => self.shortest_path_expr(expr, path),
            ExprKind::Map(map) => {
                self.keys(map);
                visit::visit_expr(self, expr);
            }
            ExprKind::MapProjection(projection) => {
                self.projected_keys(projection);
                visit::visit_expr(self, expr);
            }
            ExprKind::PropertyExists(exists) => {
                self.property(&exists.property.text, exists.property.span);
            }
            ExprKind::ListComprehension(list) => {
                self.with_locals(
                    |names| names.add(&list.variable),
                    |scope| {
                        visit::visit_expr(scope, expr);
                    },
                );
            }
            ExprKind::ListPredicate(list) => {
                self.with_locals(
                    |names| names.add(&list.variable),
                    |scope| {
                        visit::visit_expr(scope, expr);
                    },
                );
            }
            ExprKind::Reduce(reduce) => self.reduce(expr, reduce),
            ExprKind::AllReduce(all) => self.reduce(expr, &all.reduce),
            ExprKind::And(_)
            | ExprKind::Arithmetic(..)
            | ExprKind::Case(_)
            | ExprKind::Collect(_)
            | ExprKind::Comparison(..)
            | ExprKind::CountStar
            | ExprKind::List(_)
            | ExprKind::Literal(_)
            | ExprKind::Normalize(_)
            | ExprKind::Not(_)
            | ExprKind::Or(_)
            | ExprKind::Parameter(_)
            | ExprKind::Parenthesized(_)
            | ExprKind::Sign { .. }
            | ExprKind::Test(..)
            | ExprKind::Trim(_)
            | ExprKind::Variable(_)
            | ExprKind::VectorValue(_)
            | ExprKind::VectorDistance(_)
            | ExprKind::Xor(_) => visit::visit_expr(self, expr),
        }
    }

    fn step(&mut self, step: &'t Access) {
        match step {
            Access::Property(name) => self.property(&name.text, name.span),
            Access::Index(_) | Access::Labels(_) | Access::Slice(_) => {}
        }
    }

    fn keys(&mut self, map: &'t Map) {
        map.entries.iter().for_each(|(key, _)| self.property(&key.text, key.span));
    }

    fn projected_keys(&mut self, projection: &'t MapProjection) {
        for item in &projection.items {
            match item {
                ProjectionItem::Entry(name, _)
                | ProjectionItem::Property(name)
                // A variable of this name becomes a key of it.
                | ProjectionItem::Variable(name) => self.property(&name.text, name.span),
                ProjectionItem::All(_) => {}
            }
        }
    }

    fn reduce(&mut self, expr: &'t Expr, reduce: &'t Reduce) {
        let names = |names: &mut super::names::Names<'t>| {
            names.add(&reduce.accumulator);
            names.add(&reduce.variable);
        };
        self.with_locals(names, |scope| visit::visit_expr(scope, expr));
    }

    fn subquery_body(&mut self, expr: &'t Expr, body: &'t SubqueryBody) {
        match body {
            SubqueryBody::Query(query) => self.query(query),
            SubqueryBody::Patterns { patterns, condition, .. } => {
                let names = |names: &mut super::names::Names<'t>| {
                    patterns.iter().for_each(|pattern| names.add_pattern(pattern));
                };
                self.with_locals(names, |scope| {
                    let end = patterns.last().map_or(expr.span, |pattern| pattern.span);
                    scope.found_paths(patterns, condition.as_ref(), end, false);
                });
            }
        }
    }

    fn function(&mut self, expr: &'t Expr, function: &'t Function) {
        let names: Vec<&str> = function.name.iter().map(|name| name.text.as_str()).collect();
        let name = names.join(".");
        if !allowed::is_function(&name, &self.rules.policy.functions) {
            let span = function.name.first().map_or(expr.span, |name| name.span);
            let what = format!("function \"{name}\" is not open to tenants");
            self.refuse(Reason::FunctionNotAllowed, span, what);
        }
        function.arguments.iter().for_each(|argument| self.expr(argument));
        match (function.name.as_slice(), function.arguments.as_slice()) {
            ([exists], [argument]) if name.eq_ignore_ascii_case("exists") => {
                self.exists_function(exists, argument);
            }
            (_, [_]) if self.rules.policy.hide => self.hide_from(expr, &name),
            _ => {}
        }
    }

    /// Takes what tells whose a node is from the list of its labels or keys.
    fn hide_from(&mut self, expr: &'t Expr, function: &str) {
        let item = format!("`{OUR_PREFIX}h`");
        let test = match self.guard.property() {
            None if function.eq_ignore_ascii_case("labels") => {
                format!("NOT {item} STARTS WITH '{LABEL_PREFIX}'")
            }
            Some(property) if function.eq_ignore_ascii_case("keys") => {
                format!("{item} <> '{property}'")
            }
            None | Some(_) => return,
        };
        self.edits.before(expr.span, format!("[{item} IN"));
        self.edits.after(expr.span, format!("WHERE {test}]"));
    }
}
