//! Connection state machines without I/O.
//!
//! A [`Connection`] is one client's link and the upstream's link behind it. Bytes from either side
//! go in, an [`Outbox`] comes out: bytes for each side, events for the observers, effects for the
//! shell. There is no socket here, no clock and no task; time is an argument.
//!
//! The life of a message: the shell reads, `on_client` frames and judges it, `policies` scopes it,
//! the outbox carries it, the shell writes.

pub mod bolt;
mod cache;
mod connection;
pub mod mongo;
mod outbox;
pub mod postgres;
pub mod resp;

pub use connection::{Connection, Fatal};
pub use outbox::{Effect, Event, Outbox};
