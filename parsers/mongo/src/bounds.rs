//! The bounds that this protocol's codec keeps.

use wire::Limits;

/// Upper bounds on one message and on the documents in it. The defaults are the server's own, which
/// a hello announces, so what they refuse the server would refuse, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of one message, header included: `maxMessageSizeBytes`.
    pub message_bytes_max: usize,
    /// Bytes of one document in a message: `maxBsonObjectSize`, and the 16 KiB that the server
    /// allows for what a command puts around a document of that size.
    pub document_bytes_max: usize,
    /// Levels of documents and arrays in each other, the outermost included: 100 of a stored
    /// document (manual, "MongoDB Limits and Thresholds"), and what a command puts around it: its
    /// body, an array, a statement, and the stages of an update.
    pub depth_max: usize,
}

impl Bounds {
    /// Levels that a command may put around a stored document.
    const COMMAND_LEVELS: usize = 4;
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            message_bytes_max: 48_000_000,
            document_bytes_max: (16 << 20) + (16 << 10),
            depth_max: 100 + Self::COMMAND_LEVELS,
        }
    }
}

impl From<&Limits> for Bounds {
    /// The server's bounds, or the listener's where those are narrower.
    fn from(limits: &Limits) -> Self {
        let server = Self::default();
        Self {
            message_bytes_max: server.message_bytes_max.min(limits.frame_bytes_max),
            document_bytes_max: server.document_bytes_max.min(limits.frame_bytes_max),
            depth_max: server.depth_max.min(limits.depth_max as usize),
        }
    }
}
