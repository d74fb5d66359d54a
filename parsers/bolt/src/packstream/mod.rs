//! PackStream: the values of Bolt's messages.
//!
//! Reading is strict where the server is not: a key that stands twice in a map, text that is not
//! UTF-8, a structure of unknown tag or number of fields, and bytes behind a value are errors. A
//! collection's declared size is held against the bytes that are there before anything is reserved
//! for it, and nesting is bounded without recursion.

mod dictionary;
mod raw;
mod read;
mod structure;
#[cfg(test)]
mod tests;
mod value;
mod write;

pub use dictionary::Dictionary;
pub use raw::{Items, Raw};
pub use read::{DEPTH_MAX, Item, Reader};
pub use structure::{Structure, Structures};
pub use value::Value;
pub use write::{
    put_boolean, put_bytes, put_float, put_integer, put_list_header, put_map_header, put_null,
    put_string, put_structure_header,
};

/// A value that is not what PackStream, or the message that it belongs to, demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// Fewer bytes than a size says.
    #[error("the message ends too early")]
    Truncated,
    /// A byte with which no value begins.
    #[error("the byte {0:#04x} begins no value")]
    UnknownMarker(u8),
    /// A collection whose items cannot all be in the bytes that are left.
    #[error("a collection declares more items than the message has bytes for")]
    Oversized,
    /// Text that is not UTF-8.
    #[error("a text is not UTF-8")]
    Encoding,
    /// A key that stands twice in one map: each side might take another of the two.
    #[error("a map has the same key twice")]
    DuplicateKey,
    /// A key that is not a text.
    #[error("a key of a map is not a text")]
    KeyType,
    /// Nesting beyond [`DEPTH_MAX`].
    #[error("values are nested too deeply")]
    TooDeep,
    /// A structure of this tag is unknown, has another number of fields, or may not stand here.
    #[error("a structure with the tag {0:#04x} may not stand here")]
    Structure(u8),
    /// A value of another type than its place demands.
    #[error("a value is of the wrong type: {0} is expected")]
    Type(&'static str),
    /// Bytes behind the end.
    #[error("the message has trailing bytes")]
    Trailing,
}
