//! Documents and arrays as views over validated bytes.

use wire::Span;

use super::element::RawElement;
use super::{Element, Fault, Value, validate};
use crate::Bounds;

/// A document whose bytes are sound to its innermost level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Document<'b> {
    // INVARIANT: went through `validate`, or is part of what did.
    bytes: &'b [u8],
    /// Where it begins, in bytes from the start of the outermost document.
    at: u32,
}

impl<'b> Document<'b> {
    /// The document that `bytes` are, exactly.
    ///
    /// # Errors
    /// `Fault`, for the first thing that is not sound.
    pub fn read(bytes: &'b [u8], bounds: &Bounds) -> Result<Self, Fault> {
        validate::document(bytes, bounds)?;
        Ok(Self { bytes, at: 0 })
    }

    /// One whose bytes went through [`Document::read`] before.
    pub(crate) fn validated(bytes: &'b [u8], at: u32) -> Self {
        Self { bytes, at }
    }

    /// All of its bytes, length and final NUL included.
    #[must_use]
    pub fn bytes(&self) -> &'b [u8] {
        self.bytes
    }

    /// Where it stands, in bytes from the start of the outermost document.
    #[must_use]
    pub fn span(&self) -> Span {
        let bytes = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        Span::new(self.at, self.at.saturating_add(bytes))
    }

    /// Its elements, in order.
    #[must_use]
    pub fn elements(&self) -> Elements<'b> {
        Elements { rest: inside(self.bytes), at: self.at.saturating_add(4) }
    }

    /// The bytes of all its elements, for copying them.
    #[must_use]
    pub fn elements_bytes(&self) -> &'b [u8] {
        inside(self.bytes)
    }

    /// The first element: in a command's body, its name.
    #[must_use]
    pub fn first(&self) -> Option<Element<'b>> {
        self.elements().next()
    }

    /// The element of this name. There is one at most.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Element<'b>> {
        self.elements().find(|element| element.name() == name)
    }

    /// The value of the element of this name.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<Value<'b>> {
        self.get(name).map(|element| element.value())
    }

    /// Whether it has no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        inside(self.bytes).is_empty()
    }
}

/// An array whose bytes are sound to its innermost level. Its elements are numbered from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Array<'b> {
    // An array is a document whose names are numbers.
    document: Document<'b>,
}

impl<'b> Array<'b> {
    pub(super) fn validated(bytes: &'b [u8], at: u32) -> Self {
        Self { document: Document::validated(bytes, at) }
    }

    /// All of its bytes, length and final NUL included.
    #[must_use]
    pub fn bytes(&self) -> &'b [u8] {
        self.document.bytes()
    }

    /// Where it stands, in bytes from the start of the outermost document.
    #[must_use]
    pub fn span(&self) -> Span {
        self.document.span()
    }

    /// Its elements, in order.
    #[must_use]
    pub fn elements(&self) -> Elements<'b> {
        self.document.elements()
    }

    /// Its values, in order.
    pub fn values(&self) -> impl Iterator<Item = Value<'b>> + use<'b> {
        self.elements().map(|element| element.value())
    }

    /// Whether it has no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.document.is_empty()
    }
}

/// Between a document's length and its final NUL.
fn inside(document: &[u8]) -> &[u8] {
    document.get(4..document.len().saturating_sub(1)).unwrap_or_default()
}

/// The elements of a document or an array.
#[derive(Clone, Debug)]
pub struct Elements<'b> {
    // INVARIANT: validated elements, one behind the other.
    rest: &'b [u8],
    at: u32,
}

impl<'b> Iterator for Elements<'b> {
    type Item = Element<'b>;

    fn next(&mut self) -> Option<Element<'b>> {
        // Validated elements can be scanned until there are none.
        let raw = RawElement::scan(&mut self.rest).ok()?;
        let name = str::from_utf8(raw.name).ok()?;
        let element = Element::new(raw, name, self.at);
        self.at = self.at.saturating_add(u32::try_from(raw.bytes.len()).unwrap_or(u32::MAX));
        Some(element)
    }
}
