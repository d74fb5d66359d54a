//! CancelRequest: a start-up packet on a connection of its own that asks to stop another's
//! statement.

use bytes::{BufMut, Bytes, BytesMut};
use wire::{Cursor, Malformed};

/// The number that stands where a start-up packet has its version.
pub(super) const CODE: u32 = 80_877_102;
/// Least and most bytes of the secret part: four in protocol 3.0, up to 256 from 3.2 on.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 4..=256;

/// What a client shows: the process number and the secret, as BackendKeyData gave them to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CancelRequest<'a> {
    /// Process number and secret, as one key.
    pub key: &'a [u8],
}

impl<'a> CancelRequest<'a> {
    pub(super) fn read(mut rest: Cursor<'a>) -> Result<Self, Malformed> {
        let key = rest.rest();
        match key.len().checked_sub(size_of::<u32>()) {
            Some(secret) if SECRET_BYTES.contains(&secret) => Ok(Self { key }),
            _ => Err(Malformed("the cancel key has an impossible length")),
        }
    }

    /// The packet that shows `key` to an upstream.
    #[must_use]
    pub fn packet(key: &[u8]) -> Bytes {
        let length = 2 * size_of::<u32>() + key.len();
        let mut out = BytesMut::with_capacity(length);
        out.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
        out.put_u32(CODE);
        out.put_slice(key);
        out.freeze()
    }
}
