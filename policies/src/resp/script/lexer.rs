//! The words of a Lua 5.1 chunk, as far as they are needed to put it into a function.
//!
//! "The Complete Syntax of Lua" (Reference Manual 5.1, section 8): a chunk is a block, and a block
//! ends before `end`, `until`, `else`, `elseif` or the end of the text. So a text that is a chunk
//! by itself is also the whole body of a function, when `end` follows it. Each of the words `do`,
//! `function`, `if` and `repeat` opens a block, and each `end` or `until` closes one. A text in
//! which these are paired, and which the server compiles inside of the wrapper, cannot have closed
//! it.

use std::collections::BTreeSet;
use std::ops::Range;

use super::returns::Returns;

/// Blocks in each other. Lua's own bound is 200 (`LUAI_MAXCCALLS`).
const NESTING_MAX: usize = 200;

/// The text is no chunk: its blocks are not paired, or a string or comment has no end. The server
/// would not compile it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the blocks of the script are not paired")]
pub struct NotAChunk;

/// What is known of a text that may be a chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chunk<'t> {
    /// Every word: names of variables and fields, and reserved words.
    pub(super) words: BTreeSet<&'t [u8]>,
    /// Lines, as Lua counts them. At least one.
    pub(super) lines: usize,
    /// Calls of commands in `return`: see [`Returns`].
    pub(super) returns: Vec<Range<usize>>,
}

impl<'t> Chunk<'t> {
    /// Reads `text`, which has no shebang line.
    ///
    /// # Errors
    /// `NotAChunk` for what the server does not compile. What is accepted may still be wrong.
    pub(super) fn read(text: &'t [u8]) -> Result<Self, NotAChunk> {
        let mut cursor = Cursor { text, at: 0, lines: 1 };
        let mut words = BTreeSet::new();
        let mut open = Vec::new();
        let mut returns = Returns::default();
        while let Some(token) = cursor.next_token()? {
            returns.on_token(token, cursor.at);
            let Token::Word(word) = token else { continue };
            words.insert(word);
            match word {
                b"do" | b"function" | b"if" => open.push(Closer::End),
                b"repeat" => open.push(Closer::Until),
                b"end" => close(&mut open, Closer::End)?,
                b"until" => close(&mut open, Closer::Until)?,
                _ => {}
            }
            if open.len() > NESTING_MAX {
                return Err(NotAChunk);
            }
        }
        if open.is_empty() {
            Ok(Self { words, lines: cursor.lines, returns: returns.finish() })
        } else {
            Err(NotAChunk)
        }
    }
}

fn close(open: &mut Vec<Closer>, closer: Closer) -> Result<(), NotAChunk> {
    if open.pop() == Some(closer) { Ok(()) } else { Err(NotAChunk) }
}

/// What ends a block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Closer {
    End,
    Until,
}

/// A piece of a chunk, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// A name or a reserved word.
    Word(&'t [u8]),
    /// One byte of an operator or a bracket.
    Sign(u8),
    /// A string or a number.
    Literal,
}

struct Cursor<'t> {
    text: &'t [u8],
    at: usize,
    lines: usize,
}

impl<'t> Cursor<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&wanted) {
            self.at += 1;
        }
    }

    /// Past a line's end: one byte, or two different ones.
    fn skip_line_end(&mut self, first: u8) {
        self.at += 1;
        if self.peek().is_some_and(|second| matches!(second, b'\n' | b'\r') && second != first) {
            self.at += 1;
        }
        self.lines += 1;
    }

    /// The next token, behind which `at` then is; `None` at the end.
    fn next_token(&mut self) -> Result<Option<Token<'t>>, NotAChunk> {
        while let Some(byte) = self.peek() {
            let next = self.text.get(self.at + 1).copied();
            match byte {
                b'\n' | b'\r' => self.skip_line_end(byte),
                b' ' | b'\t' | 0x0b | 0x0c => self.at += 1,
                b'-' if next == Some(b'-') => self.skip_comment()?,
                _ => return self.token(byte, next).map(Some),
            }
        }
        Ok(None)
    }

    fn token(&mut self, byte: u8, next: Option<u8>) -> Result<Token<'t>, NotAChunk> {
        match byte {
            b'"' | b'\'' => self.skip_string(byte)?,
            b'[' => match self.long_bracket() {
                Some(level) => self.skip_long(level)?,
                None => return Ok(self.sign(byte)),
            },
            b'0'..=b'9' => self.skip_number(),
            b'.' if next.is_some_and(|next| next.is_ascii_digit()) => self.skip_number(),
            b'.' if next == Some(b'.') => {
                self.skip_while(|byte| byte == b'.');
                return Ok(Token::Sign(b'~'));
            }
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                let from = self.at;
                self.skip_while(of_a_word);
                return Ok(Token::Word(self.text.get(from..self.at).unwrap_or_default()));
            }
            // Legal in strings and comments only.
            0 | 0x1b | 0x80.. => return Err(NotAChunk),
            _ => return Ok(self.sign(byte)),
        }
        Ok(Token::Literal)
    }

    fn sign(&mut self, byte: u8) -> Token<'t> {
        self.at += 1;
        Token::Sign(byte)
    }

    /// "llex.c", `read_string`: a backslash takes away the meaning of what follows it.
    fn skip_string(&mut self, quote: u8) -> Result<(), NotAChunk> {
        self.at += 1;
        loop {
            match self.peek().ok_or(NotAChunk)? {
                b'\n' | b'\r' => return Err(NotAChunk),
                b'\\' => {
                    self.at += 1;
                    match self.peek().ok_or(NotAChunk)? {
                        byte @ (b'\n' | b'\r') => self.skip_line_end(byte),
                        _ => self.at += 1,
                    }
                }
                byte => {
                    self.at += 1;
                    if byte == quote {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// The level of the long bracket that begins here: `[[` has 0, `[=[` has 1.
    fn long_bracket(&self) -> Option<usize> {
        let rest = self.text.get(self.at + 1..)?;
        let level = rest.iter().take_while(|byte| **byte == b'=').count();
        (rest.get(level) == Some(&b'[')).then_some(level)
    }

    /// Past the long string or comment whose bracket begins here. They do not nest, as those of Lua
    /// 5.0: the probe asks the server.
    fn skip_long(&mut self, level: usize) -> Result<(), NotAChunk> {
        self.at += level + 2;
        loop {
            match self.peek().ok_or(NotAChunk)? {
                byte @ (b'\n' | b'\r') => self.skip_line_end(byte),
                b']' => {
                    self.at += 1;
                    let from = self.at;
                    self.skip_while(|byte| byte == b'=');
                    if self.at - from == level && self.peek() == Some(b']') {
                        self.at += 1;
                        return Ok(());
                    }
                }
                _ => self.at += 1,
            }
        }
    }

    fn skip_comment(&mut self) -> Result<(), NotAChunk> {
        self.at += 2;
        if self.peek() == Some(b'[')
            && let Some(level) = self.long_bracket()
        {
            return self.skip_long(level);
        }
        self.skip_while(|byte| byte != b'\n' && byte != b'\r');
        Ok(())
    }

    /// "llex.c", `read_numeral`: digits and dots, a signed exponent, and whatever letters follow.
    fn skip_number(&mut self) {
        self.skip_while(|byte| byte.is_ascii_digit() || byte == b'.');
        if self.peek().is_some_and(|byte| matches!(byte, b'e' | b'E')) {
            self.at += 1;
            if self.peek().is_some_and(|byte| matches!(byte, b'+' | b'-')) {
                self.at += 1;
            }
        }
        self.skip_while(of_a_word);
    }
}

fn of_a_word(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}
