//! One cursor over the key spaces of all nodes: a node's own, with its place in the upper bits.

use bytes::{BufMut, BytesMut};
use resp_wire::reply::{Cursor, Event, Kind, put_bulk};

/// Bits of a node's own cursor. It counts buckets of a table, in powers of two, of which no memory
/// holds so many.
const LOCAL_BITS: u32 = 48;

/// Where a sweep over all nodes stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct VirtualCursor {
    /// The place of the node.
    pub(super) place: usize,
    /// What that node is told.
    pub(super) local: Vec<u8>,
}

impl VirtualCursor {
    /// Reads what a client, or a sweep, has as its cursor. One that is no number means any place
    /// there, on any node.
    pub(super) fn read(cursor: &[u8], nodes: usize) -> Self {
        let number = std::str::from_utf8(cursor).ok().and_then(|text| text.parse::<u64>().ok());
        let Some(number) = number else {
            return Self { place: any(nodes), local: cursor.to_vec() };
        };
        let place = usize::try_from(number >> LOCAL_BITS).unwrap_or_default();
        let local = number & ((1 << LOCAL_BITS) - 1);
        // Of a cluster that has shrunk, or of no sweep at all.
        Self { place: place % nodes.max(1), local: local.to_string().into_bytes() }
    }
}

/// A number below `nodes` that nobody knows before.
fn any(nodes: usize) -> usize {
    use std::hash::{BuildHasher, RandomState};
    let random = usize::try_from(RandomState::new().hash_one(0) >> 32).unwrap_or_default();
    random % nodes.max(1)
}

/// Appends the reply of the node at `place` with the cursor that leads on from there: to the next
/// node where this one has no more. `None` when it is no such reply.
pub(super) fn put_page(reply: &[u8], place: usize, nodes: usize, out: &mut BytesMut) -> Option<()> {
    let mut events = Cursor::new(reply);
    let Some(Event::Open { kind: Kind::Array, elements: Some(2) }) = events.next_event().ok()?
    else {
        return None;
    };
    let Some(Event::Text { kind: Kind::Bulk, text: cursor }) = events.next_event().ok()? else {
        return None;
    };
    let found = events.skip().ok()??;
    let local: u64 = std::str::from_utf8(cursor).ok()?.parse().ok()?;
    let cursor = match local {
        0 if place + 1 >= nodes => 0,
        0 => u64::try_from(place + 1).ok()? << LOCAL_BITS,
        local if local >> LOCAL_BITS == 0 => (u64::try_from(place).ok()? << LOCAL_BITS) | local,
        _ => return None,
    };
    out.put_slice(b"*2\r\n");
    put_bulk(cursor.to_string().as_bytes(), out);
    out.put_slice(found);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(cursor: &str, place: usize) -> Option<String> {
        let reply = format!("*2\r\n${}\r\n{cursor}\r\n*1\r\n$1\r\nk\r\n", cursor.len());
        let mut out = BytesMut::new();
        put_page(reply.as_bytes(), place, 3, &mut out)?;
        let text = String::from_utf8(out.to_vec()).unwrap();
        assert!(text.ends_with("*1\r\n$1\r\nk\r\n"));
        Some(text.lines().nth(2).unwrap().to_owned())
    }

    #[test]
    fn one_node_follows_the_other() {
        let mut cursor = "0".to_owned();
        let mut seen = Vec::new();
        // Each node has two pages.
        loop {
            let at = VirtualCursor::read(cursor.as_bytes(), 3);
            let next = if at.local == b"0" { "17" } else { "0" };
            seen.push((at.place, at.local.clone()));
            cursor = page(next, at.place).unwrap();
            if cursor == "0" {
                break;
            }
        }
        let places: Vec<_> = seen.iter().map(|(place, _)| *place).collect();
        assert_eq!(places, [0, 0, 1, 1, 2, 2]);
    }

    #[test]
    fn whatever_a_client_sends_is_a_place() {
        for cursor in [b"18446744073709551615".as_slice(), b"844424930131968", b"any", b""] {
            assert!(VirtualCursor::read(cursor, 3).place < 3);
        }
        assert_eq!(VirtualCursor::read(b"any", 3).local, b"any");
    }

    #[test]
    fn a_cursor_that_is_too_large_is_not_shortened() {
        assert_eq!(page("281474976710656", 0), None);
        assert_eq!(page("281474976710655", 2).unwrap(), "844424930131967");
    }
}
