//! `bulkWrite`: writes to several collections.

use bytes::BytesMut;
use mongo_wire::bson::{DocumentWriter, Value};
use mongo_wire::message::{MessageWriter, Sequence};
use mongo_wire::survey::ArgumentClass;

use super::super::reply::ReplyRule;
use super::super::rules::bulk_write::{confine_operation, places};
use super::super::rules::put_argument::{class_of, put_argument};
use super::super::rules::wrong_type;
use super::super::scope::{Outcome, Task};
use super::super::tenancy::Place;
use crate::Rejection;

pub(in super::super) fn write(
    task: Task<'_, '_>,
    out: &mut BytesMut,
) -> Result<Outcome, Rejection> {
    let command = task.command;
    let places = places(command, task.scope)?;
    MessageWriter::message(
        [command.request_id(), 0],
        command.flags(),
        out,
        |out| put_bulk_write(task, &places, out),
        |out| {
            let mut sequences = command.sequences().iter();
            sequences.try_for_each(|sequence| put_sequence(task, *sequence, &places, out))
        },
    )?;
    Ok(Outcome::Written(ReplyRule::Cursor { asked: None }))
}

fn put_bulk_write(
    task: Task<'_, '_>,
    places: &[Place<'_>],
    out: &mut DocumentWriter<'_>,
) -> Result<(), Rejection> {
    let command = task.command;
    out.value("bulkWrite", Value::Int32(1));
    for element in command.body().elements().skip(1) {
        let name = element.name();
        let class = class_of(command, name)?;
        if class == ArgumentClass::Operations {
            let operations = element.value().as_array();
            let operations = operations.ok_or_else(|| wrong_type(name, "an array"))?;
            out.array(name, |out| {
                operations.values().try_for_each(|operation| {
                    let operation =
                        operation.as_document().ok_or_else(|| wrong_type(name, "documents"))?;
                    out.nested(|out| confine_operation(operation, places, task.scope, out))
                })
            })?;
        } else if class == ArgumentClass::Namespaces {
            out.array(name, |out| {
                for place in places {
                    out.nested(|out| put_namespace(place, out));
                }
            });
        } else {
            put_argument(command, element, task.arguments("admin"), out)?;
        }
    }
    Ok(())
}

fn put_namespace(place: &Place<'_>, out: &mut DocumentWriter<'_>) {
    let ns = format!("{}.{}", place.database, place.collection);
    out.value("ns", Value::String(&ns));
}

fn put_sequence(
    task: Task<'_, '_>,
    sequence: Sequence<'_>,
    places: &[Place<'_>],
    out: &mut MessageWriter<'_>,
) -> Result<(), Rejection> {
    out.sequence(sequence.identifier, |out| {
        if sequence.identifier == "nsInfo" {
            for place in places {
                out.document(|out| put_namespace(place, out));
            }
            return Ok(());
        }
        sequence.documents().try_for_each(|operation| {
            out.document(|out| confine_operation(operation, places, task.scope, out))
        })
    })
}
