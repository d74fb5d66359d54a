//! Texts and names inside messages.

use std::fmt;

use wire::{Cursor, Malformed};

/// What is wrong with a message's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// Its fields do not add up: nobody can say what the sender meant, and the connection ends.
    Malformed(Malformed),
    /// Its form is right, but a text in it is not UTF-8: PostgreSQL refuses it with 22021 and goes
    /// on.
    Encoding,
    /// Its form is right, but a name in it is longer than PostgreSQL looks at: two such names could
    /// be one to it and two to us.
    NameTooLong,
}

impl From<Malformed> for Defect {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(malformed) => malformed.fmt(f),
            Self::Encoding => f.write_str("a text is not UTF-8"),
            Self::NameTooLong => write!(f, "a name is longer than {} bytes", Name::BYTES_MAX),
        }
    }
}

impl std::error::Error for Defect {}

/// The name of a prepared statement or a portal. The empty one names the unnamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Name<'a>(&'a str);

impl<'a> Name<'a> {
    /// Most bytes of a name: PostgreSQL cuts longer ones to NAMEDATALEN - 1.
    pub const BYTES_MAX: usize = 63;

    /// A name of a length and an encoding that PostgreSQL and we read alike.
    ///
    /// # Errors
    /// `Encoding`, `NameTooLong`.
    pub fn new(bytes: &'a [u8]) -> Result<Self, Defect> {
        if bytes.len() > Self::BYTES_MAX {
            return Err(Defect::NameTooLong);
        }
        str::from_utf8(bytes).map(Self).map_err(|_| Defect::Encoding)
    }

    /// Its characters.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

/// The bytes of a body that is one NUL-terminated text and nothing else.
pub(super) fn only_text(body: &[u8]) -> Result<&[u8], Malformed> {
    let mut cursor = Cursor::new(body);
    let text = cursor.cstr()?;
    cursor.finish().map(|()| text)
}

/// Those bytes as UTF-8.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, Defect> {
    str::from_utf8(bytes).map_err(|_| Defect::Encoding)
}

/// The body of a message that has none.
pub(super) fn empty(body: &[u8]) -> Result<(), Defect> {
    Ok(Cursor::new(body).finish()?)
}
