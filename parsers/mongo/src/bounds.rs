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

    /// Levels that confining a command may add to one of its values: a filter in an `$and`, and an
    /// expression in a condition, below it. The server itself takes 200 levels.
    const ADDED_LEVELS: usize = 8;

    /// Bytes that confining a command may add to a document of the greatest length.
    const ADDED_BYTES: usize = 16 << 10;

    /// The bounds of what is sent to the upstream: what a client may send, and what is added to it.
    #[must_use]
    pub fn rewritten(self) -> Self {
        Self {
            message_bytes_max: self.message_bytes_max,
            document_bytes_max: self.document_bytes_max.saturating_add(Self::ADDED_BYTES),
            depth_max: self.depth_max.saturating_add(Self::ADDED_LEVELS),
        }
    }
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
