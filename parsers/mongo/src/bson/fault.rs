//! What makes a document unsound.

use wire::Malformed;

/// Why a document is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Its lengths do not add up, or a byte stands where only certain others may.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A name or a text is not UTF-8.
    #[error("a name or a text is not UTF-8")]
    Encoding,
    /// A name stands twice in one document. Which of the two counts differs from reader to reader,
    /// and inside one server from one code path to the next.
    #[error("a name stands twice in one document")]
    NameTwice,
    /// An array's elements are not named 0, 1, 2 and so on. The server mostly counts, and sometimes
    /// reads the names.
    #[error("an array's elements are not numbered in order")]
    ArrayIndex,
    /// It has too many levels: see [`crate::Bounds::depth_max`].
    #[error("documents are nested too deeply")]
    TooDeep,
    /// It is too long: see [`crate::Bounds::document_bytes_max`].
    #[error("a document is too long")]
    TooLong,
}

impl Fault {
    /// The server's own error code for it: `InvalidBSON`, `Overflow`, `BSONObjectTooLarge`, and for
    /// a name that stands twice that of an argument that does.
    #[must_use]
    pub fn code(self) -> i32 {
        match self {
            Self::Malformed(_) | Self::Encoding | Self::ArrayIndex => 22,
            Self::TooDeep => 15,
            Self::TooLong => 10_334,
            Self::NameTwice => 40_413,
        }
    }
}
