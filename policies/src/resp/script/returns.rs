//! Calls of commands in the place of a `return`.
//!
//! Lua makes `return f(x)` a tail call: the caller's line is gone when `f` runs. It does so for
//! functions that are written in Lua, as the shadow of `redis.call` is, and not for the server's
//! own; an error would lose its line. In brackets, `return (f(x))`, the call is an ordinary one,
//! which gives one value; and so does a command.

use std::ops::Range;

use super::lexer::Token;

/// Looks for `return redis.call(...)` and `return redis.pcall(...)` with nothing behind them.
#[derive(Default)]
pub(super) struct Returns {
    /// How many tokens of `return redis . call (` were seen.
    seen: usize,
    /// Where the last `redis` in that place begins.
    from: usize,
    /// Open round brackets.
    depth: usize,
    /// Calls that are open: where they begin, and outside of how many brackets.
    open: Vec<(usize, usize)>,
    /// A call that has just been closed.
    closed: Option<Range<usize>>,
    found: Vec<Range<usize>>,
    /// Whether the last token was the word `redis`, and no field.
    named: bool,
    after_dot: bool,
    /// Whether `redis` may be a variable of the script's, which may give any number of values.
    own: bool,
}

impl Returns {
    /// Takes the next token, which ends at `end`.
    pub(super) fn on_token(&mut self, token: Token<'_>, end: usize) {
        self.follow(token);
        if let Some(call) = self.closed.take()
            && ends_block(token)
        {
            self.found.push(call);
        }
        self.seen = match (self.seen, token) {
            (_, Token::Word(b"return")) => 1,
            (1, Token::Word(b"redis")) => {
                self.from = end.saturating_sub(b"redis".len());
                2
            }
            (2, Token::Sign(b'.')) => 3,
            (3, Token::Word(b"call" | b"pcall")) => 4,
            (4, Token::Sign(b'(')) => {
                self.open.push((self.from, self.depth));
                0
            }
            _ => 0,
        };
        match token {
            Token::Sign(b'(') => self.depth += 1,
            Token::Sign(b')') => {
                self.depth = self.depth.saturating_sub(1);
                if let Some((from, _)) = self.open.pop_if(|(_, depth)| *depth == self.depth) {
                    self.closed = Some(from..end);
                }
            }
            Token::Sign(_) | Token::Word(_) | Token::Literal => {}
        }
    }

    /// Every `redis` must be followed by a dot.
    fn follow(&mut self, token: Token<'_>) {
        let dot = token == Token::Sign(b'.');
        self.own |= self.named && !dot;
        self.named = token == Token::Word(b"redis") && !self.after_dot;
        self.after_dot = dot;
    }

    /// The calls, without what is around them.
    pub(super) fn finish(mut self) -> Vec<Range<usize>> {
        self.found.extend(self.closed.take());
        if self.own || self.named { Vec::new() } else { self.found }
    }
}

fn ends_block(token: Token<'_>) -> bool {
    matches!(token, Token::Word(b"end" | b"else" | b"elseif" | b"until") | Token::Sign(b';'))
}
