//! Why a text has no tokens.

/// A place in a text that PostgreSQL's scanner refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct LexError {
    /// What is wrong.
    pub kind: LexErrorKind,
    /// Offset of the byte that PostgreSQL's own error points to.
    pub at: usize,
    /// Where that which PostgreSQL quotes from there on ends.
    pub end: usize,
}

impl LexError {
    /// PostgreSQL's whole message about `text`, in which the error was found.
    #[must_use]
    pub fn message(&self, text: &str) -> String {
        match text.get(self.at..self.end) {
            Some(near) if self.kind.is_quoted() => match near {
                "" => format!("{} at end of input", self.kind),
                near => format!("{} at or near \"{near}\"", self.kind),
            },
            Some(_) | None => self.kind.to_string(),
        }
    }
}

/// What is wrong, in PostgreSQL's words where it has some.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum LexErrorKind {
    /// The text holds a NUL, which ends a C string.
    #[error("the statement contains a NUL byte")]
    Nul,
    /// The text is longer than offsets of 32 bits reach.
    #[error("the statement is too long")]
    TooLong,
    /// `/*` without its `*/`.
    #[error("unterminated /* comment")]
    UnterminatedComment,
    /// `'`, `E'` or `U&'` without its end.
    #[error("unterminated quoted string")]
    UnterminatedString,
    /// `B'` without its end.
    #[error("unterminated bit string literal")]
    UnterminatedBitString,
    /// `X'` without its end.
    #[error("unterminated hexadecimal string literal")]
    UnterminatedHexString,
    /// `$tag$` without its end.
    #[error("unterminated dollar-quoted string")]
    UnterminatedDollarString,
    /// `"` or `U&"` without its end.
    #[error("unterminated quoted identifier")]
    UnterminatedIdentifier,
    /// `""`.
    #[error("zero-length delimited identifier")]
    EmptyIdentifier,
    /// `\u` or `\U` without its four or eight digits.
    #[error("invalid Unicode escape")]
    InvalidUnicodeEscape,
    /// An escape for a code point that does not exist, or for NUL.
    #[error("invalid Unicode escape value")]
    InvalidUnicodeValue,
    /// Half a surrogate pair.
    #[error("invalid Unicode surrogate pair")]
    InvalidSurrogatePair,
    /// An operator of 64 characters or more.
    #[error("operator too long")]
    OperatorTooLong,
    /// 64 or more of `+` and `-` that each stand alone. PostgreSQL takes them, but only up to some
    /// thousands, and in a time that grows with the square of their number.
    #[error("too many signs in a row")]
    TooManySigns,
    /// `$1a`.
    #[error("trailing junk after parameter")]
    JunkAfterParameter,
    /// A parameter's number that needs more than 31 bits.
    #[error("parameter number too large")]
    ParameterTooLarge,
    /// `1a`, `1_`, `1e+`.
    #[error("trailing junk after numeric literal")]
    JunkAfterNumber,
    /// `0x` without digits.
    #[error("invalid hexadecimal integer")]
    InvalidHexInteger,
    /// `0o` without digits.
    #[error("invalid octal integer")]
    InvalidOctalInteger,
    /// `0b` without digits.
    #[error("invalid binary integer")]
    InvalidBinaryInteger,
}

impl LexErrorKind {
    /// Whether PostgreSQL quotes the place. It does not where it tells the place by position only,
    /// and where the error is one that it does not know.
    fn is_quoted(self) -> bool {
        match self {
            Self::Nul | Self::TooLong | Self::TooManySigns | Self::InvalidUnicodeEscape => false,
            Self::UnterminatedComment
            | Self::UnterminatedString
            | Self::UnterminatedBitString
            | Self::UnterminatedHexString
            | Self::UnterminatedDollarString
            | Self::UnterminatedIdentifier
            | Self::EmptyIdentifier
            | Self::InvalidUnicodeValue
            | Self::InvalidSurrogatePair
            | Self::OperatorTooLong
            | Self::JunkAfterParameter
            | Self::ParameterTooLarge
            | Self::JunkAfterNumber
            | Self::InvalidHexInteger
            | Self::InvalidOctalInteger
            | Self::InvalidBinaryInteger => true,
        }
    }
}
