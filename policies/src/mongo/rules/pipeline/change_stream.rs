//! `$changeStream`: events are of the whole collection, so each is shown to whom its document
//! belongs.
//!
//! An insert or a replacement carries its document. An update carries it when asked to look it up,
//! and a deletion carries what was deleted where the collection keeps pre-images: so both are always
//! asked for, and taken away again where the client has not asked. An event that carries neither
//! cannot be attributed and is not shown. What befell the collection is shown to all.

use mongo_wire::bson::{ArrayWriter, Document, DocumentWriter, Element, Value};

use super::super::super::tenancy::Guard;
use super::super::argument_refused;
use super::stages::document_of;
use crate::Rejection;

/// Events that carry no document: they are the collection's.
const COLLECTION_EVENTS: [&str; 4] = ["drop", "rename", "dropDatabase", "invalidate"];

pub(super) fn put_change_stream(
    stage: Element<'_>,
    guard: Option<Guard<'_>>,
    out: &mut ArrayWriter<'_>,
) -> Result<(), Rejection> {
    let options = document_of(stage)?;
    for option in options.elements() {
        match option.name() {
            "fullDocument"
            | "fullDocumentBeforeChange"
            | "resumeAfter"
            | "startAfter"
            | "startAtOperationTime" => {}
            other => return Err(argument_refused(other, stage.name())),
        }
    }
    let Some(guard) = guard else {
        super::put_copy(stage, out);
        return Ok(());
    };
    out.nested(|out| out.nested(stage.name(), |out| put_options(options, out)));
    out.nested(|out| out.nested("$match", |out| put_filter(guard, out)));
    put_hidden(options, out);
    Ok(())
}

fn put_options(options: Document<'_>, out: &mut DocumentWriter<'_>) {
    for option in options.elements() {
        if !matches!(option.name(), "fullDocument" | "fullDocumentBeforeChange") {
            out.copy(option.raw());
        }
    }
    match options.get("fullDocument") {
        Some(asked) if asks(asked) => out.copy(asked.raw()),
        Some(_) | None => out.value("fullDocument", Value::String("updateLookup")),
    }
    match options.get("fullDocumentBeforeChange") {
        Some(asked) if asks(asked) => out.copy(asked.raw()),
        Some(_) | None => {
            out.value("fullDocumentBeforeChange", Value::String("whenAvailable"));
        }
    }
}

/// Whether an option asks for more than the event brings.
fn asks(option: Element<'_>) -> bool {
    !matches!(option.value(), Value::String("default" | "off") | Value::Null)
}

/// `{$or: [{"fullDocument.tenant_id": …}, {"fullDocumentBeforeChange.tenant_id": …},
/// {operationType: {$in: […]}}]}`
fn put_filter(guard: Guard<'_>, out: &mut DocumentWriter<'_>) {
    out.array("$or", |out| {
        for image in ["fullDocument", "fullDocumentBeforeChange"] {
            let path = format!("{image}.{}", guard.field);
            out.nested(|out| out.value(&path, guard.value));
        }
        out.nested(|out| {
            out.nested("operationType", |out| {
                out.array("$in", |out| {
                    for event in COLLECTION_EVENTS {
                        out.value(Value::String(event));
                    }
                });
            });
        });
    });
}

/// Takes away what the client has not asked for.
fn put_hidden(options: Document<'_>, out: &mut ArrayWriter<'_>) {
    let asked = |name| options.get(name).is_some_and(asks);
    if !asked("fullDocument") {
        out.nested(|out| {
            out.nested("$set", |out| {
                out.nested("fullDocument", |out| put_unless_update("$fullDocument", out));
            });
        });
    }
    if !asked("fullDocumentBeforeChange") {
        out.nested(|out| out.value("$unset", Value::String("fullDocumentBeforeChange")));
    }
}

/// `{$cond: [{$eq: ["$operationType", "update"]}, "$$REMOVE", path]}`
fn put_unless_update(path: &str, out: &mut DocumentWriter<'_>) {
    out.array("$cond", |out| {
        out.nested(|out| {
            out.array("$eq", |out| {
                out.value(Value::String("$operationType"));
                out.value(Value::String("update"));
            });
        });
        out.value(Value::String("$$REMOVE"));
        out.value(Value::String(path));
    });
}
