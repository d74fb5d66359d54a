//! The proof that a text touches one tenant's nodes only.
//!
//! It reads the text as it will be sent, and knows nothing of how it came about. It holds to this:
//! a node or relationship comes into a statement through a pattern, a listed search, or by being
//! made. So if each node that a pattern can come upon is asked for its tenant, each node that is
//! made is the tenant's, and what tells whose a node is cannot be written, then all that a statement
//! can read or change is the tenant's. What it does not know, it does not accept.

mod calls;
mod clauses;
mod labels;
mod paths;
mod shared;
mod tests_of;
mod writes;

use bolt_wire::cypher::Parsed;
use bolt_wire::cypher::syntax::{
    Clause, Expr, ExprKind, LabelExpr, LabelExprKind, Map, NodePattern, PathPattern,
    ProjectionItem, Query, RelationshipPattern, ShortestPath, StatementBody, SubqueryBody,
};
use bolt_wire::cypher::visit::{self, Visit};

#[cfg(test)]
mod tests;

use self::shared::Shared;
use super::allowed;
use crate::Reason;
use crate::policy::Neo4jPolicy;

/// What a text must carry.
#[derive(Clone, Copy, Debug)]
pub(super) enum Carrier<'c> {
    /// This label.
    Label(&'c str),
    /// This property, with the value of this parameter. Parameters that begin with `owned` are maps
    /// with that property in them.
    Property { name: &'c str, parameter: &'c str, owned: Option<&'c str> },
}

/// What is not proved, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unproved {
    pub reason: Reason,
    pub what: String,
}

/// Proves a text.
///
/// # Errors
/// The first thing that is not proved.
pub(super) fn verify(
    parsed: &Parsed<'_>,
    carrier: Carrier<'_>,
    policy: &Neo4jPolicy,
) -> Result<(), Unproved> {
    let mut verifier =
        Verifier { carrier, policy, bound: Vec::new(), shared: Shared::default(), unproved: None };
    let statement = &parsed.statement;
    for option in &statement.prefix.options {
        if !allowed::is_option(&option.name.text) {
            let what = format!("the option \"{}\" is not open to tenants", option.name.text);
            verifier.fail(Reason::SettingNotAllowed, what);
        }
    }
    match &statement.body {
        StatementBody::Query(query) => verifier.query(query),
        StatementBody::Command(_) => {
            verifier.fail(Reason::StatementNotAllowed, "commands are not open to tenants");
        }
    }
    verifier.prove_writes();
    match verifier.unproved {
        None => Ok(()),
        Some(unproved) => Err(unproved),
    }
}

struct Verifier<'c, 't> {
    carrier: Carrier<'c>,
    policy: &'c Neo4jPolicy,
    /// Variables that the clause which is looked at sees.
    bound: Vec<&'t str>,
    shared: Shared<'t>,
    unproved: Option<Unproved>,
}

/// Whose nodes a pattern finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Own,
    Shared,
    Anybodys,
}

impl<'t> Verifier<'_, 't> {
    fn fail(&mut self, reason: Reason, what: impl Into<String>) {
        if self.unproved.is_none() {
            self.unproved = Some(Unproved { reason, what: what.into() });
        }
    }

    /// What a client that writes its own predicates forgot, or the rules did.
    fn missing(&mut self, what: &str) {
        self.fail(Reason::TenantPredicateMissing, what);
    }

    /// A map may not be what changes whose a node is.
    fn map(&mut self, map: &'t Map) {
        if let Carrier::Property { name, .. } = self.carrier
            && map.entries.iter().any(|(key, _)| key.text == name)
        {
            self.fail(Reason::ReservedName, "a map has the tenant's property as a key");
        }
    }

    fn projection_item(&mut self, item: &'t ProjectionItem) {
        let key = match item {
            ProjectionItem::Entry(key, _)
            | ProjectionItem::Property(key)
            | ProjectionItem::Variable(key) => key,
            ProjectionItem::All(_) => return,
        };
        if let Carrier::Property { name, .. } = self.carrier
            && key.text == name
        {
            self.fail(Reason::ReservedName, "a map has the tenant's property as a key");
        }
    }
}

impl<'t> Visit<'t> for Verifier<'_, 't> {
    fn query(&mut self, query: &'t Query) {
        let seen = self.bound.clone();
        self.steps(query, &seen);
        self.bound = seen;
    }

    fn clause(&mut self, clause: &'t Clause) {
        self.prove_clause(clause);
    }

    fn path_pattern(&mut self, _pattern: &'t PathPattern) {
        self.fail(Reason::Internal, "a pattern was come upon where none is known to be");
    }

    fn shortest_path(&mut self, _path: &'t ShortestPath) {
        self.fail(Reason::Internal, "a path was come upon where none is known to be");
    }

    fn node(&mut self, _node: &'t NodePattern) {
        self.fail(Reason::Internal, "a node was come upon where none is known to be");
    }

    fn relationship(&mut self, _relationship: &'t RelationshipPattern) {
        self.fail(Reason::Internal, "a relationship was come upon where none is known to be");
    }

    fn labels(&mut self, labels: &'t LabelExpr) {
        if let LabelExprKind::Name(name) = &labels.kind {
            self.named_label(&name.text);
        }
        visit::visit_labels(self, labels);
    }

    fn expr(&mut self, expr: &'t Expr) {
        match &expr.kind {
            ExprKind::Exists(body) | ExprKind::Count(body) => match &**body {
                SubqueryBody::Query(query) => self.query(query),
                SubqueryBody::Patterns { patterns, condition, .. } => {
                    let seen = self.bound.clone();
                    self.read(patterns, condition.as_ref());
                    self.bound = seen;
                }
            },
            ExprKind::Pattern(factors) => self.factors(factors, false),
            ExprKind::ShortestPath(path) => self.factors(&path.factors, false),
            ExprKind::PatternComprehension(pattern) => self.pattern_comprehension(pattern),
            ExprKind::Function(function) => {
                self.function(function);
                visit::visit_expr(self, expr);
            }
            ExprKind::Map(map) => {
                self.map(map);
                visit::visit_expr(self, expr);
            }
            ExprKind::MapProjection(projection) => {
                projection.items.iter().for_each(|item| self.projection_item(item));
                visit::visit_expr(self, expr);
            }
            ExprKind::Access(..)
            | ExprKind::AllReduce(_)
            | ExprKind::And(_)
            | ExprKind::Arithmetic(..)
            | ExprKind::Case(_)
            | ExprKind::Collect(_)
            | ExprKind::Comparison(..)
            | ExprKind::CountStar
            | ExprKind::List(_)
            | ExprKind::ListComprehension(_)
            | ExprKind::ListPredicate(_)
            | ExprKind::Literal(_)
            | ExprKind::Normalize(_)
            | ExprKind::Not(_)
            | ExprKind::Or(_)
            | ExprKind::Parameter(_)
            | ExprKind::Parenthesized(_)
            | ExprKind::PropertyExists(_)
            | ExprKind::Reduce(_)
            | ExprKind::Sign { .. }
            | ExprKind::Test(..)
            | ExprKind::Trim(_)
            | ExprKind::Variable(_)
            | ExprKind::VectorValue(_)
            | ExprKind::VectorDistance(_)
            | ExprKind::Xor(_) => visit::visit_expr(self, expr),
        }
    }
}
