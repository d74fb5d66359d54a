//! GEORADIUS and GEORADIUSBYMEMBER: STORE and STOREDIST name keys, behind the fixed arguments,
//! among which a member may be called STORE.

use bytes::BytesMut;
use resp_wire::command::Command;
use resp_wire::request::Request;

use super::errors;
use super::options::{integer, is};
use crate::Rejection;
use crate::resp::judge::Context;
use crate::resp::outgoing::Outgoing;
use crate::resp::reply::ReplyRule;

/// Options without a value.
const FLAGS: &[&str] = &["WITHDIST", "WITHHASH", "WITHCOORD", "ANY", "ASC", "DESC"];

pub(super) fn prefix_geo_targets(
    command: &Command,
    request: &Request<'_>,
    context: &Context<'_>,
    out: &mut BytesMut,
) -> Result<ReplyRule, Rejection> {
    // Longitude, latitude, radius and unit, or member, radius and unit.
    let fixed = if command.name == "georadius" { 4 } else { 3 };
    let mut outgoing = Outgoing::begin(request.len(), context.tenancy, out);
    let mut arguments = request.arguments();
    outgoing.plain(arguments.next().unwrap_or_default());
    outgoing.name(arguments.next().unwrap_or_default());
    for argument in arguments.by_ref().take(fixed) {
        outgoing.plain(argument);
    }
    while let Some(option) = arguments.next() {
        outgoing.plain(option);
        if FLAGS.iter().any(|word| is(option, word)) {
            continue;
        }
        let Some(value) = arguments.next() else { return Err(errors::syntax()) };
        if is(option, "COUNT") {
            integer(value)?;
            outgoing.plain(value);
        } else if is(option, "STORE") || is(option, "STOREDIST") {
            outgoing.name(value);
        } else {
            return Err(errors::syntax());
        }
    }
    Ok(ReplyRule::Raw)
}
