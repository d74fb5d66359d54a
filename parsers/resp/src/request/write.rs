//! Writing requests.

use bytes::BufMut;

use crate::number;

/// Appends the header of a request of `count` arguments, the name included.
pub fn put_header(count: usize, out: &mut impl BufMut) {
    out.put_u8(b'*');
    number::put(count, out);
    out.put_slice(b"\r\n");
}

/// Appends one bulk string that is made of `parts`, one behind the other: a prefix and a key, say.
pub fn put_bulk(parts: &[&[u8]], out: &mut impl BufMut) {
    let bytes = parts.iter().map(|part| part.len()).sum();
    out.put_u8(b'$');
    number::put(bytes, out);
    out.put_slice(b"\r\n");
    for part in parts {
        out.put_slice(part);
    }
    out.put_slice(b"\r\n");
}
