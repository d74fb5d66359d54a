//! Tokens back to text, with what is put between them.
//!
//! A name is printed in backticks, a string in one form, a sign in one form, and a keyword or a
//! number as it was written, which for them is one form as well. Where space or a comment stood, one
//! space stands. What is added or replaced hangs on places of the client's own text, so that a
//! change says what it does to which node of the tree.

use std::borrow::Cow;

use wire::Span;

use super::lexer::{decode_name, decode_string, has_open_escape};
use super::parser::Parsed;
use super::token::{Symbol, Token, TokenKind};

/// A name that cannot be written: in it the server would find a unicode escape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name with a unicode escape in it cannot be written")]
pub struct Unprintable;

/// The name in backticks.
///
/// # Errors
/// `Unprintable`
pub fn quote_name(name: &str) -> Result<String, Unprintable> {
    if has_open_escape(name).is_some() {
        return Err(Unprintable);
    }
    Ok(format!("`{}`", name.replace('`', "``")))
}

/// The text as a string literal: in apostrophes, with a fixed set of escapes.
#[must_use]
pub fn quote_string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    push_string(text, &mut quoted);
    quoted
}

fn push_string(text: &str, out: &mut String) {
    out.push('\'');
    if !text.contains(['\\', '\'', '\n', '\r', '\t', '\u{8}', '\u{C}']) {
        out.push_str(text);
        out.push('\'');
        return;
    }
    for character in text.chars() {
        match character {
            // A doubled backslash also shields a `u` behind it from being taken for an escape.
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{C}' => out.push_str("\\f"),
            other => out.push(other),
        }
    }
    out.push('\'');
}

/// What is changed about a statement when it is printed.
#[derive(Clone, Debug, Default)]
pub struct Edits<'e> {
    edits: Vec<Edit<'e>>,
}

#[derive(Clone, Debug)]
struct Edit<'e> {
    span: Span,
    place: Place,
    text: Cow<'e, str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Before,
    Instead,
    After,
}

impl<'e> Edits<'e> {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether nothing is changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Puts `text` in front of the node at `span`.
    ///
    /// Of several at one place, those for longer nodes stand outside, and of nodes with the same
    /// span those that came later.
    pub fn before(&mut self, span: Span, text: impl Into<Cow<'e, str>>) {
        self.edits.push(Edit { span, place: Place::Before, text: text.into() });
    }

    /// Puts `text` behind the node at `span`, in the same order: longer nodes outside, later ones
    /// outside.
    pub fn after(&mut self, span: Span, text: impl Into<Cow<'e, str>>) {
        self.edits.push(Edit { span, place: Place::After, text: text.into() });
    }

    /// Prints `text` in the place of the node at `span`. What hangs on nodes inside is dropped; what
    /// stands before and behind the node stays.
    pub fn replace(&mut self, span: Span, text: impl Into<Cow<'e, str>>) {
        self.edits.push(Edit { span, place: Place::Instead, text: text.into() });
    }

    /// The edits in the order of the text.
    fn sorted(&self) -> (Vec<&Edit<'e>>, Vec<&Edit<'e>>, Vec<&Edit<'e>>) {
        let at = |place: Place| self.edits.iter().filter(move |edit| edit.place == place);
        let mut before: Vec<_> = at(Place::Before).collect();
        // Stable sorts: what came later was to stand outside, so the order is reversed first.
        before.reverse();
        before.sort_by_key(|edit| (edit.span.start, std::cmp::Reverse(edit.span.end)));
        let mut after: Vec<_> = at(Place::After).collect();
        after.sort_by_key(|edit| (edit.span.end, std::cmp::Reverse(edit.span.start)));
        let mut instead: Vec<_> = at(Place::Instead).collect();
        instead.sort_by_key(|edit| (edit.span.start, std::cmp::Reverse(edit.span.end)));
        (before, instead, after)
    }
}

impl Parsed<'_> {
    /// The statement as text, without a semicolon at its end.
    #[must_use]
    pub fn print(&self, edits: &Edits<'_>) -> String {
        let (before, instead, after) = edits.sorted();
        let mut before = before.into_iter().peekable();
        let mut instead = instead.into_iter().peekable();
        let mut after = after.into_iter().peekable();
        let out = String::with_capacity(self.text.len() * 5 / 4);
        let mut printer = Printer { out, loose: false };
        // The last node that is replaced.
        let mut replaced = Span::default();
        let is_dropped = |edit: &Edit<'_>, replaced: Span| {
            edit.span != replaced
                && edit.span.start >= replaced.start
                && edit.span.end <= replaced.end
        };
        for token in &self.tokens {
            let Span { start, end } = token.span;
            if token.kind == TokenKind::Symbol(Symbol::Semicolon) {
                break;
            }
            let mut text = None;
            while let Some(edit) = instead.next_if(|edit| edit.span.start <= start) {
                if start >= replaced.end {
                    replaced = edit.span;
                    text = Some(&edit.text);
                }
            }
            while let Some(edit) = before.next_if(|edit| edit.span.start <= start) {
                if !is_dropped(edit, replaced) {
                    printer.piece(&edit.text);
                }
            }
            match text {
                Some(text) => printer.piece(text),
                None if start >= replaced.end => printer.token(*token, self.text),
                None => {}
            }
            while let Some(edit) = after.next_if(|edit| edit.span.end <= end) {
                if !is_dropped(edit, replaced) {
                    printer.piece(&edit.text);
                }
            }
        }
        for edit in before.chain(after) {
            printer.piece(&edit.text);
        }
        printer.out
    }
}

struct Printer {
    out: String,
    /// Whether the last that was printed needs a space behind it.
    loose: bool,
}

impl Printer {
    fn space(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with(' ') {
            self.out.push(' ');
        }
    }

    /// What is added stands apart from what is around it.
    fn piece(&mut self, text: &str) {
        self.space();
        self.out.push_str(text);
        self.loose = true;
    }

    fn token(&mut self, token: Token, text: &str) {
        if token.spaced || self.loose {
            self.space();
        }
        self.loose = false;
        let source = token.span.of(text).unwrap_or_default();
        match token.kind {
            TokenKind::Word | TokenKind::Integer | TokenKind::RadixInteger | TokenKind::Float => {
                self.out.push_str(source)
            }
            TokenKind::Name => {
                self.out.push('`');
                self.out.push_str(source);
                self.out.push('`');
            }
            TokenKind::QuotedName => {
                self.out.push('`');
                self.out.push_str(&decode_name(source).replace('`', "``"));
                self.out.push('`');
            }
            TokenKind::String => push_string(&decode_string(source), &mut self.out),
            TokenKind::Symbol(symbol) => self.out.push_str(symbol.text()),
        }
    }
}

#[cfg(test)]
mod tests;
