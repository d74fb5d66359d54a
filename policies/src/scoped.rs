//! The proof that a statement was judged.

/// A value that `policies` has confined to one tenant. It can be built nowhere else, so whatever is
/// `Scoped` was judged, and only what is `Scoped` travels to an upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Scoped<T>(T);

impl<T> Scoped<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(value)
    }

    /// What was confined.
    pub fn get(&self) -> &T {
        &self.0
    }

    /// What was confined, by value.
    pub fn into_inner(self) -> T {
        self.0
    }
}
