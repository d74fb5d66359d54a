//! What is wrong with a text, and where.

use wire::Span;

/// A text that is no statement of the grammar, or exceeds a bound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault} (offset {})", span.start)]
pub struct CypherError {
    /// Where: the token that does not fit, or the end.
    pub span: Span,
    /// What.
    pub fault: Fault,
}

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A character that begins no token.
    #[error("unexpected character {0:?}")]
    Character(char),
    /// `\u` where it may change how the text is read: outside of strings, or for a quote, a
    /// backslash or half a character.
    #[error("a unicode escape may not stand here")]
    UnicodeEscape,
    /// A string, a name in backticks or a comment without an end.
    #[error("{0} is not closed")]
    Unclosed(&'static str),
    /// Digits that are no number, or a number that is too large.
    #[error("not a number")]
    Number,
    /// A bracket that closes nothing, or another than the one that is open.
    #[error("unbalanced bracket")]
    Unbalanced,
    /// Another token than the grammar allows.
    #[error("expected {expected}")]
    Expected {
        /// What could have stood here.
        expected: &'static str,
    },
    /// Something that the grammar allows and the server does not.
    #[error("{0}")]
    NotAllowed(&'static str),
    /// What only Cypher 25 has, in a statement of Cypher 5.
    #[error("{0} needs Cypher 25")]
    NeedsCypher25(&'static str),
    /// Nesting beyond the bound.
    #[error("the statement is nested too deeply")]
    TooDeep,
    /// Sub-queries in sub-queries beyond the bound.
    #[error("too many nested sub-queries")]
    TooManySubqueries,
    /// More bytes than the caller allows.
    #[error("the statement is too long")]
    TooLong,
}

impl CypherError {
    pub(super) fn new(span: Span, fault: Fault) -> Self {
        Self { span, fault }
    }

    pub(super) fn expected(span: Span, expected: &'static str) -> Self {
        Self::new(span, Fault::Expected { expected })
    }
}
