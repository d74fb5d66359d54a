//! A kind-1 section: documents that stand beside the body instead of in an array of it.

use wire::Cursor;

use crate::bson::{Document, Fault};
use crate::{Bounds, Defect, le};

/// An argument whose value is a run of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sequence<'b> {
    /// The argument's name.
    pub identifier: &'b str,
    // INVARIANT: sound documents, end to end.
    documents: &'b [u8],
}

impl<'b> Sequence<'b> {
    /// Reads what stands behind the section's kind, and leaves what stands behind the section.
    pub(super) fn read(cursor: &mut Cursor<'b>, bounds: &Bounds) -> Result<Self, Defect> {
        let length = le::length(cursor, 4)?;
        let mut section = Cursor::new(cursor.take(length - 4)?);
        let identifier = section.cstr()?;
        let documents = section.rest();
        let mut each = Documents { rest: documents };
        while let Some(bytes) = each.next_bytes()? {
            Document::read(bytes, bounds)?;
        }
        let identifier = str::from_utf8(identifier).map_err(|_| Fault::Encoding)?;
        Ok(Self { identifier, documents })
    }

    /// Its documents, in order.
    #[must_use]
    pub fn documents(&self) -> Documents<'b> {
        Documents { rest: self.documents }
    }

    /// The bytes of its documents, for copying them.
    #[must_use]
    pub fn bytes(&self) -> &'b [u8] {
        self.documents
    }
}

/// The documents of a [`Sequence`].
#[derive(Clone, Debug)]
pub struct Documents<'b> {
    rest: &'b [u8],
}

impl<'b> Documents<'b> {
    /// The bytes of the next document, by the length that it begins with.
    fn next_bytes(&mut self) -> Result<Option<&'b [u8]>, wire::Malformed> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let bytes = le::length(&mut Cursor::new(self.rest), 4)?;
        let mut cursor = Cursor::new(self.rest);
        let document = cursor.take(bytes)?;
        self.rest = cursor.rest();
        Ok(Some(document))
    }
}

impl<'b> Iterator for Documents<'b> {
    type Item = Document<'b>;

    fn next(&mut self) -> Option<Document<'b>> {
        // Validated documents stand end to end.
        self.next_bytes().ok()?.map(|bytes| Document::validated(bytes, 0))
    }
}
