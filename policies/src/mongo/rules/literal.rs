//! Values that are taken as they are.

use mongo_wire::bson::Value;

use crate::{Reason, Rejection};

/// Refuses JavaScript at any depth of a value. Nothing would run it there, but nobody needs it.
///
/// # Errors
/// `ArgumentNotAllowed` for a code.
pub(in super::super) fn check_literal(value: Value<'_>) -> Result<(), Rejection> {
    match value {
        Value::Document(document) => {
            document.elements().try_for_each(|element| check_literal(element.value()))
        }
        Value::Array(array) => array.values().try_for_each(check_literal),
        Value::JavaScriptCode(_) | Value::JavaScriptCodeWithScope { .. } => {
            Err(Rejection::new(Reason::ArgumentNotAllowed, "JavaScript is not open to tenants"))
        }
        Value::Double(_)
        | Value::String(_)
        | Value::Binary(_)
        | Value::Undefined
        | Value::ObjectId(_)
        | Value::Boolean(_)
        | Value::DateTime(_)
        | Value::Null
        | Value::RegularExpression { .. }
        | Value::DbPointer { .. }
        | Value::Symbol(_)
        | Value::Int32(_)
        | Value::Timestamp { .. }
        | Value::Int64(_)
        | Value::Decimal128(_)
        | Value::MinKey
        | Value::MaxKey => Ok(()),
    }
}
