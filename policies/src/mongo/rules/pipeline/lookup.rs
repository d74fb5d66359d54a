//! `$lookup`: the joined collection is read by a pipeline, which begins with the filter.
//!
//! A join by equality of fields may have a pipeline besides, since MongoDB 5.0; so it gets one.

use mongo_wire::bson::{ArrayWriter, Element};

use super::super::check_expression::check_expression;
use super::super::{argument_refused, malformed, wrong_type};
use super::source::put_guard;
use super::stages::document_of;
use super::{Around, Source, put_inner};
use crate::Rejection;

pub(super) fn put_lookup(
    stage: Element<'_>,
    around: Around<'_>,
    out: &mut ArrayWriter<'_>,
) -> Result<(), Rejection> {
    let document = document_of(stage)?;
    let from = match document.value("from") {
        None => None,
        // A document names a collection of another database.
        Some(from) => Some(from.as_str().ok_or_else(|| wrong_type("from", "a string"))?),
    };
    let place = from.map(|from| around.scope.other(from, around.database)).transpose()?;
    let source = place.as_ref().map_or(Source::Documents, Source::Collection);
    let pipeline = match document.value("pipeline") {
        None => None,
        Some(value) => Some(value.as_array().ok_or_else(|| wrong_type("pipeline", "an array"))?),
    };
    if place.is_none() && pipeline.is_none() {
        return Err(malformed("$lookup names no collection and has no pipeline"));
    }
    out.nested(|out| {
        out.nested(stage.name(), |out| {
            for element in document.elements() {
                match element.name() {
                    "from" | "pipeline" => {}
                    "let" => {
                        check_expression(element.value())?;
                        out.copy(element.raw());
                    }
                    "localField" | "foreignField" | "as" => out.copy(element.raw()),
                    other => return Err(argument_refused(other, stage.name())),
                }
            }
            if let Some(place) = &place {
                out.value("from", super::text(&place.collection));
            }
            match pipeline {
                Some(pipeline) => {
                    out.array("pipeline", |out| put_inner(pipeline, source, around, out))
                }
                None => {
                    let guard = source.guard(around.scope);
                    if guard.is_some() {
                        out.array("pipeline", |out| put_guard(guard, out));
                    }
                    Ok(())
                }
            }
        })
    })
}
