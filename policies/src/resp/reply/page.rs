//! The reply of one run of a sweep: a cursor, and names or a number.

use resp_wire::reply::{Cursor, Event, Kind};

/// One run's reply.
pub(in crate::resp) struct Page<'b> {
    pub(in crate::resp) cursor: &'b [u8],
    pub(in crate::resp) keys: Vec<&'b [u8]>,
    pub(in crate::resp) number: u64,
}

/// Reads a run's reply; `None` when it has another form.
pub(in crate::resp) fn read_page(reply: &[u8]) -> Option<Page<'_>> {
    let mut events = Cursor::new(reply);
    let mut next = || events.next_event().ok().flatten();
    let Some(Event::Open { kind: Kind::Array, elements: Some(2) }) = next() else { return None };
    let Some(Event::Text { kind: Kind::Bulk, text: cursor }) = next() else { return None };
    let mut page = Page { cursor, keys: Vec::new(), number: 0 };
    match next() {
        Some(Event::Text { kind: Kind::Integer, text }) => {
            page.number = std::str::from_utf8(text).ok()?.parse().ok()?;
        }
        Some(Event::Open { kind: Kind::Array, .. }) => loop {
            match next() {
                Some(Event::Text { kind: Kind::Bulk, text }) => page.keys.push(text),
                Some(Event::Close(Kind::Array)) => break,
                Some(
                    Event::Open { .. } | Event::Close(_) | Event::Text { .. } | Event::Null(_),
                )
                | None => return None,
            }
        },
        Some(Event::Open { .. } | Event::Close(_) | Event::Text { .. } | Event::Null(_)) | None => {
            return None;
        }
    }
    Some(page)
}
