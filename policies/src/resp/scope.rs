//! Which rule a command is for.

use bytes::BytesMut;
use resp_wire::command::{self, Class, Command, Lookup};
use resp_wire::request::Request;

use super::judge::Context;
use super::outgoing::{self, ANSWERED};
use super::reply::{Answer, ReplyRule, answer};
use super::rules::session::Session;
use super::rules::{self, errors};
use crate::{Reason, Rejection};

/// What a rule did.
pub(super) enum Outcome<'b> {
    /// It wrote a request, whose reply reads like this.
    Written(ReplyRule),
    /// The connection goes on with it.
    Session(Session<'b>),
}

/// Writes `request` again, confined to the tenant.
///
/// # Errors
/// The refusal, or the error that the server would answer.
pub(super) fn scope<'b>(
    request: &Request<'b>,
    context: &Context<'_>,
    out: &mut BytesMut,
) -> Result<Outcome<'b>, Rejection> {
    let command = known(request)?;
    if !context.rules.is_on(command.name) {
        let what = format!("the server disagrees with the wall about \"{}\"", command.name);
        return Err(Rejection::new(Reason::CommandNotAllowed, what));
    }
    if !command.arity_allows(request.len()) {
        if command.name == "exec" {
            // The server drops the transaction then: it must see that.
            outgoing::put(&[b"EXEC", ANSWERED], out);
            return Ok(Outcome::Written(ReplyRule::Exec));
        }
        return Err(errors::arity(command));
    }
    let start = out.len();
    match confine(command, request, context, out) {
        // An error that the server finds when it runs the command, and so inside of MULTI not
        // before EXEC.
        Err(rejection) if rejection.reason == Reason::SyntaxError => {
            out.truncate(start);
            let error = Answer::error(rejection.what);
            Ok(Outcome::Written(answer(request, error, out)))
        }
        outcome => outcome,
    }
}

fn confine<'b>(
    command: &Command,
    request: &Request<'b>,
    context: &Context<'_>,
    out: &mut BytesMut,
) -> Result<Outcome<'b>, Rejection> {
    let written = |rule: Result<ReplyRule, Rejection>| rule.map(Outcome::Written);
    match command.class {
        Class::Keys => written(rules::prefix_keys(command, request, context, out)),
        Class::KeysInReply => written(rules::prefix_keys_of_reply(command, request, context, out)),
        Class::Parsed => written(rules::parsed(command, request, context, out)),
        Class::PubSub => written(rules::prefix_channels(command, request, context, out)),
        Class::Database => written(rules::confine_database(command, request, context, out)),
        Class::Script => rules::confine_script(command, request, out),
        Class::Transaction => written(rules::keep_transaction(command, request, context, out)),
        Class::Connection => rules::keep_connection(command, request, context, out),
        Class::Server => written(rules::show_server(command, request, context, out)),
        Class::Search => written(rules::search(command, request, context, out)),
        Class::Container => Err(errors::arity(command)),
        Class::Refused => Err(errors::refused(command)),
    }
}

/// The entry of the table. What it does not have does not exist, for the client.
fn known(request: &Request<'_>) -> Result<&'static Command, Rejection> {
    match command::lookup(request) {
        Lookup::Known(command) => Ok(command),
        Lookup::UnknownCommand => Err(errors::unknown_command(request)),
        Lookup::UnknownSubcommand(container) => Err(errors::unknown_subcommand(container, request)),
    }
}

/// The full name of the command that a request is; empty for an unknown one.
pub(super) fn name_of(request: &Request<'_>) -> &'static str {
    match command::lookup(request) {
        Lookup::Known(command) | Lookup::UnknownSubcommand(command) => command.name,
        Lookup::UnknownCommand => "",
    }
}

/// Whether each request like this one has one reply: what a server answers to others could not be
/// told apart from the replies behind it.
pub(super) fn can_be_followed(request: &Request<'_>) -> bool {
    match command::lookup(request) {
        Lookup::Known(command) => {
            !matches!(command.name, "monitor" | "sync" | "psync" | "replconf" | "client|reply")
        }
        Lookup::UnknownCommand | Lookup::UnknownSubcommand(_) => true,
    }
}
