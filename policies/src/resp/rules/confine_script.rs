//! Scripts run in a wrapper that shows them the tenant's key space only ([`crate::resp::script`]).
//! Which of them there are is the tenant's own affair: the connection keeps them.

use bytes::BytesMut;
use resp_wire::command::Command;
use resp_wire::request::Request;

use super::errors;
use super::options::{integer, is};
use super::session::{ScriptCall, Session};
use crate::Rejection;
use crate::resp::reply::{Answer, answer};
use crate::resp::scope::Outcome;

pub(in crate::resp) fn confine_script<'b>(
    command: &Command,
    request: &Request<'b>,
    out: &mut BytesMut,
) -> Result<Outcome<'b>, Rejection> {
    let session = match command.name {
        "eval" | "eval_ro" | "evalsha" | "evalsha_ro" => {
            Session::Script(script_call(command, request)?)
        }
        "script|load" => Session::ScriptLoad(request.argument(2).unwrap_or_default()),
        "script|exists" => Session::ScriptExists(request.arguments().skip(2).collect()),
        "script|flush" => match (request.argument(2), request.argument(3)) {
            (None, _) => Session::ScriptFlush,
            (Some(mode), None) if is(mode, "ASYNC") || is(mode, "SYNC") => Session::ScriptFlush,
            (Some(_), _) => {
                return Err(errors::own("ERR SCRIPT FLUSH only support SYNC|ASYNC option"));
            }
        },
        "script|kill" => {
            let nothing = Answer::error("NOTBUSY No scripts in execution right now.");
            return Ok(Outcome::Written(answer(request, nothing, out)));
        }
        _ => return Err(errors::refused(command)),
    };
    Ok(Outcome::Session(session))
}

/// EVAL script numkeys key ... argument ...
fn script_call<'b>(command: &Command, request: &Request<'b>) -> Result<ScriptCall<'b>, Rejection> {
    let mut arguments = request.arguments().skip(1);
    let script = arguments.next().unwrap_or_default();
    let count = integer(arguments.next().unwrap_or_default())?;
    let Ok(count) = usize::try_from(count) else {
        return Err(errors::own("ERR Number of keys can't be negative"));
    };
    if count > arguments.len() {
        return Err(errors::own("ERR Number of keys can't be greater than number of args"));
    }
    Ok(ScriptCall {
        script,
        is_sha: command.name.starts_with("evalsha"),
        read_only: command.name.ends_with("_ro"),
        keys: arguments.by_ref().take(count).collect(),
        arguments: arguments.collect(),
    })
}
