//! An update leaves a document to the tenant that it belongs to.
//!
//! Operators may not touch the tenant field, but to set it to what it is. A replacement bears the
//! tenant's id: the filter's equality does not survive one. A pipeline ends with a stage that sets
//! it, whatever the stages before have made of the document.

use mongo_wire::bson::{Array, ArrayWriter, Document, DocumentWriter, Element, Value};
use mongo_wire::survey::{self, UpdateClass};

use super::super::tenancy::Guard;
use super::check_expression::operator_refused;
use super::check_filter::check_condition;
use super::fill_document::fill_document;
use super::literal::check_literal;
use super::pipeline::stages::{check_stage, one_stage};
use super::{malformed, wrong_type};
use crate::{Reason, Rejection};

/// Stages that an update may have (manual, "Updates with Aggregation Pipeline").
const STAGES: [&str; 6] =
    ["$addFields", "$set", "$project", "$unset", "$replaceRoot", "$replaceWith"];

/// Writes an update as `name`: operators, a replacement or a pipeline.
///
/// # Errors
/// An operator or a stage that is not open to tenants, or a write to the tenant field.
pub(in super::super) fn confine_update(
    name: &str,
    update: Value<'_>,
    guard: Option<Guard<'_>>,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Rejection> {
    if let Some(pipeline) = update.as_array() {
        return out.array(name, |out| put_pipeline(pipeline, guard, out));
    }
    let update = update.as_document().ok_or_else(|| wrong_type(name, "a document or an array"))?;
    if !update.first().is_some_and(|first| first.name().starts_with('$')) {
        check_names(update)?;
        return out.nested(name, |out| fill_document(update, guard, out));
    }
    for operator in update.elements() {
        check_operator(operator, guard)?;
    }
    out.nested(name, |out| put_operators(update, guard, out))
}

/// A replacement has no operators. The server says so, too, but reads only the first name first.
fn check_names(replacement: Document<'_>) -> Result<(), Rejection> {
    match replacement.elements().find(|element| element.name().starts_with('$')) {
        None => Ok(()),
        Some(element) => Err(malformed(format!(
            "The dollar ($) prefixed field '{}' is not allowed in the context of an update's \
             replacement document",
            element.name()
        ))),
    }
}

fn check_operator(operator: Element<'_>, guard: Option<Guard<'_>>) -> Result<(), Rejection> {
    let name = operator.name();
    let Some(class) = survey::update_operator(name) else {
        return Err(if name.starts_with('$') {
            operator_refused(name)
        } else {
            malformed(format!("Unknown modifier: {name}"))
        });
    };
    let paths = operator.value().as_document().ok_or_else(|| wrong_type(name, "a document"))?;
    for path in paths.elements() {
        match class {
            UpdateClass::Paths | UpdateClass::SetOnInsert => {
                check_literal(path.value())?;
                let sets = matches!(name, "$set" | "$setOnInsert");
                check_path(path, sets, guard)?;
            }
            UpdateClass::Rename => {
                check_path(path, false, guard)?;
                let to = path.value().as_str().ok_or_else(|| wrong_type(name, "strings"))?;
                if guard.is_some_and(|guard| guard.is_at(to)) {
                    return Err(read_only(to));
                }
            }
            UpdateClass::Push => {
                check_literal(path.value())?;
                check_path(path, false, guard)?;
            }
            UpdateClass::Pull => {
                check_pulled(path.value())?;
                check_path(path, false, guard)?;
            }
            UpdateClass::Modifier | UpdateClass::Refused => return Err(operator_refused(name)),
        }
    }
    Ok(())
}

/// `$pull`: a value, operators on an element, or a filter on it as a document.
fn check_pulled(value: Value<'_>) -> Result<(), Rejection> {
    let Some(document) = value.as_document() else { return check_literal(value) };
    if document.first().is_some_and(|first| first.name().starts_with('$')) {
        return check_condition(value);
    }
    document.elements().try_for_each(|element| {
        if element.name().starts_with('$') {
            return Err(operator_refused(element.name()));
        }
        check_condition(element.value())
    })
}

/// The tenant field may only be set, and only to the tenant's id.
fn check_path(path: Element<'_>, sets: bool, guard: Option<Guard<'_>>) -> Result<(), Rejection> {
    let Some(guard) = guard.filter(|guard| guard.is_at(path.name())) else { return Ok(()) };
    if sets && path.name() == guard.field {
        if guard.is_own(path.value()) {
            return Ok(());
        }
        let what = format!("\"{}\" is set to something else than the tenant's id", guard.field);
        return Err(Rejection::new(Reason::ForeignTenantValue, what));
    }
    Err(read_only(path.name()))
}

fn read_only(path: &str) -> Rejection {
    let what = format!("\"{path}\" says whose a document is and cannot be changed");
    Rejection::new(Reason::TenantFieldReadOnly, what)
}

/// Copies operators, and writes the tenant's id, where it is set, in the type that is stored.
fn put_operators(
    update: Document<'_>,
    guard: Option<Guard<'_>>,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Rejection> {
    for operator in update.elements() {
        let paths = operator.value().as_document();
        let named = guard.zip(paths).filter(|(guard, paths)| paths.get(guard.field).is_some());
        let Some((guard, paths)) = named else {
            out.copy(operator.raw());
            continue;
        };
        out.nested(operator.name(), |out| {
            for path in paths.elements() {
                if path.name() == guard.field {
                    out.value(guard.field, guard.value);
                } else {
                    out.copy(path.raw());
                }
            }
        });
    }
    Ok(())
}

fn put_pipeline(
    pipeline: Array<'_>,
    guard: Option<Guard<'_>>,
    out: &mut ArrayWriter<'_>,
) -> Result<(), Rejection> {
    check_update_pipeline(pipeline)?;
    out.copy_all(pipeline);
    if let Some(guard) = guard {
        out.nested(|out| {
            out.nested("$set", |out| {
                out.nested(guard.field, |out| out.value("$literal", guard.value));
            });
        });
    }
    Ok(())
}

/// Checks the stages of an update.
///
/// # Errors
/// A stage that updates do not have, or an operator that is not open to tenants.
pub(in super::super) fn check_update_pipeline(pipeline: Array<'_>) -> Result<(), Rejection> {
    pipeline.values().try_for_each(|stage| {
        let stage = one_stage(stage)?;
        if !STAGES.contains(&stage.name()) {
            let what = format!("stage \"{}\" is not open to updates", stage.name());
            return Err(Rejection::new(Reason::StageNotAllowed, what));
        }
        check_stage(stage)
    })
}
