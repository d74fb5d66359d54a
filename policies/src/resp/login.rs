//! What a client may say before it has logged in.

use resp_wire::command::{Lookup, lookup};
use resp_wire::request::Request;

use super::rules::errors;
use super::rules::session::Session;
use super::rules::{auth, hello};
use crate::Rejection;

/// Reads a request of a client that has not logged in.
///
/// # Errors
/// The error that a server with passwords would answer.
pub fn before_login<'b>(request: &Request<'b>) -> Result<Session<'b>, Rejection> {
    let command = match lookup(request) {
        Lookup::Known(command) => command,
        Lookup::UnknownCommand => return Err(errors::unknown_command(request)),
        Lookup::UnknownSubcommand(container) => {
            return Err(errors::unknown_subcommand(container, request));
        }
    };
    if !command.arity_allows(request.len()) {
        return Err(errors::arity(command));
    }
    match command.name {
        "auth" => Ok(Session::Auth(auth(request)?)),
        "hello" => match hello(request)? {
            hello if hello.credentials.is_some() => Ok(Session::Hello(hello)),
            _ => Err(errors::own(
                "NOAUTH HELLO must be called with the client already authenticated, otherwise the \
                 HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and \
                 select the RESP protocol version at the same time",
            )),
        },
        "reset" => Ok(Session::Reset),
        "quit" => Ok(Session::Quit),
        _ => Err(errors::own("NOAUTH Authentication required.")),
    }
}

/// What a client is told whose login or password is wrong, or that may not be served.
#[must_use]
pub fn wrong_password() -> Rejection {
    errors::own("WRONGPASS invalid username-password pair or user is disabled.")
}
