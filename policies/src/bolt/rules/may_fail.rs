//! Whether looking at a condition may end in an error that depends on what it is about.

use bolt_wire::cypher::syntax::{Access, Comparison, Expr, ExprKind, Function, Test};
use bolt_wire::cypher::visit::{self, Visit};

/// Functions that have a value for each node, relationship or path.
const TOTAL: &[&str] = &[
    "elementid",
    "endnode",
    "id",
    "labels",
    "length",
    "nodes",
    "relationships",
    "startnode",
    "type",
];

/// Whether it may fail. What is not known not to may.
pub(super) fn may_fail(condition: &Expr) -> bool {
    !is_truth(condition)
}

/// A condition that is true, false or null of everything.
fn is_truth(expr: &Expr) -> bool {
    if let ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Xor(all) = &expr.kind {
        all.iter().all(is_truth)
    } else if let ExprKind::Not(inner) | ExprKind::Parenthesized(inner) = &expr.kind {
        is_truth(inner)
    } else if let ExprKind::Comparison(first, rest) = &expr.kind {
        is_value(first) && rest.iter().all(|(_, value): &(Comparison, Expr)| is_value(value))
    } else if let ExprKind::Test(value, test) = &expr.kind {
        is_value(value) && is_test(test)
    } else if let ExprKind::ListPredicate(list) = &expr.kind {
        is_elements(&list.list) && list.condition.as_ref().is_none_or(is_truth)
    } else if let ExprKind::Access(value, steps) = &expr.kind {
        is_variable(value) && matches!(steps.as_slice(), [Access::Labels(_)])
    } else {
        false
    }
}

fn is_test(test: &Test) -> bool {
    match test {
        Test::Contains(value) | Test::EndsWith(value) | Test::StartsWith(value) => is_value(value),
        Test::Labels { .. } | Test::Null { .. } | Test::Typed { .. } => true,
        Test::In(_) | Test::Matches(_) | Test::Normalized { .. } => false,
    }
}

/// A value that everything has, be it null.
fn is_value(expr: &Expr) -> bool {
    if let ExprKind::Parenthesized(inner) = &expr.kind {
        is_value(inner)
    } else if let ExprKind::Access(value, steps) = &expr.kind {
        is_variable(value) && matches!(steps.as_slice(), [Access::Property(_)])
    } else {
        is_elements(expr) || matches!(expr.kind, ExprKind::Literal(_) | ExprKind::Parameter(_))
    }
}

/// A variable, or the nodes or relationships of a path.
fn is_elements(expr: &Expr) -> bool {
    if let ExprKind::Function(function) = &expr.kind {
        is_total(function)
    } else {
        is_variable(expr)
    }
}

fn is_total(function: &Function) -> bool {
    match (function.name.as_slice(), function.arguments.as_slice()) {
        ([name], [argument]) => {
            TOTAL.contains(&name.text.to_ascii_lowercase().as_str()) && is_variable(argument)
        }
        _ => false,
    }
}

fn is_variable(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Variable(_))
}

/// Whether one of the variables stands in it, or something whose variables are not looked for.
pub(super) fn mentions(expr: &Expr, variables: &[&str]) -> bool {
    let mut finder = Finder { variables, found: false };
    finder.expr(expr);
    finder.found
}

struct Finder<'f> {
    variables: &'f [&'f str],
    found: bool,
}

impl<'t> Visit<'t> for Finder<'_> {
    fn expr(&mut self, expr: &'t Expr) {
        if let ExprKind::Variable(name) = &expr.kind {
            self.found |= self.variables.contains(&name.text.as_str());
        } else if matches!(expr.kind, ExprKind::MapProjection(_) | ExprKind::PropertyExists(_)) {
            self.found = true;
        } else {
            visit::visit_expr(self, expr);
        }
    }

    fn node(&mut self, _node: &'t bolt_wire::cypher::syntax::NodePattern) {
        self.found = true;
    }
}
