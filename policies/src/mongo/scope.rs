//! From a client's command to the one that travels in its place.

use bytes::BytesMut;
use mongo_wire::bson::DocumentWriter;
use mongo_wire::command::Command;
use mongo_wire::message::MessageWriter;
use mongo_wire::survey::CommandClass;

use super::judge::{Context, Session};
use super::reply::ReplyRule;
use super::rules::put_argument::{Arguments, put_argument};
use super::rules::{Scope, malformed};
use super::{commands, rules};
use crate::{Reason, Rejection};

/// What became of a command.
#[derive(Debug)]
pub(super) enum Outcome {
    /// A message was written; its reply reads as the rule says.
    Written(ReplyRule),
    /// Answered, with this document as the reply's body.
    Reply(Vec<u8>),
    /// It is the connection's.
    Session(Session),
}

/// A command, and whom it is for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Task<'t, 'b> {
    pub(super) command: &'t Command<'b>,
    pub(super) context: &'t Context<'t>,
    pub(super) scope: &'t Scope<'t>,
}

impl Task<'_, '_> {
    /// The command's name, in the form that is sent.
    pub(super) fn name(&self) -> &'static str {
        self.command.spec().map_or("", |spec| spec.name)
    }

    /// What arguments without a rule of their own are written by.
    pub(super) fn arguments<'a>(&'a self, database: &'a str) -> Arguments<'a> {
        Arguments { scope: self.scope, owned: self.context.owned, database }
    }
}

/// Scopes `command`. Appends the message that travels to `out`, unless it is answered otherwise.
///
/// # Errors
/// The refusal. Then nothing was appended.
pub(super) fn scope(
    command: &Command<'_>,
    context: &Context<'_>,
    out: &mut BytesMut,
) -> Result<Outcome, Rejection> {
    let Some(spec) = command.spec() else {
        let what = format!("no such command: '{}'", command.name());
        return Err(Rejection::new(Reason::CommandUnknown, what));
    };
    let Some(facts) = context.rules.facts() else {
        let what = "no usable policy is in force for this store";
        return Err(Rejection::new(Reason::PolicyUnusable, what));
    };
    if command.flags().more_to_come
        && !matches!(spec.class, CommandClass::Write | CommandClass::BulkWrite)
    {
        let what = format!("\"{}\" without a reply is not open to tenants", command.name());
        return Err(Rejection::new(Reason::ArgumentNotAllowed, what));
    }
    if spec.on_admin && command.database() != "admin" {
        let name = command.name();
        return Err(malformed(format!("{name} may only be run against the admin database.")));
    }
    let scope = Scope { tenancy: context.tenancy, facts, database: command.database() };
    let task = Task { command, context, scope: &scope };
    match spec.class {
        CommandClass::Read => commands::read::write(task, out),
        CommandClass::Aggregate => commands::aggregate::write(task, out),
        CommandClass::Explain => commands::explain::write(task, out),
        CommandClass::Write => commands::write::write(task, out),
        CommandClass::BulkWrite => commands::bulk_write::write(task, out),
        CommandClass::Cursor => commands::cursor::write(task, out),
        CommandClass::Session => commands::session::write(task, out),
        CommandClass::Transaction => write_copy(task, "admin", out),
        CommandClass::Schema => commands::schema::write(task, out),
        CommandClass::Catalog => commands::catalog::write(task, out),
        CommandClass::Hello => Ok(Outcome::Session(Session::Hello)),
        CommandClass::Login => commands::session::login(command),
        CommandClass::Answered => commands::answered::answer(task),
        CommandClass::Statistics | CommandClass::Probe | CommandClass::Refused => {
            Err(command_refused(command.name()))
        }
    }
}

/// A command that is no tenant's business.
pub(super) fn command_refused(name: &str) -> Rejection {
    let what = format!("command \"{name}\" is not open to tenants");
    Rejection::new(Reason::CommandNotAllowed, what)
}

/// Appends a message of a body alone.
pub(super) fn put_body(
    command: &Command<'_>,
    out: &mut BytesMut,
    body: impl FnOnce(&mut DocumentWriter<'_>) -> Result<(), Rejection>,
) -> Result<(), Rejection> {
    let ids = [command.request_id(), 0];
    MessageWriter::message(ids, command.flags(), out, body, |_| Ok(()))
}

/// Writes a command whose value and arguments name nothing.
pub(super) fn write_copy(
    task: Task<'_, '_>,
    database: &str,
    out: &mut BytesMut,
) -> Result<Outcome, Rejection> {
    rules::literal::check_literal(task.command.target())?;
    put_body(task.command, out, |out| {
        out.copy(task.command.target_element().raw());
        let arguments = task.arguments(database);
        let mut elements = task.command.body().elements().skip(1);
        elements.try_for_each(|element| put_argument(task.command, element, arguments, out))
    })?;
    Ok(Outcome::Written(ReplyRule::Raw))
}
