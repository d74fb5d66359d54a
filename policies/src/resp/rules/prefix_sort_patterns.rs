//! SORT and SORT_RO: BY and GET hold patterns of keys, STORE a key. The words are positional: in
//! `BY STORE`, STORE is the pattern.

use bytes::BytesMut;
use resp_wire::command::Command;
use resp_wire::request::Request;

use super::errors;
use super::options::{integer, is};
use crate::Rejection;
use crate::resp::judge::Context;
use crate::resp::outgoing::Outgoing;
use crate::resp::reply::ReplyRule;

pub(super) fn prefix_sort_patterns(
    command: &Command,
    request: &Request<'_>,
    context: &Context<'_>,
    out: &mut BytesMut,
) -> Result<ReplyRule, Rejection> {
    let may_store = command.name == "sort";
    let mut outgoing = Outgoing::begin(request.len(), context.tenancy, out);
    let mut arguments = request.arguments();
    outgoing.plain(arguments.next().unwrap_or_default());
    outgoing.name(arguments.next().unwrap_or_default());
    while let Some(option) = arguments.next() {
        outgoing.plain(option);
        if ["ASC", "DESC", "ALPHA"].iter().any(|word| is(option, word)) {
            continue;
        }
        let Some(value) = arguments.next() else { return Err(errors::syntax()) };
        if is(option, "LIMIT") {
            let Some(count) = arguments.next() else { return Err(errors::syntax()) };
            integer(value)?;
            integer(count)?;
            outgoing.plain(value).plain(count);
        } else if is(option, "STORE") && may_store {
            outgoing.name(value);
        } else if is(option, "BY") && !value.contains(&b'*') {
            // It names no key: the server then does not sort.
            outgoing.plain(value);
        } else if is(option, "GET") && value == b"#" {
            outgoing.plain(value);
        } else if is(option, "BY") || is(option, "GET") {
            outgoing.name(value);
        } else {
            return Err(errors::syntax());
        }
    }
    Ok(ReplyRule::Raw)
}
