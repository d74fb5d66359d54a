//! The tenant's own names lose their prefix wherever the server says them: in a cursor's namespace
//! and in the texts of errors. Documents are not looked at.

use mongo_wire::Defect;
use mongo_wire::bson::{DocumentWriter, RawElement, Shallow, Value};
use mongo_wire::reply::Reply;

use super::super::Tenancy;

/// Copies a reply.
pub(super) fn put_own_names(
    reply: &Reply<'_>,
    tenancy: &Tenancy,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Defect> {
    for element in reply.body.elements() {
        let element = element?;
        match element.name {
            b"errmsg" => put_text("errmsg", element, tenancy, out),
            b"ns" => put_text("ns", element, tenancy, out),
            b"cursor" => {
                let cursor = element.nested()?;
                out.nested("cursor", |out| put_texts(cursor, tenancy, out))?;
            }
            b"writeConcernError" => {
                let error = element.nested()?;
                out.nested("writeConcernError", |out| put_texts(error, tenancy, out))?;
            }
            b"writeErrors" => {
                let errors = element.nested()?;
                out.array("writeErrors", |out| {
                    for error in errors.elements() {
                        let error = error?.nested()?;
                        out.nested(|out| put_texts(error, tenancy, out))?;
                    }
                    Ok::<(), Defect>(())
                })?;
            }
            _ => out.copy(element),
        }
    }
    Ok(())
}

/// Copies a document, the texts by which the server names things as the client knows them.
fn put_texts(
    document: Shallow<'_>,
    tenancy: &Tenancy,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Defect> {
    for element in document.elements() {
        let element = element?;
        match element.name {
            b"errmsg" => put_text("errmsg", element, tenancy, out),
            b"ns" => put_text("ns", element, tenancy, out),
            _ => out.copy(element),
        }
    }
    Ok(())
}

fn put_text(name: &str, element: RawElement<'_>, tenancy: &Tenancy, out: &mut DocumentWriter<'_>) {
    match element.as_str() {
        Some(text) => out.value(name, Value::String(&text.replace(tenancy.prefix(), ""))),
        None => out.copy(element),
    }
}
