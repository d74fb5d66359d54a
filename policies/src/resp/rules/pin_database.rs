//! A tenant has one database, number 0, as a server with `databases 1` has: numbers are judged
//! here, as no key could show them.

use bytes::BytesMut;
use resp_wire::request::Request;

use super::errors;
use super::options::{integer, is};
use crate::Rejection;
use crate::resp::judge::Context;
use crate::resp::outgoing::Outgoing;
use crate::resp::reply::{Answer, ReplyRule};

/// COPY source destination [DB number] [REPLACE]: written without the number, which must be 0.
pub(super) fn pin_copy(
    request: &Request<'_>,
    context: &Context<'_>,
    out: &mut BytesMut,
) -> Result<ReplyRule, Rejection> {
    let mut arguments = request.arguments().skip(1);
    let source = arguments.next().unwrap_or_default();
    let destination = arguments.next().unwrap_or_default();
    let mut replace = false;
    while let Some(option) = arguments.next() {
        if is(option, "REPLACE") {
            replace = true;
        } else if is(option, "DB") {
            let Some(number) = arguments.next() else { return Err(errors::syntax()) };
            if database(number)? != 0 {
                return Err(errors::own("ERR value is out of range"));
            }
        } else {
            return Err(errors::syntax());
        }
    }
    let mut outgoing = Outgoing::begin(3 + usize::from(replace), context.tenancy, out);
    outgoing.plain(b"COPY").name(source).name(destination);
    if replace {
        outgoing.plain(b"REPLACE");
    }
    Ok(ReplyRule::Raw)
}

/// MOVE key number: there is nowhere to move to.
pub(super) fn pin_move(request: &Request<'_>) -> Rejection {
    match database(request.argument(2).unwrap_or_default()) {
        Ok(0) => errors::own("ERR source and destination objects are the same"),
        Ok(_) => errors::own("ERR value is out of range"),
        Err(error) => error,
    }
}

/// SELECT number.
pub(super) fn pin_select(request: &Request<'_>) -> Result<Answer, Rejection> {
    match database(request.argument(1).unwrap_or_default())? {
        0 => Ok(Answer::Ok),
        _ => Err(errors::own("ERR DB index is out of range")),
    }
}

/// SWAPDB number number.
pub(super) fn pin_swapdb(request: &Request<'_>) -> Result<Answer, Rejection> {
    let number = |at, which| {
        database(request.argument(at).unwrap_or_default())
            .map_err(|_| errors::own(format!("ERR invalid {which} DB index")))
    };
    match (number(1, "first")?, number(2, "second")?) {
        (0, 0) => Ok(Answer::Ok),
        _ => Err(errors::own("ERR DB index is out of range")),
    }
}

/// A number as C's `int`.
fn database(argument: &[u8]) -> Result<i32, Rejection> {
    i32::try_from(integer(argument)?).map_err(|_| errors::own("ERR value is out of range"))
}
