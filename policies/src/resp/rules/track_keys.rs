//! CLIENT TRACKING: broadcasts are of the tenant's keys, and a redirection is to a connection of
//! its own.

use bytes::BytesMut;
use resp_wire::request::Request;

use super::errors;
use super::options::{integer, is};
use crate::Rejection;
use crate::resp::judge::Context;
use crate::resp::outgoing::Outgoing;
use crate::resp::reply::ReplyRule;

/// Options without a value.
const FLAGS: &[&str] = &["OPTIN", "OPTOUT", "NOLOOP"];

/// CLIENT TRACKING ON|OFF [REDIRECT id] [PREFIX prefix ...] [BCAST] [OPTIN] [OPTOUT] [NOLOOP].
pub(super) fn track_keys(
    request: &Request<'_>,
    context: &Context<'_>,
    out: &mut BytesMut,
) -> Result<ReplyRule, Rejection> {
    let mut arguments = request.arguments();
    let mut kept = Vec::with_capacity(request.len());
    kept.extend(arguments.by_ref().take(3));
    let (mut prefixes, mut broadcasts) = (Vec::new(), false);
    while let Some(option) = arguments.next() {
        if is(option, "REDIRECT") {
            let Some(id) = arguments.next() else { return Err(errors::syntax()) };
            check_redirection(integer(id)?, context)?;
            kept.extend([option, id]);
        } else if is(option, "PREFIX") {
            let Some(prefix) = arguments.next() else { return Err(errors::syntax()) };
            prefixes.push(prefix);
        } else if is(option, "BCAST") {
            broadcasts = true;
            kept.push(option);
        } else if FLAGS.iter().any(|flag| is(option, flag)) {
            kept.push(option);
        } else {
            return Err(errors::syntax());
        }
    }
    check_overlaps(&prefixes)?;
    if broadcasts && prefixes.is_empty() && is(kept.get(2).copied().unwrap_or_default(), "ON") {
        // The server would take the absence of a prefix for all keys of all tenants.
        prefixes.push(b"");
    }
    let mut outgoing = Outgoing::begin(kept.len() + 2 * prefixes.len(), context.tenancy, out);
    for argument in kept {
        outgoing.plain(argument);
    }
    for prefix in prefixes {
        outgoing.plain(b"PREFIX").name(prefix);
    }
    Ok(ReplyRule::Raw)
}

/// Invalidations go to a connection of the same tenant. 0 is none.
fn check_redirection(id: i64, context: &Context<'_>) -> Result<(), Rejection> {
    match u64::try_from(id) {
        Ok(0) => Ok(()),
        Ok(id) if context.clients.address(id).is_some() => Ok(()),
        Ok(_) | Err(_) => Err(errors::own("ERR The client ID you want redirect to does not exist")),
    }
}

/// Two prefixes of one request of which one begins the other: some servers answer that with an
/// error and with OK, and every later reply would then be taken for another's.
fn check_overlaps(prefixes: &[&[u8]]) -> Result<(), Rejection> {
    for (index, one) in prefixes.iter().enumerate() {
        for other in prefixes.iter().skip(index + 1) {
            if one.starts_with(other) || other.starts_with(one) {
                let text =
                    |bytes: &[u8]| bytes.iter().map(|byte| char::from(*byte)).collect::<String>();
                return Err(errors::own(format!(
                    "ERR Prefix '{}' overlaps with another provided prefix '{}'. Prefixes for a \
                     single client must not overlap.",
                    text(one),
                    text(other),
                )));
            }
        }
    }
    Ok(())
}
