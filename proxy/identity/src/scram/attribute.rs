//! The grammar of SCRAM messages: `a=value` pairs with commas between (RFC 5802 section 7).

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{MESSAGE_BYTES_MAX, ScramError};

/// Reads a message from the left, one attribute at a time.
#[derive(Clone, Copy)]
pub(super) struct Attributes<'a> {
    /// What is left, without the comma before it. None after the last attribute.
    rest: Option<&'a [u8]>,
}

impl<'a> Attributes<'a> {
    /// # Errors
    /// `Malformed` when the message is too long or holds a NUL byte.
    pub(super) fn new(message: &'a [u8]) -> Result<Self, ScramError> {
        if message.len() > MESSAGE_BYTES_MAX {
            return Err(ScramError::Malformed("the message is too long"));
        }
        if message.contains(&0) {
            return Err(ScramError::Malformed("the message holds a NUL byte"));
        }
        Ok(Self { rest: Some(message) })
    }

    /// Takes the next attribute, which must be `name`. Its value may be empty.
    ///
    /// # Errors
    /// `Malformed(missing)` when another one or none comes; `Unsupported` when a mandatory extension
    /// stands in its place, as RFC 5802 section 5.1 demands.
    pub(super) fn take(&mut self, name: u8, missing: &'static str) -> Result<&'a [u8], ScramError> {
        match self.next()? {
            Some((found, value)) if found == name => Ok(value),
            Some((b'm', _)) => Err(ScramError::Unsupported("mandatory extensions")),
            Some(_) | None => Err(ScramError::Malformed(missing)),
        }
    }

    /// Reads past whatever optional extensions are left (RFC 5802 section 5.1: unknown ones are
    /// ignored; they are under the signatures all the same).
    ///
    /// # Errors
    /// `Malformed` when what is left is no list of attributes, `Unsupported` when one is mandatory.
    pub(super) fn skip_extensions(&mut self) -> Result<(), ScramError> {
        while let Some((name, _)) = self.next()? {
            if name == b'm' {
                return Err(ScramError::Unsupported("mandatory extensions"));
            }
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Option<(u8, &'a [u8])>, ScramError> {
        let Some(rest) = self.rest else { return Ok(None) };
        let (attribute, rest) = split_comma(rest);
        self.rest = rest;
        match attribute {
            [name, b'=', value @ ..] if name.is_ascii_alphabetic() => Ok(Some((*name, value))),
            _ => Err(ScramError::Malformed("an attribute is not of the form a=value")),
        }
    }
}

/// What stands before the first comma, and after it if there is one.
fn split_comma(bytes: &[u8]) -> (&[u8], Option<&[u8]>) {
    let mut parts = bytes.splitn(2, |byte| *byte == b',');
    (parts.next().unwrap_or_default(), parts.next())
}

/// A nonce's characters: RFC 5802's `printable`, at least one of them, as text.
///
/// # Errors
/// `Malformed` when it is empty, longer than `bytes_max`, or holds another character.
pub(super) fn printable(nonce: &[u8], bytes_max: usize) -> Result<&str, ScramError> {
    if nonce.is_empty() {
        return Err(ScramError::Malformed("the nonce is empty"));
    }
    if nonce.len() > bytes_max {
        return Err(ScramError::Malformed("the nonce is too long"));
    }
    let fits = |byte: &u8| matches!(byte, 0x21..=0x2B | 0x2D..=0x7E);
    match str::from_utf8(nonce) {
        Ok(text) if nonce.iter().all(fits) => Ok(text),
        Ok(_) | Err(_) => Err(ScramError::Malformed("the nonce is not printable")),
    }
}

/// Canonical base64 with padding.
///
/// # Errors
/// `Malformed(what)`.
pub(super) fn base64(value: &[u8], what: &'static str) -> Result<Vec<u8>, ScramError> {
    BASE64.decode(value).map_err(|_| ScramError::Malformed(what))
}
