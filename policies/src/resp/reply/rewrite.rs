//! Taking prefixes off where a reply names keys, and nowhere else.

use bytes::{BufMut, BytesMut};
use memchr::memmem;
use resp_wire::reply::{Edit, Kind, Place, Violation, edit, kind, put_bulk, put_error, put_simple};

use super::{Protocol, ReplyRule, search, show};
use crate::resp::Tenancy;
use crate::resp::judge::Clients;

/// What rewriting a reply needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'s> {
    /// The tenant's part of the key space.
    pub tenancy: &'s Tenancy,
    /// The tenant's connections.
    pub clients: &'s dyn Clients,
    /// The client's login.
    pub login: &'s str,
    /// The version that the connection speaks.
    pub protocol: Protocol,
}

/// Appends what the client sees of `reply`, which is one whole reply.
///
/// # Errors
/// `Violation` when the reply has not the form that its request demands. Nothing of it may then
/// reach the client.
pub fn rewrite_reply(
    rule: &ReplyRule,
    reply: &[u8],
    surroundings: &Surroundings<'_>,
    out: &mut BytesMut,
) -> Result<(), Violation> {
    let is_error = reply.first().and_then(|byte| kind(*byte)).is_some_and(Kind::is_error);
    if is_error {
        rewrite_error(rule, reply, surroundings, out);
        return Ok(());
    }
    let prefix = surroundings.tenancy.prefix();
    match rule {
        ReplyRule::Swallow => {}
        ReplyRule::Refusal(line) => out.put_slice(line),
        ReplyRule::Answer(answered) => answered.answer.put(surroundings.protocol, out),
        ReplyRule::Loaded(names) => put_bulk(&names.client, out),
        ReplyRule::CountAsOk => put_simple(b"OK", out),
        ReplyRule::FirstIsKey => return strip(reply, prefix, out, |place| place.is(&[0])),
        ReplyRule::SeriesInfo => return series_info(reply, prefix, out),
        ReplyRule::Streams => {
            return strip(reply, prefix, out, |place| place.is_first_of_pair(0, false));
        }
        ReplyRule::Names => return strip(reply, prefix, out, |place| place.depth() == 1),
        ReplyRule::NamesAndCounts => {
            return strip(reply, prefix, out, |place| place.is_first_of_pair(0, true));
        }
        // `flags`, `redirect`, `prefixes` and their values: only the last is a list of names.
        ReplyRule::TrackingInfo => {
            return strip(reply, prefix, out, |place| place.is_in(2, 0, 5));
        }
        ReplyRule::Found(found) => return search::found(found, reply, prefix, out),
        ReplyRule::Indexes(own) => return search::indexes(own, reply, prefix, out),
        ReplyRule::IndexInfo => return search::index_info(reply, prefix, out),
        ReplyRule::Cursor(read) => {
            search::cursor(*read, reply, surroundings);
            out.put_slice(reply);
        }
        ReplyRule::Hello(_) => return show::greeting(reply, out),
        ReplyRule::Clients => return show::clients(reply, surroundings, out),
        ReplyRule::Info => return show::info(reply, out),
        ReplyRule::ConfigGet => return show::settings(reply, out),
        ReplyRule::Raw
        | ReplyRule::Scanned
        | ReplyRule::Sweep(_)
        | ReplyRule::Script(_)
        | ReplyRule::Multi
        | ReplyRule::Exec
        | ReplyRule::Discard
        | ReplyRule::Confirmations { .. }
        | ReplyRule::Reset
        | ReplyRule::Quit => out.put_slice(reply),
    }
    Ok(())
}

/// Appends `reply` with the prefix taken off at these places.
fn strip(
    reply: &[u8],
    prefix: &[u8],
    out: &mut BytesMut,
    is_name: impl Fn(Place<'_>) -> bool,
) -> Result<(), Violation> {
    edit(
        reply,
        out,
        |place, _, text| {
            if is_name(place) { Edit::strip(text, prefix) } else { Edit::Keep }
        },
    )
}

/// Pairs of a field's name and its value, of which `sourceKey` is a key, and `rules` holds rules that
/// each begin with a key: lists of lists in RESP2, and in RESP3 a map by keys.
fn series_info(reply: &[u8], prefix: &[u8], out: &mut BytesMut) -> Result<(), Violation> {
    let mut field = Vec::new();
    edit(reply, out, |place, kind, text| {
        let index = |level| place.step(level).map_or(0, |step| step.index);
        if place.depth() == 1 && index(0) % 2 == 0 {
            field = text.to_vec();
        }
        let is_key = match (field.as_slice(), place.depth()) {
            (b"sourceKey", 1) => index(0) % 2 == 1,
            (b"rules", 2) => {
                place.step(1).is_some_and(|step| step.kind.is_pairs()) && index(1) % 2 == 0
            }
            (b"rules", 3) => {
                place.step(1).is_some_and(|step| !step.kind.is_pairs()) && index(2) == 0
            }
            _ => false,
        };
        if is_key && kind == Kind::Bulk { Edit::strip(text, prefix) } else { Edit::Keep }
    })
}

fn rewrite_error(
    rule: &ReplyRule,
    reply: &[u8],
    surroundings: &Surroundings<'_>,
    out: &mut BytesMut,
) {
    match rule {
        ReplyRule::Swallow => {}
        ReplyRule::Refusal(line) => out.put_slice(line),
        // A client that knows the address of a store would walk round the wall.
        _ if is_redirection(reply) => put_error(REDIRECTED, out),
        // What stood in for the request may not run here, for the same reason as the request.
        ReplyRule::Answer(answered) => {
            put_replaced(reply, b"'echo'", format!("'{}'", answered.command).as_bytes(), out);
        }
        ReplyRule::Script(names) | ReplyRule::Loaded(names) => {
            put_replaced(reply, &names.upstream, &names.client, out);
        }
        ReplyRule::Raw
        | ReplyRule::FirstIsKey
        | ReplyRule::SeriesInfo
        | ReplyRule::Streams
        | ReplyRule::Names
        | ReplyRule::NamesAndCounts
        | ReplyRule::Found(_)
        | ReplyRule::Indexes(_)
        | ReplyRule::IndexInfo
        | ReplyRule::Cursor(_)
        | ReplyRule::Scanned
        | ReplyRule::Sweep(_)
        | ReplyRule::CountAsOk
        | ReplyRule::Clients
        | ReplyRule::TrackingInfo
        | ReplyRule::Info
        | ReplyRule::ConfigGet
        | ReplyRule::Hello(_)
        | ReplyRule::Multi
        | ReplyRule::Exec
        | ReplyRule::Discard
        | ReplyRule::Confirmations { .. }
        | ReplyRule::Reset
        | ReplyRule::Quit => {
            put_error_of_tenant(reply, surroundings.tenancy.prefix(), out);
        }
    }
}

fn is_redirection(reply: &[u8]) -> bool {
    reply.starts_with(b"-MOVED ") || reply.starts_with(b"-ASK ")
}

/// What is said in place of a redirection.
const REDIRECTED: &[u8] = b"ERR partywall: the key is at another node of a cluster";

/// What stands in front of the name of a key, or the beginning of one, in the server's errors.
const LEADS: &[&str] =
    &["key '", "key name '", "Prefix '", "prefix '", "Dict does not exist: ", "No such index "];

/// An error with the prefix taken off the names of keys. It may also repeat what is no key.
fn put_error_of_tenant(reply: &[u8], prefix: &[u8], out: &mut BytesMut) {
    // A bulk error has a length, which must go on being right: it becomes a line.
    let text = match reply.strip_prefix(b"!") {
        Some(rest) => rest.split(|byte| *byte == b'\n').nth(1).unwrap_or_default(),
        None => reply.get(1..).unwrap_or_default(),
    };
    // Of a search index that there is not, the name stands in front, without a code.
    let text = text.strip_prefix(prefix).unwrap_or(text);
    let mut text = text.strip_suffix(b"\n").unwrap_or(text);
    text = text.strip_suffix(b"\r").unwrap_or(text);
    let mut text = text.to_vec();
    // A server without a module repeats the arguments, the names among them.
    let repeats = text.starts_with(b"ERR unknown command '");
    for lead in LEADS.iter().chain(repeats.then_some(&"'")) {
        let named = [lead.as_bytes(), prefix].concat();
        let mut shown = BytesMut::with_capacity(text.len());
        put_replaced(&text, &named, lead.as_bytes(), &mut shown);
        text = shown.to_vec();
    }
    put_error(&text, out);
}

/// Appends `text` with every `old` replaced by `new`; an empty `old` is nowhere.
fn put_replaced(text: &[u8], old: &[u8], new: &[u8], out: &mut BytesMut) {
    if old.is_empty() {
        return out.put_slice(text);
    }
    let mut copied = 0;
    for at in memmem::find_iter(text, old) {
        out.put_slice(text.get(copied..at).unwrap_or_default());
        out.put_slice(new);
        copied = at + old.len();
    }
    out.put_slice(text.get(copied..).unwrap_or_default());
}
