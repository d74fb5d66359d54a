//! XREAD and XREADGROUP: keys are the first half of what follows STREAMS, which is an option among
//! others; a group or a consumer may be called STREAMS, too.

use bytes::BytesMut;
use resp_wire::request::Request;

use super::errors;
use super::options::{integer, is};
use crate::Rejection;
use crate::resp::judge::Context;
use crate::resp::outgoing::prefix_where;
use crate::resp::reply::ReplyRule;

pub(super) fn prefix_streams(
    request: &Request<'_>,
    context: &Context<'_>,
    out: &mut BytesMut,
) -> Result<ReplyRule, Rejection> {
    let keys = first_stream(request)?;
    let behind = request.len() - keys;
    // A list that is not balanced is an error, in words that differ by version.
    let count = if behind.is_multiple_of(2) { behind / 2 } else { behind };
    let keys = keys..keys + count;
    prefix_where(request, context.tenancy, out, |index| keys.contains(&index));
    Ok(ReplyRule::Streams)
}

/// Where the keys begin.
fn first_stream(request: &Request<'_>) -> Result<usize, Rejection> {
    let mut at = 1;
    while let Some(option) = request.argument(at) {
        let value = request.argument(at + 1);
        at += match value {
            Some(_) if is(option, "STREAMS") => return Ok(at + 1),
            Some(number) if is(option, "BLOCK") || is(option, "COUNT") || is(option, "CLAIM") => {
                integer(number)?;
                2
            }
            Some(_) if is(option, "GROUP") && request.argument(at + 2).is_some() => 3,
            Some(_) if is(option, "NOACK") => 1,
            Some(_) | None => return Err(errors::syntax()),
        };
    }
    Err(errors::syntax())
}
