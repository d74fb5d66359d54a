//! Frames: where a message begins and ends. Nothing is copied and nothing is reserved here.
//!
//! PostgreSQL, "Message Formats": one byte of tag, then a length of four bytes that counts itself
//! and the body. A start-up packet has no tag.

use std::fmt;

/// Bytes in front of a tagged message's body.
pub const HEADER_BYTES: usize = 5;
/// Bytes of a length field. A length counts them, so it is never less.
const LENGTH_BYTES: usize = 4;
/// Most bytes of a start-up packet: PostgreSQL's own limit.
pub const STARTUP_BYTES_MAX: usize = 10_000;
/// Most bytes of a message that carries no statement and no value: PostgreSQL's own limit.
pub const SMALL_FRAME_BYTES_MAX: usize = 10_000;

/// One whole message, in place in the read buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The first byte.
    pub tag: u8,
    /// What stands behind the length. To be consumed exactly.
    pub body: &'a [u8],
    /// The whole, as it came.
    pub bytes: &'a [u8],
}

/// What the first five bytes of a message say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The first byte.
    pub tag: u8,
    /// Bytes of the whole message; at least [`HEADER_BYTES`].
    pub bytes: usize,
}

/// A length that no message of the kind can have. The stream cannot be followed any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadLength {
    /// What the length field said.
    pub length: u32,
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
    /// `BadLength` when the length does not even cover itself.
    pub fn read(input: &[u8]) -> Result<Option<Self>, BadLength> {
        let Some(([tag, length @ ..], _)) = input.split_first_chunk::<HEADER_BYTES>() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes(*length);
        match usize::try_from(length) {
            Ok(bytes) if bytes >= LENGTH_BYTES => Ok(Some(Self { tag: *tag, bytes: bytes + 1 })),
            _ => Err(BadLength { length }),
        }
    }

    /// The frame that this header stands in front of, at the start of `input`; `None` while it is
    /// not complete.
    #[must_use]
    pub fn frame(self, input: &[u8]) -> Option<Frame<'_>> {
        let bytes = input.get(..self.bytes)?;
        let body = bytes.get(HEADER_BYTES..)?;
        Some(Frame { tag: self.tag, body, bytes })
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
            let length = u32::try_from(self.bytes - 1).unwrap_or(u32::MAX);
            Err(BadLength { length })
        }
    }
}

/// Gives the first start-up packet's body, without its length, and how many bytes the packet takes;
/// `None` while it is not complete.
///
/// # Errors
/// `BadLength` when no start-up packet has that length.
pub fn startup(input: &[u8]) -> Result<Option<(&[u8], usize)>, BadLength> {
    let Some((length, _)) = input.split_first_chunk::<LENGTH_BYTES>() else {
        return Ok(None);
    };
    let length = u32::from_be_bytes(*length);
    // A packet holds at least the number that says which it is.
    let bytes = usize::try_from(length)
        .ok()
        .filter(|bytes| (2 * LENGTH_BYTES..=STARTUP_BYTES_MAX).contains(bytes))
        .ok_or(BadLength { length })?;
    Ok(input.get(LENGTH_BYTES..bytes).map(|body| (body, bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(input: &[u8]) -> Option<Frame<'_>> {
        Header::read(input).unwrap().unwrap().within(64).unwrap().frame(input)
    }

    #[test]
    fn frames_end_where_their_length_says() {
        let input = b"S\0\0\0\x04H\0\0\0\x06ab";
        let first = read(input).unwrap();
        assert_eq!((first.tag, first.body, first.bytes), (b'S', &b""[..], &input[..5]));
        let second = read(&input[5..]).unwrap();
        assert_eq!((second.tag, second.body), (b'H', &b"ab"[..]));
        for end in 5..input.len() - 5 {
            assert_eq!(read(&input[5..5 + end]), None, "{end} bytes are not a whole message");
        }
        for end in 0..5 {
            assert_eq!(Header::read(&input[..end]), Ok(None));
        }
    }

    #[test]
    fn lengths_are_checked_before_anything_is_waited_for() {
        for length in [0_u32, 1, 3] {
            let mut input = b"Q".to_vec();
            input.extend(length.to_be_bytes());
            assert_eq!(Header::read(&input), Err(BadLength { length }));
        }
        let huge = Header::read(b"Q\xff\xff\xff\xff").unwrap().unwrap();
        assert_eq!(huge.within(1 << 20), Err(BadLength { length: u32::MAX }));
        let fits = Header::read(b"Q\0\0\0\x3f").unwrap().unwrap();
        assert_eq!(fits.within(64), Ok(fits));
        assert_eq!(fits.within(63), Err(BadLength { length: 63 }));
    }

    #[test]
    fn startup_packets_are_bounded() {
        assert_eq!(
            startup(b"\0\0\0\x08\x04\xd2\x16\x2fQ"),
            Ok(Some((&b"\x04\xd2\x16\x2f"[..], 8)))
        );
        assert_eq!(startup(b"\0\0\0\x08\x04\xd2\x16"), Ok(None));
        assert_eq!(startup(b"\0\0\0"), Ok(None));
        assert_eq!(startup(b"\0\0\0\x07"), Err(BadLength { length: 7 }));
        assert_eq!(startup(b"\0\0\x27\x11"), Err(BadLength { length: 10_001 }));
        assert_eq!(startup(b"\x16\x03\x01\x02"), Err(BadLength { length: 0x1603_0102 }));
    }
}
