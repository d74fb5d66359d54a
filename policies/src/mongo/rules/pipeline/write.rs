//! `$out` and `$merge` write whole collections, or documents by keys that tenants share: they are for
//! collections that are the tenant's own by name.

use mongo_wire::bson::{Array, ArrayWriter, Document, DocumentWriter, Element, Value};

use super::super::super::tenancy::Owner;
use super::super::check_expression::check_expression;
use super::super::confine_update::check_update_pipeline;
use super::super::{argument_refused, wrong_type};
use super::Around;
use super::stages::{document_of, misplaced};
use crate::{Reason, Rejection};

pub(super) fn put_write(
    stage: Element<'_>,
    around: Around<'_>,
    out: &mut ArrayWriter<'_>,
) -> Result<(), Rejection> {
    out.nested(|out| match (stage.name(), stage.value()) {
        ("$out", target) => put_target("$out", target, around, out),
        ("$merge", Value::String(_)) => put_target("$merge", stage.value(), around, out),
        ("$merge", _) => {
            let document = document_of(stage)?;
            out.nested("$merge", |out| put_merge(document, around, out))
        }
        (other, _) => Err(misplaced(other)),
    })
}

fn put_merge(
    merge: Document<'_>,
    around: Around<'_>,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Rejection> {
    if merge.get("into").is_none() {
        return Err(wrong_type("into", "a string or a document"));
    }
    for element in merge.elements() {
        match element.name() {
            "into" => put_target("into", element.value(), around, out)?,
            "on" | "whenNotMatched" => out.copy(element.raw()),
            "let" => {
                check_expression(element.value())?;
                out.copy(element.raw());
            }
            "whenMatched" => {
                element
                    .value()
                    .as_array()
                    .map_or(Ok(()), |stages: Array<'_>| check_update_pipeline(stages))?;
                out.copy(element.raw());
            }
            other => return Err(argument_refused(other, "$merge")),
        }
    }
    Ok(())
}

/// Writes the collection that is written to: a name, or a database and a name.
fn put_target(
    name: &str,
    target: Value<'_>,
    around: Around<'_>,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Rejection> {
    let (database, collection) = match target.as_str() {
        Some(collection) => (around.scope.database, collection),
        None => namespace(name, target)?,
    };
    let place = around.scope.tenancy.place(database, collection)?;
    match place.owner {
        Owner::Tenant => {}
        Owner::Each | Owner::Shared => {
            let what = format!("a pipeline may not write to collection \"{collection}\"");
            return Err(Rejection::new(Reason::CollectionNotAllowed, what)
                .hint("Read the documents, and insert or update them."));
        }
    }
    out.nested(name, |out| {
        out.value("db", super::text(&place.database));
        out.value("coll", super::text(&place.collection));
    });
    Ok(())
}

/// A database and a collection.
fn namespace<'b>(name: &str, target: Value<'b>) -> Result<(&'b str, &'b str), Rejection> {
    let document = target.as_document();
    let document = document.ok_or_else(|| wrong_type(name, "a string or a document"))?;
    let other = document.elements().find(|element| !matches!(element.name(), "db" | "coll"));
    if let Some(other) = other {
        return Err(argument_refused(other.name(), name));
    }
    let text = |field: &'static str| {
        let value = document.value(field).and_then(|value| value.as_str());
        value.ok_or_else(|| wrong_type(field, "a string"))
    };
    Ok((text("db")?, text("coll")?))
}
