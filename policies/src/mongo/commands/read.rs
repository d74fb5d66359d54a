//! `find`, `count`, `distinct`: a filter on one collection.

use bytes::BytesMut;
use mongo_wire::bson::{DocumentWriter, Value};
use mongo_wire::survey::ArgumentClass;

use super::super::reply::ReplyRule;
use super::super::rules::arguments::filter_of;
use super::super::rules::confine_filter::{Seeds, confine_filter};
use super::super::rules::put_argument::{class_of, put_argument};
use super::super::scope::{Outcome, Task, put_body};
use super::super::tenancy::Place;
use super::{collection, guard};
use crate::Rejection;

pub(in super::super) fn write(
    task: Task<'_, '_>,
    out: &mut BytesMut,
) -> Result<Outcome, Rejection> {
    let place = task.scope.place(collection(task.command)?)?;
    put_body(task.command, out, |out| put_read(task, &place, out))?;
    Ok(Outcome::Written(match task.name() {
        "find" => ReplyRule::Cursor { asked: None },
        _ => ReplyRule::Raw,
    }))
}

/// Writes the body of a read. A read without a filter counts and finds everyone's, so it gets one.
pub(super) fn put_read(
    task: Task<'_, '_>,
    place: &Place<'_>,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Rejection> {
    let command = task.command;
    let guard = guard(place, task.scope);
    out.value(task.name(), Value::String(&place.collection));
    let mut filtered = false;
    for element in command.body().elements().skip(1) {
        if class_of(command, element.name())? == ArgumentClass::Filter {
            let filter = filter_of(element)?;
            confine_filter(element.name(), filter, guard, Seeds::Nothing, out)?;
            filtered = true;
        } else {
            put_argument(command, element, task.arguments(&place.database), out)?;
        }
    }
    if !filtered {
        let name = if task.name() == "find" { "filter" } else { "query" };
        confine_filter(name, None, guard, Seeds::Nothing, out)?;
    }
    Ok(())
}
