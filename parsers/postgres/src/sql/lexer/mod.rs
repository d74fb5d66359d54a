//! SQL text to tokens, as PostgreSQL's own scanner reads it.
//!
//! The grammar's tree says where most nodes begin, and of clauses nothing; tokens fill that gap.
//! They are those of PostgreSQL 18's scanner, in UTF-8 and with `standard_conforming_strings` on
//! (both are pinned on every connection). A server before 16 takes less: neither the vertical tab as
//! white space nor `0x1F` and `1_000` as numbers. What it does not take it refuses, so nothing is
//! read in two ways.
//!
//! Where libpg_query's scanner has drifted from the server's, this one follows the server:
//! - a comment may stand between the parts of a continued string;
//! - a letter glued to a parameter (`$1a`) is an error;
//! - a comment between `NOT` and `IN`, or before `UESCAPE`, changes nothing.
//!
//! It refuses one thing more than the server does: [`LexErrorKind::TooManySigns`].
//!
//! [`Tokens::without_comments`] makes a text that both read alike.

mod error;
mod scan;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use wire::Span;

pub use error::{LexError, LexErrorKind};

/// One token of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of token. Comments and white space are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// An unquoted identifier or a keyword; also the `N` of `N'…'`.
    Word,
    /// `"…"`.
    QuotedIdentifier,
    /// `U&"…"`. A `UESCAPE` and its string are tokens of their own.
    UnicodeIdentifier,
    /// `'…'`, `E'…'`, `U&'…'`, `B'…'`, `X'…'` with all its continuation lines, or `$tag$…$tag$`.
    String,
    /// An integer or a decimal, without sign.
    Number,
    /// `$1`.
    Parameter,
    /// An operator that is not a [`TokenKind::Punct`]: `||`, `<=`, `~`.
    Operator,
    /// `::`.
    Typecast,
    /// `:=`.
    ColonEquals,
    /// `=>`.
    Arrow,
    /// `..`.
    DotDot,
    /// A character that is a token by itself: one of `,()[].;:+-*/%^<>=`, or one that the grammar
    /// has no use for (`$`, `{`, `\`).
    Punct(u8),
}

/// A text and its tokens.
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    /// For each token the index of the bracket that pairs with it, or its own.
    partners: Vec<u32>,
    comments: Vec<Span>,
}

impl<'a> Tokens<'a> {
    /// Reads a whole text, in time proportional to its length and without recursion.
    ///
    /// # Errors
    /// What PostgreSQL's scanner refuses, and a NUL byte. One thing is left to the parser: whether
    /// the bytes that `\x` and octal escapes spell are UTF-8.
    pub fn lex(text: &'a str) -> Result<Self, LexError> {
        match scan::scan(text) {
            (tokens, None) => Ok(tokens),
            (_, Some(error)) => Err(error),
        }
    }

    /// Reads up to the first place that [`Tokens::lex`] refuses, and says what was wrong there.
    #[must_use]
    pub fn lex_until_error(text: &'a str) -> (Self, Option<LexError>) {
        scan::scan(text)
    }

    /// The text that was read.
    #[must_use]
    pub fn source(&self) -> &'a str {
        self.text
    }

    /// How many tokens there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether the text holds nothing but white space and comments.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// The token at `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Token> {
        self.tokens.get(index).copied()
    }

    /// All tokens, in the order of the text.
    #[must_use]
    pub fn as_slice(&self) -> &[Token] {
        &self.tokens
    }

    /// All comments, in the order of the text, without the line end behind a `--` comment. One that
    /// stands between the parts of a continued string is among them.
    #[must_use]
    pub fn comments(&self) -> &[Span] {
        &self.comments
    }

    /// The bytes of the token at `index`.
    #[must_use]
    pub fn text(&self, index: usize) -> Option<&'a str> {
        self.tokens.get(index)?.span.of(self.text)
    }

    /// The index of the first token that begins at byte `offset` or behind it.
    #[must_use]
    pub fn at_or_after(&self, offset: usize) -> Option<usize> {
        let index = self.tokens.partition_point(|token| (token.span.start as usize) < offset);
        (index < self.tokens.len()).then_some(index)
    }

    /// Whether the token at `index` is the unquoted word `word`, whatever its case.
    #[must_use]
    pub fn is_keyword(&self, index: usize, word: &str) -> bool {
        self.get(index).is_some_and(|token| token.kind == TokenKind::Word)
            && self.text(index).is_some_and(|text| text.eq_ignore_ascii_case(word))
    }

    /// The index of the bracket that pairs with the one at `index`: `(` with `)`, `[` with `]`, in
    /// both directions. `None` for any other token, and for a bracket without partner.
    #[must_use]
    pub fn matching(&self, index: usize) -> Option<usize> {
        let partner = *self.partners.get(index)? as usize;
        (partner != index).then_some(partner)
    }

    /// The text with a space for every byte of a comment, so that all offsets stay.
    ///
    /// This is what libpg_query is to be given. Its scanner hands comments on as tokens, and three
    /// things go wrong with them: a string is not continued across one, a keyword pair such as `NOT
    /// /**/ IN` is not seen as one, and it recurses once for every comment in a row, which ends the
    /// stack and with it the process.
    #[must_use]
    pub fn without_comments(&self) -> Cow<'a, str> {
        if self.comments.is_empty() {
            return Cow::Borrowed(self.text);
        }
        let mut bytes = self.text.as_bytes().to_vec();
        let mut blank = |start: u32, end: u32| {
            if let Some(range) = bytes.get_mut(start as usize..end as usize) {
                range.fill(b' ');
            }
        };
        for comment in &self.comments {
            blank(comment.start, comment.end);
        }
        // Two strings with a comment and a line end between them must not become one.
        for pair in self.tokens.windows(2) {
            if let [left, right] = pair
                && (left.kind, right.kind) == (TokenKind::String, TokenKind::String)
            {
                blank(left.span.end, right.span.start);
            }
        }
        // Whole characters were replaced by ASCII, so this cannot fail; if it did, the text itself
        // is the safe answer.
        String::from_utf8(bytes).map_or(Cow::Borrowed(self.text), Cow::Owned)
    }
}
