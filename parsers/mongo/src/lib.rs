//! MongoDB's wire: messages, the BSON inside them, and the commands that it spells.
//!
//! Whatever a client sends is validated whole before anything looks at it: one iterative pass over
//! each document checks every length, every text and every name, bounds the nesting and refuses a
//! name that stands twice. Only what passed becomes a [`bson::Document`], a view that borrows the
//! client's own bytes and never decodes what nobody asked for. A changed command is written by
//! copying those bytes, so that what no rule touched leaves as it came.
//!
//! Readers of BSON differ in which of two equal names they see, in whether they look at the index of
//! an array's element, and in how deep they recurse before their stack ends. Where they differ we
//! refuse, so that the server cannot understand a message otherwise than we did.
//!
//! What the upstream sends is read more loosely, by [`bson::Shallow`]: extents are checked, nothing
//! is copied, and a batch of documents passes as one run of bytes.

mod bounds;
pub mod bson;
pub mod command;
mod defect;
pub mod extjson;
pub mod frame;
mod le;
pub mod message;
pub mod reply;
pub mod survey;

pub use bounds::Bounds;
pub use defect::Defect;
