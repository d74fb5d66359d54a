//! From a command to the message that travels in its place, or to a refusal.

use std::convert::Infallible;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::BytesMut;
use mongo_wire::command::Command;
use mongo_wire::message::MessageWriter;
use mongo_wire::survey::CommandClass;

use super::reply::ReplyRule;
use super::scope::{Outcome, scope};
use super::verify::Verifier;
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
    context: &Context<'_>,
    out: &mut BytesMut,
) -> Result<Verdict, Rejection> {
    let start = out.len();
    let judged = match context.mode {
        Mode::Inject => inject(command, context, out),
        Mode::Validate => validate(command, context, out),
        Mode::Observe => observe(command, context, out),
    };
    match judged {
        Ok(Verdict::Forward(_) | Verdict::Observed(..)) => {}
        Ok(Verdict::Reply(_) | Verdict::Session(_)) | Err(_) => out.truncate(start),
    }
    judged
}

fn inject(
    command: &Command<'_>,
    context: &Context<'_>,
    out: &mut BytesMut,
) -> Result<Verdict, Rejection> {
    let start = out.len();
    match scope(command, context, out)? {
        Outcome::Written(rule) => {
            verifier(command, context, true)
                .verify(out.get(start..).unwrap_or_default())
                .map_err(|what| Rejection::new(Reason::Internal, what))?;
            Ok(Verdict::Forward(Scoped::new(rule)))
        }
        Outcome::Reply(reply) => Ok(Verdict::Reply(reply)),
        Outcome::Session(session) => Ok(Verdict::Session(session)),
    }
}

/// What the client's own command does not prove is refused. What travels is what is written for it:
/// the same, but for the session's number, as nothing has to be added.
fn validate(
    command: &Command<'_>,
    context: &Context<'_>,
    out: &mut BytesMut,
) -> Result<Verdict, Rejection> {
    let verdict = inject(command, context, out)?;
    let names_documents = command.spec().is_some_and(|spec| match spec.class {
        CommandClass::Read
        | CommandClass::Aggregate
        | CommandClass::Write
        | CommandClass::BulkWrite => true,
        CommandClass::Explain
        | CommandClass::Cursor
        | CommandClass::Session
        | CommandClass::Transaction
        | CommandClass::Schema
        | CommandClass::Catalog
        | CommandClass::Hello
        | CommandClass::Login
        | CommandClass::Answered
        | CommandClass::Statistics
        | CommandClass::Probe
        | CommandClass::Refused => false,
    });
    if names_documents {
        verifier(command, context, false).verify_own(command).map_err(|what| {
            Rejection::new(Reason::TenantPredicateMissing, what)
                .hint("In validate mode a client writes the tenant's id itself.")
        })?;
    }
    Ok(verdict)
}

/// The client's own words travel, whatever the verdict.
fn observe(
    command: &Command<'_>,
    context: &Context<'_>,
    out: &mut BytesMut,
) -> Result<Verdict, Rejection> {
    let start = out.len();
    let verdict = match inject(command, context, out) {
        Ok(Verdict::Forward(rule)) => Verdict::Forward(Scoped::new(rule.into_inner().observed())),
        Ok(other @ (Verdict::Reply(_) | Verdict::Session(_) | Verdict::Observed(..))) => {
            return Ok(other);
        }
        Err(rejection) => Verdict::Observed(ReplyRule::Cursor { asked: None }, rejection),
    };
    out.truncate(start);
    put_own(command, out);
    Ok(verdict)
}

/// Writes a client's command as it came, but for a checksum.
fn put_own(command: &Command<'_>, out: &mut BytesMut) {
    let ids = [command.request_id(), 0];
    let written = MessageWriter::message(
        ids,
        command.flags(),
        out,
        |out| {
            out.copy_all(command.body());
            Ok::<(), Infallible>(())
        },
        |out| {
            command.sequences().iter().for_each(|sequence| out.copy(*sequence));
            Ok(())
        },
    );
    match written {
        Ok(()) => {}
    }
}

fn verifier<'v>(
    command: &'v Command<'v>,
    context: &'v Context<'v>,
    guards_expressions: bool,
) -> Verifier<'v> {
    let Context { tenancy, owned, .. } = *context;
    Verifier { tenancy, owned, client: command, guards_expressions }
}
