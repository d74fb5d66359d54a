//! ParameterStatus: a setting's value, whenever it changes.

use bytes::BytesMut;
use pgwire::messages::startup::ParameterStatus as Encoded;
use wire::{Cursor, Malformed};

use crate::message::put;

/// `S`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParameterStatus<'a> {
    /// The setting.
    pub name: &'a [u8],
    /// Its value.
    pub value: &'a [u8],
}

impl<'a> ParameterStatus<'a> {
    /// Reads an `S` message's body.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn read(body: &'a [u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(body);
        let (name, value) = (cursor.cstr()?, cursor.cstr()?);
        cursor.finish()?;
        Ok(Self { name, value })
    }

    /// Appends one of our own making.
    pub fn put(name: &str, value: &str, out: &mut BytesMut) {
        put(&Encoded::new(name.to_owned(), value.to_owned()), out);
    }
}
