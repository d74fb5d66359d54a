//! The table of commands: what the server says of each, and what we make of it.
//!
//! `commands.txt` describes it, `print_table.py` prints `table.rs` from it,
//! and a test holds the two together. A command that is not in it is refused.

mod bad_keys;
mod class;
mod disagreement;
mod flags;
mod key_spec;
mod keys;
mod lookup;
mod table;
mod text;

#[cfg(test)]
mod servers;
#[cfg(test)]
mod tests;

pub use bad_keys::BadKeys;
pub use class::Class;
pub use disagreement::{Difference, Disagreement, NotTheCommands, disagreements};
pub use flags::{Flags, KeyFlags};
pub use key_spec::{Begin, Find, KeySpec};
pub use keys::Keys;
pub use lookup::{Lookup, find, lookup};
pub use table::COMMANDS;

use crate::request::Request;

/// One command, or one subcommand.
#[derive(Debug, PartialEq, Eq)]
pub struct Command {
    /// In lower case; a subcommand behind its container and a bar: `client|list`.
    pub name: &'static str,
    /// Arguments with the name: exactly so many, or when negative at least so many.
    pub arity: i16,
    /// Which of our ways of handling it takes.
    pub class: Class,
    /// Where it exists.
    pub since: Since,
    /// What the server's `COMMAND` says, as far as we need it.
    pub flags: Flags,
    /// Where its keys stand.
    pub keys: &'static [KeySpec],
    /// What servers say instead of `arity` and `keys`: other versions, or worse knowledge.
    pub accepted: &'static [Said],
    /// Whether the word behind it names a subcommand.
    pub container: bool,
}

/// What a server may say of a command that differs from the table without being a disagreement.
#[derive(Debug, PartialEq, Eq)]
pub struct Said {
    /// As [`Command::arity`].
    pub arity: i16,
    /// As [`Command::keys`].
    pub keys: &'static [KeySpec],
}

/// The first version that has a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since {
    /// Major and minor version of Redis; 7.0 for anything older.
    pub redis: Option<(u8, u8)>,
    /// Major and minor version of Valkey; 7.2 for anything older.
    pub valkey: Option<(u8, u8)>,
    /// Whether it comes from a module: Redis Stack, or bundled with Redis from 8.0 on.
    pub module: bool,
}

impl Command {
    /// Whether a request of `len` arguments, the name included, has enough and not too many.
    #[must_use]
    pub fn arity_allows(&self, len: usize) -> bool {
        let wanted = usize::from(self.arity.unsigned_abs());
        if self.arity < 0 { len >= wanted } else { len == wanted }
    }

    /// Where the keys of `request`, whose arity is [allowed](Self::arity_allows), stand by the key
    /// specifications.
    ///
    /// What they do not tell (a specification flagged incomplete or unknown) is not in it: the
    /// class is [`Parsed`](Class::Parsed) then. What is flagged as no key (a channel) is not
    /// either; see [`not_keys`](Self::not_keys).
    ///
    /// # Errors
    /// `BadKeys` when the request's number of keys is no number, negative, or more than follow.
    pub fn keys<'r>(&self, request: &'r Request<'_>) -> Result<Keys<'r>, BadKeys> {
        Keys::new(self.keys, request, false)
    }

    /// Where those arguments stand that are routed like keys and are none: channels, slots.
    ///
    /// # Errors
    /// As [`keys`](Self::keys).
    pub fn not_keys<'r>(&self, request: &'r Request<'_>) -> Result<Keys<'r>, BadKeys> {
        Keys::new(self.keys, request, true)
    }

    /// The subcommand's own word, or the name where there is none.
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.name.rsplit('|').next().unwrap_or(self.name)
    }
}
