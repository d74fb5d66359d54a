//! A value as its bytes.

use super::{Dictionary, Item, PackError, Reader, Structures, Value};

/// One whole value whose bytes have been checked: what a message carries that nobody here looks
/// into, or not yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'a> {
    bytes: &'a [u8],
}

impl<'a> Raw<'a> {
    /// INVARIANT: `bytes` are one whole value that a reader has walked over.
    pub(super) fn checked(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The bytes, ready to be sent.
    #[must_use]
    pub fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    fn reader(self) -> Reader<'a> {
        Reader::new(self.bytes, Structures::All)
    }

    /// What the value begins with.
    #[must_use]
    pub fn item(self) -> Item<'a> {
        // The bytes were checked; a checked value has a first item.
        self.reader().item().unwrap_or(Item::Null)
    }

    /// Whether it is null.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.item() == Item::Null
    }

    /// Its text.
    ///
    /// # Errors
    /// `Type` when it is none.
    pub fn string(self) -> Result<&'a str, PackError> {
        match self.item() {
            Item::String(text) => Ok(text),
            _ => Err(PackError::Type("a text")),
        }
    }

    /// Its number.
    ///
    /// # Errors
    /// `Type` when it is none.
    pub fn integer(self) -> Result<i64, PackError> {
        match self.item() {
            Item::Integer(number) => Ok(number),
            _ => Err(PackError::Type("an integer")),
        }
    }

    /// Its truth.
    ///
    /// # Errors
    /// `Type` when it is none.
    pub fn boolean(self) -> Result<bool, PackError> {
        match self.item() {
            Item::Boolean(truth) => Ok(truth),
            _ => Err(PackError::Type("a boolean")),
        }
    }

    /// Its items, if it is a list; its fields, if it is a structure.
    ///
    /// # Errors
    /// `Type` when it is neither.
    pub fn items(self) -> Result<Items<'a>, PackError> {
        let mut reader = self.reader();
        match reader.item()? {
            Item::List(left) | Item::Structure { fields: left, .. } => Ok(Items { reader, left }),
            _ => Err(PackError::Type("a list")),
        }
    }

    /// Its entries, if it is a map.
    ///
    /// # Errors
    /// `Type` when it is none.
    pub fn dictionary(self) -> Result<Dictionary<'a>, PackError> {
        Dictionary::read(&mut self.reader())
    }

    /// The whole as a tree.
    ///
    /// # Errors
    /// None that a checked value can have.
    pub fn value(self) -> Result<Value<'a>, PackError> {
        Value::read(&mut self.reader())
    }
}

/// The items of a list, or the fields of a structure.
#[derive(Clone, Debug)]
pub struct Items<'a> {
    reader: Reader<'a>,
    left: usize,
}

impl<'a> Iterator for Items<'a> {
    type Item = Raw<'a>;

    fn next(&mut self) -> Option<Raw<'a>> {
        self.left = self.left.checked_sub(1)?;
        self.reader.value().ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Items<'_> {}
