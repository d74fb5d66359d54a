//! Asks a server for what the rules need to know.

use bytes::BytesMut;
use policies::resp::ServerFacts;

use super::Settings;
use crate::{Fatal, Outbox};

/// A conversation with the upstream of our own, without a client.
#[derive(Debug)]
pub struct Probe {}

impl Probe {
    /// A probe that has yet to begin.
    #[must_use]
    pub fn new(_settings: &Settings) -> Self {
        Self {}
    }

    /// Writes what is asked first.
    pub fn begin(&mut self, _out: &mut Outbox) {}

    /// Bytes came from the upstream. What is known in the end, or `None` while more must come.
    ///
    /// # Errors
    /// `Fatal` when the server refuses us, or says what cannot be understood.
    pub fn on_upstream(
        &mut self,
        _input: &mut BytesMut,
        _out: &mut Outbox,
    ) -> Result<Option<ServerFacts>, Fatal> {
        Ok(None)
    }
}
