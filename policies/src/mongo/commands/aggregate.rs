//! `aggregate`: a pipeline on a collection, or on the documents that it begins with.

use bytes::BytesMut;
use mongo_wire::bson::{DocumentWriter, Value};
use mongo_wire::survey::ArgumentClass;

use super::super::reply::ReplyRule;
use super::super::rules::pipeline::{Source, confine_pipeline};
use super::super::rules::put_argument::{class_of, put_argument};
use super::super::rules::wrong_type;
use super::super::scope::{Outcome, Task, put_body};
use super::super::tenancy::Place;
use crate::Rejection;

pub(in super::super) fn write(
    task: Task<'_, '_>,
    out: &mut BytesMut,
) -> Result<Outcome, Rejection> {
    put_body(task.command, out, |out| put_aggregate(task, out))?;
    let explains = task.command.body().value("explain").and_then(|value| value.as_bool());
    Ok(Outcome::Written(if explains == Some(true) {
        ReplyRule::Explain
    } else {
        ReplyRule::Cursor { asked: None }
    }))
}

/// Writes the body of an `aggregate`.
pub(super) fn put_aggregate(
    task: Task<'_, '_>,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Rejection> {
    let command = task.command;
    let place = place(task)?;
    let database = match &place {
        Some(place) => place.database.clone(),
        None => task.scope.tenancy.database(command.database())?,
    };
    let source = match &place {
        Some(place) => {
            out.value("aggregate", Value::String(&place.collection));
            Source::Collection(place)
        }
        None => {
            out.value("aggregate", Value::Int32(1));
            Source::Documents
        }
    };
    for element in command.body().elements().skip(1) {
        if class_of(command, element.name())? == ArgumentClass::Pipeline {
            let pipeline = element.value().as_array();
            let pipeline = pipeline.ok_or_else(|| wrong_type("pipeline", "an array"))?;
            out.array("pipeline", |out| {
                confine_pipeline(pipeline, source, &database, task.scope, out)
            })?;
        } else {
            put_argument(command, element, task.arguments(&database), out)?;
        }
    }
    Ok(())
}

/// The collection, unless the value is the number 1: then there is none.
fn place<'t>(task: Task<'t, '_>) -> Result<Option<Place<'t>>, Rejection> {
    let target = task.command.target();
    match (target.as_str(), target.as_i64()) {
        (Some(collection), _) => task.scope.place(collection).map(Some),
        (None, Some(1)) => Ok(None),
        (None, _) => Err(wrong_type("aggregate", "a string or the number 1")),
    }
}
