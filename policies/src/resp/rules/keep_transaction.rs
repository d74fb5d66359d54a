//! MULTI, EXEC, DISCARD, WATCH and UNWATCH travel; the connection keeps account of them.

use bytes::BytesMut;
use resp_wire::command::Command;
use resp_wire::request::Request;

use super::errors;
use super::prefix_keys::prefix_keys;
use crate::Rejection;
use crate::resp::judge::Context;
use crate::resp::outgoing::copy;
use crate::resp::reply::ReplyRule;

pub(in crate::resp) fn keep_transaction(
    command: &Command,
    request: &Request<'_>,
    context: &Context<'_>,
    out: &mut BytesMut,
) -> Result<ReplyRule, Rejection> {
    if command.name == "watch" {
        return prefix_keys(command, request, context, out);
    }
    let rule = match command.name {
        "multi" => ReplyRule::Multi,
        "exec" => ReplyRule::Exec,
        "discard" => ReplyRule::Discard,
        "unwatch" => ReplyRule::Raw,
        _ => return Err(errors::refused(command)),
    };
    copy(request, out);
    Ok(rule)
}
