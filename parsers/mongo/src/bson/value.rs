//! Values as they are read.

use wire::{Cursor, Malformed};

use super::element::OBJECT_ID_BYTES;
use super::{Array, Document, Kind};
use crate::le;

/// One value of a validated document. Numbers of different types are different values here, though
/// the server may find them equal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'b> {
    /// A 64-bit floating point number.
    Double(f64),
    /// A text.
    String(&'b str),
    /// A document.
    Document(Document<'b>),
    /// An array.
    Array(Array<'b>),
    /// Bytes with a meaning.
    Binary(Binary<'b>),
    /// Deprecated.
    Undefined,
    /// An ObjectId.
    ObjectId([u8; OBJECT_ID_BYTES]),
    /// A truth value.
    Boolean(bool),
    /// Milliseconds since 1970 in UTC.
    DateTime(i64),
    /// Null.
    Null,
    /// A regular expression.
    RegularExpression {
        /// The expression.
        pattern: &'b str,
        /// Its options: letters.
        options: &'b str,
    },
    /// Deprecated: a reference to a document of another collection.
    DbPointer {
        /// The collection with its database.
        namespace: &'b str,
        /// The document's `_id`.
        id: [u8; OBJECT_ID_BYTES],
    },
    /// JavaScript.
    JavaScriptCode(&'b str),
    /// Deprecated: a text.
    Symbol(&'b str),
    /// Deprecated: JavaScript and its variables.
    JavaScriptCodeWithScope {
        /// The code.
        code: &'b str,
        /// Its variables.
        scope: Document<'b>,
    },
    /// A 32-bit integer.
    Int32(i32),
    /// MongoDB's own: seconds since 1970 and a counter within the second.
    Timestamp {
        /// The seconds.
        seconds: u32,
        /// The counter.
        increment: u32,
    },
    /// A 64-bit integer.
    Int64(i64),
    /// IEEE 754 decimal128 in binary integer encoding, little-endian.
    Decimal128([u8; 16]),
    /// Less than all other values.
    MinKey,
    /// Greater than all other values.
    MaxKey,
}

/// Bytes with a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binary<'b> {
    /// What the bytes are: 4 for a UUID.
    pub subtype: u8,
    /// The bytes; of the old subtype 2 those within its inner length.
    pub bytes: &'b [u8],
}

impl Binary<'_> {
    /// The subtype that repeats the length in front of its bytes.
    pub(super) const OLD: u8 = 2;
}

impl<'b> Value<'b> {
    /// Reads a value whose bytes have been validated. `at` is where it begins.
    pub(super) fn read(kind: Kind, bytes: &'b [u8], at: u32) -> Self {
        // INVARIANT: validated bytes can be read. If they could not, no policy lets this type pass.
        Self::try_read(kind, bytes, at).unwrap_or(Self::JavaScriptCode(""))
    }

    fn try_read(kind: Kind, bytes: &'b [u8], at: u32) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(bytes);
        let value = match kind {
            Kind::Double => Self::Double(f64::from_le_bytes(array(&mut cursor)?)),
            Kind::String => Self::String(text(&mut cursor)?),
            Kind::Document => Self::Document(Document::validated(cursor.rest(), at)),
            Kind::Array => Self::Array(Array::validated(cursor.rest(), at)),
            Kind::Binary => Self::Binary(binary(&mut cursor)?),
            Kind::Undefined => Self::Undefined,
            Kind::ObjectId => Self::ObjectId(array(&mut cursor)?),
            Kind::Boolean => Self::Boolean(cursor.u8()? == 1),
            Kind::DateTime => Self::DateTime(le::i64(&mut cursor)?),
            Kind::Null => Self::Null,
            Kind::RegularExpression => {
                let (pattern, options) = (utf8(cursor.cstr()?)?, utf8(cursor.cstr()?)?);
                Self::RegularExpression { pattern, options }
            }
            Kind::DbPointer => {
                Self::DbPointer { namespace: text(&mut cursor)?, id: array(&mut cursor)? }
            }
            Kind::JavaScriptCode => Self::JavaScriptCode(text(&mut cursor)?),
            Kind::Symbol => Self::Symbol(text(&mut cursor)?),
            Kind::JavaScriptCodeWithScope => {
                cursor.take(4)?;
                let code = text(&mut cursor)?;
                let scope = cursor.rest();
                let before = u32::try_from(bytes.len() - scope.len()).unwrap_or(u32::MAX);
                let scope = Document::validated(scope, at.saturating_add(before));
                Self::JavaScriptCodeWithScope { code, scope }
            }
            Kind::Int32 => Self::Int32(le::i32(&mut cursor)?),
            Kind::Timestamp => {
                let (increment, seconds) = (le::u32(&mut cursor)?, le::u32(&mut cursor)?);
                Self::Timestamp { seconds, increment }
            }
            Kind::Int64 => Self::Int64(le::i64(&mut cursor)?),
            Kind::Decimal128 => Self::Decimal128(array(&mut cursor)?),
            Kind::MinKey => Self::MinKey,
            Kind::MaxKey => Self::MaxKey,
        };
        cursor.finish().map(|()| value)
    }

    /// Its type.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Double(_) => Kind::Double,
            Self::String(_) => Kind::String,
            Self::Document(_) => Kind::Document,
            Self::Array(_) => Kind::Array,
            Self::Binary(_) => Kind::Binary,
            Self::Undefined => Kind::Undefined,
            Self::ObjectId(_) => Kind::ObjectId,
            Self::Boolean(_) => Kind::Boolean,
            Self::DateTime(_) => Kind::DateTime,
            Self::Null => Kind::Null,
            Self::RegularExpression { .. } => Kind::RegularExpression,
            Self::DbPointer { .. } => Kind::DbPointer,
            Self::JavaScriptCode(_) => Kind::JavaScriptCode,
            Self::Symbol(_) => Kind::Symbol,
            Self::JavaScriptCodeWithScope { .. } => Kind::JavaScriptCodeWithScope,
            Self::Int32(_) => Kind::Int32,
            Self::Timestamp { .. } => Kind::Timestamp,
            Self::Int64(_) => Kind::Int64,
            Self::Decimal128(_) => Kind::Decimal128,
            Self::MinKey => Kind::MinKey,
            Self::MaxKey => Kind::MaxKey,
        }
    }

    /// The text, of a string only.
    #[must_use]
    pub fn as_str(&self) -> Option<&'b str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The document, of a document only.
    #[must_use]
    pub fn as_document(&self) -> Option<Document<'b>> {
        match self {
            Self::Document(document) => Some(*document),
            _ => None,
        }
    }

    /// The array, of an array only.
    #[must_use]
    pub fn as_array(&self) -> Option<Array<'b>> {
        match self {
            Self::Array(array) => Some(*array),
            _ => None,
        }
    }

    /// The truth value, of a boolean only.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Boolean(truth) => Some(*truth),
            _ => None,
        }
    }

    /// The number, of an integer of either width, or of a double that is one exactly: drivers of
    /// languages with one type of number send all three.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int32(number) => Some(i64::from(*number)),
            Self::Int64(number) => Some(*number),
            Self::Double(number) => exact_i64(*number),
            _ => None,
        }
    }
}

/// A double as the integer that it is.
pub(super) fn exact_i64(number: f64) -> Option<i64> {
    // Two to the power of 53: up to here every integer is a double of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() != 0.0 || number.abs() > EXACT {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "an integer of 53 bits at most")]
    Some(number as i64)
}

fn array<const N: usize>(cursor: &mut Cursor<'_>) -> Result<[u8; N], Malformed> {
    let bytes = cursor.take(N)?;
    bytes.first_chunk().copied().ok_or(Malformed("a value ends too early"))
}

/// A length, a text and its NUL.
pub(super) fn text_bytes<'b>(cursor: &mut Cursor<'b>) -> Result<&'b [u8], Malformed> {
    let length = le::length(cursor, 1)?;
    let text = cursor.take(length - 1)?;
    if cursor.u8()? == 0 { Ok(text) } else { Err(Malformed("a text does not end with a NUL")) }
}

fn text<'b>(cursor: &mut Cursor<'b>) -> Result<&'b str, Malformed> {
    text_bytes(cursor).and_then(utf8)
}

fn utf8(bytes: &[u8]) -> Result<&str, Malformed> {
    str::from_utf8(bytes).map_err(|_| Malformed("a text is not UTF-8"))
}

/// A length, a subtype and bytes; in the old subtype the length stands in front of the bytes again.
pub(super) fn binary<'b>(cursor: &mut Cursor<'b>) -> Result<Binary<'b>, Malformed> {
    let length = le::length(cursor, 0)?;
    let subtype = cursor.u8()?;
    let bytes = cursor.take(length)?;
    if subtype != Binary::OLD {
        return Ok(Binary { subtype, bytes });
    }
    let mut inner = Cursor::new(bytes);
    let length = le::length(&mut inner, 0)?;
    let bytes = inner.take(length)?;
    inner.finish()?;
    Ok(Binary { subtype, bytes })
}
