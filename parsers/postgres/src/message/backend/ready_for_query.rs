//! ReadyForQuery: everything is answered, and here is how the transaction stands.

use bytes::BytesMut;
use pgwire::messages::response::{ReadyForQuery as Encoded, TransactionStatus as EncodedStatus};
use wire::{Cursor, Malformed};

use crate::message::put;

/// `Z`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadyForQuery {
    /// How the transaction stands.
    pub status: TransactionStatus,
}

/// How a transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionStatus {
    /// `I`: there is none.
    Idle,
    /// `T`: it is open.
    InTransaction,
    /// `E`: it has failed and waits for its end.
    Failed,
}

impl ReadyForQuery {
    /// Reads a `Z` message's body.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn read(body: &[u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(body);
        let status = match cursor.u8()? {
            b'I' => TransactionStatus::Idle,
            b'T' => TransactionStatus::InTransaction,
            b'E' => TransactionStatus::Failed,
            _ => return Err(Malformed("the transaction status is not known")),
        };
        cursor.finish()?;
        Ok(Self { status })
    }

    /// Appends it.
    pub fn put(self, out: &mut BytesMut) {
        let status = match self.status {
            TransactionStatus::Idle => EncodedStatus::Idle,
            TransactionStatus::InTransaction => EncodedStatus::Transaction,
            TransactionStatus::Failed => EncodedStatus::Error,
        };
        put(&Encoded::new(status), out);
    }
}
