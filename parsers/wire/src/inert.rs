//! The marker of control messages.

/// A control message whose type has no room for a statement, a name or a value that a policy would
/// have to judge: `Sync`, `Flush`, `PULL`.
///
/// Two things may travel to an upstream and no third: a statement that `policies` has scoped, and a
/// value whose type is `Inert`. Implement it only for types without text fields.
pub trait Inert {}
