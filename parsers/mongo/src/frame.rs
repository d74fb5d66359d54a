//! Frames: where a message begins and ends. Nothing is copied and nothing is reserved here.
//!
//! MongoDB manual, "Wire Protocol", "Standard Message Header": four little-endian integers of four
//! bytes; the first is the length of the whole message.

use std::fmt;

/// Bytes in front of a message's body.
pub const HEADER_BYTES: usize = 16;
/// Most bytes of an OP_QUERY. It may only be a hello, whose longest part, the client's metadata, the
/// server bounds at 512 bytes (handshake specification, "Limitations").
pub const QUERY_BYTES_MAX: usize = 16_384;

/// OP_REPLY: the answer to an OP_QUERY.
pub const OP_REPLY: i32 = 1;
/// OP_QUERY: how a client greets that does not know the server yet.
pub const OP_QUERY: i32 = 2004;
/// OP_COMPRESSED: a message in a compressed wrapper.
pub const OP_COMPRESSED: i32 = 2012;
/// OP_MSG: every command and every reply.
pub const OP_MSG: i32 = 2013;

/// What the first sixteen bytes of a message say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Bytes of the whole message; at least [`HEADER_BYTES`].
    pub bytes: usize,
    /// The sender's number for this message.
    pub request_id: i32,
    /// The number of the message that this one answers; 0 in a request.
    pub response_to: i32,
    /// Which operation the body is.
    pub op_code: i32,
}

/// One whole message, in place in the read buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'b> {
    /// Its header.
    pub header: Header,
    /// What stands behind the header. To be consumed exactly.
    pub body: &'b [u8],
    /// The whole, as it came.
    pub bytes: &'b [u8],
}

/// A length that no message of the kind can have. The stream cannot be followed any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadLength {
    /// What the length field said.
    pub length: i32,
}

impl fmt::Display for BadLength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid message length {}", self.length)
    }
}

impl std::error::Error for BadLength {}

impl Header {
    /// Reads the header at the start of `input`; `None` while it is not complete.
    ///
    /// # Errors
    /// `BadLength` when the length does not even cover the header.
    pub fn read(input: &[u8]) -> Result<Option<Self>, BadLength> {
        let Some((fields, _)) = input.split_first_chunk::<HEADER_BYTES>() else {
            return Ok(None);
        };
        let (fields, _) = fields.as_chunks::<4>();
        let [length, request_id, response_to, op_code] = fields else { return Ok(None) };
        let [length, request_id, response_to, op_code] =
            [length, request_id, response_to, op_code].map(|field| i32::from_le_bytes(*field));
        match usize::try_from(length) {
            Ok(bytes) if bytes >= HEADER_BYTES => {
                Ok(Some(Self { bytes, request_id, response_to, op_code }))
            }
            _ => Err(BadLength { length }),
        }
    }

    /// Checks the length against `bytes_max`, header included: before anything is waited for or
    /// reserved.
    ///
    /// # Errors
    /// `BadLength` when the message would be longer.
    pub fn within(self, bytes_max: usize) -> Result<Self, BadLength> {
        if self.bytes <= bytes_max {
            Ok(self)
        } else {
            Err(BadLength { length: i32::try_from(self.bytes).unwrap_or(i32::MAX) })
        }
    }

    /// The message that this header begins, at the start of `input`; `None` while it is not complete.
    #[must_use]
    pub fn frame(self, input: &[u8]) -> Option<Frame<'_>> {
        let bytes = input.get(..self.bytes)?;
        let body = bytes.get(HEADER_BYTES..)?;
        Some(Frame { header: self, body, bytes })
    }
}

/// The most bytes that a client's message of this operation may have, header included, or `None` for
/// an operation that is not served.
#[must_use]
pub fn bytes_max(op_code: i32, message_bytes_max: usize) -> Option<usize> {
    match op_code {
        OP_MSG | OP_COMPRESSED => Some(message_bytes_max),
        OP_QUERY => Some(QUERY_BYTES_MAX.min(message_bytes_max)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(length: i32, op_code: i32) -> Vec<u8> {
        [length, 7, 0, op_code].iter().flat_map(|field| field.to_le_bytes()).collect()
    }

    #[test]
    fn frames_end_where_their_length_says() {
        let mut input = header(18, OP_MSG);
        input.extend(b"ab");
        input.extend(header(16, OP_QUERY));
        for end in 0..HEADER_BYTES {
            assert_eq!(Header::read(&input[..end]), Ok(None));
        }
        let first = Header::read(&input).unwrap().unwrap().within(18).unwrap();
        assert_eq!((first.request_id, first.response_to, first.op_code), (7, 0, OP_MSG));
        for end in HEADER_BYTES..18 {
            assert_eq!(first.frame(&input[..end]), None, "{end} bytes are not a whole message");
        }
        let frame = first.frame(&input).unwrap();
        assert_eq!((frame.body, frame.bytes), (&b"ab"[..], &input[..18]));
        let second = Header::read(&input[18..]).unwrap().unwrap().frame(&input[18..]).unwrap();
        assert_eq!((second.header.op_code, second.body), (OP_QUERY, &b""[..]));
    }

    #[test]
    fn lengths_are_checked_before_anything_is_waited_for() {
        for length in [0, 15, -1, i32::MIN] {
            assert_eq!(Header::read(&header(length, OP_MSG)), Err(BadLength { length }));
        }
        let huge = Header::read(&header(i32::MAX, OP_MSG)).unwrap().unwrap();
        assert_eq!(huge.within(48_000_000), Err(BadLength { length: i32::MAX }));
        let fits = Header::read(&header(48_000_000, OP_MSG)).unwrap().unwrap();
        assert_eq!(fits.within(48_000_000), Ok(fits));
        assert_eq!(fits.within(47_999_999), Err(BadLength { length: 48_000_000 }));
    }

    #[test]
    fn only_two_operations_and_their_wrapper_are_waited_for() {
        assert_eq!(bytes_max(OP_MSG, 48_000_000), Some(48_000_000));
        assert_eq!(bytes_max(OP_QUERY, 48_000_000), Some(QUERY_BYTES_MAX));
        assert_eq!(bytes_max(OP_QUERY, 1_000), Some(1_000));
        for op_code in [0, OP_REPLY, 1000, 2001, 2002, 2003, 2005, 2006, 2007, 2010, 2011, -1] {
            assert_eq!(bytes_max(op_code, 48_000_000), None, "{op_code}");
        }
    }
}
