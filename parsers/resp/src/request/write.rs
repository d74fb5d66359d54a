//! Writing requests.

use crate::number;

/// Appends the header of a request of `count` arguments, the name included.
pub fn put_header(count: usize, out: &mut Vec<u8>) {
    out.push(b'*');
    number::put(count, out);
    out.extend_from_slice(b"\r\n");
}

/// Appends one bulk string that is made of `parts`, one behind the other: a prefix and a key, say.
pub fn put_bulk(parts: &[&[u8]], out: &mut Vec<u8>) {
    let bytes = parts.iter().map(|part| part.len()).sum();
    out.push(b'$');
    number::put(bytes, out);
    out.extend_from_slice(b"\r\n");
    for part in parts {
        out.extend_from_slice(part);
    }
    out.extend_from_slice(b"\r\n");
}
