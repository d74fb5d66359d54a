//! FT.CURSOR: the server gives the rows of any cursor to whoever knows its number, whatever index
//! the request names. A tenant reads those that it was given.

use bytes::BytesMut;
use resp_wire::command::Command;
use resp_wire::request::Request;

use super::draft::Draft;
use crate::Rejection;
use crate::resp::judge::Context;
use crate::resp::reply::ReplyRule;
use crate::resp::rules::errors;
use crate::resp::rules::options::is;

/// FT.CURSOR READ index cursor [COUNT count], FT.CURSOR DEL index cursor
pub(super) fn cursor(
    command: &Command,
    request: &Request<'_>,
    context: &Context<'_>,
    out: &mut BytesMut,
) -> Result<ReplyRule, Rejection> {
    let (Some(verb), Some(cursor)) = (request.argument(1), request.argument(3)) else {
        return Err(errors::own("ERR wrong number of arguments for 'FT.CURSOR' command"));
    };
    let unknown = if is(verb, "READ") {
        "Cursor not found"
    } else if is(verb, "DEL") {
        "Cursor does not exist"
    } else {
        return Err(errors::refused(command));
    };
    let Some(Ok(cursor)) = resp_wire::number::integer(cursor).map(u64::try_from) else {
        return Err(errors::own("Bad cursor ID"));
    };
    if !context.clients.has_cursor(cursor) {
        return Err(errors::own(unknown));
    }
    let mut draft = Draft::of(request);
    draft.plain()?;
    draft.name()?;
    draft.write(context.tenancy, out);
    Ok(ReplyRule::Cursor(Some(cursor)))
}
