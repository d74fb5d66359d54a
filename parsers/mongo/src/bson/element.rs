//! One element: its type, its name, and how many bytes its value takes.

use wire::{Cursor, Malformed, Span};

use super::{Kind, Value};
use crate::le;

/// Bytes of an ObjectId.
pub(super) const OBJECT_ID_BYTES: usize = 12;
/// Least bytes of a document: its length and the NUL at its end.
pub(super) const DOCUMENT_BYTES_MIN: usize = 5;
/// Least bytes of a code with scope: its length, an empty string and an empty document.
pub(super) const CODE_WITH_SCOPE_BYTES_MIN: usize = 14;

/// An element whose extent is known and whose value nobody has looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawElement<'b> {
    /// Its type.
    pub kind: Kind,
    /// Its name, without the NUL.
    pub name: &'b [u8],
    /// Its value, without its type and name.
    pub value: &'b [u8],
    /// All of it, as it stands in the document.
    pub bytes: &'b [u8],
}

impl<'b> RawElement<'b> {
    /// Reads the element at the start of `rest`, and leaves what stands behind it.
    pub(super) fn scan(rest: &mut &'b [u8]) -> Result<Self, Malformed> {
        let all = *rest;
        let mut cursor = Cursor::new(all);
        let kind = Kind::from_byte(cursor.u8()?).ok_or(Malformed("an element has no type"))?;
        let name = cursor.cstr()?;
        let value = cursor.rest();
        let (value, behind) = value
            .split_at_checked(extent(kind, value)?)
            .ok_or(Malformed("an element ends behind its document"))?;
        let bytes = all.len() - behind.len();
        let (bytes, behind) =
            all.split_at_checked(bytes).ok_or(Malformed("an element ends behind its document"))?;
        *rest = behind;
        Ok(Self { kind, name, value, bytes })
    }
}

/// How many bytes of `value`, which begins one, a value of this type takes. They may not be there.
fn extent(kind: Kind, value: &[u8]) -> Result<usize, Malformed> {
    let mut cursor = Cursor::new(value);
    Ok(match kind {
        Kind::Undefined | Kind::Null | Kind::MinKey | Kind::MaxKey => 0,
        Kind::Boolean => 1,
        Kind::Int32 => 4,
        Kind::Double | Kind::DateTime | Kind::Timestamp | Kind::Int64 => 8,
        Kind::ObjectId => OBJECT_ID_BYTES,
        Kind::Decimal128 => 16,
        Kind::String | Kind::JavaScriptCode | Kind::Symbol => 4 + le::length(&mut cursor, 1)?,
        Kind::DbPointer => 4 + le::length(&mut cursor, 1)? + OBJECT_ID_BYTES,
        Kind::Binary => 4 + 1 + le::length(&mut cursor, 0)?,
        Kind::Document | Kind::Array => le::length(&mut cursor, DOCUMENT_BYTES_MIN)?,
        Kind::JavaScriptCodeWithScope => le::length(&mut cursor, CODE_WITH_SCOPE_BYTES_MIN)?,
        Kind::RegularExpression => {
            let (pattern, options) = (cursor.cstr()?, cursor.cstr()?);
            pattern.len() + 1 + options.len() + 1
        }
    })
}

/// An element of a validated document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'b> {
    // INVARIANT: validated with its document.
    raw: RawElement<'b>,
    name: &'b str,
    /// Where its value begins, from the start of the outermost document.
    value_at: u32,
}

impl<'b> Element<'b> {
    pub(super) fn new(raw: RawElement<'b>, name: &'b str, at: u32) -> Self {
        let before_value = raw.bytes.len() - raw.value.len();
        let value_at = at.saturating_add(u32::try_from(before_value).unwrap_or(u32::MAX));
        Self { raw, name, value_at }
    }

    /// Its name; in an array its index in decimal.
    #[must_use]
    pub fn name(&self) -> &'b str {
        self.name
    }

    /// Its type.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.raw.kind
    }

    /// Its value, read now. A nested document stays a view.
    #[must_use]
    pub fn value(&self) -> Value<'b> {
        Value::read(self.raw.kind, self.raw.value, self.value_at)
    }

    /// Its bytes, for copying it.
    #[must_use]
    pub fn raw(&self) -> RawElement<'b> {
        self.raw
    }

    /// Where its value stands, in bytes from the start of the outermost document.
    #[must_use]
    pub fn value_span(&self) -> Span {
        let bytes = u32::try_from(self.raw.value.len()).unwrap_or(u32::MAX);
        Span::new(self.value_at, self.value_at.saturating_add(bytes))
    }
}
