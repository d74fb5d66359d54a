//! `getMore` and `killCursors`: of the tenant's own cursors. Another's is as one that is not there.

use bytes::BytesMut;
use mongo_wire::bson::Value;
use mongo_wire::reply::Failure;
use mongo_wire::survey::ArgumentClass;

use super::super::made;
use super::super::reply::ReplyRule;
use super::super::rules::put_argument::{class_of, put_argument};
use super::super::rules::wrong_type;
use super::super::scope::{Outcome, Task, put_body};
use crate::Rejection;

/// The server's number for a cursor that is not there.
const CURSOR_NOT_FOUND: i32 = 43;
/// What names of cursors begin with that are on no collection.
const NO_COLLECTION: &str = "$cmd.";
/// What `bulkWrite`'s cursor is on.
const BULK_WRITE: &str = "$cmd.bulkWrite";

pub(in super::super) fn write(
    task: Task<'_, '_>,
    out: &mut BytesMut,
) -> Result<Outcome, Rejection> {
    if task.command.name() == "getMore" { get_more(task, out) } else { kill_cursors(task, out) }
}

/// Database and collection that cursors of the client's `collection` are on, by the upstream's names.
fn namespace(task: Task<'_, '_>, collection: &str) -> Result<(String, String), Rejection> {
    let database = task.command.database();
    if collection == BULK_WRITE && database == "admin" {
        return Ok((database.to_owned(), collection.to_owned()));
    }
    if collection.starts_with(NO_COLLECTION) {
        let database = task.scope.tenancy.database(database)?;
        return Ok((database.into_owned(), collection.to_owned()));
    }
    let place = task.scope.place(collection)?;
    Ok((place.database.into_owned(), place.collection.into_owned()))
}

fn get_more(task: Task<'_, '_>, out: &mut BytesMut) -> Result<Outcome, Rejection> {
    let command = task.command;
    let Value::Int64(id) = command.target() else {
        return Err(wrong_type("getMore", "a 64-bit integer"));
    };
    let collection = command.body().value("collection").and_then(|value| value.as_str());
    let collection = collection.ok_or_else(|| wrong_type("collection", "a string"))?;
    let (database, upstream) = namespace(task, collection)?;
    if !task.context.owned.has_cursor(id, &database, &upstream) {
        let errmsg = format!("cursor id {id} not found");
        let failure = Failure { code: CURSOR_NOT_FOUND, errmsg: &errmsg };
        return Ok(Outcome::Reply(made::document(|out| failure.put(out))));
    }
    put_body(command, out, |out| {
        out.value("getMore", Value::Int64(id));
        for element in command.body().elements().skip(1) {
            if class_of(command, element.name())? == ArgumentClass::Collection {
                out.value("collection", Value::String(&upstream));
            } else {
                put_argument(command, element, task.arguments(&database), out)?;
            }
        }
        Ok(())
    })?;
    Ok(Outcome::Written(if upstream == "$cmd.listCollections" {
        ReplyRule::Collections { asked: Some(id) }
    } else {
        ReplyRule::Cursor { asked: Some(id) }
    }))
}

fn kill_cursors(task: Task<'_, '_>, out: &mut BytesMut) -> Result<Outcome, Rejection> {
    let command = task.command;
    let collection = super::collection(command)?;
    let (database, upstream) = namespace(task, collection)?;
    let cursors = command.body().value("cursors").and_then(|value| value.as_array());
    let cursors = cursors.ok_or_else(|| wrong_type("cursors", "an array"))?;
    let (mut own, mut others) = (Vec::new(), Vec::new());
    for cursor in cursors.values() {
        let Value::Int64(id) = cursor else {
            return Err(wrong_type("cursors", "64-bit integers"));
        };
        let is_own = task.context.owned.has_cursor(id, &database, &upstream);
        if is_own { own.push(id) } else { others.push(id) }
    }
    if own.is_empty() {
        return Ok(Outcome::Reply(made::document(|out| made::put_killed(&others, out))));
    }
    put_body(command, out, |out| {
        out.value("killCursors", Value::String(&upstream));
        for element in command.body().elements().skip(1) {
            if class_of(command, element.name())? == ArgumentClass::Cursors {
                out.array("cursors", |out| own.iter().for_each(|id| out.value(Value::Int64(*id))));
            } else {
                put_argument(command, element, task.arguments(&database), out)?;
            }
        }
        Ok(())
    })?;
    Ok(Outcome::Written(ReplyRule::Killed { own, others }))
}
