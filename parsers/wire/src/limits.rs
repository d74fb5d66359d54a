//! The bounds that every codec keeps.

/// Upper bounds on what one client may make us hold. Each has a rejection reason of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one message, header included. A longer one ends the connection.
    pub frame_bytes_max: usize,
    /// Bytes of one statement's text. A longer one is refused, the connection goes on.
    pub statement_bytes_max: usize,
    /// Nesting of one statement's syntax, counted before anything recursive runs.
    pub depth_max: u32,
    /// Prepared statements that one connection may hold at a time.
    pub statements_max: usize,
    /// Replies that the upstream may owe one connection before we stop reading from its client.
    pub replies_max: usize,
    /// Bytes that may wait to be written to one side before we stop reading from the other.
    pub outbox_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            frame_bytes_max: 64 << 20,
            statement_bytes_max: 1 << 20,
            depth_max: 1_000,
            statements_max: 4_096,
            replies_max: 65_536,
            outbox_bytes_max: 1 << 20,
        }
    }
}
