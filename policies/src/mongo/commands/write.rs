//! `insert`, `update`, `delete`, `findAndModify`.

use bytes::BytesMut;
use mongo_wire::bson::{ArrayWriter, Document, DocumentWriter, Element, Value};
use mongo_wire::message::{MessageWriter, Sequence};
use mongo_wire::survey::ArgumentClass;

use super::super::reply::ReplyRule;
use super::super::rules::arguments::filter_of;
use super::super::rules::bulk_write::shared;
use super::super::rules::confine_filter::confine_filter;
use super::super::rules::confine_update::confine_update;
use super::super::rules::fill_document::fill_document;
use super::super::rules::put_argument::{class_of, put_argument};
use super::super::rules::write_statements::{confine_statement, seeds};
use super::super::rules::wrong_type;
use super::super::scope::{Outcome, Task};
use super::super::tenancy::{Guard, Owner, Place};
use super::{collection, guard};
use crate::Rejection;

pub(in super::super) fn write(
    task: Task<'_, '_>,
    out: &mut BytesMut,
) -> Result<Outcome, Rejection> {
    let command = task.command;
    let place = writable(task)?;
    MessageWriter::message(
        [command.request_id(), 0],
        command.flags(),
        out,
        |out| put_write(task, &place, out),
        |out| {
            command.sequences().iter().try_for_each(|sequence| {
                put_sequence(task, *sequence, guard(&place, task.scope), out)
            })
        },
    )?;
    Ok(Outcome::Written(ReplyRule::Raw))
}

/// The collection, when tenants may write it.
pub(super) fn writable<'t>(task: Task<'t, '_>) -> Result<Place<'t>, Rejection> {
    let name = collection(task.command)?;
    let place = task.scope.place(name)?;
    match place.owner {
        Owner::Each | Owner::Tenant => Ok(place),
        Owner::Shared => Err(shared(name)),
    }
}

/// Writes the body of a write.
pub(super) fn put_write(
    task: Task<'_, '_>,
    place: &Place<'_>,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Rejection> {
    let command = task.command;
    let guard = guard(place, task.scope);
    out.value(task.name(), Value::String(&place.collection));
    let mut filtered = false;
    for element in command.body().elements().skip(1) {
        let class = class_of(command, element.name())?;
        filtered |= class == ArgumentClass::Filter;
        put_field(task, class, element, place, guard, out)?;
    }
    if !filtered && task.name() == "findAndModify" {
        confine_filter("query", None, guard, seeds(command.body())?, out)?;
    }
    Ok(())
}

fn put_field(
    task: Task<'_, '_>,
    class: ArgumentClass,
    element: Element<'_>,
    place: &Place<'_>,
    guard: Option<Guard<'_>>,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Rejection> {
    let name = element.name();
    if matches!(class, ArgumentClass::Documents | ArgumentClass::Updates | ArgumentClass::Deletes) {
        let batch = element.value().as_array().ok_or_else(|| wrong_type(name, "an array"))?;
        out.array(name, |out: &mut ArrayWriter<'_>| {
            batch.values().try_for_each(|entry| {
                let entry = entry.as_document().ok_or_else(|| wrong_type(name, "documents"))?;
                out.nested(|out| put_entry(name, entry, guard, task, out))
            })
        })
    } else if class == ArgumentClass::Filter {
        let filter = filter_of(element)?;
        confine_filter(name, filter, guard, seeds(task.command.body())?, out)
    } else if class == ArgumentClass::Update {
        confine_update(name, element.value(), guard, out)
    } else {
        put_argument(task.command, element, task.arguments(&place.database), out)
    }
}

/// Writes one entry of `documents`, `updates` or `deletes`.
fn put_entry(
    kind: &str,
    entry: Document<'_>,
    guard: Option<Guard<'_>>,
    task: Task<'_, '_>,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Rejection> {
    if kind == "documents" {
        fill_document(entry, guard, out)
    } else {
        confine_statement(kind, entry, guard, task.scope, out)
    }
}

fn put_sequence(
    task: Task<'_, '_>,
    sequence: Sequence<'_>,
    guard: Option<Guard<'_>>,
    out: &mut MessageWriter<'_>,
) -> Result<(), Rejection> {
    let kind = sequence.identifier;
    out.sequence(kind, |out| {
        sequence
            .documents()
            .try_for_each(|entry| out.document(|out| put_entry(kind, entry, guard, task, out)))
    })
}
