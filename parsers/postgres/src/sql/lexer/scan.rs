//! The scanner proper: one pass over the bytes.
//!
//! Each method begins at a token's first byte and leaves `position` behind its last. Bytes above
//! 127 belong to identifiers, strings and comments only, so every boundary is one of a character.

mod number;

use std::ops::Range;

use wire::Span;

use super::{LexError, LexErrorKind, Token, TokenKind, Tokens};

/// PostgreSQL's NAMEDATALEN: an operator is shorter than this.
const OPERATOR_BYTES_END: usize = 64;

/// Reads `text` to its end or to the first error.
pub(super) fn scan(text: &str) -> (Tokens<'_>, Option<LexError>) {
    let bytes = text.as_bytes();
    let mut scanner = Scanner {
        bytes,
        position: 0,
        // Ordinary SQL has a token for about five bytes.
        tokens: Vec::with_capacity(bytes.len() / 5 + 1),
        comments: Vec::new(),
    };
    let error = scanner.run().err();
    let partners = pair_brackets(&scanner.tokens);
    (Tokens { text, tokens: scanner.tokens, partners, comments: scanner.comments }, error)
}

/// For each token the index of the bracket that pairs with it, or its own.
fn pair_brackets(tokens: &[Token]) -> Vec<u32> {
    let mut partners: Vec<u32> = (0u32..).take(tokens.len()).collect();
    let mut open: Vec<(u32, u8)> = Vec::new();
    for (index, token) in (0u32..).zip(tokens) {
        let closes = match token.kind {
            TokenKind::Punct(bracket @ (b'(' | b'[')) => {
                open.push((index, bracket));
                continue;
            }
            TokenKind::Punct(b')') => b'(',
            TokenKind::Punct(b']') => b'[',
            _ => continue,
        };
        let Some((partner, _)) = open.pop_if(|(_, bracket)| *bracket == closes) else { continue };
        for (here, there) in [(index, partner), (partner, index)] {
            if let Some(slot) = partners.get_mut(here as usize) {
                *slot = there;
            }
        }
    }
    partners
}

/// The forms of text between apostrophes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoting {
    /// `'…'` and `U&'…'`: an apostrophe is doubled.
    Standard,
    /// `E'…'`: the same, and a backslash escapes.
    Escape,
    /// `B'…'`: the first apostrophe ends it.
    Bits,
    /// `X'…'`: likewise.
    Hex,
}

impl Quoting {
    fn unterminated(self) -> LexErrorKind {
        match self {
            Self::Standard | Self::Escape => LexErrorKind::UnterminatedString,
            Self::Bits => LexErrorKind::UnterminatedBitString,
            Self::Hex => LexErrorKind::UnterminatedHexString,
        }
    }
}

struct Scanner<'a> {
    bytes: &'a [u8],
    position: usize,
    tokens: Vec<Token>,
    comments: Vec<Span>,
}

type Scanned = Result<(), LexError>;

impl Scanner<'_> {
    fn run(&mut self) -> Scanned {
        // From here on a zero byte means the end of the text, as in PostgreSQL's own buffer.
        if let Some(at) = self.bytes.iter().position(|byte| *byte == 0) {
            return fail(LexErrorKind::Nul, at..at);
        }
        if u32::try_from(self.bytes.len()).is_err() {
            return fail(LexErrorKind::TooLong, 0..0);
        }
        while self.position < self.bytes.len() {
            self.step()?;
        }
        Ok(())
    }

    /// Reads one token, one comment or a run of white space.
    fn step(&mut self) -> Scanned {
        let start = self.position;
        match (self.byte(start), self.byte(start + 1)) {
            (first, _) if is_space(first) => self.position += 1,
            (b'-', b'-') => {
                self.position = self.line_end(start);
                self.comments.push(self.span(start));
            }
            (b'/', b'*') => return self.block_comment(start),
            (b'\'', _) => return self.string(start, 1, Quoting::Standard),
            (b'e' | b'E', b'\'') => return self.string(start, 2, Quoting::Escape),
            (b'b' | b'B', b'\'') => return self.string(start, 2, Quoting::Bits),
            (b'x' | b'X', b'\'') => return self.string(start, 2, Quoting::Hex),
            (b'u' | b'U', b'&') if self.byte(start + 2) == b'\'' => {
                return self.string(start, 3, Quoting::Standard);
            }
            (b'u' | b'U', b'&') if self.byte(start + 2) == b'"' => {
                return self.identifier(start, 3, TokenKind::UnicodeIdentifier);
            }
            (b'"', _) => return self.identifier(start, 1, TokenKind::QuotedIdentifier),
            (first, _) if is_word_start(first) => {
                self.position = self.word_end(start);
                self.push(start, TokenKind::Word);
            }
            (b'$', _) => return self.dollar(start),
            (b'0'..=b'9', _) | (b'.', b'0'..=b'9') => return self.number(start),
            (b':', b':') => self.fixed(start, 2, TokenKind::Typecast),
            (b':', b'=') => self.fixed(start, 2, TokenKind::ColonEquals),
            (b'.', b'.') => self.fixed(start, 2, TokenKind::DotDot),
            (first, _) if is_operator_byte(first) => return self.operator(start),
            (first, _) => self.fixed(start, 1, TokenKind::Punct(first)),
        }
        Ok(())
    }

    /// What begins at `start` does not end.
    fn unterminated(&self, kind: LexErrorKind, start: usize) -> Scanned {
        fail(kind, start..self.bytes.len())
    }

    /// A number that should end at `end`.
    fn unless_junk(&self, start: usize, end: usize, junk: bool) -> Result<usize, LexError> {
        if !junk {
            return Ok(end);
        }
        let end = self.word_end(end);
        Err(LexError { kind: LexErrorKind::JunkAfterNumber, at: start, end })
    }

    /// Where the character that begins at `at` ends.
    fn character_end(&self, at: usize) -> usize {
        let next = at.saturating_add(1).min(self.bytes.len());
        self.find(next, |byte| byte & 0xC0 != 0x80)
    }

    /// The byte at `at`, zero behind the end.
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// The first place from `at` on whose byte `wanted` accepts, or the end of the text.
    fn find(&self, at: usize, wanted: impl Fn(u8) -> bool) -> usize {
        let rest = self.bytes.get(at..).unwrap_or_default();
        rest.iter().position(|byte| wanted(*byte)).map_or(self.bytes.len(), |found| at + found)
    }

    fn word_end(&self, at: usize) -> usize {
        self.find(at, |byte| !is_word_part(byte))
    }

    fn line_end(&self, at: usize) -> usize {
        self.find(at, |byte| matches!(byte, b'\n' | b'\r'))
    }

    /// From `start` to where the scanner stands.
    fn span(&self, start: usize) -> Span {
        span(start, self.position)
    }

    fn push(&mut self, start: usize, kind: TokenKind) {
        self.tokens.push(Token { kind, span: self.span(start) });
    }

    fn fixed(&mut self, start: usize, length: usize, kind: TokenKind) {
        self.position = start + length;
        self.push(start, kind);
    }

    /// `/* … */`, nested.
    fn block_comment(&mut self, start: usize) -> Scanned {
        let mut depth = 1u32;
        self.position = start + 2;
        while depth > 0 {
            let at = self.find(self.position, |byte| matches!(byte, b'*' | b'/'));
            self.position = match (self.byte(at), self.byte(at + 1)) {
                (0, _) => return self.unterminated(LexErrorKind::UnterminatedComment, start),
                (b'*', b'/') => {
                    depth -= 1;
                    at + 2
                }
                (b'/', b'*') => {
                    depth += 1;
                    at + 2
                }
                _ => at + 1,
            };
        }
        self.comments.push(self.span(start));
        Ok(())
    }

    /// A string whose opening, apostrophe included, has `opening` bytes, with its continuations.
    fn string(&mut self, start: usize, opening: usize, quoting: Quoting) -> Scanned {
        self.position = start + opening;
        loop {
            let escapes = quoting == Quoting::Escape;
            let at = self.find(self.position, |byte| byte == b'\'' || (escapes && byte == b'\\'));
            let doubles = matches!(quoting, Quoting::Standard | Quoting::Escape);
            match (self.byte(at), self.byte(at + 1)) {
                (0, _) => return self.unterminated(quoting.unterminated(), start),
                (b'\\', _) => self.escape(at)?,
                (_, b'\'') if doubles => self.position = at + 2,
                _ => {
                    self.position = at + 1;
                    if !self.continuation() {
                        break;
                    }
                }
            }
        }
        self.push(start, TokenKind::String);
        Ok(())
    }

    /// Behind an apostrophe that may end a string: moves behind the next one if only white space
    /// with a line end in it, and `--` comments, stand between.
    fn continuation(&mut self) -> bool {
        let comments_before = self.comments.len();
        let mut at = self.position;
        let mut line_ended = false;
        loop {
            match (self.byte(at), self.byte(at + 1)) {
                (b'\'', _) if line_ended => {
                    self.position = at + 1;
                    return true;
                }
                (b'-', b'-') => {
                    let end = self.line_end(at);
                    self.comments.push(span(at, end));
                    at = end;
                }
                (space, _) if is_space(space) => {
                    line_ended |= matches!(space, b'\n' | b'\r');
                    at += 1;
                }
                _ => {
                    self.comments.truncate(comments_before);
                    return false;
                }
            }
        }
    }

    /// A backslash in an `E'…'` string, at `at`.
    fn escape(&mut self, at: usize) -> Scanned {
        let Some((code, end)) = self.unicode_escape(at)? else {
            // One byte is enough: what follows the first byte of a character ends no string.
            self.position = at + 2;
            return Ok(());
        };
        self.position = end;
        match code {
            0xD800..=0xDBFF => match self.unicode_escape(end)? {
                Some((0xDC00..=0xDFFF, pair_end)) => {
                    self.position = pair_end;
                    Ok(())
                }
                Some((_, other_end)) => fail(LexErrorKind::InvalidSurrogatePair, end..other_end),
                None => fail(LexErrorKind::InvalidSurrogatePair, end..self.character_end(end)),
            },
            0xDC00..=0xDFFF => fail(LexErrorKind::InvalidSurrogatePair, at..end),
            1..=0x0010_FFFF => Ok(()),
            _ => fail(LexErrorKind::InvalidUnicodeValue, at..end),
        }
    }

    /// The code of `\uXXXX` or `\UXXXXXXXX` at `at`, and where it ends. `None` for anything else.
    fn unicode_escape(&self, at: usize) -> Result<Option<(u32, usize)>, LexError> {
        let digits = match (self.byte(at), self.byte(at + 1)) {
            (b'\\', b'u') => 4,
            (b'\\', b'U') => 8,
            _ => return Ok(None),
        };
        let (first, end) = (at + 2, at + 2 + digits);
        let code = (first..end).try_fold(0u32, |code, place| {
            let digit = char::from(self.byte(place)).to_digit(16)?;
            Some((code << 4) | digit)
        });
        match code {
            Some(code) => Ok(Some((code, end))),
            None => Err(LexError { kind: LexErrorKind::InvalidUnicodeEscape, at, end: at }),
        }
    }

    /// A quoted identifier whose opening, quotation mark included, has `opening` bytes.
    fn identifier(&mut self, start: usize, opening: usize, kind: TokenKind) -> Scanned {
        let content = start + opening;
        self.position = content;
        loop {
            let at = self.find(self.position, |byte| byte == b'"');
            match (self.byte(at), self.byte(at + 1)) {
                (0, _) => return self.unterminated(LexErrorKind::UnterminatedIdentifier, start),
                (_, b'"') => self.position = at + 2,
                _ if at == content => return fail(LexErrorKind::EmptyIdentifier, start..at + 1),
                _ => {
                    self.position = at + 1;
                    self.push(start, kind);
                    return Ok(());
                }
            }
        }
    }

    /// `$1`, `$tag$…$tag$`, or a dollar that stands alone.
    fn dollar(&mut self, start: usize) -> Scanned {
        if self.byte(start + 1).is_ascii_digit() {
            return self.parameter(start);
        }
        let tag_end = if is_word_start(self.byte(start + 1)) {
            self.find(start + 1, |byte| !is_word_part(byte) || byte == b'$')
        } else {
            start + 1
        };
        if self.byte(tag_end) != b'$' {
            self.fixed(start, 1, TokenKind::Punct(b'$'));
            return Ok(());
        }
        let delimiter = self.bytes.get(start..=tag_end).unwrap_or_default();
        let mut at = tag_end + 1;
        loop {
            at = self.find(at, |byte| byte == b'$');
            let rest = self.bytes.get(at..).unwrap_or_default();
            if rest.is_empty() {
                return self.unterminated(LexErrorKind::UnterminatedDollarString, start);
            }
            if rest.starts_with(delimiter) {
                self.position = at + delimiter.len();
                self.push(start, TokenKind::String);
                return Ok(());
            }
            at += 1;
        }
    }

    /// A run of operator characters: one operator, with what the rules on `+` and `-` split off.
    fn operator(&mut self, start: usize) -> Scanned {
        let mut end = start + 1;
        let mut qualified = qualifies(self.byte(start));
        while is_operator_byte(self.byte(end)) {
            if matches!((self.byte(end), self.byte(end + 1)), (b'/', b'*') | (b'-', b'-')) {
                break; // A comment begins, wherever in the run it stands.
            }
            qualified |= qualifies(self.byte(end));
            end += 1;
        }
        // "A multiple-character operator name cannot end in + or -, unless the name also contains
        // at least one of these characters: ~ ! @ # % ^ & | ` ?"
        let mut operator_end = end;
        while !qualified
            && operator_end > start + 1
            && matches!(self.byte(operator_end - 1), b'+' | b'-')
        {
            operator_end -= 1;
        }
        if operator_end - start >= OPERATOR_BYTES_END {
            return fail(LexErrorKind::OperatorTooLong, start..operator_end);
        }
        if end - operator_end >= OPERATOR_BYTES_END {
            return fail(LexErrorKind::TooManySigns, start..end);
        }
        let first = self.byte(start);
        let kind = match (operator_end - start, first, self.byte(start + 1)) {
            (1, b'+' | b'-' | b'*' | b'/' | b'%' | b'^' | b'<' | b'>' | b'=', _) => {
                TokenKind::Punct(first)
            }
            (2, b'=', b'>') => TokenKind::Arrow,
            _ => TokenKind::Operator,
        };
        self.fixed(start, operator_end - start, kind);
        // What was split off is `+` and `-` only, and ends where the run does: each stands alone.
        while self.position < end {
            let sign = self.position;
            self.fixed(sign, 1, TokenKind::Punct(self.byte(sign)));
        }
        Ok(())
    }
}

/// An error at the beginning of `near`, which is what PostgreSQL quotes.
fn fail(kind: LexErrorKind, near: Range<usize>) -> Scanned {
    Err(LexError { kind, at: near.start, end: near.end })
}

/// The text was found short enough for offsets of 32 bits before the first span is made.
fn span(start: usize, end: usize) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(start), offset(end))
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C)
}

fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_word_part(byte: u8) -> bool {
    is_word_start(byte) || byte.is_ascii_digit() || byte == b'$'
}

fn is_operator_byte(byte: u8) -> bool {
    qualifies(byte) || matches!(byte, b'+' | b'-' | b'*' | b'/' | b'<' | b'>' | b'=')
}

/// Whether an operator that holds this character may end in `+` or `-`.
fn qualifies(byte: u8) -> bool {
    matches!(byte, b'~' | b'!' | b'@' | b'#' | b'^' | b'&' | b'|' | b'`' | b'?' | b'%')
}
