//! Extended JSON, version 2: the text in which people write documents.
//!
//! [`read`] takes the relaxed and the canonical form. It keeps the order of names, and names that
//! stand twice, so that a hostile document can be written down, too. [`write`] writes the relaxed
//! form, but for a 64-bit integer that the relaxed form would make a 32-bit one.

mod json;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use read::read;
pub use write::write;

/// Why a text is no document.
#[derive(Debug, thiserror::Error)]
pub enum ExtJsonError {
    /// It is not JSON, or nested too deeply.
    #[error("not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// Its outermost value is not an object.
    #[error("not a JSON object")]
    NotObject,
    /// An object with this name writes a value of a type, and has not the form of one.
    #[error("an object with `{0}` has not the form that extended JSON gives it")]
    Wrapper(&'static str),
    /// A name or a regular expression that BSON cannot hold.
    #[error("a name or a regular expression holds a NUL")]
    Nul,
}
