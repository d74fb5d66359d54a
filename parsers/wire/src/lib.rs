//! What the codecs of all four protocols share: limits, spans, a bounded cursor, and `Inert`.
//!
//! A wire crate turns bytes into messages and texts into syntax. It never allocates more than it
//! was given, never recurses without a bound, and never guesses: a message is a slice that must be
//! consumed exactly, and what it does not know it refuses. The pieces here carry those habits; they
//! know no protocol and no tenant.

mod cursor;
mod inert;
mod limits;
mod span;

pub use cursor::{Cursor, Malformed};
pub use inert::Inert;
pub use limits::Limits;
pub use span::Span;
