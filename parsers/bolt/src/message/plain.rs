//! The messages that carry nothing: COMMIT, ROLLBACK, RESET, LOGOFF, GOODBYE; and TELEMETRY, which
//! carries a number.

use bytes::BytesMut;
use wire::Inert;

use super::{Defect, Fields};
use crate::packstream::{Item, PackError, put_integer, put_structure_header};

pub(super) const GOODBYE: u8 = 0x02;
pub(super) const RESET: u8 = 0x0F;
pub(super) const COMMIT: u8 = 0x12;
pub(super) const ROLLBACK: u8 = 0x13;
pub(super) const TELEMETRY: u8 = 0x54;
pub(super) const LOGOFF: u8 = 0x6B;

/// `12`: ends the transaction and keeps what it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commit;

/// `02`: the client goes. Not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goodbye;

/// `6B`: the client may log on as somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logoff;

/// `0F`: stops what runs and skips what waits. A server acts on it as soon as it arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reset;

/// `13`: ends the transaction and undoes what it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rollback;

/// `54`: which interface of the driver the application uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Telemetry {
    /// The interface, by its number.
    pub api: i64,
}

impl Inert for Commit {}
impl Inert for Goodbye {}
impl Inert for Logoff {}
impl Inert for Reset {}
impl Inert for Rollback {}
impl Inert for Telemetry {}

impl Commit {
    /// Appends the message.
    pub fn write(self, out: &mut BytesMut) {
        put_structure_header(COMMIT, 0, out);
    }
}

impl Goodbye {
    /// Appends the message.
    pub fn write(self, out: &mut BytesMut) {
        put_structure_header(GOODBYE, 0, out);
    }
}

impl Logoff {
    /// Appends the message.
    pub fn write(self, out: &mut BytesMut) {
        put_structure_header(LOGOFF, 0, out);
    }
}

impl Reset {
    /// Appends the message.
    pub fn write(self, out: &mut BytesMut) {
        put_structure_header(RESET, 0, out);
    }
}

impl Rollback {
    /// Appends the message.
    pub fn write(self, out: &mut BytesMut) {
        put_structure_header(ROLLBACK, 0, out);
    }
}

impl Telemetry {
    pub(super) fn read(fields: &mut Fields<'_>) -> Result<Self, Defect> {
        match fields.next()?.item()? {
            Item::Integer(api) => Ok(Self { api }),
            _ => Err(PackError::Type("an integer").into()),
        }
    }

    /// Appends the message.
    pub fn write(self, out: &mut BytesMut) {
        put_structure_header(TELEMETRY, 1, out);
        put_integer(self.api, out);
    }
}
