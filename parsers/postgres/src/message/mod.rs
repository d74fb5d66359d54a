//! Messages of protocol 3.0 and 3.2: one file each, parsed from a whole body that must be used up.
//!
//! What a client sends is parsed here, strictly, and never by a library that reads past the end of
//! a message. What we author ourselves is encoded by `pgwire`.

pub mod backend;
pub mod frontend;
mod text;

pub use text::{Defect, Name};

use bytes::BytesMut;
use pgwire::messages::Message;

/// Appends a message of our own making.
///
/// `pgwire` refuses lengths that its own decoder would not take; such a message is left out whole.
pub(crate) fn put(message: &impl Message, out: &mut BytesMut) {
    let before = out.len();
    if message.encode(out).is_err() {
        out.truncate(before);
    }
}
