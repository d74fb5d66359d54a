//! `listCollections`, `listDatabases`, `listIndexes`: what is open to the tenant.

use bytes::BytesMut;
use mongo_wire::bson::{Document, DocumentWriter, Value};
use mongo_wire::survey::ArgumentClass;

use super::super::reply::ReplyRule;
use super::super::rules::arguments::document;
use super::super::rules::check_filter::check_filter;
use super::super::rules::put_argument::{class_of, put_argument};
use super::super::scope::{Outcome, Task, command_refused, put_body};
use super::super::tenancy::SERVER_OWN;
use super::collection;
use crate::{Reason, Rejection};

pub(in super::super) fn write(
    task: Task<'_, '_>,
    out: &mut BytesMut,
) -> Result<Outcome, Rejection> {
    match task.name() {
        "listCollections" => list_collections(task, out),
        "listDatabases" => list_databases(task, out),
        "listIndexes" => list_indexes(task, out),
        other => Err(command_refused(other)),
    }
}

fn list_indexes(task: Task<'_, '_>, out: &mut BytesMut) -> Result<Outcome, Rejection> {
    let place = task.scope.place(collection(task.command)?)?;
    put_body(task.command, out, |out| {
        out.value("listIndexes", Value::String(&place.collection));
        let mut elements = task.command.body().elements().skip(1);
        elements.try_for_each(|element| {
            put_argument(task.command, element, task.arguments(&place.database), out)
        })
    })?;
    Ok(Outcome::Written(ReplyRule::Cursor { asked: None }))
}

fn list_collections(task: Task<'_, '_>, out: &mut BytesMut) -> Result<Outcome, Rejection> {
    let database = task.scope.tenancy.database(task.command.database())?;
    let by_name = task.scope.tenancy.owns_collections() && !task.scope.tenancy.owns_databases();
    put_list(task, &database, out, |filter, out| {
        put_filter(task, filter, by_name, out, |out| {
            out.nested("name", |out| {
                if by_name {
                    put_prefix(task, out);
                } else {
                    let pattern = "^system\\.";
                    out.value("$not", Value::RegularExpression { pattern, options: "" });
                }
            });
        })
    })?;
    Ok(Outcome::Written(ReplyRule::Collections { asked: None }))
}

/// Sizes are of everyone's databases, so names are all that is asked for.
fn list_databases(task: Task<'_, '_>, out: &mut BytesMut) -> Result<Outcome, Rejection> {
    let tenancy = task.scope.tenancy;
    let by_name = tenancy.owns_databases();
    put_list(task, "admin", out, |filter, out| {
        put_filter(task, filter, by_name, out, |out| {
            out.nested("name", |out| {
                if by_name {
                    put_prefix(task, out);
                } else if let Some(open) = tenancy.open_databases() {
                    out.array("$in", |out| {
                        open.iter().for_each(|name| out.value(Value::String(name)));
                    });
                } else {
                    out.array("$nin", |out| {
                        SERVER_OWN.iter().for_each(|name| out.value(Value::String(name)));
                    });
                }
            });
        })?;
        out.value("nameOnly", Value::Boolean(true));
        Ok(())
    })?;
    Ok(Outcome::Written(ReplyRule::Databases))
}

/// Writes the body of a command that lists, with what `put` makes of its filter.
fn put_list(
    task: Task<'_, '_>,
    database: &str,
    out: &mut BytesMut,
    put: impl FnOnce(Option<Document<'_>>, &mut DocumentWriter<'_>) -> Result<(), Rejection>,
) -> Result<(), Rejection> {
    let command = task.command;
    put_body(command, out, |out| {
        out.copy_as(task.name(), command.target_element().raw());
        let mut filter = None;
        for element in command.body().elements().skip(1) {
            let class = class_of(command, element.name())?;
            if class == ArgumentClass::Filter {
                filter = Some(document(element)?);
            } else if task.name() != "listDatabases" || element.name() != "nameOnly" {
                put_argument(command, element, task.arguments(database), out)?;
            }
        }
        put(filter, out)
    })
}

/// `{$and: [ours, the client's]}`
fn put_filter(
    task: Task<'_, '_>,
    filter: Option<Document<'_>>,
    by_name: bool,
    out: &mut DocumentWriter<'_>,
    ours: impl FnOnce(&mut DocumentWriter<'_>),
) -> Result<(), Rejection> {
    let Some(filter) = filter else {
        out.nested("filter", ours);
        return Ok(());
    };
    check_filter(filter)?;
    out.nested("filter", |out| {
        out.array("$and", |out| {
            out.nested(ours);
            out.nested(|out| {
                if by_name {
                    put_named(task, filter, out)
                } else {
                    out.copy_all(filter);
                    Ok(())
                }
            })
        })
    })
}

/// A filter whose condition on the name is one name: names are the upstream's there.
fn put_named(
    task: Task<'_, '_>,
    filter: Document<'_>,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Rejection> {
    let prefix = task.scope.tenancy.prefix();
    for element in filter.elements() {
        match (element.name(), element.value()) {
            ("name", Value::String(name)) => {
                out.value("name", Value::String(&format!("{prefix}{name}")));
            }
            ("type" | "options.capped", _) => out.copy(element.raw()),
            (other, _) => {
                let what = format!("a filter on \"{other}\" is not open to tenants here");
                return Err(Rejection::new(Reason::ArgumentNotAllowed, what)
                    .hint("List all, or one by its name."));
            }
        }
    }
    Ok(())
}

/// `{$regex: "^prefix"}`: the prefix has no characters but `-`, `_`, letters, digits and `~`.
fn put_prefix(task: Task<'_, '_>, out: &mut DocumentWriter<'_>) {
    let pattern = format!("^{}", task.scope.tenancy.prefix());
    out.value("$regex", Value::String(&pattern));
}
