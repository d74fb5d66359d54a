//! Our reading of SQL held against pg_query's, which is PostgreSQL's own in another binding.
//!
//! Two readers of one text are only as safe as their agreement. The scanner is compared here in one
//! process (its source is included, not linked); the syntax is compared across processes, because
//! both bindings of libpg_query define the same C symbols.

#[path = "../../../parsers/postgres/src/sql/lexer/mod.rs"]
pub mod lexer;

pub mod corpus;
pub mod count;
pub mod hostile;
pub mod ours;
pub mod reference;
pub mod tree;
