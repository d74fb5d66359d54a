//! Finding a request's command.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

use super::{COMMANDS, Command};
use crate::request::Request;

/// What a request's first words name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// The command, or the subcommand.
    Known(&'static Command),
    /// There is no such command: refuse it.
    UnknownCommand,
    /// The container is known, and has no such subcommand: refuse it.
    UnknownSubcommand(&'static Command),
}

/// Longest name in the table, and some room.
const NAME_BYTES_MAX: usize = 64;

/// The command that `request` names. A container without a word behind it stands for itself: its
/// arity says whether that is legal.
#[must_use]
pub fn lookup(request: &Request<'_>) -> Lookup {
    let name = request.name();
    // A bar would reach the subcommands, past their containers: the server knows no such name.
    if name.contains(&b'|') {
        return Lookup::UnknownCommand;
    }
    let mut folded = Folded::new();
    let Some(command) = folded.push(name).and_then(find) else {
        return Lookup::UnknownCommand;
    };
    let Some(word) = request.argument(1).filter(|_| command.container) else {
        return Lookup::Known(command);
    };
    if folded.push(b"|").is_none() {
        return Lookup::UnknownSubcommand(command);
    }
    folded.push(word).and_then(find).map_or(Lookup::UnknownSubcommand(command), Lookup::Known)
}

/// The command of this `name`, in lower case, a subcommand's behind a bar.
#[must_use]
pub fn find(name: &[u8]) -> Option<&'static Command> {
    /// The table by name, so that a request is not compared with ten of its names.
    static NAMES: LazyLock<HashMap<&[u8], &Command, BuildHasherDefault<NameHasher>>> =
        LazyLock::new(|| COMMANDS.iter().map(|it| (it.name.as_bytes(), it)).collect());
    NAMES.get(name).copied()
}

/// FNV-1a. The names in the table are ours, so nobody can choose them to collide.
struct NameHasher(u64);

impl Default for NameHasher {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A name in lower case, on the stack.
struct Folded {
    bytes: [u8; NAME_BYTES_MAX],
    len: usize,
}

impl Folded {
    fn new() -> Self {
        Self { bytes: [0; NAME_BYTES_MAX], len: 0 }
    }

    /// Appends `text`, and gives the whole; `None` when it is longer than any name.
    fn push(&mut self, text: &[u8]) -> Option<&[u8]> {
        let place = self.bytes.get_mut(self.len..self.len + text.len())?;
        place.copy_from_slice(text);
        place.make_ascii_lowercase();
        self.len += text.len();
        self.bytes.get(..self.len)
    }
}
