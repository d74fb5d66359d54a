//! Collections and databases, those that are open to the tenant.

use mongo_wire::Defect;
use mongo_wire::bson::{ArrayWriter, DocumentWriter, Shallow, Value};
use mongo_wire::reply::Reply;

use super::super::Tenancy;

/// Copies a reply to `listCollections`.
pub(super) fn put_collections(
    reply: &Reply<'_>,
    tenancy: &Tenancy,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Defect> {
    for element in reply.body.elements() {
        let element = element?;
        match (element.name, reply.cursor) {
            (b"cursor", Some(cursor)) => out.nested("cursor", |out| {
                let database = cursor.ns.split('.').next().unwrap_or_default();
                for element in cursor.document.elements() {
                    let element = element?;
                    let batch = String::from_utf8_lossy(element.name);
                    match element.name {
                        b"firstBatch" | b"nextBatch" => {
                            let batched = element.nested()?;
                            out.array(&batch, |out| put_batch(batched, database, tenancy, out))?;
                        }
                        b"ns" => {
                            let own = cursor.ns.replace(tenancy.prefix(), "");
                            out.value("ns", Value::String(&own));
                        }
                        _ => out.copy(element),
                    }
                }
                Ok::<(), Defect>(())
            })?,
            _ => out.copy(element),
        }
    }
    Ok(())
}

fn put_batch(
    batch: Shallow<'_>,
    database: &str,
    tenancy: &Tenancy,
    out: &mut ArrayWriter<'_>,
) -> Result<(), Defect> {
    for element in batch.elements() {
        let collection = element?.nested()?;
        let name = collection.get("name")?.and_then(|name| name.as_str());
        let Some(own) = name.and_then(|name| tenancy.own_collection(database, name)) else {
            continue;
        };
        out.nested(|out| put_collection(collection, own, tenancy, out))?;
    }
    Ok(())
}

/// A collection, without the number by which the server knows it, and the name without a prefix.
fn put_collection(
    collection: Shallow<'_>,
    own: &str,
    tenancy: &Tenancy,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Defect> {
    for element in collection.elements() {
        let element = element?;
        match element.name {
            b"name" => out.value("name", Value::String(own)),
            b"info" => {
                let info = element.nested()?;
                out.nested("info", |out| put_without(info, &[b"uuid"], out))?;
            }
            b"idIndex" => {
                let index = element.nested()?;
                out.nested("idIndex", |out| put_without(index, &[b"ns"], out))?;
            }
            b"options" => {
                let options = element.nested()?;
                out.nested("options", |out| put_options(options, tenancy, out))?;
            }
            _ => out.copy(element),
        }
    }
    Ok(())
}

fn put_without(
    document: Shallow<'_>,
    names: &[&[u8]],
    out: &mut DocumentWriter<'_>,
) -> Result<(), Defect> {
    for element in document.elements() {
        let element = element?;
        if !names.contains(&element.name) {
            out.copy(element);
        }
    }
    Ok(())
}

/// Options. A view's definition is the tenant's own, or nobody's business.
fn put_options(
    options: Shallow<'_>,
    tenancy: &Tenancy,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Defect> {
    for element in options.elements() {
        let element = element?;
        match (element.name, element.as_str()) {
            (b"viewOn", Some(viewed)) if tenancy.owns_collections() => {
                out.value("viewOn", Value::String(&viewed.replace(tenancy.prefix(), "")));
            }
            (b"uuid", _) => {}
            (b"viewOn" | b"pipeline", _) if !tenancy.owns_collections() => {}
            _ => out.copy(element),
        }
    }
    Ok(())
}

/// Copies a reply to `listDatabases`: names alone, as sizes were not asked for.
pub(super) fn put_databases(
    body: Shallow<'_>,
    tenancy: &Tenancy,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Defect> {
    for element in body.elements() {
        let element = element?;
        match element.name {
            b"databases" => {
                let databases = element.nested()?;
                out.array("databases", |out| {
                    for database in databases.elements() {
                        let name = database?.nested()?.get("name")?.and_then(|name| name.as_str());
                        let Some(own) = name.and_then(|name| tenancy.own_database(name)) else {
                            continue;
                        };
                        out.nested(|out| out.value("name", Value::String(own)));
                    }
                    Ok::<(), Defect>(())
                })?;
            }
            b"totalSize" | b"totalSizeMb" => {}
            _ => out.copy(element),
        }
    }
    Ok(())
}
