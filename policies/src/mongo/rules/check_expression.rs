//! Expressions: operators and variables by allow-list.

use mongo_wire::bson::{Document, Value};
use mongo_wire::survey::{self, ExpressionClass, VariableClass};

use super::literal::check_literal;
use super::malformed;
use crate::{Reason, Rejection};

/// Whether evaluating an expression can fail for some documents. Where it could be evaluated on
/// another tenant's, its failing would tell of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Fails {
    Never,
    Maybe,
}

/// Checks an expression to its innermost operand.
///
/// # Errors
/// An operator or a variable that is not open to tenants.
pub(in super::super) fn check_expression(value: Value<'_>) -> Result<Fails, Rejection> {
    match (value.as_str(), value.as_document(), value.as_array()) {
        (Some(text), _, _) => variable(text).map(|()| Fails::Never),
        (_, Some(document), _) => check_document(document),
        (_, _, Some(array)) => check_all(array.values()),
        (None, None, None) => check_literal(value).map(|()| Fails::Never),
    }
}

fn check_all<'b>(values: impl Iterator<Item = Value<'b>>) -> Result<Fails, Rejection> {
    values.map(check_expression).try_fold(Fails::Never, |worst, next| Ok(worst.max(next?)))
}

/// An operator with its operands, or a document whose values are expressions.
fn check_document(document: Document<'_>) -> Result<Fails, Rejection> {
    let Some(first) = document.first() else { return Ok(Fails::Never) };
    if !first.name().starts_with('$') {
        return check_all(document.elements().map(|element| element.value()));
    }
    if document.elements().nth(1).is_some() {
        return Err(malformed("an expression has one operator, and nothing beside it"));
    }
    match survey::expression(first.name()) {
        Some(ExpressionClass::Literal) => check_literal(first.value()).map(|()| Fails::Never),
        Some(ExpressionClass::Meta) => check_literal(first.value()).map(|()| Fails::Maybe),
        Some(ExpressionClass::Total) => check_expression(first.value()),
        Some(ExpressionClass::Variables | ExpressionClass::Operands) => {
            check_expression(first.value()).map(|_| Fails::Maybe)
        }
        Some(ExpressionClass::Refused) | None => Err(operator_refused(first.name())),
    }
}

/// A path is of the document at hand. A variable is the client's own, or one of the server's.
fn variable(text: &str) -> Result<(), Rejection> {
    let Some(name) = text.strip_prefix("$$") else { return Ok(()) };
    let name = name.split('.').next().unwrap_or_default();
    if name.starts_with(|first: char| first.is_ascii_lowercase() || !first.is_ascii()) {
        return Ok(());
    }
    match survey::variable(name) {
        Some(VariableClass::Plain) => Ok(()),
        Some(VariableClass::Refused) | None => {
            let what = format!("variable \"$${name}\" is not open to tenants");
            Err(Rejection::new(Reason::OperatorNotAllowed, what))
        }
    }
}

/// An operator that is refused.
pub(in super::super) fn operator_refused(name: &str) -> Rejection {
    let what = format!("operator \"{name}\" is not open to tenants");
    Rejection::new(Reason::OperatorNotAllowed, what)
}
