//! BackendKeyData: what to show in order to cancel.

use bytes::{Bytes, BytesMut};
use pgwire::messages::startup::{BackendKeyData as Encoded, SecretKey};
use wire::{Cursor, Malformed};

use crate::message::put;

/// `K`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackendKeyData<'a> {
    /// Process number and secret, as one key: what a CancelRequest shows.
    pub key: &'a [u8],
}

/// Bytes of a process number and the shortest, and the longest, secret.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 8..=260;

impl<'a> BackendKeyData<'a> {
    /// Reads a `K` message's body.
    ///
    /// # Errors
    /// `Malformed` when the key has a length that no CancelRequest could show.
    pub fn read(body: &'a [u8]) -> Result<Self, Malformed> {
        if KEY_BYTES.contains(&body.len()) {
            Ok(Self { key: body })
        } else {
            Err(Malformed("the cancel key has an impossible length"))
        }
    }

    /// Appends it.
    ///
    /// # Errors
    /// `Malformed` as in [`BackendKeyData::read`].
    pub fn put(self, out: &mut BytesMut) -> Result<(), Malformed> {
        let mut cursor = Cursor::new(Self::read(self.key)?.key);
        let process = cursor.i32()?;
        let secret = SecretKey::Bytes(Bytes::copy_from_slice(cursor.rest()));
        put(&Encoded::new(process, secret), out);
        Ok(())
    }
}
