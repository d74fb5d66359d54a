//! `$unionWith`: the other collection is read by a pipeline, which begins with the filter.

use mongo_wire::bson::{Array, ArrayWriter, Element};

use super::super::{argument_refused, malformed, wrong_type};
use super::source::put_guard;
use super::stages::document_of;
use super::{Around, Source, put_inner};
use crate::Rejection;

pub(super) fn put_union_with(
    stage: Element<'_>,
    around: Around<'_>,
    out: &mut ArrayWriter<'_>,
) -> Result<(), Rejection> {
    let (from, pipeline) = match stage.value().as_str() {
        Some(from) => (Some(from), None),
        None => fields(stage)?,
    };
    if from.is_none() && pipeline.is_none() {
        return Err(malformed("$unionWith names no collection and has no pipeline"));
    }
    let place = from.map(|from| around.scope.other(from, around.database)).transpose()?;
    let source = place.as_ref().map_or(Source::Documents, Source::Collection);
    out.nested(|out| {
        out.nested(stage.name(), |out| {
            if let Some(place) = &place {
                out.value("coll", super::text(&place.collection));
            }
            match pipeline {
                Some(pipeline) => {
                    out.array("pipeline", |out| put_inner(pipeline, source, around, out))
                }
                None => {
                    out.array("pipeline", |out| put_guard(source.guard(around.scope), out));
                    Ok(())
                }
            }
        })
    })
}

/// The collection and the pipeline of the long form.
fn fields<'b>(stage: Element<'b>) -> Result<(Option<&'b str>, Option<Array<'b>>), Rejection> {
    let (mut from, mut pipeline) = (None, None);
    for element in document_of(stage)?.elements() {
        let value = element.value();
        match element.name() {
            "coll" => {
                from = Some(value.as_str().ok_or_else(|| wrong_type("coll", "a string"))?);
            }
            "pipeline" => {
                let array = value.as_array();
                pipeline = Some(array.ok_or_else(|| wrong_type("pipeline", "an array"))?);
            }
            other => return Err(argument_refused(other, stage.name())),
        }
    }
    Ok((from, pipeline))
}
