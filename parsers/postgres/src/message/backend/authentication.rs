//! Authentication: who has to prove what, and how.

use bytes::{Bytes, BytesMut};
use pgwire::messages::startup::Authentication as Encoded;
use wire::{Cursor, Malformed};

use crate::message::put;

/// `R`
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authentication<'a> {
    /// 0: proven, or nothing to prove.
    Ok,
    /// 3: the password itself is wanted.
    CleartextPassword,
    /// 5: MD5 of the password and this salt is wanted.
    Md5Password([u8; 4]),
    /// 10: one of these mechanisms is wanted.
    Sasl(Vec<&'a [u8]>),
    /// 11: the mechanism's next message.
    SaslContinue(&'a [u8]),
    /// 12: the mechanism's last message.
    SaslFinal(&'a [u8]),
    /// A way that is not known here, by its number.
    Unknown(u32),
}

impl<'a> Authentication<'a> {
    /// Reads an `R` message's body.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn read(body: &'a [u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(body);
        let authentication = match cursor.u32()? {
            0 => Self::Ok,
            3 => Self::CleartextPassword,
            5 => Self::Md5Password(cursor.u32()?.to_be_bytes()),
            10 => {
                let mut mechanisms = Vec::new();
                loop {
                    match cursor.cstr()? {
                        [] => break Self::Sasl(mechanisms),
                        mechanism => mechanisms.push(mechanism),
                    }
                }
            }
            11 => Self::SaslContinue(cursor.rest()),
            12 => Self::SaslFinal(cursor.rest()),
            // What it brings is anybody's guess.
            number => return Ok(Self::Unknown(number)),
        };
        cursor.finish()?;
        Ok(authentication)
    }

    /// Appends AuthenticationOk.
    pub fn put_ok(out: &mut BytesMut) {
        put(&Encoded::Ok, out);
    }

    /// Appends AuthenticationSASL with `mechanisms`, the preferred one first.
    pub fn put_sasl<'m>(mechanisms: impl IntoIterator<Item = &'m str>, out: &mut BytesMut) {
        put(&Encoded::SASL(mechanisms.into_iter().map(str::to_owned).collect()), out);
    }

    /// Appends AuthenticationSASLContinue.
    pub fn put_sasl_continue(data: &str, out: &mut BytesMut) {
        put(&Encoded::SASLContinue(Bytes::copy_from_slice(data.as_bytes())), out);
    }

    /// Appends AuthenticationSASLFinal.
    pub fn put_sasl_final(data: &str, out: &mut BytesMut) {
        put(&Encoded::SASLFinal(Bytes::copy_from_slice(data.as_bytes())), out);
    }
}
