//! A document that is to be stored bears the tenant's id.

use mongo_wire::bson::{Document, DocumentWriter};

use super::super::tenancy::Guard;
use crate::{Reason, Rejection};

/// Writes the elements of a document that is stored as it is.
///
/// # Errors
/// When it bears another id than the tenant's.
pub(in super::super) fn fill_document(
    document: Document<'_>,
    guard: Option<Guard<'_>>,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Rejection> {
    let Some(guard) = guard else {
        out.copy_all(document);
        return Ok(());
    };
    match document.get(guard.field) {
        None => {
            out.value(guard.field, guard.value);
            out.copy_all(document);
            Ok(())
        }
        Some(element) if element.value() == guard.value => {
            out.copy_all(document);
            Ok(())
        }
        Some(element) if guard.is_own(element.value()) => {
            for element in document.elements() {
                if element.name() == guard.field {
                    out.value(guard.field, guard.value);
                } else {
                    out.copy(element.raw());
                }
            }
            Ok(())
        }
        Some(_) => {
            let what = format!("\"{}\" of a document is not the tenant's id", guard.field);
            Err(Rejection::new(Reason::ForeignTenantValue, what)
                .hint("Leave the field out; it is filled in."))
        }
    }
}
