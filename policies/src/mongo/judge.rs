//! From a command to the message that travels in its place, or to a refusal.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::BytesMut;
use mongo_wire::command::Command;

use super::reply::ReplyRule;
use super::{Rules, Tenancy};
use crate::{Mode, Reason, Rejection, Scoped};

/// Whom a command is for.
#[derive(Clone, Copy, Debug)]
pub struct Context<'c> {
    /// The tenant's part of the store.
    pub tenancy: &'c Tenancy,
    /// The rules in force.
    pub rules: &'c Rules,
    /// How the listener treats commands.
    pub mode: Mode,
    /// The client's login, as `connectionStatus` shows it.
    pub login: &'c str,
    /// What is the tenant's own at the upstream.
    pub owned: &'c dyn Owned,
}

/// What of the upstream's belongs to the tenant, besides its documents.
pub trait Owned: fmt::Debug {
    /// The upstream's number of the session that the client knows by `client`: the same for the same
    /// tenant and number, on every connection and every replica, and another for any other tenant.
    fn session(&self, client: [u8; 16]) -> [u8; 16];

    /// Whether the tenant was given this cursor, and the cursor reads this namespace of the
    /// upstream's.
    fn has_cursor(&self, id: i64, database: &str, collection: &str) -> bool;
}

/// What a command earned.
#[derive(Debug)]
#[must_use]
pub enum Verdict {
    /// What was written, one whole message with the client's own number, may travel. Its reply reads
    /// as the rule says.
    Forward(Scoped<ReplyRule>),
    /// It would be refused; as the mode is observe, what was written travels all the same.
    Observed(ReplyRule, Rejection),
    /// Answered here, with this BSON document as the reply's body. Nothing was written.
    Reply(Vec<u8>),
    /// Nothing was written: it needs what only the connection knows.
    Session(Session),
}

/// Commands that the connection answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Session {
    /// `hello` and its older names.
    Hello,
    /// `saslStart`
    SaslStart,
    /// `saslContinue`
    SaslContinue,
    /// `authenticate`
    Authenticate,
    /// `logout`
    Logout,
    /// `startSession`: answered with a number that the connection makes up.
    StartSession,
}

/// The hash of what a command is, without what it is about: of its name.
#[must_use]
pub fn fingerprint(command: &Command<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    command.spec().map(|spec| spec.name).hash(&mut hasher);
    hasher.finish()
}

/// Judges `command` and appends what travels in its place to `out`.
///
/// # Errors
/// The refusal. Then nothing was appended.
pub fn judge(
    command: &Command<'_>,
    _context: &Context<'_>,
    _out: &mut BytesMut,
) -> Result<Verdict, Rejection> {
    let what = format!("command \"{}\" is not open to tenants", command.name());
    Err(Rejection::new(Reason::CommandNotAllowed, what))
}
