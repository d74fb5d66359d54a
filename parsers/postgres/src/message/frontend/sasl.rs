//! SASLInitialResponse and SASLResponse: the client's half of SCRAM.

use bytes::{Bytes, BytesMut};
use pgwire::messages::startup::{PasswordMessageFamily, SASLInitialResponse, SASLResponse};
use wire::{Cursor, Malformed};

use crate::message::put;

/// `p`, the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SaslInitialResponse<'a> {
    /// The mechanism that the client chose.
    pub mechanism: &'a [u8],
    /// The client's first message, if it sent one.
    pub data: Option<&'a [u8]>,
}

impl<'a> SaslInitialResponse<'a> {
    /// Reads a `p` message's body.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn read(body: &'a [u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(body);
        let mechanism = cursor.cstr()?;
        let data = match cursor.i32()? {
            -1 => None,
            length => {
                let length = usize::try_from(length)
                    .map_err(|_| Malformed("a response's length is negative"))?;
                Some(cursor.take(length)?)
            }
        };
        cursor.finish()?;
        Ok(Self { mechanism, data })
    }
}

/// Appends a SASLInitialResponse.
pub fn sasl_initial_response(mechanism: &str, data: &str, out: &mut BytesMut) {
    let data = Some(Bytes::copy_from_slice(data.as_bytes()));
    let response = SASLInitialResponse::new(mechanism.to_owned(), data);
    put(&PasswordMessageFamily::SASLInitialResponse(response), out);
}

/// Appends a SASLResponse.
pub fn sasl_response(data: &str, out: &mut BytesMut) {
    let response = SASLResponse::new(Bytes::copy_from_slice(data.as_bytes()));
    put(&PasswordMessageFamily::SASLResponse(response), out);
}
