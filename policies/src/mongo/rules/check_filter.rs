//! Filters: operators by allow-list, each in its place.

use mongo_wire::bson::{Document, Element, Value};
use mongo_wire::survey::{self, QueryClass};

use super::check_expression::{Fails, check_expression, operator_refused};
use super::literal::check_literal;
use super::{malformed, wrong_type};
use crate::Rejection;

/// What may stand in `$text`.
const TEXT: [&str; 4] = ["$search", "$language", "$caseSensitive", "$diacriticSensitive"];
/// What a reference to another document begins with: below a field it is a value.
const REFERENCE: [&str; 3] = ["$ref", "$id", "$db"];

/// Checks a filter on documents. Says whether evaluating it can fail.
///
/// # Errors
/// An operator that is not open to tenants, or not there.
pub(in super::super) fn check_filter(filter: Document<'_>) -> Result<Fails, Rejection> {
    filter.elements().try_fold(Fails::Never, |worst, element| Ok(worst.max(check_clause(element)?)))
}

fn check_clause(element: Element<'_>) -> Result<Fails, Rejection> {
    let (name, value) = (element.name(), element.value());
    if !name.starts_with('$') {
        check_condition(value)?;
        return Ok(Fails::Never);
    }
    match survey::query_operator(name) {
        Some(QueryClass::Logical) => {
            let clauses = value.as_array().ok_or_else(|| wrong_type(name, "an array"))?;
            clauses.values().try_fold(Fails::Never, |worst, clause| {
                let clause = clause.as_document().ok_or_else(|| wrong_type(name, "documents"))?;
                Ok(worst.max(check_filter(clause)?))
            })
        }
        Some(QueryClass::Expression) => check_expression(value),
        Some(QueryClass::Text) => {
            let text = value.as_document().ok_or_else(|| wrong_type(name, "a document"))?;
            match text.elements().find(|element| !TEXT.contains(&element.name())) {
                Some(other) => Err(operator_refused(other.name())),
                None => check_literal(value).map(|()| Fails::Never),
            }
        }
        Some(QueryClass::JsonSchema | QueryClass::Comment | QueryClass::Constant) => {
            check_literal(value).map(|()| Fails::Never)
        }
        Some(
            QueryClass::Value
            | QueryClass::Not
            | QueryClass::ElemMatch
            | QueryClass::All
            | QueryClass::Regex
            | QueryClass::Geo,
        ) => Err(malformed(format!("unknown top level operator: {name}"))),
        Some(QueryClass::Refused) | None => Err(operator_refused(name)),
    }
}

/// What stands below a field: operators, or a value.
pub(in super::super) fn check_condition(value: Value<'_>) -> Result<(), Rejection> {
    match operators(value) {
        Some(operators) => operators.elements().try_for_each(check_operator),
        None => check_literal(value),
    }
}

/// The document, when it is one of operators and not a value.
fn operators(value: Value<'_>) -> Option<Document<'_>> {
    let document = value.as_document()?;
    let first = document.first()?;
    (first.name().starts_with('$') && !REFERENCE.contains(&first.name())).then_some(document)
}

fn check_operator(element: Element<'_>) -> Result<(), Rejection> {
    let (name, value) = (element.name(), element.value());
    match survey::query_operator(name) {
        Some(QueryClass::Value | QueryClass::Regex | QueryClass::Geo | QueryClass::Comment) => {
            check_literal(value)
        }
        Some(QueryClass::Not) => check_condition(value),
        Some(QueryClass::ElemMatch) => check_element(name, value),
        Some(QueryClass::All) => {
            let all = value.as_array().ok_or_else(|| wrong_type(name, "an array"))?;
            all.values().try_for_each(check_condition)
        }
        Some(
            QueryClass::Logical
            | QueryClass::Expression
            | QueryClass::Text
            | QueryClass::JsonSchema
            | QueryClass::Constant,
        ) => Err(malformed(format!("unknown operator: {name}"))),
        Some(QueryClass::Refused) => Err(operator_refused(name)),
        None if name.starts_with('$') => Err(operator_refused(name)),
        None => Err(malformed(format!("unknown operator: {name}"))),
    }
}

/// `$elemMatch`: operators on an element, or a filter on it as a document.
fn check_element(name: &str, value: Value<'_>) -> Result<(), Rejection> {
    let document = value.as_document().ok_or_else(|| wrong_type(name, "a document"))?;
    let is_filter = match document.first() {
        None => true,
        Some(first) => match survey::query_operator(first.name()) {
            Some(QueryClass::Logical) => true,
            Some(_) => false,
            None => !first.name().starts_with('$'),
        },
    };
    if !is_filter {
        return document.elements().try_for_each(check_operator);
    }
    check_filter(document)?;
    if has_expression(document) {
        return Err(malformed("$expr can only be applied to the top-level document"));
    }
    Ok(())
}

/// Whether a checked filter has an expression among its clauses.
fn has_expression(filter: Document<'_>) -> bool {
    filter.elements().any(|element| match survey::query_operator(element.name()) {
        Some(QueryClass::Expression) => true,
        Some(QueryClass::Logical) => element.value().as_array().is_some_and(|clauses| {
            clauses.values().filter_map(|clause| clause.as_document()).any(has_expression)
        }),
        Some(_) | None => false,
    })
}
