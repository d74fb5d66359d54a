//! From libpg_query's tree to [`crate::sql::syntax`].
//!
//! The only place that touches the C tree. A node that is not named here has no counterpart and is
//! refused; of those named, every field that the raw grammar can fill is either carried over or
//! required to be empty. The conversion counts its own depth, so that whatever walks the result
//! recurses no deeper.

mod expr;
mod from;
mod names;
mod query;
mod special;
mod statement;
mod types;
mod write;

use std::fmt::{self, Write as _};

use pg_raw_parse::Node;

use super::grammar;
use super::lexer::Tokens;
use super::syntax::{At, Statement};

/// Why a text has no syntax that can be judged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// PostgreSQL's own grammar refuses it.
    #[error("{message}")]
    Syntax {
        /// The grammar's own words.
        message: String,
    },
    /// A kind of statement that has no place in the syntax.
    #[error("{name} statements are not known")]
    Statement {
        /// Its name, as near to SQL's as the grammar's own comes: `CREATE FUNCTION`.
        name: String,
        /// Where it begins.
        at: At,
    },
    /// A kind of node, or a form of one, that has no place in the syntax.
    #[error("{name} is not known")]
    Node {
        /// The grammar's name for it.
        name: String,
        /// Where it stands, as far as that is known.
        at: At,
    },
    /// Nested more deeply than the limit.
    #[error("nested more than {max} levels deep")]
    TooDeep {
        /// The limit.
        max: u32,
        /// Where the limit was reached.
        at: At,
    },
}

/// Reads `text` with PostgreSQL's grammar.
///
/// # Errors
/// See [`ParseError`]. A text with several statements is read whole or not at all.
pub fn parse(text: &str, depth_max: u32) -> Result<Vec<Statement>, ParseError> {
    read(text, depth_max).map(|(statements, _)| statements)
}

/// As [`parse`], and gives the text's tokens as well.
///
/// # Errors
/// See [`ParseError`].
pub fn read(text: &str, depth_max: u32) -> Result<(Vec<Statement>, Tokens<'_>), ParseError> {
    let (tree, tokens) = grammar::tree(text).map_err(|message| syntax_error(message, depth_max))?;
    let mut converter = Converter { depth: 0, depth_max, text_len: text.len() };
    let statements = tree.iter().map(|raw| converter.statement(raw)).collect::<Converted<_>>()?;
    Ok((statements, tokens))
}

fn syntax_error(message: String, max: u32) -> ParseError {
    // The grammar's own stack is bounded (YYMAXDEPTH) and says so in these words.
    if message.starts_with("memory exhausted") {
        ParseError::TooDeep { max, at: At::UNKNOWN }
    } else {
        ParseError::Syntax { message }
    }
}

type Converted<T> = Result<T, ParseError>;

struct Converter {
    depth: u32,
    depth_max: u32,
    text_len: usize,
}

impl Converter {
    /// Runs `step` one level deeper, unless that is too deep.
    fn nested<T>(&mut self, at: At, step: impl FnOnce(&mut Self) -> Converted<T>) -> Converted<T> {
        if self.depth >= self.depth_max {
            return Err(ParseError::TooDeep { max: self.depth_max, at });
        }
        self.depth += 1;
        let result = step(self);
        self.depth -= 1;
        result
    }
}

/// A node of a kind that has no place here.
fn unknown<T>(node: Node<'_>, at: At) -> Converted<T> {
    Err(ParseError::Node { name: kind_name(node), at })
}

/// A form of a known node that has no place here.
fn unknown_form<T>(name: &str, at: At) -> Converted<T> {
    Err(ParseError::Node { name: name.to_owned(), at })
}

/// A field that the grammar always fills.
fn required<T>(value: Option<T>, name: &'static str) -> Converted<T> {
    value.ok_or_else(|| ParseError::Node { name: name.to_owned(), at: At::UNKNOWN })
}

/// The name of a node's kind, without formatting the tree below it.
fn kind_name(node: Node<'_>) -> String {
    /// Takes the name and then stops the formatting.
    struct UpToParenthesis(String);
    impl fmt::Write for UpToParenthesis {
        fn write_str(&mut self, part: &str) -> fmt::Result {
            let (name, more) = part.split_once('(').map_or((part, false), |(name, _)| (name, true));
            self.0.push_str(name);
            if more || self.0.len() > 64 { Err(fmt::Error) } else { Ok(()) }
        }
    }
    let mut name = UpToParenthesis(String::new());
    match write!(name, "{node:?}") {
        // An error is the sink's own way of saying that it has what it wants.
        Ok(()) | Err(fmt::Error) => name.0,
    }
}
