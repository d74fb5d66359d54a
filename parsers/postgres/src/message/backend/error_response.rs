//! ErrorResponse and NoticeResponse: the same fields under two tags.

use std::borrow::Cow;

use bytes::BytesMut;
use pgwire::messages::response::{ErrorResponse, NoticeResponse};
use wire::{Cursor, Malformed};

use crate::message::put;

/// The first bytes of fields ("Error and Notice Message Fields").
pub mod field {
    /// Severity, in the server's language.
    pub const SEVERITY: u8 = b'S';
    /// Severity, never translated.
    pub const SEVERITY_PLAIN: u8 = b'V';
    /// SQLSTATE.
    pub const CODE: u8 = b'C';
    /// The sentence.
    pub const MESSAGE: u8 = b'M';
    /// A longer explanation.
    pub const DETAIL: u8 = b'D';
    /// What to do.
    pub const HINT: u8 = b'H';
    /// Where in the statement's text, in characters from 1.
    pub const POSITION: u8 = b'P';
    /// Where in a statement of the server's own.
    pub const INTERNAL_POSITION: u8 = b'p';
    /// That statement.
    pub const INTERNAL_QUERY: u8 = b'q';
    /// What called what.
    pub const CONTEXT: u8 = b'W';
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The statement failed.
    Error,
    /// The connection ends.
    Fatal,
}

impl Severity {
    fn name(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::Fatal => "FATAL",
        }
    }
}

/// The fields of an `E` or `N`, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorFields<'a>(Vec<(u8, Cow<'a, str>)>);

impl<'a> ErrorFields<'a> {
    /// Reads an `E` or `N` message's body. Bytes that are not UTF-8, as a server may send before the
    /// encoding is settled, are replaced.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn read(body: &'a [u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(body);
        let mut fields = Vec::new();
        loop {
            match cursor.u8()? {
                0 => break,
                code => fields.push((code, String::from_utf8_lossy(cursor.cstr()?))),
            }
        }
        cursor.finish()?;
        Ok(Self(fields))
    }

    /// An error of our own.
    #[must_use]
    pub fn new(severity: Severity, code: &'static str, message: impl Into<Cow<'a, str>>) -> Self {
        Self(vec![
            (field::SEVERITY, severity.name().into()),
            (field::SEVERITY_PLAIN, severity.name().into()),
            (field::CODE, code.into()),
            (field::MESSAGE, message.into()),
        ])
    }

    /// The same, with one field more.
    #[must_use]
    pub fn with(mut self, code: u8, value: impl Into<Cow<'a, str>>) -> Self {
        self.0.push((code, value.into()));
        self
    }

    /// The field of this code.
    #[must_use]
    pub fn get(&self, code: u8) -> Option<&str> {
        self.0.iter().find(|(each, _)| *each == code).map(|(_, value)| &**value)
    }

    /// SQLSTATE, or the empty text.
    #[must_use]
    pub fn code(&self) -> &str {
        self.get(field::CODE).unwrap_or_default()
    }

    /// Whether the connection ends with it.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        // Before 9.6 there was only the translated one.
        let severity = self.get(field::SEVERITY_PLAIN).or_else(|| self.get(field::SEVERITY));
        matches!(severity, Some("FATAL" | "PANIC"))
    }

    /// Removes the fields of this code. Says whether there was one.
    pub fn remove(&mut self, code: u8) -> bool {
        let before = self.0.len();
        self.0.retain(|(each, _)| *each != code);
        self.0.len() != before
    }

    /// Gives the fields of this code another value.
    pub fn set(&mut self, code: u8, value: impl Into<Cow<'a, str>>) {
        let value = value.into();
        for (_, old) in self.0.iter_mut().filter(|(each, _)| *each == code) {
            old.clone_from(&value);
        }
    }

    /// Appends an ErrorResponse.
    pub fn put_error(self, out: &mut BytesMut) {
        put(&ErrorResponse::new(self.into_fields()), out);
    }

    /// Appends a NoticeResponse.
    pub fn put_notice(self, out: &mut BytesMut) {
        put(&NoticeResponse::new(self.into_fields()), out);
    }

    fn into_fields(self) -> Vec<(u8, String)> {
        self.0.into_iter().map(|(code, value)| (code, value.into_owned())).collect()
    }
}
