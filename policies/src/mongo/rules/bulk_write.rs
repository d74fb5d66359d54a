//! `bulkWrite`: statements on several collections, which they name by index.

use mongo_wire::bson::{Document, DocumentWriter};
use mongo_wire::command::Command;

use super::super::tenancy::{Guard, Owner, Place};
use super::fill_document::fill_document;
use super::write_statements::confine_statement;
use super::{Scope, argument_refused, malformed, wrong_type};
use crate::{Reason, Rejection};

/// The collections of `nsInfo`, in order.
///
/// # Errors
/// One that is not open to tenants, or not to writes.
pub(in super::super) fn places<'b>(
    command: &Command<'b>,
    scope: &Scope<'b>,
) -> Result<Vec<Place<'b>>, Rejection> {
    let batch = command.argument("nsInfo").and_then(|argument| argument.batch());
    let batch = batch.ok_or_else(|| wrong_type("nsInfo", "an array"))?;
    batch
        .map(|entry| {
            let entry = entry.as_document().ok_or_else(|| wrong_type("nsInfo", "documents"))?;
            if let Some(other) = entry.elements().find(|element| element.name() != "ns") {
                return Err(argument_refused(other.name(), "nsInfo"));
            }
            let ns = entry.value("ns").and_then(|ns| ns.as_str());
            let ns = ns.ok_or_else(|| wrong_type("ns", "a string"))?;
            let (database, collection) = ns
                .split_once('.')
                .ok_or_else(|| malformed(format!("Invalid namespace specified '{ns}'")))?;
            let place = scope.tenancy.place(database, collection)?;
            match place.owner {
                Owner::Each | Owner::Tenant => Ok(place),
                Owner::Shared => Err(shared(collection)),
            }
        })
        .collect()
}

/// A write to a collection that is everyone's.
pub(in super::super) fn shared(collection: &str) -> Rejection {
    let what = format!("collection \"{collection}\" is shared by all tenants and not written");
    Rejection::new(Reason::SharedRelationReadOnly, what)
}

/// Writes one statement of `ops`.
///
/// # Errors
/// What the rule of its kind refuses.
pub(in super::super) fn confine_operation(
    operation: Document<'_>,
    places: &[Place<'_>],
    scope: &Scope<'_>,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Rejection> {
    let first = operation.first().ok_or_else(|| malformed("an operation of bulkWrite is empty"))?;
    let index = first.value().as_i64().and_then(|index| usize::try_from(index).ok());
    let place = index.and_then(|index| places.get(index));
    let place =
        place.ok_or_else(|| malformed("BulkWrite ops entry has an invalid nsInfo index."))?;
    let guard: Option<Guard<'_>> = match place.owner {
        Owner::Each => scope.guard(),
        Owner::Tenant | Owner::Shared => None,
    };
    match first.name() {
        "insert" => {
            for element in operation.elements().skip(1) {
                if element.name() != "document" {
                    return Err(argument_refused(element.name(), "ops.insert"));
                }
            }
            let document = operation.value("document").and_then(|value| value.as_document());
            let document = document.ok_or_else(|| wrong_type("document", "a document"))?;
            out.copy(first.raw());
            out.nested("document", |out| fill_document(document, guard, out))
        }
        "update" => confine_statement("ops.update", operation, guard, scope, out),
        "delete" => confine_statement("ops.delete", operation, guard, scope, out),
        other => Err(argument_refused(other, "ops")),
    }
}
