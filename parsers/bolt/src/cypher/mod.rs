//! Cypher: text to tokens to a tree, and back to text token by token.
//!
//! The grammar is that of Cypher 25 as Neo4j publishes it, with what Cypher 5 does otherwise. It is
//! closed: a statement that it does not cover is an error with its place, and nothing is passed over.
//! What is sent on is never the client's own text but a print of the tokens that were understood,
//! in which every name stands in backticks and every string in one fixed form, so that the server
//! cannot read a word or a quote otherwise than it was read here.

mod error;
mod lexer;
mod parser;
mod print;
pub mod syntax;
mod token;
pub mod visit;

pub use error::{CypherError, Fault};
pub use parser::{DEPTH_MAX, Parsed, SUBQUERIES_MAX, parse, tokens};
pub use print::{Edits, Unprintable, quote_name, quote_string};
pub use syntax::Dialect;
pub use token::{Symbol, Token, TokenKind};
