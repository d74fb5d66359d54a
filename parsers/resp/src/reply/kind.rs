//! The types of RESP, told by a value's first byte.

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `*`
    Array,
    /// `|`: pairs about the value that follows, of which they are a part. RESP3.
    Attribute,
    /// `(` RESP3.
    BigNumber,
    /// `#` RESP3.
    Boolean,
    /// `$`
    Bulk,
    /// `!` RESP3.
    BulkError,
    /// `,` RESP3.
    Double,
    /// `-`
    Error,
    /// `:`
    Integer,
    /// `%` RESP3.
    Map,
    /// `_` RESP3. RESP2 has null bulk strings and null arrays.
    Null,
    /// `>`: no reply to a request, but sent by itself. RESP3.
    Push,
    /// `~` RESP3.
    Set,
    /// `+`
    Simple,
    /// `=`: a bulk string whose first four bytes name its format. RESP3.
    Verbatim,
}

/// The type of the value that begins with `byte`; `None` when none does.
#[must_use]
pub fn kind(byte: u8) -> Option<Kind> {
    Some(match byte {
        b'*' => Kind::Array,
        b'|' => Kind::Attribute,
        b'(' => Kind::BigNumber,
        b'#' => Kind::Boolean,
        b'$' => Kind::Bulk,
        b'!' => Kind::BulkError,
        b',' => Kind::Double,
        b'-' => Kind::Error,
        b':' => Kind::Integer,
        b'%' => Kind::Map,
        b'_' => Kind::Null,
        b'>' => Kind::Push,
        b'~' => Kind::Set,
        b'+' => Kind::Simple,
        b'=' => Kind::Verbatim,
        _ => return None,
    })
}

impl Kind {
    /// The byte that a value of this type begins with.
    #[must_use]
    pub fn byte(self) -> u8 {
        match self {
            Self::Array => b'*',
            Self::Attribute => b'|',
            Self::BigNumber => b'(',
            Self::Boolean => b'#',
            Self::Bulk => b'$',
            Self::BulkError => b'!',
            Self::Double => b',',
            Self::Error => b'-',
            Self::Integer => b':',
            Self::Map => b'%',
            Self::Null => b'_',
            Self::Push => b'>',
            Self::Set => b'~',
            Self::Simple => b'+',
            Self::Verbatim => b'=',
        }
    }

    /// Whether it holds pairs: two elements for each that its header counts.
    #[must_use]
    pub fn is_pairs(self) -> bool {
        matches!(self, Self::Attribute | Self::Map)
    }

    /// Whether it says that the request failed.
    #[must_use]
    pub fn is_error(self) -> bool {
        matches!(self, Self::BulkError | Self::Error)
    }
}
