//! CLIENT: a tenant sees, ends and unblocks its own connections only.

use bytes::BytesMut;
use resp_wire::command::Command;
use resp_wire::request::Request;

use super::errors;
use super::options::{integer, is};
use super::session::{ReplyMode, Session};
use super::track_keys::track_keys;
use crate::Rejection;
use crate::resp::judge::Context;
use crate::resp::outgoing::{copy, put};
use crate::resp::reply::{Answer, ReplyRule, answer};
use crate::resp::scope::Outcome;

pub(super) fn confine_client<'b>(
    command: &Command,
    request: &Request<'b>,
    context: &Context<'_>,
    out: &mut BytesMut,
) -> Result<Outcome<'b>, Rejection> {
    let rule = match command.name {
        "client|id" | "client|getname" | "client|setname" | "client|setinfo" | "client|caching"
        | "client|getredir" | "client|no-touch" => {
            copy(request, out);
            ReplyRule::Raw
        }
        "client|info" => {
            copy(request, out);
            ReplyRule::Clients
        }
        "client|trackinginfo" => {
            copy(request, out);
            ReplyRule::TrackingInfo
        }
        "client|no-evict" => no_evict(request, out)?,
        "client|list" => list(request, out)?,
        "client|tracking" if context.rules.is_spread() => return Err(errors::spread(command)),
        "client|tracking" => track_keys(request, context, out)?,
        "client|kill" => kill(command, request, context, out)?,
        "client|unblock" => unblock(request, context, out)?,
        "client|reply" if context.in_transaction => {
            return Err(errors::not_in_transaction(command));
        }
        "client|reply" => return Ok(Outcome::Session(Session::Reply(reply(request)?))),
        _ => return Err(errors::refused(command)),
    };
    Ok(Outcome::Written(rule))
}

/// CLIENT NO-EVICT ON | OFF: what the server spares is not for a tenant to say, and nobody sees
/// whether it does.
fn no_evict(request: &Request<'_>, out: &mut BytesMut) -> Result<ReplyRule, Rejection> {
    let mode = request.argument(2).unwrap_or_default();
    if is(mode, "ON") || is(mode, "OFF") {
        Ok(answer(request, Answer::Ok, out))
    } else {
        Err(errors::syntax())
    }
}

/// CLIENT LIST [TYPE type] [ID id ...]. What comes back is filtered.
fn list(request: &Request<'_>, out: &mut BytesMut) -> Result<ReplyRule, Rejection> {
    match request.argument(2) {
        None => {}
        Some(option) if is(option, "ID") && request.len() > 3 => {
            for argument in request.arguments().skip(3) {
                id(argument)?;
            }
        }
        Some(option) if is(option, "TYPE") && request.len() == 4 => {
            let kind = request.argument(3).unwrap_or_default();
            if !["normal", "master", "replica", "slave", "pubsub"].iter().any(|one| is(kind, one)) {
                let kind: String = kind.iter().map(|byte| char::from(*byte)).collect();
                return Err(errors::own(format!("ERR Unknown client type '{kind}'")));
            }
        }
        Some(_) => return Err(errors::syntax()),
    }
    copy(request, out);
    Ok(ReplyRule::Clients)
}

/// CLIENT KILL address, or with the filters ID, ADDR and SKIPME.
fn kill(
    command: &Command,
    request: &Request<'_>,
    context: &Context<'_>,
    out: &mut BytesMut,
) -> Result<ReplyRule, Rejection> {
    let at = |address: &[u8]| {
        let address = std::str::from_utf8(address).map_or("", |address| address);
        context.clients.at(address)
    };
    if let (Some(address), None) = (request.argument(2), request.argument(3)) {
        let Some(id) = at(address) else { return Err(errors::own("ERR No such client")) };
        put(&[b"CLIENT", b"KILL", b"ID", id.to_string().as_bytes(), b"SKIPME", b"no"], out);
        return Ok(ReplyRule::CountAsOk);
    }
    let (mut by_id, mut address, mut skip_me) = (None, None, "yes");
    let mut arguments = request.arguments().skip(2);
    while let Some(filter) = arguments.next() {
        let Some(value) = arguments.next() else { return Err(errors::syntax()) };
        if is(filter, "ID") {
            by_id = Some(id(value)?);
        } else if is(filter, "ADDR") {
            address = Some(at(value));
        } else if is(filter, "SKIPME") && is(value, "no") {
            skip_me = "no";
        } else if is(filter, "SKIPME") && is(value, "yes") {
            skip_me = "yes";
        } else {
            return Err(errors::refused(command));
        }
    }
    let id = match (by_id, address) {
        (Some(id), None) => Some(id).filter(|id| context.clients.address(*id).is_some()),
        (None, Some(id)) => id,
        (Some(by_id), Some(id)) => id.filter(|id| *id == by_id),
        (None, None) => return Err(errors::refused(command)),
    };
    let Some(id) = id else { return Ok(answer(request, Answer::Integer(0), out)) };
    let id = id.to_string();
    put(&[b"CLIENT", b"KILL", b"ID", id.as_bytes(), b"SKIPME", skip_me.as_bytes()], out);
    Ok(ReplyRule::Raw)
}

/// CLIENT UNBLOCK id [TIMEOUT | ERROR].
fn unblock(
    request: &Request<'_>,
    context: &Context<'_>,
    out: &mut BytesMut,
) -> Result<ReplyRule, Rejection> {
    match request.argument(3) {
        None => {}
        Some(how) if is(how, "TIMEOUT") || is(how, "ERROR") => {}
        Some(_) => {
            return Err(errors::own("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR"));
        }
    }
    let id = integer(request.argument(2).unwrap_or_default())?;
    if u64::try_from(id).is_ok_and(|id| context.clients.address(id).is_some()) {
        copy(request, out);
        Ok(ReplyRule::Raw)
    } else {
        Ok(answer(request, Answer::Integer(0), out))
    }
}

/// CLIENT REPLY ON | OFF | SKIP.
fn reply(request: &Request<'_>) -> Result<ReplyMode, Rejection> {
    let mode = request.argument(2).unwrap_or_default();
    if is(mode, "ON") {
        Ok(ReplyMode::On)
    } else if is(mode, "OFF") {
        Ok(ReplyMode::Off)
    } else if is(mode, "SKIP") {
        Ok(ReplyMode::Skip)
    } else {
        Err(errors::syntax())
    }
}

fn id(argument: &[u8]) -> Result<u64, Rejection> {
    match resp_wire::number::integer(argument).map(u64::try_from) {
        Some(Ok(id)) if id > 0 => Ok(id),
        Some(_) | None => Err(errors::own("ERR Invalid client ID")),
    }
}
