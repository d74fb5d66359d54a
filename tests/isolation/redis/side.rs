//! The ways to a server: directly, through the wall, or through a prefix that is put on too simply.

use crate::compare::contains;
use crate::generate::{PASSWORD_WORD, USER_WORD};
use crate::reply::Value;
use crate::session::{Address, Command, Outcome, Replies, Session};
use crate::store::PREFIX_A;

pub(crate) const CONNECTIONS: usize = 3;

/// Calls of one scan; one that takes more has no end.
const SCAN_CALLS_MAX: u32 = 20_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// As the commands are.
    Plain,
    /// With A's prefix before the first argument and nothing else done: what the oracle must see.
    Naive,
}

/// Tenant A's connections to one server.
pub(crate) struct Side {
    address: Address,
    way: Way,
    sessions: Vec<Session>,
    /// Everything that was received since the last look.
    received: Vec<u8>,
}

impl Side {
    pub(crate) fn open(address: &Address, way: Way) -> Outcome<Self> {
        let sessions: Vec<Session> =
            (0..CONNECTIONS).map(|_| Session::open(address)).collect::<Outcome<_>>()?;
        Ok(Self { address: address.clone(), way, sessions, received: Vec::new() })
    }

    /// New connections, and no scripts.
    pub(crate) fn reset(&mut self) -> Outcome<()> {
        *self = Self::open(&self.address, self.way)?;
        self.run(0, &Command::line("SCRIPT FLUSH"))?;
        Ok(())
    }

    fn session(&mut self, connection: usize) -> Outcome<&mut Session> {
        self.sessions.get_mut(connection).ok_or_else(|| "no such connection".into())
    }

    fn sent(&self, command: &Command) -> Command {
        let mut command = command.clone();
        for word in &mut command.words {
            if word == USER_WORD {
                *word = self.address.user.clone().into_bytes();
            } else if word == PASSWORD_WORD {
                *word = self.address.password.clone().into_bytes();
            }
        }
        if self.way == Way::Naive
            && !["HELLO", "AUTH", "CLIENT", "PING"].contains(&command.word(0).as_str())
            && let Some(word) = command.words.get_mut(1)
        {
            *word = [PREFIX_A, word].concat();
        }
        command
    }

    pub(crate) fn start(&mut self, connection: usize, command: &Command) -> Outcome<()> {
        let sent = self.sent(command);
        self.session(connection)?.send(&[sent])
    }

    pub(crate) fn send(&mut self, connection: usize, commands: &[Command]) -> Outcome<()> {
        let sent: Vec<Command> = commands.iter().map(|command| self.sent(command)).collect();
        self.session(connection)?.send_ended(&sent)
    }

    pub(crate) fn replies(&mut self, connection: usize) -> Outcome<Replies> {
        let replies = self.session(connection)?.replies()?;
        self.received.extend_from_slice(&replies.raw);
        Ok(replies)
    }

    /// Runs one command; what comes before its reply is no part of it.
    pub(crate) fn run(&mut self, connection: usize, command: &Command) -> Outcome<Replies> {
        self.send(connection, std::slice::from_ref(command))?;
        self.replies(connection)
    }

    /// Runs a command of the SCAN family to its end: what it answered, sorted, each but once.
    pub(crate) fn iterate(&mut self, connection: usize, command: &Command) -> Outcome<Vec<String>> {
        let place = if command.word(0) == "SCAN" { 1 } else { 2 };
        let step = if ["HSCAN", "ZSCAN"].contains(&command.word(0).as_str()) { 2 } else { 1 };
        let mut command = command.clone();
        let mut found = Vec::new();
        for _ in 0..SCAN_CALLS_MAX {
            let replies = self.run(connection, &command)?;
            let reply = replies.values.iter().rfind(|value| !value.is_unasked());
            let reply = reply.cloned().unwrap_or(Value::Null(b'?'));
            let [Value::Bulk(cursor), page] = &reply.elements()[..] else {
                found.push(reply.show());
                break;
            };
            let page = page.elements();
            found.extend(
                page.chunks(step)
                    .map(|part| part.iter().map(Value::show).collect::<Vec<_>>().join(" => ")),
            );
            if cursor == b"0" {
                break;
            }
            if let Some(word) = command.words.get_mut(place) {
                *word = cursor.clone();
            }
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// Whether `needle` was received since the last look.
    pub(crate) fn take_sight(&mut self, needle: &[u8]) -> bool {
        let seen = contains(&self.received, needle);
        self.received.clear();
        seen
    }
}
