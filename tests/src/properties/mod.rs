//! What must hold of every input, however hostile: one function for each thing that reads bytes or
//! text from outside.
//!
//! The fuzz targets call these with what the fuzzer makes up, the ordinary tests with the seeds. A
//! property that does not hold panics, which is how a fuzzer learns of it.

mod frame;
mod lex;
mod scope;
pub mod seeds;

pub use frame::frame;
pub use lex::lex;
pub use scope::scope;

/// A property of any bytes.
pub type Property = fn(&[u8]);

/// All of them, by the name of their fuzz target and of their file of seeds.
pub const ALL: &[(&str, Property)] = &[("frame", frame), ("lex", lex), ("scope", scope)];
