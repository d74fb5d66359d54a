//! The statements of `update` and `delete`.

use mongo_wire::bson::{Document, DocumentWriter, Element, Value};
use mongo_wire::survey::{self, ArgumentClass};

use super::super::tenancy::Guard;
use super::arguments::check_collation;
use super::check_expression::check_expression;
use super::check_filter::check_filter;
use super::confine_filter::{Seeds, confine_filter};
use super::confine_update::confine_update;
use super::literal::check_literal;
use super::{Scope, argument_refused, malformed, wrong_type};
use crate::Rejection;

/// What reaches no document.
const COPIED: [ArgumentClass; 4] =
    [ArgumentClass::Sort, ArgumentClass::Hint, ArgumentClass::Plain, ArgumentClass::Namespace];

/// Writes the fields of one statement. `kind` is what the statement is an entry of: `updates`,
/// `deletes`, `ops.update` or `ops.delete`.
///
/// # Errors
/// A field that is not open to tenants, or what its own rule refuses.
pub(in super::super) fn confine_statement(
    kind: &str,
    statement: Document<'_>,
    guard: Option<Guard<'_>>,
    scope: &Scope<'_>,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Rejection> {
    let filter = if kind.starts_with("ops.") { "filter" } else { "q" };
    if statement.get(filter).is_none() {
        return Err(malformed(format!(
            "BSON field '{kind}.{filter}' is missing but a required field"
        )));
    }
    let seeds = seeds(statement)?;
    for element in statement.elements() {
        let Some(class) = survey::statement(kind, element.name()) else {
            return Err(argument_refused(element.name(), kind));
        };
        confine_field(kind, class, element, guard, seeds, scope, out)?;
    }
    Ok(())
}

/// Whether a statement inserts what it does not find.
///
/// # Errors
/// When `upsert` is no truth value.
pub(in super::super) fn seeds(statement: Document<'_>) -> Result<Seeds, Rejection> {
    match statement.value("upsert") {
        None | Some(Value::Boolean(false) | Value::Null) => Ok(Seeds::Nothing),
        Some(Value::Boolean(true)) => Ok(Seeds::Document),
        Some(other) if other.as_i64().is_some() => Ok(Seeds::Document),
        Some(_) => Err(wrong_type("upsert", "a boolean")),
    }
}

fn confine_field(
    kind: &str,
    class: ArgumentClass,
    element: Element<'_>,
    guard: Option<Guard<'_>>,
    seeds: Seeds,
    scope: &Scope<'_>,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Rejection> {
    let (name, value) = (element.name(), element.value());
    if class == ArgumentClass::Filter {
        let filter = value.as_document().ok_or_else(|| wrong_type(name, "a document"))?;
        return confine_filter(name, Some(filter), guard, seeds, out);
    }
    if class == ArgumentClass::Update {
        return confine_update(name, value, guard, out);
    }
    if class == ArgumentClass::Variables {
        check_expression(value)?;
    } else if class == ArgumentClass::ArrayFilters {
        check_array_filters(name, value)?;
    } else if class == ArgumentClass::Collation {
        check_collation(value, scope)?;
    } else if COPIED.contains(&class) {
        check_literal(value)?;
    } else {
        return Err(argument_refused(name, kind));
    }
    out.copy(element.raw());
    Ok(())
}

/// Filters for positions in arrays.
///
/// # Errors
/// An operator that is not open to tenants.
pub(in super::super) fn check_array_filters(name: &str, value: Value<'_>) -> Result<(), Rejection> {
    let filters = value.as_array().ok_or_else(|| wrong_type(name, "an array"))?;
    filters.values().try_for_each(|filter| {
        let filter = filter.as_document().ok_or_else(|| wrong_type(name, "documents"))?;
        check_filter(filter).map(|_| ())
    })
}
