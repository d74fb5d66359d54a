//! Paths of any length: every node on them is asked for its tenant while they are looked for.
//!
//! A condition after the search would lose the paths that a shorter one over another tenant's nodes
//! stands before. So a path gets a name and its nodes are tested in the same WHERE, which the server
//! does while it goes on from node to node; and a part that is repeated gets nodes that are asked.

use bolt_wire::cypher::quote_name;
use bolt_wire::cypher::syntax::{
    Expr, ExprKind, Factor, Name, ParenthesizedPath, Path, PathPattern, PatternComprehension,
    RelationshipPattern, Repetition, ShortestPath,
};
use bolt_wire::cypher::visit::{self, Visit};
use wire::Span;

use super::may_fail::{may_fail, mentions};
use super::scope::Scope;

/// The relationship of a number that is written in its brackets.
fn is_of_length(factor: &Factor) -> bool {
    match factor {
        Factor::Relationship(relationship) => {
            relationship.body.as_ref().is_some_and(|body| body.length.is_some())
        }
        Factor::Node(_) | Factor::Parenthesized(_) => false,
    }
}

fn factors_of(path: &Path) -> &[Factor] {
    match path {
        Path::Factors(factors) => factors,
        Path::Shortest(path) => &path.factors,
    }
}

/// Whether it may be repeated no time at all, so that its ends are one node that it does not ask.
fn may_be_absent(path: &ParenthesizedPath) -> bool {
    path.quantifier.as_ref().is_some_and(|quantifier| match &quantifier.bounds {
        Repetition::Star | Repetition::Between(None, _) => true,
        Repetition::Plus => false,
        Repetition::Exactly(times) | Repetition::Between(Some(times), _) => times.value == 0,
    })
}

/// Whether nodes may lie on the path that the pattern does not write down one by one.
fn is_open(factors: &[Factor]) -> bool {
    factors.iter().any(is_of_length)
}

/// The variables that a path's parts are known by.
fn variables<'t>(variable: Option<&'t Name>, factors: &'t [Factor]) -> Vec<&'t str> {
    let of_factor = |factor: &'t Factor| match factor {
        Factor::Node(node) => node.variable.as_ref(),
        Factor::Relationship(relationship) => {
            relationship.body.as_ref().and_then(|body| body.variable.as_ref())
        }
        Factor::Parenthesized(_) => None,
    };
    let names = variable.into_iter().chain(factors.iter().filter_map(of_factor));
    names.map(|name| name.text.as_str()).collect()
}

/// How many paths of any length a clause may have, and how many conditions that wait for their
/// tests: a condition is written with all tests in front of it.
const PATHS_MAX: usize = 16;
const LATE_MAX: usize = 64;

/// Tests of paths, and what they are about.
#[derive(Default)]
struct Tests<'t> {
    tests: Vec<String>,
    variables: Vec<&'t str>,
}

impl<'t> Scope<'_, 't> {
    /// The patterns of a MATCH, EXISTS or COUNT, which end at `end`, and their WHERE.
    pub(super) fn found_paths(
        &mut self,
        patterns: &'t [PathPattern],
        condition: Option<&'t Expr>,
        end: Span,
        is_clause: bool,
    ) {
        let mut tests = Tests::default();
        for pattern in patterns {
            let factors = factors_of(&pattern.path);
            if is_open(factors) {
                if let Some(selector) = &pattern.selector {
                    self.refuse_syntax(
                        selector.span,
                        "a selector with a length in brackets: write a quantifier",
                    );
                }
                let name = self.path_name(pattern.variable.as_ref(), pattern.span);
                self.names.has_ours |= is_clause && pattern.variable.is_none();
                tests.tests.push(self.guard.path(&name));
                tests.variables.extend(variables(pattern.variable.as_ref(), factors));
            }
            self.path_parts(pattern);
        }
        self.tested_condition(&tests, condition, end);
    }

    /// The path's name in backticks: the client's, or one of ours that is put in front of it.
    fn path_name(&mut self, variable: Option<&Name>, span: Span) -> String {
        let Some(variable) = variable else {
            let name = self.name();
            self.edits.before(span, format!("{name} ="));
            return name;
        };
        quote_name(&variable.text).unwrap_or_else(|_| {
            self.refuse_syntax(variable.span, "an escape in a variable's name");
            String::new()
        })
    }

    /// A condition, with the tests added. What is about the paths and may fail is not even looked at
    /// before the tests are passed: whether it fails would tell of others' nodes.
    fn tested_condition(&mut self, tests: &Tests<'t>, condition: Option<&'t Expr>, end: Span) {
        let test = tests.tests.join(" AND ");
        let Some(condition) = condition else {
            if !test.is_empty() {
                self.edits.after(end, format!("WHERE {test}"));
            }
            return;
        };
        if test.is_empty() {
            return self.expr(condition);
        }
        let conjuncts = if let ExprKind::And(all) = &condition.kind {
            all.as_slice()
        } else {
            std::slice::from_ref(condition)
        };
        let mut late = 0;
        for conjunct in conjuncts {
            let is_late = may_fail(conjunct) && mentions(conjunct, &tests.variables);
            late += usize::from(is_late);
            if late > LATE_MAX || tests.tests.len() > PATHS_MAX {
                return self
                    .refuse_syntax(condition.span, "too many conditions on paths in one clause");
            }
            let outer = self.in_case;
            self.in_case |= is_late;
            self.expr(conjunct);
            self.in_case = outer;
            if is_late {
                self.edits.before(conjunct.span, format!("CASE WHEN {test} THEN ("));
                self.edits.after(conjunct.span, ") ELSE false END");
            }
        }
        self.edits.before(condition.span, "(");
        self.edits.after(condition.span, format!(") AND {test}"));
    }

    /// A path in parentheses.
    pub(super) fn inner_path(&mut self, pattern: &'t PathPattern) {
        if is_open(factors_of(&pattern.path)) {
            self.refuse_syntax(pattern.span, "a length in brackets inside of parentheses");
        }
        self.path_parts(pattern);
    }

    fn path_parts(&mut self, pattern: &'t PathPattern) {
        self.repeated_parts(factors_of(&pattern.path));
        visit::visit_path_pattern(self, pattern);
    }

    /// What may be absent stands between nodes that are asked; and a repeated relationship leads to nodes that are asked.
    fn repeated_parts(&mut self, factors: &'t [Factor]) {
        let mut before: Option<&Factor> = None;
        for (index, factor) in factors.iter().enumerate() {
            match factor {
                Factor::Node(_) => {}
                Factor::Relationship(relationship) => self.repeated_relationship(relationship),
                Factor::Parenthesized(path) if may_be_absent(path) => {
                    if !matches!(before, Some(Factor::Node(_))) {
                        self.edits.before(path.span, self.guard.node());
                    }
                    if index + 1 == factors.len() {
                        self.edits.after(path.span, self.guard.node());
                    }
                }
                Factor::Parenthesized(_) => {}
            }
            before = Some(factor);
        }
    }

    /// `-->{1,3}` stands for `(()-->()){1,3}`, and the first of these two nodes is the one in front
    /// of it or the one that was reached last.
    fn repeated_relationship(&mut self, relationship: &'t RelationshipPattern) {
        let Some(quantifier) = &relationship.quantifier else { return };
        self.edits.before(relationship.span, "(()");
        self.edits.before(quantifier.span, format!("{})", self.guard.node_of_path()));
    }

    /// `(a)-->(b)` as an expression, which can hold no test, and stands only where the server sees
    /// that a truth is wanted: else a sub-query stands for it.
    pub(super) fn pattern_expr(&mut self, expr: &'t Expr, factors: &'t [Factor]) {
        visit::visit_factors(self, factors);
        if is_open(factors) {
            let name = self.name();
            let test = self.guard.path(&name);
            self.edits.before(expr.span, format!("EXISTS {{ {name} ="));
            self.edits.after(expr.span, format!("WHERE {test} }}"));
        } else if self.in_case {
            self.edits.before(expr.span, "EXISTS {");
            self.edits.after(expr.span, "}");
        }
    }

    /// `exists((a)-[*]->(b))`, whose pattern becomes a sub-query: the function takes none.
    pub(super) fn exists_function(&mut self, name: &Name, argument: &'t Expr) {
        let ExprKind::Pattern(factors) = &argument.kind else { return };
        if is_open(factors) || self.in_case {
            self.edits.replace(name.span, "");
        }
    }

    /// `[p = (a)-->(b) WHERE c | d]`
    pub(super) fn pattern_comprehension(&mut self, pattern: &'t PatternComprehension) {
        let names = |names: &mut super::names::Names<'t>| {
            pattern.variable.iter().for_each(|name| names.add(name));
            names.add_factors(&pattern.factors);
        };
        self.with_locals(names, |scope| {
            let mut tests = Tests::default();
            if is_open(&pattern.factors) {
                let variable = pattern.variable.as_ref();
                let name = scope.path_name(variable, pattern.pattern_span);
                tests.tests.push(scope.guard.path(&name));
                tests.variables = variables(variable, &pattern.factors);
            }
            scope.repeated_parts(&pattern.factors);
            visit::visit_factors(scope, &pattern.factors);
            scope.tested_condition(&tests, pattern.condition.as_ref(), pattern.pattern_span);
            scope.expr(&pattern.value);
        });
    }

    /// `shortestPath((a)-[*]->(b))` as an expression, which has no WHERE: a sub-query has one.
    pub(super) fn shortest_path_expr(&mut self, expr: &'t Expr, path: &'t ShortestPath) {
        visit::visit_factors(self, &path.factors);
        if !is_open(&path.factors) {
            return;
        }
        let name = self.name();
        let test = self.guard.path(&name);
        let (open, close) = if path.all { ("", "") } else { ("head(", ")") };
        self.edits.before(expr.span, format!("{open}COLLECT {{ MATCH {name} ="));
        self.edits.after(expr.span, format!("WHERE {test} RETURN {name} }}{close}"));
    }
}
