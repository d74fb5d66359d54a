//! Facts about the server and its clients, of which a tenant sees the harmless ones.

use std::borrow::Cow;
use std::collections::HashMap;

use bytes::BytesMut;
use resp_wire::reply::{Cursor, Edit, Event, Kind, Violation, edit, put_aggregate, put_bulk};

use super::{Protocol, Surroundings};

/// Fields of INFO that say nothing of other tenants, with what is said instead of the server's own
/// value where that would.
const INFO: &str = include_str!("../lists/info.txt");
/// Settings that CONFIG GET shows, in the same form.
const SETTINGS: &str = include_str!("../lists/setting.txt");

/// The names of a list, and the values that some of them have.
fn list(text: &'static str) -> HashMap<&'static [u8], Option<&'static [u8]>> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    let entry = |line: &'static str| match line.split_once(' ') {
        Some((name, value)) => (name.as_bytes(), Some(value.trim().as_bytes())),
        None => (line.as_bytes(), None),
    };
    lines.filter(|line| !line.is_empty()).map(entry).collect()
}

/// Replaces the one string that `reply` is by what `change` makes of it.
fn change_text(
    reply: &[u8],
    out: &mut BytesMut,
    change: impl FnOnce(&[u8]) -> Vec<u8>,
) -> Result<(), Violation> {
    let mut events = Cursor::new(reply);
    let Some(Event::Text { text, .. }) = events.next_event()? else {
        return Err(Violation::Malformed);
    };
    // A verbatim string keeps its format's four bytes.
    let is_verbatim = reply.first() == Some(&Kind::Verbatim.byte());
    let (format, text) = text.split_at_checked(if is_verbatim { 4 } else { 0 }).unwrap_or_default();
    let changed = [format, &change(text)].concat();
    edit(reply, out, |_, _, _| Edit::Replace(Cow::Borrowed(&changed)))
}

/// HELLO: whatever stands behind the wall, in front of it is one server.
pub(super) fn greeting(reply: &[u8], out: &mut BytesMut) -> Result<(), Violation> {
    let mut is_mode = false;
    edit(reply, out, |place, _, text| {
        let is_value = std::mem::replace(&mut is_mode, place.depth() == 1 && text == b"mode");
        if is_value && text == b"cluster" {
            Edit::Replace(Cow::Borrowed(b"standalone"))
        } else {
            Edit::Keep
        }
    })
}

/// INFO: the fields of the list, under their headings.
pub(super) fn info(reply: &[u8], out: &mut BytesMut) -> Result<(), Violation> {
    let known = list(INFO);
    change_text(reply, out, |text| {
        let mut shown = Vec::with_capacity(text.len());
        for line in text.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
            if line.starts_with(b"#") {
                if !shown.is_empty() {
                    shown.extend_from_slice(b"\r\n");
                }
                shown.extend_from_slice(line);
                shown.extend_from_slice(b"\r\n");
            } else if let Some(value) = known.get(name) {
                match value {
                    None => shown.extend_from_slice(line),
                    Some(value) => shown.extend_from_slice(&[name, b":", value].concat()),
                }
                shown.extend_from_slice(b"\r\n");
            }
        }
        shown
    })
}

/// CONFIG GET: the pairs of the list.
pub(super) fn settings(reply: &[u8], out: &mut BytesMut) -> Result<(), Violation> {
    let known = list(SETTINGS);
    let mut events = Cursor::new(reply);
    let Some(Event::Open { kind, .. }) = events.next_event()? else {
        return Err(Violation::Malformed);
    };
    let mut shown = Vec::new();
    loop {
        let name = match events.next_event()? {
            Some(Event::Text { text, .. }) => text,
            Some(Event::Close(_)) => break,
            _ => return Err(Violation::Malformed),
        };
        let Some(Event::Text { text: value, .. }) = events.next_event()? else {
            return Err(Violation::Malformed);
        };
        if let Some(instead) = known.get(name) {
            shown.push((name, instead.unwrap_or(value)));
        }
    }
    put_aggregate(kind, 2 * shown.len(), out);
    for (name, value) in shown {
        put_bulk(name, out);
        put_bulk(value, out);
    }
    Ok(())
}

/// CLIENT LIST and CLIENT INFO: the lines of the tenant's clients, with the addresses that these
/// have here.
pub(super) fn clients(
    reply: &[u8],
    surroundings: &Surroundings<'_>,
    out: &mut BytesMut,
) -> Result<(), Violation> {
    change_text(reply, out, |text| {
        let mut shown = Vec::with_capacity(text.len());
        for line in text.split(|byte| *byte == b'\n') {
            let fields = line.split(|byte| *byte == b' ');
            let id = fields.clone().find_map(|field| field.strip_prefix(b"id="));
            let id = id.and_then(resp_wire::number::integer).and_then(|id| u64::try_from(id).ok());
            let Some(address) = id.and_then(|id| surroundings.clients.address(id)) else {
                continue;
            };
            for (index, field) in fields.enumerate() {
                if index > 0 {
                    shown.push(b' ');
                }
                let name = field.split(|byte| *byte == b'=').next().unwrap_or_default();
                match name {
                    b"addr" => shown.extend_from_slice(format!("addr={address}").as_bytes()),
                    // The store's own address would lead round the wall.
                    b"laddr" => shown.extend_from_slice(b"laddr=0.0.0.0:0"),
                    b"user" => {
                        shown.extend_from_slice(format!("user={}", surroundings.login).as_bytes())
                    }
                    _ => shown.extend_from_slice(field),
                }
            }
            shown.push(b'\n');
        }
        shown
    })
}

/// The version that a protocol is.
impl Protocol {
    /// 2 or 3.
    #[must_use]
    pub fn version(self) -> u8 {
        match self {
            Self::Resp2 => 2,
            Self::Resp3 => 3,
        }
    }
}
