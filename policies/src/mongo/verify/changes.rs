//! Change streams: an event is shown to whom its document belonged when it changed.

use bytes::BytesMut;
use mongo_wire::bson::{Document, DocumentWriter, Element, Value};

use super::super::tenancy::Guard;
use super::{Unproved, Verifier};

/// What a stream may be asked for.
const OPTIONS: [&str; 5] = [
    "fullDocument",
    "fullDocumentBeforeChange",
    "resumeAfter",
    "startAfter",
    "startAtOperationTime",
];

impl Verifier<'_> {
    /// Proves a stream, and returns what stands behind its filter.
    pub(super) fn changes<'s, 'b>(
        &self,
        first: Element<'b>,
        rest: &'s [Element<'b>],
        guard: Option<Guard<'_>>,
    ) -> Result<&'s [Element<'b>], Unproved> {
        let options = first.value().as_document().ok_or("a stage is no document")?;
        if options.elements().any(|option| !OPTIONS.contains(&option.name())) {
            return Err("an option of a change stream is not open");
        }
        let Some(guard) = guard else { return Ok(rest) };
        let [filter, description, behind @ ..] = rest else {
            return Err("events are not filtered");
        };
        let clauses = filter
            .value()
            .as_document()
            .filter(|document| filter.name() == "$match" && document.elements().nth(1).is_none());
        let clauses = clauses.and_then(|document| document.value("$or"));
        let clauses = clauses.and_then(|clauses| clauses.as_array());
        for clause in clauses.ok_or("events are not filtered")?.values() {
            let clause = clause.as_document().ok_or("a clause is no document")?;
            if !is_attributed(clause, guard) {
                return Err("a filter of events is not on the tenant");
            }
        }
        let sets = description.value().as_document().filter(|_| description.name() == "$set");
        if sets.is_none_or(|sets| sets.bytes() != hidden()) {
            return Err("an event could tell of another tenant's update");
        }
        Ok(behind)
    }
}

/// What hides an update that only a later look attributes, as it must be.
fn hidden() -> BytesMut {
    let mut out = BytesMut::new();
    let text = Value::String;
    DocumentWriter::document(&mut out, |out| {
        out.nested("updateDescription", |out| {
            out.array("$cond", |out| {
                out.nested(|out| {
                    out.array("$and", |out| {
                        out.nested(|out| {
                            out.array("$eq", |out| {
                                out.value(text("$operationType"));
                                out.value(text("update"));
                            });
                        });
                        out.nested(|out| {
                            out.array("$lte", |out| {
                                out.value(text("$fullDocumentBeforeChange"));
                                out.value(Value::Null);
                            });
                        });
                    });
                });
                out.value(text("$$REMOVE"));
                out.value(text("$updateDescription"));
            });
        });
    });
    out
}

/// Whether all events that a clause lets pass are the tenant's, or the collection's own.
fn is_attributed(clause: Document<'_>, guard: Guard<'_>) -> bool {
    let has = |image: &str| clause.value(&format!("{image}.{}", guard.field)) == Some(guard.value);
    let kinds = clause.value("operationType");
    let only = |known: &[&str]| {
        let kinds = kinds.and_then(|kinds| kinds.as_document());
        let kinds = kinds.and_then(|kinds| kinds.value("$in")).and_then(|kinds| kinds.as_array());
        kinds.is_some_and(|kinds| {
            kinds.values().all(|kind| kind.as_str().is_some_and(|kind| known.contains(&kind)))
        })
    };
    let is_update = kinds == Some(Value::String("update"))
        && clause.value("fullDocumentBeforeChange") == Some(Value::Null);
    has("fullDocumentBeforeChange")
        || has("fullDocument") && (only(&["insert", "replace"]) || is_update)
        || only(&["drop", "rename", "dropDatabase", "invalidate"])
}
