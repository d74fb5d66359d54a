//! Options as the server reads them.

use crate::Rejection;

use super::errors;

/// Whether `argument` is the option `name`, in any case of its letters (`strcasecmp`).
pub(in crate::resp) fn is(argument: &[u8], name: &str) -> bool {
    argument.eq_ignore_ascii_case(name.as_bytes())
}

/// A whole number as `string2ll` takes it: no sign but a minus, no blanks, no leading zeros.
///
/// # Errors
/// The server's own for what is none.
pub(in crate::resp) fn integer(argument: &[u8]) -> Result<i64, Rejection> {
    resp_wire::number::integer(argument).ok_or_else(errors::not_an_integer)
}
