//! One tenant's part of the key space.

/// The prefix of one tenant, in the forms in which it is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenancy {
    prefix: Vec<u8>,
    pattern: Vec<u8>,
}

impl Tenancy {
    pub(super) fn new(prefix: String) -> Self {
        let prefix = prefix.into_bytes();
        let mut pattern = Vec::with_capacity(prefix.len());
        for byte in &prefix {
            if b"*?[]\\".contains(byte) {
                pattern.push(b'\\');
            }
            pattern.push(*byte);
        }
        Self { prefix, pattern }
    }

    /// The whole key space: what a client sees that names keys as they are stored. Requests are
    /// never scoped to it.
    #[must_use]
    pub fn whole() -> Self {
        Self { prefix: Vec::new(), pattern: Vec::new() }
    }

    /// What the tenant's keys and channels begin with in the store.
    #[must_use]
    pub fn prefix(&self) -> &[u8] {
        &self.prefix
    }

    /// The prefix as the beginning of a glob-style pattern that matches nothing but itself.
    #[must_use]
    pub fn pattern(&self) -> &[u8] {
        &self.pattern
    }

    /// The tenant's own name of what the store calls `key`; `None` for what is not the tenant's.
    #[must_use]
    pub fn own<'k>(&self, key: &'k [u8]) -> Option<&'k [u8]> {
        key.strip_prefix(self.prefix.as_slice())
    }
}
