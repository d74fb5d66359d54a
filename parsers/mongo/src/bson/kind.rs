//! The types of elements, by the byte that stands in front of one.

/// An element's type. The names are the specification's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// 0x01
    Double,
    /// 0x02
    String,
    /// 0x03
    Document,
    /// 0x04
    Array,
    /// 0x05
    Binary,
    /// 0x06, deprecated.
    Undefined,
    /// 0x07
    ObjectId,
    /// 0x08
    Boolean,
    /// 0x09
    DateTime,
    /// 0x0A
    Null,
    /// 0x0B
    RegularExpression,
    /// 0x0C, deprecated.
    DbPointer,
    /// 0x0D
    JavaScriptCode,
    /// 0x0E, deprecated.
    Symbol,
    /// 0x0F, deprecated.
    JavaScriptCodeWithScope,
    /// 0x10
    Int32,
    /// 0x11
    Timestamp,
    /// 0x12
    Int64,
    /// 0x13
    Decimal128,
    /// 0xFF
    MinKey,
    /// 0x7F
    MaxKey,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::Double,
        Self::String,
        Self::Document,
        Self::Array,
        Self::Binary,
        Self::Undefined,
        Self::ObjectId,
        Self::Boolean,
        Self::DateTime,
        Self::Null,
        Self::RegularExpression,
        Self::DbPointer,
        Self::JavaScriptCode,
        Self::Symbol,
        Self::JavaScriptCodeWithScope,
        Self::Int32,
        Self::Timestamp,
        Self::Int64,
        Self::Decimal128,
        Self::MinKey,
        Self::MaxKey,
    ];

    /// The type with this byte; `None` for a byte that is no type.
    #[must_use]
    pub fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            0x01 => Self::Double,
            0x02 => Self::String,
            0x03 => Self::Document,
            0x04 => Self::Array,
            0x05 => Self::Binary,
            0x06 => Self::Undefined,
            0x07 => Self::ObjectId,
            0x08 => Self::Boolean,
            0x09 => Self::DateTime,
            0x0A => Self::Null,
            0x0B => Self::RegularExpression,
            0x0C => Self::DbPointer,
            0x0D => Self::JavaScriptCode,
            0x0E => Self::Symbol,
            0x0F => Self::JavaScriptCodeWithScope,
            0x10 => Self::Int32,
            0x11 => Self::Timestamp,
            0x12 => Self::Int64,
            0x13 => Self::Decimal128,
            0xFF => Self::MinKey,
            0x7F => Self::MaxKey,
            _ => return None,
        })
    }

    /// The byte of this type.
    #[must_use]
    pub fn byte(self) -> u8 {
        match self {
            Self::Double => 0x01,
            Self::String => 0x02,
            Self::Document => 0x03,
            Self::Array => 0x04,
            Self::Binary => 0x05,
            Self::Undefined => 0x06,
            Self::ObjectId => 0x07,
            Self::Boolean => 0x08,
            Self::DateTime => 0x09,
            Self::Null => 0x0A,
            Self::RegularExpression => 0x0B,
            Self::DbPointer => 0x0C,
            Self::JavaScriptCode => 0x0D,
            Self::Symbol => 0x0E,
            Self::JavaScriptCodeWithScope => 0x0F,
            Self::Int32 => 0x10,
            Self::Timestamp => 0x11,
            Self::Int64 => 0x12,
            Self::Decimal128 => 0x13,
            Self::MinKey => 0xFF,
            Self::MaxKey => 0x7F,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_one_byte_and_no_other_byte_is_a_type() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_byte(kind.byte()), Some(kind));
        }
        let known = (0..=u8::MAX).filter_map(Kind::from_byte).count();
        assert_eq!(known, Kind::ALL.len());
    }
}
