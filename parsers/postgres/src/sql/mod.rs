//! SQL text to syntax, with PostgreSQL's own grammar, and edits of the text.
//!
//! A text is judged as PostgreSQL's own parser reads it, and edited by splicing into the client's
//! own bytes: nothing is ever printed from a tree.

mod convert;
mod error;
mod grammar;
pub mod lexer;
pub mod syntax;

pub use convert::{ParseError, parse, read};
pub use error::{error_offset, sqlstate};
