//! `$changeStream`: events are of the whole collection, so each is shown to whom its document
//! belonged when it changed.
//!
//! An insert or a replacement carries its document. An update and a deletion carry what was there
//! before, where the collection keeps pre-images: that is always asked for. An update without one is
//! attributed by its document as it is looked up *later*, when another tenant may have made a new one
//! with its `_id`; so such an event does not say what was updated. A deletion without one cannot be
//! attributed and is not shown. What befell the collection is shown to all. What the client has not
//! asked for is taken away again.

use mongo_wire::bson::{ArrayWriter, Document, DocumentWriter, Element, Value};

use super::super::super::tenancy::{Guard, Owner};
use super::super::argument_refused;
use super::stages::document_of;
use super::{Around, Source};
use crate::Rejection;

/// The document before it changed.
const BEFORE: &str = "fullDocumentBeforeChange";
/// Events that carry no document: they are the collection's.
const COLLECTION_EVENTS: [&str; 4] = ["drop", "rename", "dropDatabase", "invalidate"];

pub(super) fn put_change_stream(
    stage: Element<'_>,
    source: Source<'_>,
    around: Around<'_>,
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
    let Some(guard) = source.guard(around.scope) else {
        super::put_copy(stage, out);
        put_own_names(source, around, out);
        return Ok(());
    };
    out.nested(|out| out.nested(stage.name(), |out| put_options(options, out)));
    out.nested(|out| out.nested("$match", |out| put_filter(guard, out)));
    put_unattributed(out);
    put_hidden(options, out);
    Ok(())
}

/// Names the collection as the client does, where that is by a name of the tenant's own.
fn put_own_names(source: Source<'_>, around: Around<'_>, out: &mut ArrayWriter<'_>) {
    let tenancy = around.scope.tenancy;
    let names = match source {
        Source::Collection(place) if place.owner == Owner::Tenant => {
            tenancy.own_collection(&place.database, &place.collection)
        }
        Source::Collection(_) | Source::Documents | Source::Inherited => None,
    };
    let Some(collection) = names else { return };
    out.nested(|out| {
        out.nested("$set", |out| {
            out.nested("ns", |out| {
                put_where_there("$ns", out, |out| {
                    out.nested("db", |out| {
                        out.value("$literal", Value::String(around.scope.database));
                    });
                    out.nested("coll", |out| {
                        put_where_there("$ns.coll", out, |out| {
                            out.value("$literal", Value::String(collection));
                        });
                    });
                });
            });
        });
    });
}

/// `$cond: [{$lte: [path, null]}, "$$REMOVE", {…}]`: nothing where there is nothing.
fn put_where_there(
    path: &str,
    out: &mut DocumentWriter<'_>,
    fill: impl FnOnce(&mut DocumentWriter<'_>),
) {
    out.array("$cond", |out| {
        out.nested(|out| {
            out.array("$lte", |out| {
                out.value(Value::String(path));
                out.value(Value::Null);
            });
        });
        out.value(Value::String("$$REMOVE"));
        out.nested(fill);
    });
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

/// A clause for each way in which an event can be attributed.
fn put_filter(guard: Guard<'_>, out: &mut DocumentWriter<'_>) {
    let (after, before) =
        (format!("fullDocument.{}", guard.field), format!("{BEFORE}.{}", guard.field));
    out.array("$or", |out| {
        out.nested(|out| {
            put_kinds(&["insert", "replace"], out);
            out.value(&after, guard.value);
        });
        out.nested(|out| out.value(&before, guard.value));
        out.nested(|out| {
            out.value("operationType", Value::String("update"));
            out.value(BEFORE, Value::Null);
            out.value(&after, guard.value);
        });
        out.nested(|out| put_kinds(&COLLECTION_EVENTS, out));
    });
}

/// `operationType: {$in: […]}`
fn put_kinds(kinds: &[&str], out: &mut DocumentWriter<'_>) {
    out.nested("operationType", |out| {
        out.array("$in", |out| kinds.iter().for_each(|kind| out.value(Value::String(kind))));
    });
}

/// `{$set: {updateDescription: …}}`: taken away where only a later look tells whose the event is.
fn put_unattributed(out: &mut ArrayWriter<'_>) {
    out.nested(|out| {
        out.nested("$set", |out| {
            out.nested("updateDescription", |out| {
                out.array("$cond", |out| {
                    out.nested(|out| {
                        out.array("$and", |out| {
                            out.nested(put_is_update);
                            out.nested(|out| {
                                out.array("$lte", |out| {
                                    out.value(Value::String("$fullDocumentBeforeChange"));
                                    out.value(Value::Null);
                                });
                            });
                        });
                    });
                    out.value(Value::String("$$REMOVE"));
                    out.value(Value::String("$updateDescription"));
                });
            });
        });
    });
}

/// `$eq: ["$operationType", "update"]`
fn put_is_update(out: &mut DocumentWriter<'_>) {
    out.array("$eq", |out| {
        out.value(Value::String("$operationType"));
        out.value(Value::String("update"));
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
        out.nested(put_is_update);
        out.value(Value::String("$$REMOVE"));
        out.value(Value::String(path));
    });
}
