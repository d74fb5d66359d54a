//! Sessions by number, and commands that log in.

use bytes::BytesMut;
use mongo_wire::command::Command;

use super::super::judge::Session;
use super::super::reply::ReplyRule;
use super::super::rules::arguments::{put_session, session};
use super::super::rules::put_argument::put_argument;
use super::super::rules::wrong_type;
use super::super::scope::{Outcome, Task, command_refused, put_body};
use crate::Rejection;

/// `refreshSessions`, `endSessions`, `killSessions`: those that are named, by the upstream's numbers.
pub(in super::super) fn write(
    task: Task<'_, '_>,
    out: &mut BytesMut,
) -> Result<Outcome, Rejection> {
    let command = task.command;
    if command.name() == "startSession" {
        return Ok(Outcome::Session(Session::StartSession));
    }
    let sessions = command.target().as_array();
    let sessions = sessions.ok_or_else(|| wrong_type(command.name(), "an array"))?;
    // Without names, all sessions of the user are meant: of our own account's.
    if sessions.is_empty() && command.name() == "killSessions" {
        return Err(command_refused(command.name()).hint("Name the sessions."));
    }
    put_body(command, out, |out| {
        out.array(command.name(), |out| {
            sessions.values().try_for_each(|value| {
                let id = session(value, task.context.owned)?;
                out.nested(|out| put_session(id, out));
                Ok(())
            })
        })?;
        let mut elements = command.body().elements().skip(1);
        elements
            .try_for_each(|element| put_argument(command, element, task.arguments("admin"), out))
    })?;
    Ok(Outcome::Written(ReplyRule::Raw))
}

/// Commands that log in are the connection's.
pub(in super::super) fn login(command: &Command<'_>) -> Result<Outcome, Rejection> {
    Ok(Outcome::Session(match command.name() {
        "saslStart" => Session::SaslStart,
        "saslContinue" => Session::SaslContinue,
        "authenticate" => Session::Authenticate,
        "logout" => Session::Logout,
        other => return Err(command_refused(other)),
    }))
}
