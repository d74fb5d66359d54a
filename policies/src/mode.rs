//! How a listener treats what it judges.

/// How a listener treats what it judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Rewrite, prove, forward.
    Inject,
    /// Forward only what already carries its tenant predicate, byte for byte.
    Validate,
    /// Report the verdict of `Inject` and forward the client's own bytes.
    Observe,
}
