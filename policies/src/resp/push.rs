//! What a server sends by itself, and confirmations of subscriptions.

use std::borrow::Cow;

use bytes::BytesMut;
use resp_wire::reply::{Cursor, Edit, Event, Kind, Violation, edit};

use super::Tenancy;

/// The channels of what happens to one key: the key follows.
pub(super) const KEYSPACE: &[u8] = b"__keyspace@0__:";
/// The channels of what happens to keys in one way: the message is the key.
pub(super) const KEYEVENT: &[u8] = b"__keyevent@0__:";
/// Where a RESP2 connection hears of invalidated keys.
pub(super) const INVALIDATE: &[u8] = b"__redis__:invalidate";

/// What one subscribes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subscription {
    /// A channel.
    Channel,
    /// A pattern of channels.
    Pattern,
    /// A shard channel.
    Shard,
}

/// What something that the server sent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// A message, an invalidation. Written where the client may see it.
    Message,
    /// The confirmation of a subscription that begins or ends. Written.
    Confirmation {
        /// Of what.
        kind: Subscription,
        /// Whether it begins.
        begins: bool,
        /// How many there are now: of channels and patterns together, or of shard channels.
        count: u32,
    },
    /// Neither: nothing was written.
    Other,
}

/// Reads `frame`, a push of RESP3 or an array of RESP2 on a connection with subscriptions, and
/// appends what the client sees of it: what is `own`, named as in `shown`, which differs where
/// clients name keys as they are stored.
///
/// # Errors
/// `Violation` when it is not whole.
pub fn deliver(
    frame: &[u8],
    own: &Tenancy,
    shown: &Tenancy,
    out: &mut BytesMut,
) -> Result<Delivery, Violation> {
    let mut events = Cursor::new(frame);
    let (Some(Event::Open { .. }), Some(Event::Text { kind: Kind::Bulk, text: name })) =
        (events.next_event()?, events.next_event()?)
    else {
        return Ok(Delivery::Other);
    };
    let (kind, begins) = match name {
        b"message" => return message(frame, 1, own, shown, out),
        b"smessage" => return message(frame, 1, own, shown, out),
        b"pmessage" => return message(frame, 2, own, shown, out),
        b"invalidate" => return invalidate(frame, 1, own, shown, out),
        b"subscribe" => (Subscription::Channel, true),
        b"unsubscribe" => (Subscription::Channel, false),
        b"psubscribe" => (Subscription::Pattern, true),
        b"punsubscribe" => (Subscription::Pattern, false),
        b"ssubscribe" => (Subscription::Shard, true),
        b"sunsubscribe" => (Subscription::Shard, false),
        // A tracking redirection that broke.
        b"tracking-redir-broken" => {
            out.extend_from_slice(frame);
            return Ok(Delivery::Message);
        }
        _ => return Ok(Delivery::Other),
    };
    let channel = match events.next_event()? {
        Some(Event::Text { text, .. }) => own_name(text, kind == Subscription::Pattern, shown),
        Some(Event::Null(_)) => Vec::new(),
        Some(Event::Open { .. } | Event::Close(_)) | None => return Err(Violation::Malformed),
    };
    let Some(Event::Text { kind: Kind::Integer, text: count }) = events.next_event()? else {
        return Err(Violation::Malformed);
    };
    let count = resp_wire::number::integer(count).and_then(|count| u32::try_from(count).ok());
    edit(frame, out, |place, _, _| {
        if place.is(&[1]) { Edit::Replace(Cow::Borrowed(&channel)) } else { Edit::Keep }
    })?;
    Ok(Delivery::Confirmation { kind, begins, count: count.ok_or(Violation::Malformed)? })
}

/// A message on the channel that is element `at`; a pattern stands in front of it.
fn message(
    frame: &[u8],
    at: u64,
    own: &Tenancy,
    shown: &Tenancy,
    out: &mut BytesMut,
) -> Result<Delivery, Violation> {
    let mut events = Cursor::new(frame);
    // The frame itself.
    events.next_event()?;
    let mut text = || match events.next_event()? {
        Some(Event::Text { text, .. }) => Ok(text),
        Some(Event::Open { .. } | Event::Close(_) | Event::Null(_)) | None => {
            Err(Violation::Malformed)
        }
    };
    text()?;
    let pattern = if at == 2 { own_name(text()?, true, shown) } else { Vec::new() };
    let channel = text()?;
    if channel == INVALIDATE {
        return invalidate(frame, at + 1, own, shown, out);
    }
    let is_event = channel.starts_with(KEYEVENT);
    let names_key = channel.strip_prefix(KEYSPACE).unwrap_or(channel);
    let is_own = own.own(if is_event { text()? } else { names_key }).is_some();
    let channel = own_name(channel, false, shown);
    // On a server of the tenant's own no pattern but the empty one matches the empty name.
    let matches = at != 2 || !channel.is_empty() || pattern.is_empty();
    if is_own && matches {
        edit(frame, out, |place, _, text| {
            if place.is(&[at]) {
                Edit::Replace(Cow::Borrowed(&channel))
            } else if place.is(&[1]) {
                Edit::Replace(Cow::Borrowed(&pattern))
            } else if is_event && place.is(&[at + 1]) {
                Edit::strip(text, shown.prefix())
            } else {
                Edit::Keep
            }
        })?;
    }
    Ok(Delivery::Message)
}

/// Invalidated keys: a list, or nothing for all keys. What is not the tenant's is not told.
fn invalidate(
    frame: &[u8],
    at: u64,
    own: &Tenancy,
    shown: &Tenancy,
    out: &mut BytesMut,
) -> Result<Delivery, Violation> {
    let mut events = Cursor::new(frame);
    let mut depth = 0;
    let mut all_own = true;
    while let Some(event) = events.next_event()? {
        match event {
            Event::Open { .. } => depth += 1,
            Event::Close(_) => depth -= 1,
            Event::Text { text, .. } if depth == 2 => all_own &= own.own(text).is_some(),
            Event::Text { .. } | Event::Null(_) => {}
        }
    }
    if all_own {
        edit(frame, out, |place, _, text| {
            if place.is_in(2, 0, at) { Edit::strip(text, shown.prefix()) } else { Edit::Keep }
        })?;
    }
    Ok(Delivery::Message)
}

/// A channel or pattern as the client named it.
fn own_name(name: &[u8], is_pattern: bool, shown: &Tenancy) -> Vec<u8> {
    let prefix = if is_pattern { shown.pattern() } else { shown.prefix() };
    let (head, rest) = match name.strip_prefix(KEYSPACE) {
        Some(rest) => (KEYSPACE, rest),
        None => (b"".as_slice(), name),
    };
    [head, rest.strip_prefix(prefix).unwrap_or(rest)].concat()
}
