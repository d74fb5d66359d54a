//! Arguments that many commands have.

use mongo_wire::bson::{Binary, Document, DocumentWriter, Element, Value};
use mongo_wire::command::Lsid;

use super::super::judge::Owned;
use super::{Scope, argument_refused, wrong_type};
use crate::{Reason, Rejection};

/// The subtype of a UUID.
const UUID: u8 = 4;

/// Checks a collation. One that compares texts otherwise than byte for byte could find another
/// tenant's id equal, where ids are texts.
///
/// # Errors
/// Then.
pub(in super::super) fn check_collation(
    value: Value<'_>,
    scope: &Scope<'_>,
) -> Result<(), Rejection> {
    let collation = value.as_document().ok_or_else(|| wrong_type("collation", "a document"))?;
    let is_simple = collation.value("locale").and_then(|locale| locale.as_str()) == Some("simple");
    if collation.is_empty() || is_simple || !scope.tenancy.can_be_folded() {
        return Ok(());
    }
    let what = "a collation is not open to tenants where their ids are texts";
    Err(Rejection::new(Reason::ArgumentNotAllowed, what))
}

/// Checks an option that leaves validation out: the store's own rules stand behind ours.
///
/// # Errors
/// When it is set.
pub(in super::super) fn check_bypass(element: Element<'_>, of: &str) -> Result<(), Rejection> {
    if matches!(element.value(), Value::Boolean(false) | Value::Null) {
        Ok(())
    } else {
        Err(argument_refused(element.name(), of))
    }
}

/// What a read concern or a write concern may say.
const CONCERNS: [(&str, &[&str]); 2] = [
    ("readConcern", &["level", "afterClusterTime", "atClusterTime"]),
    ("writeConcern", &["w", "j", "wtimeout", "fsync"]),
];

/// Checks options of reading or writing.
///
/// # Errors
/// A field that servers tell each other.
pub(in super::super) fn check_concern(element: Element<'_>) -> Result<(), Rejection> {
    let name = element.name();
    let document = element.value().as_document();
    let document = document.ok_or_else(|| wrong_type(name, "a document"))?;
    let known = CONCERNS.iter().find(|(concern, _)| *concern == name);
    let fields = known.map(|(_, fields)| *fields).unwrap_or_default();
    match document.elements().find(|field| !fields.contains(&field.name())) {
        None => Ok(()),
        Some(field) => Err(argument_refused(field.name(), name)),
    }
}

/// Writes a session's number as the upstream knows it.
///
/// # Errors
/// When it is none.
pub(in super::super) fn put_lsid(
    element: Element<'_>,
    owned: &dyn Owned,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Rejection> {
    let id = session(element.value(), owned)?;
    out.nested(element.name(), |out| put_session(id, out));
    Ok(())
}

/// The upstream's number of a client's session.
///
/// # Errors
/// When it is none.
pub(in super::super) fn session(
    value: Value<'_>,
    owned: &dyn Owned,
) -> Result<[u8; 16], Rejection> {
    let lsid = Lsid::read(value).map_err(|_| wrong_type("lsid", "a session"))?;
    Ok(owned.session(lsid.id))
}

/// Writes the fields of a session's number.
pub(in super::super) fn put_session(id: [u8; 16], out: &mut DocumentWriter<'_>) {
    out.value("id", Value::Binary(Binary { subtype: UUID, bytes: &id }));
}

/// The filter that an argument is. `null` is none, as some drivers send it.
///
/// # Errors
/// When it is something else.
pub(in super::super) fn filter_of(element: Element<'_>) -> Result<Option<Document<'_>>, Rejection> {
    if element.value() == Value::Null { Ok(None) } else { document(element).map(Some) }
}

/// The document that an argument is.
///
/// # Errors
/// When it is none.
pub(in super::super) fn document(element: Element<'_>) -> Result<Document<'_>, Rejection> {
    element.value().as_document().ok_or_else(|| wrong_type(element.name(), "a document"))
}
