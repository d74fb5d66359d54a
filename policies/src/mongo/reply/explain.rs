//! A plan, without what it tells of the server, and with names as the client knows them.

use mongo_wire::Defect;
use mongo_wire::bson::{ArrayWriter, DocumentWriter, Kind, RawElement, Shallow, Value};

use super::super::Tenancy;

/// What tells of the server, or of how many documents it looked at.
const LEFT_OUT: [&[u8]; 4] =
    [b"serverInfo", b"serverParameters", b"executionStats", b"connectionString"];
/// Levels that are looked into: those of a command, and of the plan around it. What is deeper is
/// left out.
const DEPTH_MAX: usize = 150;

pub(super) fn put_plan(
    body: Shallow<'_>,
    tenancy: &Tenancy,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Defect> {
    put_document(body, tenancy, DEPTH_MAX, out)
}

fn put_document(
    document: Shallow<'_>,
    tenancy: &Tenancy,
    depth: usize,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Defect> {
    for element in document.elements() {
        let element = element?;
        if LEFT_OUT.contains(&element.name) || depth == 0 {
            continue;
        }
        let name = String::from_utf8_lossy(element.name);
        if element.kind == Kind::Document {
            let nested = element.nested()?;
            out.nested(&name, |out| put_document(nested, tenancy, depth - 1, out))?;
        } else if element.kind == Kind::Array {
            let nested = element.nested()?;
            out.array(&name, |out| put_array(nested, tenancy, depth - 1, out))?;
        } else {
            match own_text(element, tenancy) {
                Some(text) => out.value(&name, Value::String(&text)),
                None => out.copy(element),
            }
        }
    }
    Ok(())
}

fn put_array(
    array: Shallow<'_>,
    tenancy: &Tenancy,
    depth: usize,
    out: &mut ArrayWriter<'_>,
) -> Result<(), Defect> {
    for element in array.elements() {
        let element = element?;
        if element.kind == Kind::Document {
            let nested = element.nested()?;
            out.nested(|out| put_document(nested, tenancy, depth, out))?;
        } else if element.kind == Kind::Array && depth > 0 {
            let nested = element.nested()?;
            out.array(|out| put_array(nested, tenancy, depth - 1, out))?;
        } else {
            match own_text(element, tenancy) {
                Some(text) => out.value(Value::String(&text)),
                None => out.copy(element),
            }
        }
    }
    Ok(())
}

/// A text that names what is the tenant's, as the client knows it.
fn own_text(element: RawElement<'_>, tenancy: &Tenancy) -> Option<String> {
    let prefix = tenancy.prefix();
    let text = element.as_str().filter(|text| !prefix.is_empty() && text.contains(prefix))?;
    Some(text.replace(prefix, ""))
}
