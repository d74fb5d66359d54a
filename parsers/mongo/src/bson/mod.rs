//! BSON 1.1 (bsonspec.org): documents as views over their bytes.
//!
//! [`Document`] and [`Array`] exist only over bytes that [`Document::read`] has validated, to their
//! innermost level. [`Shallow`] is for what comes from the upstream. [`DocumentWriter`] writes new
//! documents around copies of what stands in old ones.

mod document;
mod element;
mod fault;
mod index;
mod kind;
mod shallow;
#[cfg(test)]
mod tests;
mod validate;
mod value;
mod write;

pub use document::{Array, Document, Elements};
pub use element::{Element, RawElement};
pub use fault::Fault;
pub use kind::Kind;
pub use shallow::{Shallow, ShallowElements};
pub use value::{Binary, Value};
pub(crate) use write::measured;
pub use write::{ArrayWriter, DocumentWriter};
