//! Tokens to a tree, by recursive descent.
//!
//! Words mean what their place makes of them: there is no reserved word, `MATCH (match)` is a
//! statement. The parser never goes back over tokens that it took. Where the same beginning may be
//! two things (a parenthesis may open an expression or a pattern, a bracket a list or a
//! comprehension) it looks ahead along matched brackets first (`shape`), so that the time that it
//! takes grows with the text and not with its nesting.

mod bracket;
mod call;
mod case;
mod clause;
mod command;
mod expr;
mod hint;
mod label;
mod pattern;
mod primary;
mod projection;
mod query;
mod schema;
mod shape;
mod special;
#[cfg(test)]
mod tests;
mod types;
mod write;
mod written;

use wire::Span;

use super::error::{CypherError, Fault};
use super::lexer;
use super::syntax::{Dialect, Name, Parameter, Statement};
use super::token::{Symbol, Token, TokenKind};

/// How deep brackets and expressions may stand in each other. A real server fails without an answer
/// somewhat above.
pub const DEPTH_MAX: usize = 100;
/// How many sub-queries may stand in each other. Planning time doubles with each.
pub const SUBQUERIES_MAX: usize = 8;

type Parse<T> = Result<T, CypherError>;

/// A statement, and the tokens that it was read from.
#[derive(Clone, Debug)]
pub struct Parsed<'a> {
    /// What was read.
    pub statement: Statement,
    pub(super) text: &'a str,
    pub(super) tokens: Vec<Token>,
}

impl<'a> Parsed<'a> {
    /// The text, as it came.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Its tokens.
    #[must_use]
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }
}

/// Reads one statement, in the version that it names or else in `dialect`.
///
/// # Errors
/// `CypherError` for a text that is no statement of the grammar, or is longer than `bytes_max`, or
/// nested more deeply than [`DEPTH_MAX`] and [`SUBQUERIES_MAX`] allow.
pub fn parse(text: &str, dialect: Dialect, bytes_max: usize) -> Result<Parsed<'_>, CypherError> {
    if text.len() > bytes_max {
        return Err(CypherError::new(Span::default(), Fault::TooLong));
    }
    let tokens = lexer::lex(text, DEPTH_MAX)?;
    let mut parser =
        Parser { text, tokens, at: 0, depth: 0, subqueries: 0, last_bar: usize::MAX, dialect };
    let statement = parser.statement()?;
    Ok(Parsed { statement, text, tokens: parser.tokens })
}

/// Reads the tokens of a text, as far as they are known without the grammar: a name may be taken
/// for a word.
///
/// # Errors
/// `CypherError` for a text with something in it that is no token, or with unmatched brackets.
pub fn tokens(text: &str) -> Result<Vec<Token>, CypherError> {
    lexer::lex(text, DEPTH_MAX)
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    /// The next token.
    at: usize,
    /// How many expressions, patterns and queries are open.
    depth: usize,
    /// How many sub-queries are open.
    subqueries: usize,
    /// The bar at which a comprehension's value begins: no label's. `usize::MAX` if there is none.
    last_bar: usize,
    dialect: Dialect,
}

impl Parser<'_> {
    /// The token `ahead` tokens after the next.
    fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead)
    }

    fn text_of(&self, span: Span) -> &str {
        span.of(self.text).unwrap_or_default()
    }

    /// Where the next token begins, or the end.
    fn here(&self) -> u32 {
        match self.tokens.get(self.at) {
            Some(token) => token.span.start,
            None => self.last_end(),
        }
    }

    /// Where the last token that was taken ends.
    fn last_end(&self) -> u32 {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, |token| token.span.end)
    }

    /// From `start` to the end of the last token that was taken.
    fn since(&self, start: u32) -> Span {
        Span::new(start, self.last_end().max(start))
    }

    /// The next token does not fit.
    fn expected<T>(&self, expected: &'static str) -> Parse<T> {
        Err(CypherError::expected(self.next_span(), expected))
    }

    fn fail<T>(&self, fault: Fault) -> Parse<T> {
        Err(CypherError::new(self.next_span(), fault))
    }

    fn next_span(&self) -> Span {
        self.peek(0).map_or(Span::at(self.last_end()), |token| token.span)
    }

    fn is_at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    // Signs.

    fn symbol_at(&self, ahead: usize) -> Option<Symbol> {
        match self.peek(ahead)?.kind {
            TokenKind::Symbol(symbol) => Some(symbol),
            _ => None,
        }
    }

    fn is_symbol_at(&self, ahead: usize, symbol: Symbol) -> bool {
        self.symbol_at(ahead) == Some(symbol)
    }

    fn is_symbol(&self, symbol: Symbol) -> bool {
        self.is_symbol_at(0, symbol)
    }

    fn eat(&mut self, symbol: Symbol) -> bool {
        let found = self.is_symbol(symbol);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: Symbol) -> Parse<()> {
        if self.eat(symbol) { Ok(()) } else { self.expected(symbol.text()) }
    }

    // Words.

    /// The bare word `ahead` tokens after the next.
    fn word_at(&self, ahead: usize) -> Option<&str> {
        let token = self.peek(ahead)?;
        (token.kind == TokenKind::Word).then(|| self.text_of(token.span))
    }

    fn is_word_at(&self, ahead: usize, word: &str) -> bool {
        self.word_at(ahead).is_some_and(|found| found.eq_ignore_ascii_case(word))
    }

    fn is_word(&self, word: &str) -> bool {
        self.is_word_at(0, word)
    }

    fn is_one_of(&self, ahead: usize, words: &[&'static str]) -> bool {
        self.one_of_at(ahead, words).is_some()
    }

    /// Which of the words stands `ahead` tokens after the next.
    fn one_of_at(&self, ahead: usize, words: &[&'static str]) -> Option<&'static str> {
        let found = self.word_at(ahead)?;
        words.iter().find(|word| found.eq_ignore_ascii_case(word)).copied()
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    /// Takes these words, or none of them.
    fn eat_words(&mut self, words: &[&str]) -> bool {
        let found = words.iter().enumerate().all(|(ahead, word)| self.is_word_at(ahead, word));
        if found {
            self.at += words.len();
        }
        found
    }

    fn eat_one_of(&mut self, words: &[&'static str]) -> Option<&'static str> {
        let found = self.one_of_at(0, words)?;
        self.at += 1;
        Some(found)
    }

    fn expect_word(&mut self, word: &'static str) -> Parse<()> {
        if self.eat_word(word) { Ok(()) } else { self.expected(word) }
    }

    // Names.

    /// Whether a name may stand `ahead` tokens after the next.
    fn is_name_at(&self, ahead: usize) -> bool {
        self.peek(ahead)
            .is_some_and(|token| matches!(token.kind, TokenKind::Word | TokenKind::QuotedName))
    }

    /// Takes a name, and marks its token as one.
    fn name(&mut self, expected: &'static str) -> Parse<Name> {
        let Some(token) = self.tokens.get_mut(self.at) else { return self.expected(expected) };
        let span = token.span;
        let text = match token.kind {
            TokenKind::Word | TokenKind::Name => {
                token.kind = TokenKind::Name;
                self.text_of(span).to_owned()
            }
            TokenKind::QuotedName => lexer::decode_name(self.text_of(span)).into_owned(),
            _ => return self.expected(expected),
        };
        self.at += 1;
        Ok(Name { text, span })
    }

    fn names(&mut self, expected: &'static str) -> Parse<Vec<Name>> {
        let mut names = vec![self.name(expected)?];
        while self.eat(Symbol::Comma) {
            names.push(self.name(expected)?);
        }
        Ok(names)
    }

    /// `a.b.c`
    fn dotted_name(&mut self, expected: &'static str) -> Parse<Vec<Name>> {
        let mut names = vec![self.name(expected)?];
        while self.eat(Symbol::Dot) {
            names.push(self.name(expected)?);
        }
        Ok(names)
    }

    fn string(&mut self, expected: &'static str) -> Parse<String> {
        match self.peek(0) {
            Some(token) if token.kind == TokenKind::String => {
                let text = lexer::decode_string(self.text_of(token.span)).into_owned();
                self.at += 1;
                Ok(text)
            }
            _ => self.expected(expected),
        }
    }

    /// `$name`, `$1`
    fn parameter(&mut self) -> Parse<Parameter> {
        let start = self.here();
        self.expect(Symbol::Dollar)?;
        let name = match self.peek(0) {
            Some(token) if token.kind == TokenKind::Integer => {
                let digits = self.text_of(token.span).to_owned();
                if digits.contains('_') {
                    return self.expected("a parameter's name");
                }
                self.at += 1;
                digits
            }
            _ => self.name("a parameter's name")?.text,
        };
        Ok(Parameter { name, span: self.since(start) })
    }

    // Bounds.

    /// Goes one level deeper.
    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        if self.depth >= DEPTH_MAX {
            return self.fail(Fault::TooDeep);
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// Goes into a sub-query.
    fn in_subquery<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        if self.subqueries >= SUBQUERIES_MAX {
            return self.fail(Fault::TooManySubqueries);
        }
        self.subqueries += 1;
        let result = self.deeper(inner);
        self.subqueries -= 1;
        result
    }

    /// What only Cypher 25 has.
    fn needs_25(&self, what: &'static str) -> Parse<()> {
        match self.dialect {
            Dialect::Cypher25 => Ok(()),
            Dialect::Cypher5 => self.fail(Fault::NeedsCypher25(what)),
        }
    }

    fn is_25(&self) -> bool {
        self.dialect == Dialect::Cypher25
    }
}
