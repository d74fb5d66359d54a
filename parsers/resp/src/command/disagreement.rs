//! Comparing the table with what a server says of itself.

use super::Command;

/// A command of which the server and the table say different things. It must not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The command.
    pub command: &'static Command,
    /// What differs.
    pub difference: Difference,
}

/// What the server says differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The number of arguments.
    Arity,
    /// Whether it reads, writes, blocks or publishes.
    Flags,
    /// Where its keys stand.
    Keys,
}

/// The reply is not one to `COMMAND`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotTheCommands;

/// What the server, whose whole reply to `COMMAND` is `reply`, says differently from the table.
///
/// # Errors
/// `NotTheCommands` when the reply is an error or has another form.
pub fn disagreements(reply: &[u8]) -> Result<Vec<Disagreement>, NotTheCommands> {
    let _ = reply;
    Err(NotTheCommands)
}
