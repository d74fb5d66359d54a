//! Writing replies.

use bytes::BufMut;

use super::Kind;
use crate::number;

/// Appends the header of an aggregate of so many `elements`, which the caller writes behind it. For
/// pairs an element is each key and each value.
pub fn put_aggregate(kind: Kind, elements: usize, out: &mut impl BufMut) {
    debug_assert!(!kind.is_pairs() || elements.is_multiple_of(2), "a map has whole pairs");
    out.put_u8(kind.byte());
    number::put(if kind.is_pairs() { elements / 2 } else { elements }, out);
    out.put_slice(b"\r\n");
}

/// Appends a bulk string.
pub fn put_bulk(text: &[u8], out: &mut impl BufMut) {
    put_text(Kind::Bulk, text, out);
}

/// Appends a simple string. A line break in it becomes a blank, as in the server.
pub fn put_simple(text: &[u8], out: &mut impl BufMut) {
    put_text(Kind::Simple, text, out);
}

/// Appends an error; `text` begins with its code. A line break in it becomes a blank, as in the
/// server.
pub fn put_error(text: &[u8], out: &mut impl BufMut) {
    put_text(Kind::Error, text, out);
}

/// Appends an integer.
pub fn put_integer(value: i64, out: &mut impl BufMut) {
    out.put_u8(b':');
    if value < 0 {
        out.put_u8(b'-');
    }
    number::put(usize::try_from(value.unsigned_abs()).unwrap_or(usize::MAX), out);
    out.put_slice(b"\r\n");
}

/// Appends a null: RESP3's own, or RESP2's null bulk string or, for `Kind::Array`, null array.
pub fn put_null(kind: Kind, out: &mut impl BufMut) {
    out.put_u8(kind.byte());
    if kind != Kind::Null {
        out.put_slice(b"-1");
    }
    out.put_slice(b"\r\n");
}

/// Appends a value that is no aggregate.
pub(super) fn put_text(kind: Kind, text: &[u8], out: &mut impl BufMut) {
    out.put_u8(kind.byte());
    if matches!(kind, Kind::Bulk | Kind::BulkError | Kind::Verbatim) {
        number::put(text.len(), out);
        out.put_slice(b"\r\n");
        out.put_slice(text);
    } else {
        for (at, line) in text.split(|byte| matches!(byte, b'\r' | b'\n')).enumerate() {
            if at > 0 {
                out.put_u8(b' ');
            }
            out.put_slice(line);
        }
    }
    out.put_slice(b"\r\n");
}
