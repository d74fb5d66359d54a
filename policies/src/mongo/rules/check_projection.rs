//! What a find shows of a document: fields, operators of its own, and expressions.

use mongo_wire::bson::{Document, Value};
use mongo_wire::survey::{self, ProjectionClass};

use super::check_expression::check_expression;
use super::check_filter::check_condition;
use super::literal::check_literal;
use crate::Rejection;

/// Checks a projection.
///
/// # Errors
/// An operator that is not open to tenants.
pub(in super::super) fn check_projection(projection: Document<'_>) -> Result<(), Rejection> {
    projection.elements().try_for_each(|element| check_shown(element.value()))
}

fn check_shown(value: Value<'_>) -> Result<(), Rejection> {
    let Some(document) = value.as_document() else { return check_expression(value).map(|_| ()) };
    let Some(first) = document.first() else { return Ok(()) };
    match survey::projection_operator(first.name()) {
        Some(ProjectionClass::ElemMatch) => check_condition(value),
        Some(ProjectionClass::Slice | ProjectionClass::Meta) => check_literal(value),
        None if first.name().starts_with('$') => check_expression(value).map(|_| ()),
        None => check_projection(document),
    }
}
