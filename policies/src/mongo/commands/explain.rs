//! `explain`: the plan of a command, which is written as if it came alone. Figures of a run are of
//! everyone's documents, so the plan is all that is asked for.

use bytes::BytesMut;
use mongo_wire::bson::Value;
use mongo_wire::survey::{ArgumentClass, CommandClass};

use super::super::reply::ReplyRule;
use super::super::rules::put_argument::{class_of, put_argument};
use super::super::rules::wrong_type;
use super::super::scope::{Outcome, Task, command_refused, put_body};
use super::{aggregate, collection, read, write};
use crate::Rejection;

pub(in super::super) fn write(
    task: Task<'_, '_>,
    out: &mut BytesMut,
) -> Result<Outcome, Rejection> {
    let command = task.command;
    let inner = command.nested().map_err(|_| wrong_type("explain", "a command"))?;
    let nested = Task { command: &inner, ..task };
    let class = inner.spec().map(|spec| spec.class);
    let database = task.scope.tenancy.database(command.database())?;
    put_body(command, out, |out| {
        out.nested("explain", |out| match class {
            Some(CommandClass::Read) => {
                let place = task.scope.place(collection(&inner)?)?;
                read::put_read(nested, &place, out)
            }
            Some(CommandClass::Aggregate) => aggregate::put_aggregate(nested, out),
            Some(CommandClass::Write) => {
                let place = write::writable(nested)?;
                write::put_write(nested, &place, out)
            }
            Some(
                CommandClass::Explain
                | CommandClass::BulkWrite
                | CommandClass::Cursor
                | CommandClass::Session
                | CommandClass::Transaction
                | CommandClass::Schema
                | CommandClass::Catalog
                | CommandClass::Hello
                | CommandClass::Login
                | CommandClass::Answered
                | CommandClass::Statistics
                | CommandClass::Probe
                | CommandClass::Refused,
            )
            | None => Err(command_refused(inner.name())),
        })?;
        out.value("verbosity", Value::String("queryPlanner"));
        for element in command.body().elements().skip(1) {
            if class_of(command, element.name())? != ArgumentClass::Verbosity {
                put_argument(command, element, task.arguments(&database), out)?;
            }
        }
        Ok(())
    })?;
    Ok(Outcome::Written(ReplyRule::Explain))
}
