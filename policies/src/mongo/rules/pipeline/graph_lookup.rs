//! `$graphLookup`: the filter holds at every hop.

use mongo_wire::bson::{ArrayWriter, Element};

use super::super::check_expression::check_expression;
use super::super::confine_filter::{Seeds, confine_filter};
use super::super::{argument_refused, wrong_type};
use super::stages::{document_of, stage_refused};
use super::{Around, Source};
use crate::Rejection;

pub(super) fn put_graph_lookup(
    stage: Element<'_>,
    around: Around<'_>,
    out: &mut ArrayWriter<'_>,
) -> Result<(), Rejection> {
    let document = document_of(stage)?;
    let from = document.value("from").and_then(|from| from.as_str());
    let from = from.ok_or_else(|| wrong_type("from", "a string"))?;
    let place = around.scope.other(from, around.database)?;
    let guard = Source::Collection(&place).guard(around.scope);
    if guard.is_some() && around.scope.facts.graph_lookup_is_open {
        return Err(
            stage_refused(stage.name()).hint("This server leaves out restrictSearchWithMatch.")
        );
    }
    let filter = match document.value("restrictSearchWithMatch") {
        None => None,
        Some(filter) => Some(
            filter
                .as_document()
                .ok_or_else(|| wrong_type("restrictSearchWithMatch", "a document"))?,
        ),
    };
    out.nested(|out| {
        out.nested(stage.name(), |out| {
            for element in document.elements() {
                match element.name() {
                    "from" | "restrictSearchWithMatch" => {}
                    "startWith" => {
                        check_expression(element.value())?;
                        out.copy(element.raw());
                    }
                    "connectFromField" | "connectToField" | "as" | "maxDepth" | "depthField" => {
                        out.copy(element.raw());
                    }
                    other => return Err(argument_refused(other, stage.name())),
                }
            }
            out.value("from", super::text(&place.collection));
            confine_filter("restrictSearchWithMatch", filter, guard, Seeds::Nothing, out)
        })
    })
}
