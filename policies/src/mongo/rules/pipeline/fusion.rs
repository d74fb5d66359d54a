//! `$rankFusion` and `$scoreFusion`: pipelines over the collection itself, their results ranked.

use mongo_wire::bson::{ArrayWriter, DocumentWriter, Element};

use super::super::check_expression::check_expression;
use super::super::{argument_refused, wrong_type};
use super::stages::document_of;
use super::{Around, Source, put_inner};
use crate::Rejection;

pub(super) fn put_fusion(
    stage: Element<'_>,
    source: Source<'_>,
    around: Around<'_>,
    out: &mut ArrayWriter<'_>,
) -> Result<(), Rejection> {
    let document = document_of(stage)?;
    out.nested(|out| {
        out.nested(stage.name(), |out| {
            document.elements().try_for_each(|element| match element.name() {
                "input" => {
                    let input = document_of(element)?;
                    out.nested("input", |out| {
                        input
                            .elements()
                            .try_for_each(|element| put_input(element, source, around, out))
                    })
                }
                "combination" | "scoreDetails" => {
                    check_expression(element.value())?;
                    out.copy(element.raw());
                    Ok(())
                }
                other => Err(argument_refused(other, stage.name())),
            })
        })
    })
}

fn put_input(
    element: Element<'_>,
    source: Source<'_>,
    around: Around<'_>,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Rejection> {
    match element.name() {
        "pipelines" => {
            let pipelines = document_of(element)?;
            out.nested("pipelines", |out| {
                pipelines.elements().try_for_each(|each| {
                    let pipeline = each.value().as_array();
                    let pipeline = pipeline.ok_or_else(|| wrong_type(each.name(), "an array"))?;
                    out.array(each.name(), |out| put_inner(pipeline, source, around, out))
                })
            })
        }
        "normalization" => {
            out.copy(element.raw());
            Ok(())
        }
        other => Err(argument_refused(other, "input")),
    }
}
