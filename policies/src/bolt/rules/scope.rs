//! Goes through a statement and applies the rules where their parts stand.

use bolt_wire::cypher::syntax::{
    Clause, Expr, LabelExpr, LabelExprKind, NodePattern, PathPattern, Query, RelationshipPattern,
    ShortestPath, Statement, StatementBody,
};
use bolt_wire::cypher::visit::{self, Visit};
use bolt_wire::cypher::{Edits, Parsed, Token, TokenKind};
use wire::Span;

use super::super::allowed;
use super::super::guard::{Guard, OUR_PREFIX, QUOTED_SLOT};
use super::super::resolved::Resolved;
use super::names::Names;
use crate::{Reason, Rejection};

/// What the rules make of a statement.
pub(in crate::bolt) struct Outcome {
    /// What is changed about the client's text.
    pub edits: Edits<'static>,
    /// Parameters that are needed with the tenant's id in them.
    pub owned: Vec<String>,
    /// Whether a procedure or command was answered by a statement of ours, whose type is this.
    pub kind: Option<&'static str>,
}

/// Applies the rules to a statement.
///
/// # Errors
/// The first refusal, in the order in which the rules come upon it.
pub(in crate::bolt) fn scope(parsed: &Parsed<'_>, rules: &Resolved) -> Result<Outcome, Rejection> {
    let mut scope = Scope {
        rules,
        guard: &rules.guard,
        parsed,
        edits: Edits::new(),
        names: Names::default(),
        given: 0,
        in_case: false,
        owned: Vec::new(),
        kind: None,
        refused: None,
    };
    check_names(parsed)?;
    scope.statement(&parsed.statement);
    match scope.refused {
        Some(rejection) => Err(rejection),
        None => Ok(Outcome { edits: scope.edits, owned: scope.owned, kind: scope.kind }),
    }
}

/// No name of a client's is one of ours, whatever it names.
fn check_names(parsed: &Parsed<'_>) -> Result<(), Rejection> {
    let is_ours = |token: &&Token| {
        let text = token.span.of(parsed.text()).unwrap_or_default();
        match token.kind {
            TokenKind::Name | TokenKind::Word => text.starts_with(OUR_PREFIX),
            TokenKind::QuotedName => {
                text.strip_prefix('`').is_some_and(|name| name.starts_with(OUR_PREFIX))
                    || text == QUOTED_SLOT
            }
            TokenKind::String
            | TokenKind::Integer
            | TokenKind::RadixInteger
            | TokenKind::Float
            | TokenKind::Symbol(_) => false,
        }
    };
    match parsed.tokens().iter().find(is_ours) {
        Some(token) => {
            let what = format!("names that begin with \"{OUR_PREFIX}\" are the wall's own");
            Err(Rejection::new(Reason::ReservedName, what).at(token.span))
        }
        None => Ok(()),
    }
}

pub(super) struct Scope<'r, 't> {
    pub rules: &'r Resolved,
    pub guard: &'r Guard,
    pub parsed: &'t Parsed<'t>,
    pub edits: Edits<'static>,
    /// What the clause that is looked at sees.
    pub names: Names<'t>,
    /// How many names of ours were given.
    pub given: u32,
    /// Whether what is looked at stands in a CASE of ours.
    pub in_case: bool,
    pub owned: Vec<String>,
    pub kind: Option<&'static str>,
    pub refused: Option<Rejection>,
}

impl<'t> Scope<'_, 't> {
    fn statement(&mut self, statement: &'t Statement) {
        for option in &statement.prefix.options {
            if !allowed::is_option(&option.name.text) {
                let what = format!("the option \"{}\" is not open to tenants", option.name.text);
                self.refuse(Reason::SettingNotAllowed, option.name.span, what);
            }
        }
        match &statement.body {
            StatementBody::Query(query) => self.outermost_query(query),
            StatementBody::Command(command) => self.command(command),
        }
    }

    /// Refuses the statement, unless it is refused already.
    pub(super) fn refuse(&mut self, reason: Reason, span: Span, what: impl Into<String>) {
        if self.refused.is_none() {
            self.refused = Some(Rejection::new(reason, what.into()).at(span));
        }
    }

    pub(super) fn refuse_syntax(&mut self, span: Span, what: &'static str) {
        self.refuse(Reason::SyntaxNotSupported, span, what);
    }

    /// A name of ours that stands nowhere else in the statement, in backticks.
    pub(super) fn name(&mut self) -> String {
        self.given += 1;
        format!("`{OUR_PREFIX}{}`", self.given)
    }

    /// Goes on with the variables of a list's items, a reduction or a comprehension known.
    pub(super) fn with_locals(
        &mut self,
        add: impl FnOnce(&mut Names<'t>),
        go: impl FnOnce(&mut Self),
    ) {
        let before = self.names.clone();
        add(&mut self.names);
        go(self);
        self.names = before;
    }

    pub(super) fn label(&mut self, name: &str, span: Span) {
        if self.guard.is_reserved_label(name) {
            self.refuse(Reason::ReservedName, span, "labels of tenants cannot be named");
        }
    }

    pub(super) fn property(&mut self, name: &str, span: Span) {
        if self.guard.is_reserved_property(name) {
            let what = format!("the property \"{name}\" says whose a node is and cannot be named");
            self.refuse(Reason::ReservedName, span, what);
        }
    }
}

impl<'t> Visit<'t> for Scope<'_, 't> {
    fn query(&mut self, query: &'t Query) {
        let before = self.names.clone();
        self.inner_query(query, before.clone(), None);
        self.names = before;
    }

    fn clause(&mut self, clause: &'t Clause) {
        self.confine_clause(clause);
    }

    fn path_pattern(&mut self, pattern: &'t PathPattern) {
        self.inner_path(pattern);
    }

    fn shortest_path(&mut self, path: &'t ShortestPath) {
        visit::visit_factors(self, &path.factors);
    }

    fn node(&mut self, node: &'t NodePattern) {
        self.read_node(node);
    }

    fn relationship(&mut self, relationship: &'t RelationshipPattern) {
        self.read_relationship(relationship);
    }

    fn labels(&mut self, labels: &'t LabelExpr) {
        match &labels.kind {
            LabelExprKind::Name(name) => self.label(&name.text, name.span),
            LabelExprKind::Any if self.guard.property().is_none() => {
                self.refuse_syntax(labels.span, "the label wildcard would find the tenant's label");
            }
            LabelExprKind::And(joined, all) => {
                self.join_labels(*joined, all);
                visit::visit_labels(self, labels);
            }
            LabelExprKind::Any
            | LabelExprKind::Or(_)
            | LabelExprKind::Not(_)
            | LabelExprKind::Parenthesized(_)
            | LabelExprKind::Dynamic(_) => visit::visit_labels(self, labels),
        }
    }

    fn expr(&mut self, expr: &'t Expr) {
        self.confine_expr(expr);
    }
}
