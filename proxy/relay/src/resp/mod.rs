//! The Redis connection.
//!
//! Until a client has logged in nothing of it reaches the upstream. [`handshake`] then logs in there
//! with our own account, and from there on, in [`ready`], requests are judged and travel. A tenant
//! exists only from the end of the login on.

mod probe;
mod world;

pub use probe::Probe;
pub use world::{Peer, Settings, Upstream, World};
