//! Collections that are the tenant's own by name.

use bytes::BytesMut;
use mongo_wire::bson::{DocumentWriter, Element, Value};
use mongo_wire::survey::ArgumentClass;

use super::super::super::reply::ReplyRule;
use super::super::super::rules::arguments::{check_collation, document};
use super::super::super::rules::check_filter::check_filter;
use super::super::super::rules::literal::check_literal;
use super::super::super::rules::pipeline::{Source, confine_pipeline};
use super::super::super::rules::put_argument::{class_of, put_argument};
use super::super::super::rules::{malformed, wrong_type};
use super::super::super::scope::{Outcome, Task, put_body};
use super::super::super::tenancy::{Owner, Place};
use super::super::write::writable;
use crate::{Reason, Rejection};

/// `create`: a collection, or a view on another one of the tenant's.
pub(super) fn create(task: Task<'_, '_>, out: &mut BytesMut) -> Result<Outcome, Rejection> {
    on_collection(task, out)
}

/// `collMod`
pub(super) fn coll_mod(task: Task<'_, '_>, out: &mut BytesMut) -> Result<Outcome, Rejection> {
    on_collection(task, out)
}

/// `createIndexes`
pub(super) fn create_indexes(task: Task<'_, '_>, out: &mut BytesMut) -> Result<Outcome, Rejection> {
    on_collection(task, out)
}

/// A command on the collection that its value names.
pub(super) fn on_collection(task: Task<'_, '_>, out: &mut BytesMut) -> Result<Outcome, Rejection> {
    let command = task.command;
    let place = writable(task)?;
    let viewed = match command.body().value("viewOn") {
        None => None,
        Some(Value::String(name)) => Some(task.scope.other(name, &place.database)?),
        Some(_) => return Err(wrong_type("viewOn", "a string")),
    };
    put_body(command, out, |out| {
        out.value(task.name(), Value::String(&place.collection));
        let mut elements = command.body().elements().skip(1);
        elements.try_for_each(|element| put_option(task, element, &place, viewed.as_ref(), out))
    })?;
    Ok(Outcome::Written(ReplyRule::Raw))
}

fn put_option(
    task: Task<'_, '_>,
    element: Element<'_>,
    place: &Place<'_>,
    viewed: Option<&Place<'_>>,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Rejection> {
    let (name, class) = (element.name(), class_of(task.command, element.name())?);
    match (class, viewed) {
        (ArgumentClass::Collection, Some(viewed)) => {
            out.value(name, Value::String(&viewed.collection));
            Ok(())
        }
        (ArgumentClass::Pipeline, Some(viewed)) => {
            let pipeline = element.value().as_array();
            let pipeline = pipeline.ok_or_else(|| wrong_type(name, "an array"))?;
            out.array(name, |out| {
                let source = Source::Collection(viewed);
                confine_pipeline(pipeline, source, &place.database, task.scope, out)
            })
        }
        (ArgumentClass::Filter, _) => {
            check_filter(document(element)?)?;
            out.copy(element.raw());
            Ok(())
        }
        (ArgumentClass::Indexes | ArgumentClass::IndexNames | ArgumentClass::Shared, _) => {
            check_index(element.value())?;
            out.copy(element.raw());
            Ok(())
        }
        (ArgumentClass::Collation, _) => {
            check_collation(element.value(), task.scope)?;
            out.copy(element.raw());
            Ok(())
        }
        (_, _) => put_argument(task.command, element, task.arguments(&place.database), out),
    }
}

/// Descriptions of indexes: old ones name their collection.
fn check_index(value: Value<'_>) -> Result<(), Rejection> {
    check_literal(value)?;
    let entries = value.as_array().into_iter().flat_map(|array| array.values());
    for index in entries.filter_map(|entry| entry.as_document()) {
        if index.get("ns").is_some() {
            return Err(super::super::super::rules::argument_refused("ns", "indexes"));
        }
    }
    Ok(())
}

/// `dropDatabase`
pub(super) fn drop_database(task: Task<'_, '_>, out: &mut BytesMut) -> Result<Outcome, Rejection> {
    let database = task.scope.tenancy.database(task.command.database())?;
    super::super::super::scope::write_copy(task, &database, out)
}

/// `renameCollection`: both names have their databases.
pub(super) fn rename(task: Task<'_, '_>, out: &mut BytesMut) -> Result<Outcome, Rejection> {
    let command = task.command;
    let from = full_name(task, command.target())?;
    put_body(command, out, |out| {
        out.value("renameCollection", Value::String(&from));
        for element in command.body().elements().skip(1) {
            if class_of(command, element.name())? == ArgumentClass::Collection {
                let to = full_name(task, element.value())?;
                out.value(element.name(), Value::String(&to));
            } else {
                put_argument(command, element, task.arguments("admin"), out)?;
            }
        }
        Ok(())
    })?;
    Ok(Outcome::Written(ReplyRule::Raw))
}

/// The upstream's name of a collection of the tenant's, its database in front.
fn full_name(task: Task<'_, '_>, value: Value<'_>) -> Result<String, Rejection> {
    let name = value.as_str().ok_or_else(|| wrong_type("renameCollection", "strings"))?;
    let (database, collection) = name
        .split_once('.')
        .ok_or_else(|| malformed(format!("Invalid namespace specified '{name}'")))?;
    let place = task.scope.tenancy.place(database, collection)?;
    match place.owner {
        Owner::Tenant => Ok(format!("{}.{}", place.database, place.collection)),
        Owner::Each | Owner::Shared => {
            let what = format!("collection \"{collection}\" is not the tenant's to rename");
            Err(Rejection::new(Reason::CollectionNotAllowed, what))
        }
    }
}
