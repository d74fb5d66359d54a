//! OP_REPLY: the answer to an [`OpQuery`](super::OpQuery).

use bytes::{BufMut, BytesMut};

use super::write::framed;
use crate::bson::DocumentWriter;
use crate::frame::OP_REPLY;

/// The flag that every server since 1.6 sets.
const AWAIT_CAPABLE: i32 = 1 << 3;

/// Appends an OP_REPLY of one document, whose elements `fill` writes.
pub fn op_reply(
    [request_id, response_to]: [i32; 2],
    out: &mut BytesMut,
    fill: impl FnOnce(&mut DocumentWriter<'_>),
) {
    framed([request_id, response_to, OP_REPLY], out, |out| {
        out.put_i32_le(AWAIT_CAPABLE);
        // No cursor, from the first document, one document.
        out.put_i64_le(0);
        out.put_i32_le(0);
        out.put_i32_le(1);
        DocumentWriter::document(out, fill);
    });
}
