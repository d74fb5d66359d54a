//! Channels are prefixed as keys are, and patterns of channels behind a prefix that matches itself
//! only.
//!
//! Keyspace notifications have channels of their own form: `__keyspace@0__:key` names a key behind
//! the colon. `__keyevent@0__:event` is common to all tenants and the message names the key, so the
//! subscription travels as it is and messages are sorted out when they come ([`crate::resp::deliver`]).

use bytes::BytesMut;
use resp_wire::command::Command;
use resp_wire::request::Request;

use super::errors;
use crate::Rejection;
use crate::resp::judge::Context;
use crate::resp::outgoing::{Outgoing, copy};
use crate::resp::push::{INVALIDATE, KEYEVENT, KEYSPACE, Subscription};
use crate::resp::reply::{Answer, ReplyRule, answer};

pub(in crate::resp) fn prefix_channels(
    command: &Command,
    request: &Request<'_>,
    context: &Context<'_>,
    out: &mut BytesMut,
) -> Result<ReplyRule, Rejection> {
    let (kind, begins) = match command.name {
        "publish" | "spublish" => return Ok(publish(request, context, out)),
        "pubsub|channels" | "pubsub|shardchannels" if request.len() > 3 => {
            let word: String = request
                .argument(1)
                .unwrap_or_default()
                .iter()
                .map(|byte| char::from(*byte))
                .collect();
            return Err(errors::own(format!(
                "ERR unknown subcommand or wrong number of arguments for '{word}'. Try PUBSUB HELP."
            )));
        }
        "pubsub|channels" | "pubsub|shardchannels" => return Ok(list(request, context, out)),
        "pubsub|numsub" | "pubsub|shardnumsub" => {
            every(request, 2, context, out, channel);
            return Ok(ReplyRule::NamesAndCounts);
        }
        "pubsub|numpat" => {
            let patterns = i64::try_from(context.clients.patterns()).unwrap_or(i64::MAX);
            return Ok(answer(request, Answer::Integer(patterns), out));
        }
        "pubsub|help" => {
            copy(request, out);
            return Ok(ReplyRule::Raw);
        }
        "subscribe" => (Subscription::Channel, true),
        "unsubscribe" => (Subscription::Channel, false),
        "psubscribe" => (Subscription::Pattern, true),
        "punsubscribe" => (Subscription::Pattern, false),
        "ssubscribe" => (Subscription::Shard, true),
        "sunsubscribe" => (Subscription::Shard, false),
        _ => return Err(errors::refused(command)),
    };
    if context.in_transaction {
        // Its several replies would stand in the one reply of EXEC.
        return Err(errors::not_in_transaction(command));
    }
    if begins && context.rules.is_spread() && tells_of_keys(kind, request) {
        return Err(errors::spread(command));
    }
    let write = match kind {
        Subscription::Channel => channel,
        Subscription::Pattern => pattern,
        Subscription::Shard => |outgoing: &mut Outgoing<'_>, name: &[u8]| _ = outgoing.name(name),
    };
    every(request, 1, context, out, write);
    let names = request.len() - 1;
    Ok(ReplyRule::Confirmations { kind, begins, names: u32::try_from(names).unwrap_or(u32::MAX) })
}

/// Whether the subscription is about what one node alone tells of: keys, and shard channels.
fn tells_of_keys(kind: Subscription, request: &Request<'_>) -> bool {
    let of_keys = |name: &[u8]| name.starts_with(b"__key") || name == INVALIDATE;
    kind == Subscription::Shard || request.arguments().skip(1).any(of_keys)
}

/// PUBLISH and SPUBLISH. Nobody publishes on the channels of notifications but the server.
fn publish(request: &Request<'_>, context: &Context<'_>, out: &mut BytesMut) -> ReplyRule {
    let mut outgoing = Outgoing::begin(request.len(), context.tenancy, out);
    for (index, argument) in request.arguments().enumerate() {
        if index == 1 {
            outgoing.name(argument);
        } else {
            outgoing.plain(argument);
        }
    }
    ReplyRule::Raw
}

/// PUBSUB CHANNELS [pattern].
fn list(request: &Request<'_>, context: &Context<'_>, out: &mut BytesMut) -> ReplyRule {
    let mut outgoing = Outgoing::begin(3, context.tenancy, out);
    for argument in request.arguments().take(2) {
        outgoing.plain(argument);
    }
    outgoing.pattern(request.argument(2).unwrap_or(b"*"));
    ReplyRule::Names
}

/// Writes the request with everything from `first` on as `write` has it.
fn every(
    request: &Request<'_>,
    first: usize,
    context: &Context<'_>,
    out: &mut BytesMut,
    write: fn(&mut Outgoing<'_>, &[u8]),
) {
    let mut outgoing = Outgoing::begin(request.len(), context.tenancy, out);
    for (index, argument) in request.arguments().enumerate() {
        if index < first {
            outgoing.plain(argument);
        } else {
            write(&mut outgoing, argument);
        }
    }
}

fn channel(outgoing: &mut Outgoing<'_>, name: &[u8]) {
    if let Some(key) = name.strip_prefix(KEYSPACE) {
        outgoing.name_behind(KEYSPACE, key);
    } else if name.starts_with(KEYEVENT) || name == INVALIDATE {
        outgoing.plain(name);
    } else {
        outgoing.name(name);
    }
}

/// A pattern that begins as the channels of notifications do, or can match their beginning, is one
/// of theirs: what matches it besides is the tenant's own only if it begins with `__key`.
fn pattern(outgoing: &mut Outgoing<'_>, pattern: &[u8]) {
    if let Some(keys) = pattern.strip_prefix(KEYSPACE) {
        outgoing.pattern_behind(KEYSPACE, keys);
    } else if pattern.starts_with(b"__key") {
        outgoing.plain(pattern);
    } else {
        outgoing.pattern(pattern);
    }
}
