//! Reads a whole reply as a flat sequence of events.

use std::ops::Range;

use super::header::Header;
use super::levels::{Ended, Level, Levels};
use super::{Kind, LINE_BYTES_MAX, Violation};
use crate::number;

/// A reader of one reply that is there from its first byte to its last.
#[derive(Debug)]
pub struct Cursor<'b> {
    reply: &'b [u8],
    at: usize,
    levels: Levels,
    /// What the last event brought to its end.
    ended: Ended,
}

/// One step through a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'b> {
    /// An aggregate begins. Its elements follow, each with all that is in it, then `Close`.
    Open {
        /// The aggregate's type.
        kind: Kind,
        /// How many elements follow, two for each pair; `None` when only the end will tell.
        elements: Option<u64>,
    },
    /// The innermost aggregate ends.
    Close(Kind),
    /// A value that is no aggregate: a string, a number, an error.
    Text {
        /// The value's type.
        kind: Kind,
        /// What it says, without the type's byte, length and line end.
        text: &'b [u8],
    },
    /// Nothing: of the type `Null`, or of `Bulk` or `Array`, which in RESP2 can be null.
    Null(Kind),
}

impl<'b> Cursor<'b> {
    /// A reader in front of `reply`.
    #[must_use]
    pub fn new(reply: &'b [u8]) -> Self {
        Self { reply, at: 0, levels: Levels::default(), ended: Ended::Element }
    }

    /// How many bytes were read.
    #[must_use]
    pub fn position(&self) -> usize {
        self.at
    }

    /// The bytes of the reply in `range`, as they came.
    #[must_use]
    pub fn raw(&self, range: Range<usize>) -> &'b [u8] {
        self.reply.get(range).unwrap_or_default()
    }

    pub(super) fn open(&self) -> &[Level] {
        self.levels.open()
    }

    /// The next event; `None` behind the last.
    ///
    /// # Errors
    /// `Violation` where the reply is not one, or has a string in parts. `NotOneReply` when it ends
    /// too early, or goes on behind its end.
    pub fn next_event(&mut self) -> Result<Option<Event<'b>>, Violation> {
        match self.ended {
            Ended::Value if self.at == self.reply.len() => return Ok(None),
            Ended::Value => return Err(Violation::NotOneReply),
            Ended::Level(kind) => {
                self.ended = self.levels.leave();
                return Ok(Some(Event::Close(kind)));
            }
            Ended::Element => {}
        }
        if let Some(text) = self.usual_bulk() {
            self.ended = self.levels.count();
            return Ok(Some(Event::Text { kind: Kind::Bulk, text }));
        }
        let line = self.line()?;
        match Header::read(line)? {
            Header::Line(kind) => {
                self.ended = self.levels.count();
                let text = line.get(1..).unwrap_or_default();
                Ok(Some(Event::Text { kind, text }))
            }
            Header::Bulk { kind, bytes } => {
                let text = self.bytes(bytes)?;
                self.ended = self.levels.count();
                Ok(Some(Event::Text { kind, text }))
            }
            Header::Null(kind) => {
                self.ended = self.levels.count();
                Ok(Some(Event::Null(kind)))
            }
            Header::Aggregate { kind, elements } => self.enter(kind, Some(elements)),
            Header::StreamedAggregate(kind) => self.enter(kind, None),
            Header::End => {
                self.levels.end_of_stream()?;
                let kind = self.levels.open().last().map_or(Kind::Array, |level| level.kind);
                self.ended = self.levels.leave();
                Ok(Some(Event::Close(kind)))
            }
            Header::StreamedString => Err(Violation::StreamedString),
            Header::Part { .. } => Err(Violation::OutOfPlace),
        }
    }

    /// Reads over the next value with all that is in it, an attribute in front of it too, and gives
    /// its bytes; `None` when there is none left in the aggregate at hand, whose `Close` is next.
    ///
    /// # Errors
    /// As [`next_event`](Self::next_event).
    pub fn skip(&mut self) -> Result<Option<&'b [u8]>, Violation> {
        let start = self.at;
        if self.ended != Ended::Element || self.reply.get(start) == Some(&b'.') {
            return Ok(None);
        }
        let mut depth = 0_usize;
        loop {
            match self.next_event()? {
                None => return Err(Violation::NotOneReply),
                Some(Event::Open { .. }) => depth += 1,
                Some(Event::Close(Kind::Attribute)) => depth = depth.saturating_sub(1),
                Some(Event::Close(_)) => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        break;
                    }
                }
                Some(Event::Text { .. } | Event::Null(_)) => {
                    if depth == 0 {
                        break;
                    }
                }
            }
        }
        Ok(Some(self.raw(start..self.at)))
    }

    fn enter(&mut self, kind: Kind, elements: Option<u64>) -> Result<Option<Event<'b>>, Violation> {
        self.levels.enter(kind, elements)?;
        self.ended = self.levels.ended();
        Ok(Some(Event::Open { kind, elements }))
    }

    /// A bulk string about which nothing is unusual: most of what comes, done fast.
    #[inline]
    fn usual_bulk(&mut self) -> Option<&'b [u8]> {
        let line = self.reply.get(self.at..)?.strip_prefix(b"$")?;
        let (bytes, line_bytes) = number::length_line(line)?;
        let (text, behind) = line.get(line_bytes..)?.split_at_checked(bytes)?;
        if !behind.starts_with(b"\r\n") {
            return None;
        }
        self.at += 1 + line_bytes + bytes + 2;
        Some(text)
    }

    fn line(&mut self) -> Result<&'b [u8], Violation> {
        let rest = self.reply.get(self.at..).unwrap_or_default();
        let end = memchr::memchr2(b'\r', b'\n', rest).ok_or(Violation::NotOneReply)?;
        if end > LINE_BYTES_MAX || rest.get(end..end + 2) != Some(b"\r\n") {
            return Err(Violation::Line);
        }
        self.at += end + 2;
        Ok(rest.get(..end).unwrap_or_default())
    }

    fn bytes(&mut self, bytes: u64) -> Result<&'b [u8], Violation> {
        let rest = self.reply.get(self.at..).unwrap_or_default();
        let bytes = usize::try_from(bytes).map_err(|_| Violation::NotOneReply)?;
        let (text, behind) = rest.split_at_checked(bytes).ok_or(Violation::NotOneReply)?;
        match behind {
            [b'\r', b'\n', ..] => {}
            [] | [b'\r'] => return Err(Violation::NotOneReply),
            _ => return Err(Violation::Line),
        }
        self.at += bytes + 2;
        Ok(text)
    }
}
