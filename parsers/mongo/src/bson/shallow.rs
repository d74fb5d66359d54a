//! Documents of the upstream's: extents are checked as they are passed, and nothing is decoded.

use wire::{Cursor, Malformed};

use super::Kind;
use super::element::{DOCUMENT_BYTES_MIN, RawElement};
use super::value::{exact_i64, text_bytes};
use crate::le;

/// A document of which the length and the end have been checked and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shallow<'b> {
    bytes: &'b [u8],
    elements: &'b [u8],
}

impl<'b> Shallow<'b> {
    /// The document that `bytes` are, exactly.
    ///
    /// # Errors
    /// `Malformed` when they are none, seen from outside.
    pub fn read(bytes: &'b [u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(bytes);
        let length = le::length(&mut cursor, DOCUMENT_BYTES_MIN)?;
        match cursor.rest().split_last() {
            Some((0, elements)) if length == bytes.len() => Ok(Self { bytes, elements }),
            _ => Err(Malformed("a document does not end where it says")),
        }
    }

    /// All of its bytes.
    #[must_use]
    pub fn bytes(&self) -> &'b [u8] {
        self.bytes
    }

    /// Its elements, in order, until the first that cannot be one.
    #[must_use]
    pub fn elements(&self) -> ShallowElements<'b> {
        ShallowElements { rest: self.elements }
    }

    /// The first element of this name.
    ///
    /// # Errors
    /// `Malformed` when an element before it cannot be one.
    pub fn get(&self, name: &str) -> Result<Option<RawElement<'b>>, Malformed> {
        for element in self.elements() {
            let element = element?;
            if element.name == name.as_bytes() {
                return Ok(Some(element));
            }
        }
        Ok(None)
    }
}

/// The elements of a [`Shallow`] document. Ends behind an error.
#[derive(Clone, Debug)]
pub struct ShallowElements<'b> {
    rest: &'b [u8],
}

impl<'b> Iterator for ShallowElements<'b> {
    type Item = Result<RawElement<'b>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let element = RawElement::scan(&mut self.rest);
        if element.is_err() {
            self.rest = &[];
        }
        Some(element)
    }
}

impl<'b> RawElement<'b> {
    /// The number, of an integer or of a double that is one exactly.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self.kind {
            Kind::Int32 => self.value.first_chunk().map(|bytes| i32::from_le_bytes(*bytes).into()),
            Kind::Int64 => self.value.first_chunk().map(|bytes| i64::from_le_bytes(*bytes)),
            Kind::Double => {
                self.value.first_chunk().and_then(|bytes| exact_i64(f64::from_le_bytes(*bytes)))
            }
            _ => None,
        }
    }

    /// Whether it is a boolean that is true, or a number other than 0: how the server and drivers
    /// read `ok`.
    #[must_use]
    pub fn is_truthy(&self) -> bool {
        match self.kind {
            Kind::Boolean => self.value == [1],
            Kind::Double => {
                self.value.first_chunk().is_some_and(|bytes| f64::from_le_bytes(*bytes) != 0.0)
            }
            _ => self.as_i64().is_some_and(|number| number != 0),
        }
    }

    /// The text, of a string that is UTF-8.
    #[must_use]
    pub fn as_str(&self) -> Option<&'b str> {
        if self.kind != Kind::String {
            return None;
        }
        str::from_utf8(text_bytes(&mut Cursor::new(self.value)).ok()?).ok()
    }

    /// The document, of a document or an array.
    ///
    /// # Errors
    /// `Malformed` when it is neither, or does not end as one.
    pub fn nested(&self) -> Result<Shallow<'b>, Malformed> {
        match self.kind {
            Kind::Document | Kind::Array => Shallow::read(self.value),
            _ => Err(Malformed("a value is not a document")),
        }
    }
}
