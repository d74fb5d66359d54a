//! Requests whose keys lie in several slots, and that promise nothing about several keys at once.
//!
//! A node serves a request about one slot only. MGET, EXISTS, TOUCH, DEL and UNLINK are as good as
//! a request for each key, save that nothing comes in between; they are split, and their replies
//! joined. MSET and MSETNX promise that all keys change at once, and everything else with several
//! keys reads one to write another: those go to one node as they are, which says CROSSSLOT.

use std::collections::BTreeMap;

use bytes::{BufMut, Bytes, BytesMut};
use resp_wire::command::Command;
use resp_wire::number;
use resp_wire::reply::{Cursor, Event, Kind, put_aggregate, put_integer};
use resp_wire::request::{Request, put_bulk, put_header};
use resp_wire::slot::slot;

/// A request about the keys of one slot.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) slot: u16,
    pub(super) request: Bytes,
    /// Which of all keys these are.
    pub(super) positions: Vec<usize>,
}

/// How replies become one.
#[derive(Debug)]
pub(super) enum Joined {
    /// An element for each key, in the order of the keys.
    Elements(Vec<Bytes>),
    /// The sum.
    Sum(i64),
}

/// The replies of a request that was split.
#[derive(Debug)]
pub(super) struct Join {
    missing: usize,
    joined: Joined,
    error: Option<Bytes>,
}

/// A reply that its request cannot have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotItsReply;

/// The parts of `request` where it has several and may be split.
pub(super) fn split(command: &Command, request: &Request<'_>) -> Option<(Vec<Part>, Joined)> {
    let joined = match command.name {
        "mget" => Joined::Elements(vec![Bytes::new(); request.len() - 1]),
        "del" | "exists" | "touch" | "unlink" => Joined::Sum(0),
        _ => return None,
    };
    let mut slots: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
    for (position, key) in request.arguments().skip(1).enumerate() {
        slots.entry(slot(key)).or_default().push(position);
    }
    if slots.len() < 2 {
        return None;
    }
    let part = |(slot, positions): (u16, Vec<usize>)| {
        let mut written = BytesMut::new();
        put_header(1 + positions.len(), &mut written);
        put_bulk(&[request.name()], &mut written);
        for position in &positions {
            put_bulk(&[request.argument(1 + position).unwrap_or_default()], &mut written);
        }
        Part { slot, request: written.freeze(), positions }
    };
    Some((slots.into_iter().map(part).collect(), joined))
}

impl Join {
    pub(super) fn new(parts: usize, joined: Joined) -> Self {
        Self { missing: parts, joined, error: None }
    }

    /// Takes the reply of a part. Appends the reply of the whole when it was the last: the first
    /// error, if there was one.
    pub(super) fn add(
        &mut self,
        reply: &Bytes,
        positions: &[usize],
        out: &mut BytesMut,
    ) -> Result<bool, NotItsReply> {
        self.missing = self.missing.saturating_sub(1);
        let mut events = Cursor::new(reply);
        match (events.next_event().map_err(|_| NotItsReply)?, &mut self.joined) {
            (Some(Event::Text { kind, .. }), _) if kind.is_error() => {
                self.error.get_or_insert_with(|| reply.clone());
            }
            (Some(Event::Text { kind: Kind::Integer, text }), Joined::Sum(sum)) => {
                *sum = sum.saturating_add(number::integer(text).ok_or(NotItsReply)?);
            }
            (Some(Event::Open { kind: Kind::Array, .. }), Joined::Elements(elements)) => {
                for position in positions {
                    let element = events.skip().map_err(|_| NotItsReply)?.ok_or(NotItsReply)?;
                    let place = elements.get_mut(*position).ok_or(NotItsReply)?;
                    *place = reply.slice_ref(element);
                }
                if events.skip() != Ok(None) {
                    return Err(NotItsReply);
                }
            }
            _ => return Err(NotItsReply),
        }
        if self.missing > 0 {
            return Ok(false);
        }
        match (&self.error, &self.joined) {
            (Some(error), _) => out.put_slice(error),
            (None, Joined::Sum(sum)) => put_integer(*sum, out),
            (None, Joined::Elements(elements)) => {
                put_aggregate(Kind::Array, elements.len(), out);
                elements.iter().for_each(|element| out.put_slice(element));
            }
        }
        Ok(true)
    }
}
