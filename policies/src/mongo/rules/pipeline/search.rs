//! `$search` and `$vectorSearch` read indexes of their own, which know nothing of filters behind.

use mongo_wire::bson::{ArrayWriter, Document, Element};

use super::super::super::tenancy::Guard;
use super::super::argument_refused;
use super::super::confine_filter::{Seeds, confine_filter};
use super::super::literal::check_literal;
use super::super::wrong_type;
use super::source::put_guard;
use super::stages::document_of;
use crate::Rejection;

/// `$search`: what is found is filtered right behind it. Its scores are of everyone's documents.
/// Stored fields need not hold the tenant's id, so they are not asked for; counts go to a variable
/// that is closed.
pub(super) fn put_search(
    stage: Element<'_>,
    guard: Option<Guard<'_>>,
    out: &mut ArrayWriter<'_>,
) -> Result<(), Rejection> {
    check_literal(stage.value())?;
    let refused = ["returnStoredSource", "searchAfter", "searchBefore", "returnScope"];
    if guard.is_some()
        && let Some(name) = refused.iter().find(|name| holds(document_of(stage), name))
    {
        return Err(argument_refused(name, stage.name()));
    }
    super::put_copy(stage, out);
    put_guard(guard, out);
    Ok(())
}

fn holds(document: Result<Document<'_>, Rejection>, name: &str) -> bool {
    document.is_ok_and(|document| document.get(name).is_some())
}

/// `$vectorSearch`: its filter is on the tenant, so that the nearest are the nearest of the
/// tenant's; and as an index need not know the field, another filter follows.
pub(super) fn put_vector_search(
    stage: Element<'_>,
    guard: Option<Guard<'_>>,
    out: &mut ArrayWriter<'_>,
) -> Result<(), Rejection> {
    let document = document_of(stage)?;
    out.nested(|out| {
        out.nested(stage.name(), |out| {
            for element in document.elements() {
                match element.name() {
                    "filter" => {}
                    "index" | "path" | "query" | "queryVector" | "numCandidates" | "limit"
                    | "exact" | "model" => {
                        check_literal(element.value())?;
                        out.copy(element.raw());
                    }
                    other => return Err(argument_refused(other, stage.name())),
                }
            }
            let filter = match document.value("filter") {
                None => None,
                Some(filter) => {
                    Some(filter.as_document().ok_or_else(|| wrong_type("filter", "a document"))?)
                }
            };
            confine_filter("filter", filter, guard, Seeds::Nothing, out)
        })
    })?;
    put_guard(guard, out);
    Ok(())
}
