//! A filter that finds the tenant's documents only.
//!
//! All clauses of a filter hold together, so the tenant's equality is one clause more: in front, and
//! beside the client's own ([`put_confined`]). An equality that the client has sent itself is used:
//! a second one would break an upsert, which takes the values of a new document from equalities
//! ("path is matched twice"). Any other condition on the tenant field stays in an `$and` of its own.
//!
//! The server evaluates clauses in the order that it likes, so an expression that can fail must not
//! be evaluated on another tenant's documents: its failing would tell of them. It is wrapped so
//! that it is not.

use mongo_wire::bson::{Document, DocumentWriter, Element, Value};

use super::super::tenancy::Guard;
use super::check_expression::{Fails, check_expression};
use super::check_filter::check_filter;
use crate::{Reason, Rejection};

/// What a filter says of the tenant field, among the clauses that hold together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Says {
    Nothing,
    Other,
    /// It is the tenant's id.
    Own,
}

/// Whether a document is made from the filter when it finds none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Seeds {
    Nothing,
    Document,
}

/// Writes `filter` as `name`, checked, and confined where there is a guard. Without a filter the
/// tenant's documents are all that match.
///
/// # Errors
/// An operator that is not open to tenants; with `Seeds::Document`, a condition on the tenant field
/// that is not the tenant's id.
pub(in super::super) fn confine_filter(
    name: &str,
    filter: Option<Document<'_>>,
    guard: Option<Guard<'_>>,
    seeds: Seeds,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Rejection> {
    if let Some(filter) = filter {
        check_filter(filter)?;
    } else if guard.is_none() {
        return Ok(());
    }
    out.nested(name, |out| put_confined(filter, guard, seeds, out))
}

/// Writes the clauses of a checked filter.
fn put_confined(
    filter: Option<Document<'_>>,
    guard: Option<Guard<'_>>,
    seeds: Seeds,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Rejection> {
    let (filter, guard) = match (filter, guard) {
        (None, None) => return Ok(()),
        (Some(filter), None) => {
            out.copy_all(filter);
            return Ok(());
        }
        (None, Some(guard)) => {
            out.value(guard.field, guard.value);
            return Ok(());
        }
        (Some(filter), Some(guard)) => (filter, guard),
    };
    match says(filter, guard) {
        Says::Own => put_clauses(filter, guard, out),
        Says::Nothing => {
            out.value(guard.field, guard.value);
            put_clauses(filter, guard, out)
        }
        Says::Other if seeds == Seeds::Document => {
            let what =
                format!("an upsert's condition on \"{}\" is not the tenant's id", guard.field);
            Err(Rejection::new(Reason::ForeignTenantValue, what))
        }
        Says::Other => out.array("$and", |out| {
            out.nested(|out| out.value(guard.field, guard.value));
            out.nested(|out| put_clauses(filter, guard, out))
        }),
    }
}

fn says(filter: Document<'_>, guard: Guard<'_>) -> Says {
    let clause = |element: Element<'_>| {
        if guard.is_at(element.name()) {
            let own = element.name() == guard.field && equality(element.value(), guard);
            return if own { Says::Own } else { Says::Other };
        }
        let clauses = match element.name() {
            "$and" => element.value().as_array(),
            _ => None,
        };
        let nested = clauses.into_iter().flat_map(|clauses| clauses.values());
        nested
            .filter_map(|clause| clause.as_document())
            .map(|clause| says(clause, guard))
            .max()
            .unwrap_or(Says::Nothing)
    };
    filter.elements().map(clause).max().unwrap_or(Says::Nothing)
}

/// Whether a condition is equality with the tenant's id.
fn equality(condition: Value<'_>, guard: Guard<'_>) -> bool {
    let Some(document) = condition.as_document() else { return guard.is_own(condition) };
    match document.first() {
        Some(first) if first.name() == "$eq" => {
            guard.is_own(first.value()) && document.elements().nth(1).is_none()
        }
        Some(_) | None => false,
    }
}

/// Writes the clauses of a checked filter on documents that a filter on the tenant stands in front
/// of.
///
/// # Errors
/// As [`confine_filter`].
pub(in super::super) fn put_wrapped_filter(
    filter: Document<'_>,
    guard: Guard<'_>,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Rejection> {
    put_clauses(filter, guard, out)
}

/// Copies clauses, but for the tenant's id, which is written in the type that is stored, and for
/// expressions that can fail.
fn put_clauses(
    filter: Document<'_>,
    guard: Guard<'_>,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Rejection> {
    for element in filter.elements() {
        match element.name() {
            "$and" | "$or" | "$nor" => put_logical(element, guard, out)?,
            "$expr" => match check_expression(element.value())? {
                Fails::Never => out.copy(element.raw()),
                Fails::Maybe => out.nested("$expr", |out| put_wrapped(element, guard, out)),
            },
            name if name == guard.field && equality(element.value(), guard) => {
                out.value(guard.field, guard.value);
            }
            _ => out.copy(element.raw()),
        }
    }
    Ok(())
}

fn put_logical(
    element: Element<'_>,
    guard: Guard<'_>,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Rejection> {
    let clauses = element.value().as_array();
    out.array(element.name(), |out| {
        let mut clauses = clauses.into_iter().flat_map(|clauses| clauses.values());
        clauses.try_for_each(|clause| match clause.as_document() {
            Some(clause) => out.nested(|out| put_clauses(clause, guard, out)),
            None => Ok(()),
        })
    })
}

/// `{$cond: [{$eq: ["$tenant_id", {$literal: …}]}, expression, false]}`
fn put_wrapped(expression: Element<'_>, guard: Guard<'_>, out: &mut DocumentWriter<'_>) {
    out.array("$cond", |out| {
        out.nested(|out| {
            out.array("$eq", |out| {
                out.value(Value::String(&format!("${}", guard.field)));
                out.nested(|out| out.value("$literal", guard.value));
            });
        });
        out.copy(expression.raw());
        out.value(Value::Boolean(false));
    });
}
