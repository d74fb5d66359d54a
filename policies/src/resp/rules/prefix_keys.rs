//! Keys that the table finds are prefixed.

use bytes::BytesMut;
use resp_wire::command::Command;
use resp_wire::request::Request;

use super::prefix_streams::prefix_streams;
use crate::Rejection;
use crate::resp::judge::Context;
use crate::resp::outgoing::{Outgoing, may_be_key, prefix_where};
use crate::resp::reply::ReplyRule;

/// Prefixes the keys; the reply names none.
pub(in crate::resp) fn prefix_keys(
    command: &Command,
    request: &Request<'_>,
    context: &Context<'_>,
    out: &mut BytesMut,
) -> Result<ReplyRule, Rejection> {
    let tenancy = context.tenancy;
    let Ok(keys) = command.keys(request) else {
        // A number of keys that lies: the server answers with an error before it looks at a key.
        // Whatever it took for one would be the tenant's.
        prefix_where(request, tenancy, out, |index| may_be_key(command, index));
        return Ok(ReplyRule::Raw);
    };
    let mut keys = keys.peekable();
    let mut outgoing = Outgoing::begin(request.len(), tenancy, out);
    for (index, argument) in request.arguments().enumerate() {
        if keys.next_if_eq(&index).is_some() {
            outgoing.name(argument);
        } else {
            outgoing.plain(argument);
        }
    }
    Ok(ReplyRule::Raw)
}

/// Prefixes the keys; the reply names some of them.
pub(in crate::resp) fn prefix_keys_of_reply(
    command: &Command,
    request: &Request<'_>,
    context: &Context<'_>,
    out: &mut BytesMut,
) -> Result<ReplyRule, Rejection> {
    match command.name {
        "ts.info" => prefix_keys(command, request, context, out).map(|_| ReplyRule::SeriesInfo),
        "xread" | "xreadgroup" => prefix_streams(request, context, out),
        _ => prefix_keys(command, request, context, out).map(|_| ReplyRule::FirstIsKey),
    }
}
