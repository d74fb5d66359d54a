//! Taking prefixes off where a reply names keys, and nowhere else.

use bytes::{BufMut, BytesMut};
use memchr::memmem;
use resp_wire::reply::{Edit, Kind, Violation, edit, kind, put_bulk, put_error, put_simple};

use super::show;
use super::{Protocol, ReplyRule};
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
    let prefix = surroundings.tenancy.prefix();
    match rule {
        ReplyRule::Swallow => Ok(()),
        ReplyRule::Refusal(line) => {
            out.put_slice(line);
            Ok(())
        }
        ReplyRule::Answer(answered) if !is_error => {
            answered.answer.put(surroundings.protocol, out);
            Ok(())
        }
        ReplyRule::Answer(answered) => {
            // What stood in for the request may not run here, for the same reason as the request.
            put_replaced(reply, b"'echo'", format!("'{}'", answered.command).as_bytes(), out);
            Ok(())
        }
        ReplyRule::Loaded(names) if !is_error => {
            put_bulk(&names.client, out);
            Ok(())
        }
        ReplyRule::Script(names) | ReplyRule::Loaded(names) if is_error => {
            put_replaced(reply, &names.upstream, &names.client, out);
            Ok(())
        }
        _ if is_error => {
            put_error_of_tenant(reply, prefix, out);
            Ok(())
        }
        ReplyRule::FirstIsKey => {
            edit(
                reply,
                out,
                |place, _, text| {
                    if place.is(&[0]) { Edit::strip(text, prefix) } else { Edit::Keep }
                },
            )
        }
        ReplyRule::Streams => edit(reply, out, |place, _, text| {
            if place.is_first_of_pair(0, false) { Edit::strip(text, prefix) } else { Edit::Keep }
        }),
        ReplyRule::Names => edit(reply, out, |place, _, text| {
            if place.depth() == 1 { Edit::strip(text, prefix) } else { Edit::Keep }
        }),
        ReplyRule::NamesAndCounts => edit(reply, out, |place, _, text| {
            if place.is_first_of_pair(0, true) { Edit::strip(text, prefix) } else { Edit::Keep }
        }),
        // `flags`, `redirect`, `prefixes` and their values: only the last is a list of names.
        ReplyRule::TrackingInfo => edit(reply, out, |place, _, text| {
            if place.is_in(2, 0, 5) { Edit::strip(text, prefix) } else { Edit::Keep }
        }),
        ReplyRule::Clients => show::clients(reply, surroundings, out),
        ReplyRule::Info => show::info(reply, out),
        ReplyRule::ConfigGet => show::settings(reply, out),
        ReplyRule::CountAsOk => {
            put_simple(b"OK", out);
            Ok(())
        }
        ReplyRule::Raw
        | ReplyRule::Scanned
        | ReplyRule::Sweep(_)
        | ReplyRule::Script(_)
        | ReplyRule::Loaded(_)
        | ReplyRule::Hello(_)
        | ReplyRule::Multi
        | ReplyRule::Exec
        | ReplyRule::Discard
        | ReplyRule::Confirmations { .. }
        | ReplyRule::Reset
        | ReplyRule::Quit => {
            out.put_slice(reply);
            Ok(())
        }
    }
}

/// What stands in front of the name of a key, or the beginning of one, in the server's errors.
const LEADS: &[&str] = &["key '", "key name '", "Prefix '", "prefix '"];

/// An error with the prefix taken off the names of keys. It may also repeat what is no key.
fn put_error_of_tenant(reply: &[u8], prefix: &[u8], out: &mut BytesMut) {
    // A bulk error has a length, which must go on being right: it becomes a line.
    let text = match reply.strip_prefix(b"!") {
        Some(rest) => rest.split(|byte| *byte == b'\n').nth(1).unwrap_or_default(),
        None => reply.get(1..).unwrap_or_default(),
    };
    let mut text = text.trim_ascii_end().to_vec();
    for lead in LEADS {
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
