//! Errors that the server would answer, in its words.

use resp_wire::command::Command;
use resp_wire::request::Request;

use crate::{Reason, Rejection};

/// Bytes of a name, or of all arguments, that the server repeats in an error.
const REPEATED_BYTES_MAX: usize = 128;

/// An error of the server's own, code and text.
pub(in crate::resp) fn own(line: impl Into<String>) -> Rejection {
    Rejection::new(Reason::SyntaxError, line.into())
}

pub(in crate::resp) fn syntax() -> Rejection {
    own("ERR syntax error")
}

pub(in crate::resp) fn not_an_integer() -> Rejection {
    own("ERR value is not an integer or out of range")
}

/// The number of arguments cannot be right.
pub(in crate::resp) fn arity(command: &Command) -> Rejection {
    own(format!("ERR wrong number of arguments for '{}' command", command.name))
}

/// The command is known and closed.
pub(in crate::resp) fn refused(command: &Command) -> Rejection {
    let what = format!("command \"{}\" is not open to tenants", shown(command.name));
    Rejection::new(Reason::CommandNotAllowed, what)
}

/// The command is open where all keys of a tenant are on one node.
pub(in crate::resp) fn spread(command: &Command) -> Rejection {
    let what = format!(
        "command \"{}\" is not open to tenants whose keys are on several nodes",
        shown(command.name)
    );
    let hint = "A prefix with literal braces, as \"{{tenant}}:\", keeps them on one.";
    Rejection::new(Reason::CommandNotAllowed, what).hint(hint)
}

/// What a cluster says of what is about several slots.
pub(in crate::resp) fn cross_slot() -> Rejection {
    own("CROSSSLOT Keys in request don't hash to the same slot")
}

/// The command is open, but not here.
pub(in crate::resp) fn not_in_transaction(command: &Command) -> Rejection {
    let what =
        format!("command \"{}\" is not open to tenants inside of MULTI", shown(command.name));
    Rejection::new(Reason::CommandNotAllowed, what)
}

pub(in crate::resp) fn unknown_command(request: &Request<'_>) -> Rejection {
    let mut arguments = Vec::new();
    for argument in request.arguments().skip(1) {
        let Some(room) = REPEATED_BYTES_MAX.checked_sub(arguments.len()).filter(|room| *room > 0)
        else {
            break;
        };
        arguments.push(b'\'');
        arguments.extend_from_slice(head(argument, room));
        arguments.extend_from_slice(b"' ");
    }
    own(format!(
        "ERR unknown command '{}', with args beginning with: {}",
        text(head(request.name(), REPEATED_BYTES_MAX)),
        text(&arguments),
    ))
}

pub(in crate::resp) fn unknown_subcommand(container: &Command, request: &Request<'_>) -> Rejection {
    let given = head(request.argument(1).unwrap_or_default(), REPEATED_BYTES_MAX);
    let container = container.name.to_ascii_uppercase();
    own(format!("ERR unknown subcommand '{}'. Try {container} HELP.", text(given)))
}

/// `config|set` as people write it.
fn shown(name: &str) -> String {
    name.replace('|', " ")
}

/// What the server prints of an argument: up to a NUL, and no more than `room` bytes.
fn head(argument: &[u8], room: usize) -> &[u8] {
    let end = argument.iter().position(|byte| *byte == 0).unwrap_or(argument.len());
    argument.get(..end.min(room)).unwrap_or(argument)
}

/// The bytes as characters of one byte each, as [`super::super::reply::error_line`] writes them
/// again: an error may repeat what is no UTF-8.
fn text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}
