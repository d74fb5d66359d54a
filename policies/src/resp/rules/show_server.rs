//! Commands about the server and not about data. What shows nothing of other tenants travels as it
//! is; what would is answered here, as a server would that has this tenant only, or filtered when it
//! comes back.

use bytes::BytesMut;
use resp_wire::command::Command;
use resp_wire::request::Request;

use super::errors;
use crate::Rejection;
use crate::resp::judge::Context;
use crate::resp::outgoing::copy;
use crate::resp::reply::{Answer, ReplyRule, answer};

/// Commands that travel as they are, in any form: they name no key and show nothing of a tenant.
/// COMMAND GETKEYS names keys, but only as words to be sorted out.
pub(in crate::resp) const HARMLESS: &[&str] = &[
    "acl|cat",
    "acl|genpass",
    "command",
    "command|count",
    "command|docs",
    "command|getkeys",
    "command|getkeysandflags",
    "command|info",
    "command|list",
    "lastsave",
    "lolwut",
    "time",
    "wait",
    "waitaof",
];

pub(in crate::resp) fn show_server(
    command: &Command,
    request: &Request<'_>,
    context: &Context<'_>,
    out: &mut BytesMut,
) -> Result<ReplyRule, Rejection> {
    if context.rules.is_spread() && command.name.starts_with("wait") {
        // Of the writes of this connection, which are on several links.
        return Err(errors::spread(command));
    }
    if HARMLESS.contains(&command.name) || command.name.ends_with("|help") {
        copy(request, out);
        return Ok(ReplyRule::Raw);
    }
    let here = match command.name {
        "config|get" => {
            copy(request, out);
            return Ok(ReplyRule::ConfigGet);
        }
        "acl|whoami" => Answer::Bulk(context.login.as_bytes().to_vec()),
        "role" => Answer::Role,
        "slowlog|get" | "latency|latest" | "latency|history" => Answer::Bulks(Vec::new()),
        "slowlog|len" | "latency|reset" => Answer::Integer(0),
        "slowlog|reset" => Answer::Ok,
        name if name.starts_with("cluster|") => no_cluster(),
        _ => return Err(errors::refused(command)),
    };
    Ok(answer(request, here, out))
}

/// A server says this that is no node of a cluster, as the wall is none.
pub(super) fn no_cluster() -> Answer {
    Answer::error("ERR This instance has cluster support disabled")
}
