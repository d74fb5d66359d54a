//! The messages without a body: Sync, Flush, Terminate.

use bytes::{BufMut, BytesMut};
use wire::Inert;

/// `S`: ends a group of messages of the extended protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sync;

/// `H`: asks for what is buffered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flush;

/// `X`: ends the connection in good order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminate;

impl Inert for Sync {}
impl Inert for Flush {}
impl Inert for Terminate {}

impl Sync {
    /// Appends it.
    pub fn put(self, out: &mut BytesMut) {
        out.put_slice(b"S\0\0\0\x04");
    }
}

impl Flush {
    /// Appends it.
    pub fn put(self, out: &mut BytesMut) {
        out.put_slice(b"H\0\0\0\x04");
    }
}

impl Terminate {
    /// Appends it.
    pub fn put(self, out: &mut BytesMut) {
        out.put_slice(b"X\0\0\0\x04");
    }
}
