//! Stages that look at nothing but the documents before them.

use mongo_wire::bson::{Document, Element, Value};
use mongo_wire::survey::{self, AccumulatorClass, StageClass};

use super::super::check_expression::{check_expression, operator_refused};
use super::super::check_filter::check_filter;
use super::super::literal::check_literal;
use super::super::{argument_refused, malformed, wrong_type};
use crate::{Reason, Rejection};

/// The one element of a stage: its name and what it is told.
///
/// # Errors
/// When it is no document of one element.
pub(in super::super::super) fn one_stage(stage: Value<'_>) -> Result<Element<'_>, Rejection> {
    let document = stage.as_document().ok_or_else(|| wrong_type("pipeline", "documents"))?;
    let mut elements = document.elements();
    match (elements.next(), elements.next()) {
        (Some(element), None) => Ok(element),
        (None, _) | (Some(_), Some(_)) => {
            Err(malformed("A pipeline stage specification object must contain exactly one field."))
        }
    }
}

/// The document that a stage is told.
pub(super) fn document_of<'b>(stage: Element<'b>) -> Result<Document<'b>, Rejection> {
    stage.value().as_document().ok_or_else(|| wrong_type(stage.name(), "a document"))
}

/// The filter of a `$match`.
pub(super) fn filter_of<'b>(stage: Element<'b>) -> Result<Document<'b>, Rejection> {
    document_of(stage)
}

/// A stage that is no tenant's business, or that nobody knows.
pub(super) fn stage_refused(name: &str) -> Rejection {
    Rejection::new(Reason::StageNotAllowed, format!("stage \"{name}\" is not open to tenants"))
}

/// A stage that may stand elsewhere.
pub(super) fn misplaced(name: &str) -> Rejection {
    let what = format!("stage \"{name}\" is not open to tenants in this place");
    Rejection::new(Reason::StageNotAllowed, what)
}

/// Checks a stage that names no collection.
///
/// # Errors
/// A stage that does, or an operator that is not open to tenants.
pub(in super::super::super) fn check_stage(stage: Element<'_>) -> Result<(), Rejection> {
    let (name, value) = (stage.name(), stage.value());
    match survey::stage(name) {
        Some(StageClass::Match) => check_filter(filter_of(stage)?).map(|_| ()),
        Some(StageClass::Fields | StageClass::Expression | StageClass::Fill) => {
            check_expression(value).map(|_| ())
        }
        Some(StageClass::Group) => check_group(name, document_of(stage)?),
        Some(StageClass::Window) => check_window(document_of(stage)?),
        Some(StageClass::Plain) => check_literal(value),
        Some(
            StageClass::GeoNear
            | StageClass::Search
            | StageClass::SearchMeta
            | StageClass::VectorSearch
            | StageClass::ChangeStream
            | StageClass::Documents
            | StageClass::CollStats
            | StageClass::Facet
            | StageClass::Fusion
            | StageClass::Lookup
            | StageClass::GraphLookup
            | StageClass::UnionWith
            | StageClass::Merge
            | StageClass::Out
            | StageClass::ChangeStreamSplit,
        ) => Err(misplaced(name)),
        Some(StageClass::Refused) | None => Err(stage_refused(name)),
    }
}

/// `$group`, `$bucket`, `$bucketAuto`: accumulators stand below the names of fields.
fn check_group(name: &str, group: Document<'_>) -> Result<(), Rejection> {
    for element in group.elements() {
        match (name, element.name()) {
            ("$group", "_id") | ("$bucket" | "$bucketAuto", "groupBy" | "default") => {
                check_expression(element.value())?;
            }
            ("$bucket" | "$bucketAuto", "boundaries" | "buckets" | "granularity") => {
                check_literal(element.value())?;
            }
            ("$bucket" | "$bucketAuto", "output") => {
                let fields = element.value().as_document();
                let fields = fields.ok_or_else(|| wrong_type("output", "a document"))?;
                fields.elements().try_for_each(|field| check_accumulator(field, Place::Group))?;
            }
            ("$group", "$doingMerge" | "$willBeMerged") => {
                return Err(argument_refused(element.name(), name));
            }
            ("$group", _) => check_accumulator(element, Place::Group)?,
            (_, other) => return Err(argument_refused(other, name)),
        }
    }
    Ok(())
}

/// Where an accumulator stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Group,
    Window,
}

/// `field: {$sum: expression}`, and in a window its bounds beside it.
fn check_accumulator(field: Element<'_>, place: Place) -> Result<(), Rejection> {
    let document = document_of(field)?;
    for element in document.elements() {
        let name = element.name();
        if name == "window" && place == Place::Window {
            check_literal(element.value())?;
            continue;
        }
        match (survey::accumulator(name), place) {
            (Some(AccumulatorClass::Both), Place::Group | Place::Window)
            | (Some(AccumulatorClass::Group), Place::Group)
            | (Some(AccumulatorClass::Window), Place::Window) => {
                check_expression(element.value())?;
            }
            (
                Some(
                    AccumulatorClass::Group | AccumulatorClass::Window | AccumulatorClass::Refused,
                )
                | None,
                _,
            ) => return Err(operator_refused(name)),
        }
    }
    Ok(())
}

/// `$setWindowFields`
fn check_window(stage: Document<'_>) -> Result<(), Rejection> {
    for element in stage.elements() {
        match element.name() {
            "partitionBy" => {
                check_expression(element.value())?;
            }
            "sortBy" => check_literal(element.value())?,
            "output" => {
                let fields = element.value().as_document();
                let fields = fields.ok_or_else(|| wrong_type("output", "a document"))?;
                fields.elements().try_for_each(|field| check_accumulator(field, Place::Window))?;
            }
            other => return Err(argument_refused(other, "$setWindowFields")),
        }
    }
    Ok(())
}
