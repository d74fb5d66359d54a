//! A script under its two names.

use super::sha;

/// A client's script, as it is sent to the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// What is sent.
    pub(in crate::resp) text: Vec<u8>,
    pub(in crate::resp) client: [u8; 40],
    pub(in crate::resp) upstream: [u8; 40],
}

impl Script {
    pub(in crate::resp) fn new(text: &[u8], wrapped: Vec<u8>) -> Self {
        Self { client: sha(text), upstream: sha(&wrapped), text: wrapped }
    }

    /// The name by which the client calls it: the SHA-1 of its text.
    #[must_use]
    pub fn client(&self) -> &[u8; 40] {
        &self.client
    }

    /// The name by which the store knows it.
    #[must_use]
    pub fn upstream(&self) -> &[u8; 40] {
        &self.upstream
    }

    /// Bytes of what is sent.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.text.len()
    }
}
