//! Reading, borrowed and without recursion.

use std::collections::HashSet;

use super::{PackError, Raw, Structures};

/// How deep lists, maps and structures may stand in each other. A server's own limit is lower
/// before a login and higher after it; no driver nests values by the hundred.
pub const DEPTH_MAX: usize = 128;
/// Up to so many keys of a map are compared one by one, above that a set holds them.
const KEYS_COMPARED_MAX: usize = 16;

/// What a value begins with: a whole scalar, or how many items a collection has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Item<'a> {
    /// No value.
    Null,
    /// Truth.
    Boolean(bool),
    /// A whole number, of whatever width it was sent.
    Integer(i64),
    /// A floating-point number.
    Float(f64),
    /// Bytes.
    Bytes(&'a [u8]),
    /// Text.
    String(&'a str),
    /// So many values follow.
    List(usize),
    /// So many pairs of a text and a value follow.
    Map(usize),
    /// The fields follow.
    Structure {
        /// Which structure.
        tag: u8,
        /// How many fields.
        fields: usize,
    },
}

/// Reads values from a slice.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    structures: Structures,
}

/// A collection that is being read.
struct Open<'a> {
    /// Values that are still to come.
    left: usize,
    /// The keys so far, if it is a map.
    keys: Option<Keys<'a>>,
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`, for values that may hold these structures.
    #[must_use]
    pub fn new(bytes: &'a [u8], structures: Structures) -> Self {
        Self { rest: bytes, structures }
    }

    /// One scalar, or the head of a collection.
    ///
    /// # Errors
    /// `PackError`
    pub fn item(&mut self) -> Result<Item<'a>, PackError> {
        let [marker] = self.array()?;
        let low = usize::from(marker & 0x0F);
        Ok(match marker {
            0x00..=0x7F | 0xF0..=0xFF => Item::Integer(i64::from(i8::from_be_bytes([marker]))),
            0x80..=0x8F => Item::String(self.text(low)?),
            0x90..=0x9F => Item::List(self.count(low, 1)?),
            0xA0..=0xAF => Item::Map(self.count(low, 2)?),
            0xB0..=0xBF => {
                let [tag] = self.array()?;
                Item::Structure { tag, fields: self.count(low, 1)? }
            }
            0xC0 => Item::Null,
            0xC1 => Item::Float(f64::from_be_bytes(self.array()?)),
            0xC2 => Item::Boolean(false),
            0xC3 => Item::Boolean(true),
            0xC8 => Item::Integer(i64::from(i8::from_be_bytes(self.array()?))),
            0xC9 => Item::Integer(i64::from(i16::from_be_bytes(self.array()?))),
            0xCA => Item::Integer(i64::from(i32::from_be_bytes(self.array()?))),
            0xCB => Item::Integer(i64::from_be_bytes(self.array()?)),
            0xCC..=0xCE => {
                let size = self.size(marker - 0xCC)?;
                Item::Bytes(self.take(size)?)
            }
            0xD0..=0xD2 => {
                let size = self.size(marker - 0xD0)?;
                Item::String(self.text(size)?)
            }
            0xD4..=0xD6 => {
                let size = self.size(marker - 0xD4)?;
                Item::List(self.count(size, 1)?)
            }
            0xD8..=0xDA => {
                let size = self.size(marker - 0xD8)?;
                Item::Map(self.count(size, 2)?)
            }
            _ => return Err(PackError::UnknownMarker(marker)),
        })
    }

    /// One whole value, checked to its last byte.
    ///
    /// # Errors
    /// `PackError`
    pub fn value(&mut self) -> Result<Raw<'a>, PackError> {
        let before = self.rest;
        self.skip()?;
        let bytes = before.len() - self.rest.len();
        before.get(..bytes).map(Raw::checked).ok_or(PackError::Truncated)
    }

    /// A text.
    ///
    /// # Errors
    /// `PackError`
    pub fn string(&mut self) -> Result<&'a str, PackError> {
        match self.item()? {
            Item::String(text) => Ok(text),
            _ => Err(PackError::Type("a text")),
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// `Trailing` when bytes are left.
    pub fn finish(self) -> Result<(), PackError> {
        if self.rest.is_empty() { Ok(()) } else { Err(PackError::Trailing) }
    }

    /// Walks over one value. The stack of what is open is the only thing that grows, and it is
    /// bounded.
    fn skip(&mut self) -> Result<(), PackError> {
        let mut open: Vec<Open<'a>> = Vec::new();
        loop {
            let opened = match self.item()? {
                Item::List(left) => Some(Open { left, keys: None }),
                Item::Map(left) => Some(Open { left, keys: Some(Keys::default()) }),
                Item::Structure { tag, fields } if self.structures.allow(tag, fields) => {
                    Some(Open { left: fields, keys: None })
                }
                Item::Structure { tag, .. } => return Err(PackError::Structure(tag)),
                Item::Null
                | Item::Boolean(_)
                | Item::Integer(_)
                | Item::Float(_)
                | Item::Bytes(_)
                | Item::String(_) => None,
            };
            if open.len() + usize::from(opened.is_some()) > DEPTH_MAX {
                return Err(PackError::TooDeep);
            }
            open.extend(opened);
            loop {
                let Some(top) = open.last_mut() else { return Ok(()) };
                if top.left == 0 {
                    open.pop();
                    continue;
                }
                top.left -= 1;
                if let Some(keys) = &mut top.keys {
                    keys.add(self.key()?)?;
                }
                break;
            }
        }
    }

    /// The key in front of a map's value.
    pub(super) fn key(&mut self) -> Result<&'a str, PackError> {
        match self.item()? {
            Item::String(key) => Ok(key),
            _ => Err(PackError::KeyType),
        }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], PackError> {
        let (head, rest) = self.rest.split_at_checked(count).ok_or(PackError::Truncated)?;
        self.rest = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], PackError> {
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or(PackError::Truncated)?;
        self.rest = rest;
        Ok(*head)
    }

    /// A size of one, two or four bytes, by the marker's last bits.
    fn size(&mut self, width: u8) -> Result<usize, PackError> {
        match width {
            0 => self.array::<1>().map(|[size]| usize::from(size)),
            1 => self.array().map(|size| usize::from(u16::from_be_bytes(size))),
            _ => {
                let size = u32::from_be_bytes(self.array()?);
                usize::try_from(size).map_err(|_| PackError::Oversized)
            }
        }
    }

    fn text(&mut self, bytes: usize) -> Result<&'a str, PackError> {
        str::from_utf8(self.take(bytes)?).map_err(|_| PackError::Encoding)
    }

    /// A number of items, each of which takes `bytes_min` at least.
    fn count(&self, items: usize, bytes_min: usize) -> Result<usize, PackError> {
        if items <= self.rest.len() / bytes_min { Ok(items) } else { Err(PackError::Oversized) }
    }
}

/// The keys of one map, to see whether one comes twice.
#[derive(Default)]
struct Keys<'a> {
    few: Vec<&'a str>,
    many: HashSet<&'a str>,
}

impl<'a> Keys<'a> {
    fn add(&mut self, key: &'a str) -> Result<(), PackError> {
        if self.few.len() < KEYS_COMPARED_MAX {
            if self.few.contains(&key) {
                return Err(PackError::DuplicateKey);
            }
            self.few.push(key);
            return Ok(());
        }
        if self.many.is_empty() {
            self.many.extend(&self.few);
        }
        if self.many.insert(key) { Ok(()) } else { Err(PackError::DuplicateKey) }
    }
}
