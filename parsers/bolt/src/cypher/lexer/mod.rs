//! Text to tokens.
//!
//! The server replaces unicode escapes in the whole text before it reads a token, so that one may
//! close a string, a name or a comment. Here they are refused, except inside a string for a
//! character that ends nothing. Characters that only one of the two dialects takes in a bare name
//! or as space (control and format characters, U+0085) are refused as well.

mod escape;
mod scan;
#[cfg(test)]
mod tests;

use wire::Span;

use super::error::{CypherError, Fault};
use super::token::{Symbol, Token, TokenKind};
pub(super) use escape::{decode_name, decode_string, has_open_escape};

/// Reads all tokens of a text. Brackets must match and may stand in each other up to `depth_max`
/// deep, which is found here, before anything recursive runs.
pub(super) fn lex(text: &str, depth_max: usize) -> Result<Vec<Token>, CypherError> {
    if u32::try_from(text.len()).is_err() {
        return Err(CypherError::new(Span::default(), Fault::TooLong));
    }
    let mut lexer = Lexer { text, at: 0, tokens: Vec::with_capacity(text.len() / 4), open: vec![] };
    while let Some(token) = lexer.next()? {
        lexer.add(token, depth_max)?;
    }
    match lexer.open.last() {
        None => Ok(lexer.tokens),
        Some((index, _)) => {
            let span = lexer.tokens.get(*index as usize).map(|token| token.span);
            Err(CypherError::new(span.unwrap_or_default(), Fault::Unclosed("a bracket")))
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    /// INVARIANT: a character's boundary, at most the text's length, which fits `u32`.
    at: usize,
    tokens: Vec<Token>,
    /// Brackets that are open: their index, and what closes them.
    open: Vec<(u32, Symbol)>,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn span(&self, bytes: usize) -> Span {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span::new(offset(self.at), offset(self.at + bytes))
    }

    fn error(&self, at: usize, fault: Fault) -> CypherError {
        let mut span = self.span(at);
        span.start = span.end;
        CypherError::new(span, fault)
    }

    /// The next token, or `None` at the end.
    fn next(&mut self) -> Result<Option<Token>, CypherError> {
        let before = self.at;
        self.skip_space()?;
        let spaced = self.at > before;
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(None) };
        let scanned = match first {
            '\'' | '"' => scan::string(rest, first).map(|bytes| (TokenKind::String, bytes)),
            '`' => scan::quoted_name(rest).map(|bytes| (TokenKind::QuotedName, bytes)),
            _ if scan::begins_word(first) => scan::word(rest).map(|bytes| (TokenKind::Word, bytes)),
            _ => match scan::number(rest) {
                Some(number) => number,
                None => {
                    scan::symbol(rest).map(|(symbol, bytes)| (TokenKind::Symbol(symbol), bytes))
                }
            },
        };
        let (kind, bytes) = scanned.map_err(|(at, fault)| self.error(at, fault))?;
        let span = self.span(bytes);
        self.at += bytes;
        let partner = u32::try_from(self.tokens.len()).unwrap_or(u32::MAX);
        Ok(Some(Token { kind, span, spaced, partner }))
    }

    /// Walks over white space and comments.
    fn skip_space(&mut self) -> Result<(), CypherError> {
        loop {
            let rest = self.rest();
            let bytes = scan::space(rest);
            if bytes > 0 {
                self.at += bytes;
                continue;
            }
            match scan::comment(rest) {
                None => return Ok(()),
                Some(Ok(bytes)) => self.at += bytes,
                Some(Err((at, fault))) => return Err(self.error(at, fault)),
            }
        }
    }

    /// Adds a token, and matches it if it is a bracket.
    fn add(&mut self, mut token: Token, depth_max: usize) -> Result<(), CypherError> {
        let index = token.partner;
        if let TokenKind::Symbol(symbol) = token.kind {
            let closing = match symbol {
                Symbol::LeftParen => Some(Symbol::RightParen),
                Symbol::LeftBracket => Some(Symbol::RightBracket),
                Symbol::LeftBrace => Some(Symbol::RightBrace),
                _ => None,
            };
            if let Some(closing) = closing {
                if self.open.len() >= depth_max {
                    return Err(CypherError::new(token.span, Fault::TooDeep));
                }
                self.open.push((index, closing));
            } else if matches!(
                symbol,
                Symbol::RightParen | Symbol::RightBracket | Symbol::RightBrace
            ) {
                match self.open.pop() {
                    Some((opening, expected)) if expected == symbol => {
                        token.partner = opening;
                        if let Some(opening) = self.tokens.get_mut(opening as usize) {
                            opening.partner = index;
                        }
                    }
                    _ => return Err(CypherError::new(token.span, Fault::Unbalanced)),
                }
            }
        }
        self.tokens.push(token);
        Ok(())
    }
}
