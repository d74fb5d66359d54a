//! Commands about the client's own connection.

use bytes::BytesMut;
use resp_wire::command::Command;
use resp_wire::request::Request;

use super::confine_client::confine_client;
use super::errors;
use super::options::is;
use super::session::{Credentials, Hello, Session};
use super::show_server::no_cluster;
use crate::Rejection;
use crate::resp::judge::Context;
use crate::resp::outgoing::copy;
use crate::resp::reply::{ReplyRule, answer};
use crate::resp::scope::Outcome;

pub(in crate::resp) fn keep_connection<'b>(
    command: &Command,
    request: &Request<'b>,
    context: &Context<'_>,
    out: &mut BytesMut,
) -> Result<Outcome<'b>, Rejection> {
    let session = match command.name {
        "asking" | "readonly" | "readwrite" if context.rules.is_cluster() => {
            return Ok(Outcome::Written(answer(request, no_cluster(), out)));
        }
        "echo" | "ping" | "asking" | "readonly" | "readwrite" => {
            copy(request, out);
            return Ok(Outcome::Written(ReplyRule::Raw));
        }
        "auth" => Session::Auth(auth(request)?),
        "hello" => Session::Hello(hello(request)?),
        "reset" => return Ok(Outcome::Session(Session::Reset)),
        "quit" => return Ok(Outcome::Session(Session::Quit)),
        _ => return confine_client(command, request, context, out),
    };
    if context.in_transaction {
        return Err(errors::not_in_transaction(command));
    }
    Ok(Outcome::Session(session))
}

/// AUTH [login] password.
pub(in crate::resp) fn auth<'b>(request: &Request<'b>) -> Result<Credentials<'b>, Rejection> {
    match (request.argument(1), request.argument(2), request.argument(3)) {
        (Some(login), Some(password), None) => Ok(Credentials { login, password }),
        (Some(password), None, _) => Ok(Credentials { login: b"default", password }),
        _ => Err(errors::syntax()),
    }
}

/// HELLO [version [AUTH login password] [SETNAME name]].
pub(in crate::resp) fn hello<'b>(request: &Request<'b>) -> Result<Hello<'b>, Rejection> {
    let mut hello = Hello::default();
    let mut arguments = request.arguments().skip(1);
    let Some(version) = arguments.next() else { return Ok(hello) };
    hello.version = Some(match resp_wire::number::integer(version) {
        Some(2) => 2,
        Some(3) => 3,
        Some(_) => return Err(errors::own("NOPROTO unsupported protocol version")),
        None => {
            return Err(errors::own("ERR Protocol version is not an integer or out of range"));
        }
    });
    while let Some(option) = arguments.next() {
        let rest = arguments.len();
        if is(option, "AUTH") && rest >= 2 {
            let login = arguments.next().unwrap_or_default();
            let password = arguments.next().unwrap_or_default();
            hello.credentials = Some(Credentials { login, password });
        } else if is(option, "SETNAME") && rest >= 1 {
            hello.name = arguments.next();
        } else {
            let option: String = option.iter().map(|byte| char::from(*byte)).collect();
            return Err(errors::own(format!("ERR Syntax error in HELLO option '{option}'")));
        }
    }
    Ok(hello)
}
