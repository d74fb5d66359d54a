//! Bolt and Cypher: handshake, chunks, PackStream and messages; text and syntax.
//!
//! What a client sends is read whole into types that cannot be wrong, and what goes on to the
//! upstream is written anew from them: the server takes trailing bytes, and
//! escapes at places where we do not, so no byte that was not understood travels.

pub mod chunk;
pub mod cypher;
pub mod handshake;
pub mod message;
pub mod packstream;
mod version;

pub use version::Version;
