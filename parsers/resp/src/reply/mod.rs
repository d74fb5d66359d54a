//! Replies, in RESP2 and RESP3 ("Redis serialization protocol specification", "RESP3").
//!
//! [`ReplyScanner`] says where a reply ends while it streams through. What must be looked into is
//! held whole, and then read by [`Cursor`], rewritten by [`edit`], or, where speed is nothing,
//! taken apart by [`Value`].

mod cursor;
mod edit;
mod header;
mod kind;
mod levels;
mod scanner;
mod value;
mod violation;
mod write;

#[cfg(test)]
mod tests;

pub use cursor::{Cursor, Event};
pub use edit::{Edit, Place, Step, edit};
pub use kind::{Kind, kind};
pub use levels::DEPTH_MAX;
pub use scanner::{LINE_BYTES_MAX, Progress, ReplyScanner};
pub use value::Value;
pub use violation::Violation;
pub use write::{put_aggregate, put_bulk, put_error, put_integer, put_null, put_simple};
