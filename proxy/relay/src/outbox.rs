//! What a connection wants done: bytes for each side, events, effects.

use bytes::{Bytes, BytesMut};
use policies::Rejection;

/// Filled by a [`crate::Connection`], emptied by the shell.
#[derive(Debug, Default)]
pub struct Outbox {
    /// Bytes for the client.
    pub to_client: BytesMut,
    /// Bytes for the upstream. Only judged statements and inert control messages are put here.
    pub to_upstream: BytesMut,
    /// What happened, for logs and metrics.
    pub events: Vec<Event>,
    /// What the shell must do, in order, after it has written both sides.
    pub effects: Vec<Effect>,
}

/// Something that observers want to know. Carries no literal of any statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The client proved who it is; from here on it acts for `tenant` (a slug).
    Authenticated {
        /// The login's name.
        login: String,
        /// The tenant's slug.
        tenant: String,
    },
    /// A client could not prove who it is. `why` is for the log only.
    AuthenticationFailed {
        /// The name that the client sent.
        login: String,
        /// The true reason, which the client is not told.
        why: &'static str,
    },
    /// The upstream is ready for statements.
    Ready,
    /// A statement travels as the client wrote it.
    StatementForwarded,
    /// A statement travels rewritten.
    StatementRewritten,
    /// A statement was answered here.
    StatementReplied,
    /// A statement was refused.
    StatementRejected {
        /// Why and where.
        rejection: Rejection,
        /// The hash of the statement's shape; 0 where it has none.
        fingerprint: u64,
        /// Whether observe mode let it pass all the same.
        observed: bool,
    },
    /// The statement cache was asked.
    CacheLookup {
        /// Whether it knew the text.
        hit: bool,
    },
}

/// Something that only the shell can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Begin the TLS handshake with the client, as soon as what is queued for it is written. Bytes
    /// that the client sent before it are an attack (CVE-2021-23214) and end the connection.
    StartTls,
    /// Connect to the listener's upstream.
    Dial,
    /// As `Dial`, for names that begin with `prefix`. Where the upstream is several servers, the
    /// link leads to all of them, and is at home on the one that has those names.
    DialNear {
        /// What the names begin with.
        prefix: Bytes,
    },
    /// Close the upstream's link, after what is queued for it is written. A later `Dial` makes
    /// another.
    Release,
    /// Begin the TLS handshake with the upstream.
    StartUpstreamTls,
    /// Send `request` to the upstream on a connection of its own, and await its end there.
    Aside {
        /// What to send: it must lead the upstream to end that connection.
        request: Bytes,
    },
    /// Remember that a client that shows `key` may have `request` sent to the upstream on a
    /// connection of its own. Forgotten when this connection ends.
    RegisterCancel {
        /// The key that this client was given.
        key: Bytes,
        /// The bytes that cancel at the upstream.
        request: Bytes,
    },
    /// A client showed `key`: send what was registered for it, if anything.
    Cancel {
        /// The key that the client showed.
        key: Bytes,
    },
}
