//! Commands that look at the whole key space look at the tenant's.

use bytes::BytesMut;
use resp_wire::command::Command;
use resp_wire::request::Request;

use super::errors;
use super::options::{integer, is};
use super::pin_database::{pin_select, pin_swapdb};
use crate::Rejection;
use crate::resp::judge::Context;
use crate::resp::outgoing::copy;
use crate::resp::reply::{ReplyRule, answer};
use crate::resp::sweep::{Scan, Sweep};

pub(in crate::resp) fn confine_database(
    command: &Command,
    request: &Request<'_>,
    context: &Context<'_>,
    out: &mut BytesMut,
) -> Result<ReplyRule, Rejection> {
    let sweep = match command.name {
        "scan" => {
            scan(request)?.put(context.view(), out);
            return Ok(ReplyRule::Scanned);
        }
        "keys" => Sweep::keys(request.argument(1).unwrap_or_default()),
        "dbsize" => Sweep::count(),
        "randomkey" => Sweep::random(),
        "flushdb" | "flushall" => flush(request)?,
        "select" => return Ok(answer(request, pin_select(request)?, out)),
        "swapdb" => return Ok(answer(request, pin_swapdb(request)?, out)),
        "info" => {
            copy(request, out);
            return Ok(ReplyRule::Info);
        }
        _ => return Err(errors::refused(command)),
    };
    if context.in_transaction && context.rules.is_spread() {
        return Err(errors::cross_slot());
    }
    if context.in_transaction {
        sweep.put_whole(context.view(), out);
        Ok(ReplyRule::Scanned)
    } else {
        sweep.put(context.view(), out);
        Ok(ReplyRule::Sweep(Box::new(sweep)))
    }
}

/// SCAN cursor [MATCH pattern] [COUNT count] [TYPE type].
fn scan<'b>(request: &Request<'b>) -> Result<Scan<'b>, Rejection> {
    let mut arguments = request.arguments().skip(1);
    let cursor = arguments.next().unwrap_or_default();
    if cursor.is_empty()
        || !cursor.iter().all(u8::is_ascii_digit)
        || std::str::from_utf8(cursor).map_or(true, |digits| digits.parse::<u64>().is_err())
    {
        return Err(errors::own("ERR invalid cursor"));
    }
    let mut scan = Scan::from(cursor);
    while let Some(option) = arguments.next() {
        let Some(value) = arguments.next() else { return Err(errors::syntax()) };
        if is(option, "MATCH") {
            scan.pattern = value;
        } else if is(option, "TYPE") {
            scan.kind = value;
        } else if is(option, "COUNT") {
            scan.count = match integer(value)? {
                count @ 1.. => count.unsigned_abs(),
                _ => return Err(errors::syntax()),
            };
        } else {
            return Err(errors::syntax());
        }
    }
    Ok(scan)
}

/// FLUSHDB and FLUSHALL [ASYNC | SYNC].
fn flush(request: &Request<'_>) -> Result<Sweep, Rejection> {
    match (request.argument(1), request.argument(2)) {
        (None, _) => Ok(Sweep::unlink()),
        (Some(option), None) if is(option, "ASYNC") || is(option, "SYNC") => Ok(Sweep::unlink()),
        (Some(_), _) => Err(errors::syntax()),
    }
}
