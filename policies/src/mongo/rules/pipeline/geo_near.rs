//! `$geoNear` must stand first, and has a filter of its own.

use mongo_wire::bson::{ArrayWriter, Element};

use super::super::super::tenancy::Guard;
use super::super::check_expression::check_expression;
use super::super::confine_filter::{Seeds, confine_filter};
use super::super::{argument_refused, wrong_type};
use super::stages::document_of;
use crate::Rejection;

pub(super) fn put_geo_near(
    stage: Element<'_>,
    guard: Option<Guard<'_>>,
    out: &mut ArrayWriter<'_>,
) -> Result<(), Rejection> {
    let document = document_of(stage)?;
    out.nested(|out| {
        out.nested(stage.name(), |out| {
            for element in document.elements() {
                match element.name() {
                    "query" => {}
                    "near" | "minDistance" | "maxDistance" | "distanceMultiplier" => {
                        check_expression(element.value())?;
                        out.copy(element.raw());
                    }
                    "distanceField" | "spherical" | "includeLocs" | "key" | "uniqueDocs" => {
                        out.copy(element.raw());
                    }
                    other => return Err(argument_refused(other, stage.name())),
                }
            }
            let query = match document.value("query") {
                None => None,
                Some(query) => {
                    Some(query.as_document().ok_or_else(|| wrong_type("query", "a document"))?)
                }
            };
            confine_filter("query", query, guard, Seeds::Nothing, out)
        })
    })
}
