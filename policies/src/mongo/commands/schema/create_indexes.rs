//! `createIndexes` on a collection that is every tenant's: applications send it at every start.
//!
//! It is answered when each of the indexes is there, as it was asked for or with the tenant field
//! in front. To know that, a `listIndexes` travels in its place.

use bytes::BytesMut;
use mongo_wire::bson::{Document, Value};
use mongo_wire::survey::{self};

use super::super::super::reply::{ReplyRule, WantedIndex};
use super::super::super::rules::put_argument::{class_of, put_argument};
use super::super::super::rules::wrong_type;
use super::super::super::scope::{Outcome, Task, put_body};
use super::super::write::writable;
use crate::Rejection;

/// Arguments that a `listIndexes` has, too.
const KEPT: [&str; 8] = [
    "$db",
    "lsid",
    "$clusterTime",
    "maxTimeMS",
    "comment",
    "apiVersion",
    "apiStrict",
    "apiDeprecationErrors",
];

pub(super) fn look_for(task: Task<'_, '_>, out: &mut BytesMut) -> Result<Outcome, Rejection> {
    let command = task.command;
    let place = writable(task)?;
    let indexes = command.body().value("indexes").and_then(|value| value.as_array());
    let indexes = indexes.ok_or_else(|| wrong_type("indexes", "an array"))?;
    let wanted = indexes
        .values()
        .map(|index| {
            let index = index.as_document().ok_or_else(|| wrong_type("indexes", "documents"))?;
            read_wanted(index)
        })
        .collect::<Result<_, Rejection>>()?;
    put_body(command, out, |out| {
        out.value("listIndexes", Value::String(&place.collection));
        out.nested("cursor", |_| {});
        for element in command.body().elements().skip(1) {
            class_of(command, element.name())?;
            if KEPT.contains(&element.name()) && survey::argument(element.name()).is_some() {
                put_argument(command, element, task.arguments(&place.database), out)?;
            }
        }
        Ok(())
    })?;
    let field = task.scope.guard().map(|guard| guard.field.to_owned());
    Ok(Outcome::Written(ReplyRule::IndexesExist { wanted, field }))
}

fn read_wanted(index: Document<'_>) -> Result<WantedIndex, Rejection> {
    let key = index.value("key").and_then(|key| key.as_document());
    let key = key.ok_or_else(|| wrong_type("key", "a document"))?;
    let name = index.value("name").and_then(|name| name.as_str());
    let name = name.ok_or_else(|| wrong_type("name", "a string"))?;
    Ok(WantedIndex {
        name: name.to_owned(),
        key: key.bytes().to_vec(),
        index: index.bytes().to_vec(),
    })
}
