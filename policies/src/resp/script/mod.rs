//! A client's script, in a wrapper that shows it the tenant's key space only.

use resp_wire::request::Request;

/// Whether `text` is a client's script inside of the wrapper.
pub(super) fn is_wrapped(_text: &[u8]) -> bool {
    false
}

/// The argument by which the wrapper is told the prefix.
pub(super) fn prefix_argument<'b>(_request: &Request<'b>) -> Option<&'b [u8]> {
    None
}
