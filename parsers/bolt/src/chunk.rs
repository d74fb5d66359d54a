//! Chunks: where a message begins and ends.
//!
//! Bolt, "Message chunking": two bytes of length, as many bytes, and a length of zero behind the
//! last chunk. A length of zero where no message has begun is a NOOP, which keeps a connection
//! alive and means nothing.

use std::borrow::Cow;

use bytes::{BufMut, BytesMut};

/// Bytes in front of each chunk, and behind a message's last.
const HEADER_BYTES: usize = 2;
/// Most bytes of one chunk.
const CHUNK_BYTES_MAX: usize = 0xFFFF;

/// A message that is longer than its phase allows. The stream cannot be followed any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a message is longer than {bytes_max} bytes")]
pub struct TooLong {
    /// What was allowed.
    pub bytes_max: usize,
}

/// What stands at the start of a read buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Two zero bytes.
    Noop,
    /// A whole message.
    Message(Extent),
}

/// How far a message reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Bytes that it takes in the stream, lengths included.
    pub wire_bytes: usize,
    /// Bytes of its chunks together.
    pub body_bytes: usize,
}

/// Looks for the end of the message at the start of a read buffer, and remembers how far it got, so
/// that a message which arrives a byte at a time is not read from its start each time.
///
/// INVARIANT: `next` is the offset of a chunk's length, all chunks before it are complete, and
/// `body_bytes` counts what is in them.
#[derive(Clone, Debug, Default)]
pub struct Scanner {
    next: usize,
    body_bytes: usize,
}

impl Scanner {
    /// Finds the end of what `buffer` begins with; `None` while it is not complete. Until then the
    /// next call must see the same bytes and perhaps more; after a frame it expects the buffer
    /// without that frame's bytes.
    ///
    /// # Errors
    /// `TooLong`, as soon as the lengths show it and before their bytes are waited for.
    pub fn scan(&mut self, buffer: &[u8], bytes_max: usize) -> Result<Option<Frame>, TooLong> {
        loop {
            let Some(header) = buffer.get(self.next..).and_then(<[u8]>::first_chunk) else {
                return Ok(None);
            };
            let length = usize::from(u16::from_be_bytes(*header));
            if length == 0 {
                let extent =
                    Extent { wire_bytes: self.next + HEADER_BYTES, body_bytes: self.body_bytes };
                *self = Self::default();
                let is_noop = extent.body_bytes == 0;
                return Ok(Some(if is_noop { Frame::Noop } else { Frame::Message(extent) }));
            }
            if self.body_bytes + length > bytes_max {
                return Err(TooLong { bytes_max });
            }
            let end = self.next + HEADER_BYTES + length;
            if buffer.len() < end {
                return Ok(None);
            }
            self.next = end;
            self.body_bytes += length;
        }
    }
}

impl Extent {
    /// The message at the start of `buffer`, in which a scanner found it: in place when it is one
    /// chunk, else put together.
    #[must_use]
    pub fn body<'a>(&self, buffer: &'a [u8]) -> Cow<'a, [u8]> {
        let mut rest = buffer.get(..self.wire_bytes).unwrap_or_default();
        if let Some((first, [0, 0])) = split_chunk(rest) {
            return Cow::Borrowed(first);
        }
        let mut body = Vec::with_capacity(self.body_bytes);
        while let Some((chunk, behind)) = split_chunk(rest) {
            body.extend_from_slice(chunk);
            rest = behind;
        }
        Cow::Owned(body)
    }

    /// The first two bytes of the message: the marker of its structure and its tag. Enough to know a
    /// RECORD without putting it together.
    #[must_use]
    pub fn head(&self, buffer: &[u8]) -> Option<[u8; 2]> {
        let mut rest = buffer.get(..self.wire_bytes)?;
        let mut bytes = std::iter::from_fn(|| {
            let (chunk, behind) = split_chunk(rest)?;
            rest = behind;
            Some(chunk)
        })
        .flatten();
        Some([*bytes.next()?, *bytes.next()?])
    }
}

/// The chunk at the start and what stands behind it; `None` at a message's end.
fn split_chunk(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let (header, rest) = input.split_first_chunk::<HEADER_BYTES>()?;
    match u16::from_be_bytes(*header) {
        0 => None,
        length => rest.split_at_checked(usize::from(length)),
    }
}

/// Appends a message in chunks.
pub fn write(body: &[u8], out: &mut BytesMut) {
    out.reserve(body.len() + HEADER_BYTES * (body.len() / CHUNK_BYTES_MAX + 2));
    for chunk in body.chunks(CHUNK_BYTES_MAX) {
        out.put_u16(u16::try_from(chunk.len()).unwrap_or(u16::MAX));
        out.put_slice(chunk);
    }
    out.put_u16(0);
}

/// Appends a NOOP.
pub fn write_noop(out: &mut BytesMut) {
    out.put_u16(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(wire: &[u8]) -> (Frame, Vec<u8>) {
        let frame = Scanner::default().scan(wire, 1 << 20).unwrap().unwrap();
        match frame {
            Frame::Noop => (frame, Vec::new()),
            Frame::Message(extent) => (frame, extent.body(wire).into_owned()),
        }
    }

    #[test]
    fn chunks_are_put_together() {
        let (frame, body) = whole(b"\0\x02ab\0\x01c\0\0rest");
        assert_eq!(frame, Frame::Message(Extent { wire_bytes: 9, body_bytes: 3 }));
        assert_eq!(body, b"abc");
        assert_eq!(whole(b"\0\0\0\0").0, Frame::Noop);
    }

    #[test]
    fn one_chunk_is_not_copied() {
        let wire = b"\0\x02ab\0\0\0\x01x";
        let Some(Frame::Message(extent)) = Scanner::default().scan(wire, 9).unwrap() else {
            panic!("not a message")
        };
        assert!(matches!(extent.body(wire), Cow::Borrowed(b"ab")));
        assert_eq!(extent.head(wire), Some(*b"ab"));
    }

    #[test]
    fn the_head_is_known_whatever_the_chunks() {
        for wire in [&b"\0\x01\xB1\0\x01\x71\0\x01\x90\0\0"[..], b"\0\x03\xB1\x71\x90\0\0"] {
            let Some(Frame::Message(extent)) = Scanner::default().scan(wire, 9).unwrap() else {
                panic!("not a message")
            };
            assert_eq!(extent.head(wire), Some([0xB1, 0x71]));
        }
        let Some(Frame::Message(short)) = Scanner::default().scan(b"\0\x01a\0\0", 9).unwrap()
        else {
            panic!("not a message")
        };
        assert_eq!(short.head(b"\0\x01a\0\0"), None);
    }

    #[test]
    fn a_byte_at_a_time_is_as_good_as_all_at_once() {
        let wire = b"\0\x02ab\0\x01c\0\0";
        let mut scanner = Scanner::default();
        for end in 0..wire.len() {
            assert_eq!(scanner.scan(&wire[..end], 3), Ok(None), "{end} bytes");
        }
        let expected = Frame::Message(Extent { wire_bytes: 9, body_bytes: 3 });
        assert_eq!(scanner.scan(wire, 3), Ok(Some(expected)));
        // And it begins anew.
        assert_eq!(scanner.scan(b"\0\0", 3), Ok(Some(Frame::Noop)));
    }

    #[test]
    fn a_message_is_too_long_before_its_bytes_are_there() {
        let bytes_max = 4;
        let too_long = Err(TooLong { bytes_max });
        assert_eq!(Scanner::default().scan(b"\0\x05", bytes_max), too_long);
        assert_eq!(Scanner::default().scan(b"\0\x04abcd\0\x01", bytes_max), too_long);
        assert!(Scanner::default().scan(b"\0\x04abcd\0\0", bytes_max).unwrap().is_some());
    }

    #[test]
    fn long_messages_are_split() {
        let body = vec![7; CHUNK_BYTES_MAX + 1];
        let mut out = BytesMut::new();
        write(&body, &mut out);
        assert_eq!(out.len(), body.len() + 3 * HEADER_BYTES);
        assert_eq!(whole(&out).1, body);
    }
}
