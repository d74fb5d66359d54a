//! Finds where a reply ends, while it streams through.

use super::header::Header;
use super::levels::{Ended, Levels};
use super::{Kind, Violation, kind};
use crate::number;

/// Most bytes of a line: as in a request. The server's own lines are far shorter.
pub const LINE_BYTES_MAX: usize = 64 << 10;

/// Follows one reply after the other without holding any of it.
///
/// It does not recurse, and allocates nothing for a reply without aggregates in aggregates once it
/// has seen one.
#[derive(Debug, Default)]
pub struct ReplyScanner {
    levels: Levels,
    phase: Phase,
    /// Bytes of an unfinished line in which no end was found.
    searched: usize,
    kind: Option<Kind>,
    /// Whether a part of the reply at hand was taken.
    begun: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// In front of a value, or in its first line.
    #[default]
    Header,
    /// In front of a part of a string in parts, or in its line.
    PartHeader,
    /// In a string of which so many bytes are missing, its CRLF not counted.
    Bytes { missing: u64, part: bool },
}

/// How far one reply has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes at the start of the input that are a part of this reply, and that were read: they may
    /// travel on. The next input begins behind them.
    pub bytes: usize,
    /// Whether they are the last.
    pub complete: bool,
}

impl ReplyScanner {
    /// A scanner in front of the upstream's first byte.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The type of the reply at hand, an attribute in front of it set aside; `None` before its
    /// first line is whole. It stays until the next reply begins.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        self.kind
    }

    /// Whether nothing of a reply was taken that is not complete.
    #[must_use]
    pub fn is_between(&self) -> bool {
        !self.begun
    }

    /// Reads on, at most to the end of this reply.
    ///
    /// `input` begins with the first byte that no earlier call took.
    ///
    /// # Errors
    /// `Violation`, after which the stream can not be followed.
    pub fn scan(&mut self, input: &[u8]) -> Result<Progress, Violation> {
        if !self.begun && !input.is_empty() {
            self.kind = None;
        }
        let mut rest = input;
        let complete = loop {
            match self.step(&mut rest)? {
                None => break false,
                Some(Ended::Value) => break true,
                Some(Ended::Element | Ended::Level(_)) => {}
            }
        };
        let bytes = input.len() - rest.len();
        self.begun = !complete && (self.begun || bytes > 0);
        Ok(Progress { bytes, complete })
    }

    /// Reads one line or one run of bytes off `rest`; `None` when it ends too early.
    fn step(&mut self, rest: &mut &[u8]) -> Result<Option<Ended>, Violation> {
        match self.phase {
            Phase::Header => {
                if let Some(ended) = self.whole_bulk(rest) {
                    return Ok(Some(ended));
                }
                let Some(line) = self.line(rest)? else {
                    return Ok(None);
                };
                self.header(Header::read(line)?).map(Some)
            }
            Phase::PartHeader => {
                let Some(line) = self.line(rest)? else {
                    return Ok(None);
                };
                match Header::read(line)? {
                    Header::Part { bytes: 0 } => {
                        self.phase = Phase::Header;
                        Ok(Some(self.value()))
                    }
                    Header::Part { bytes } => {
                        self.phase = Phase::Bytes { missing: bytes, part: true };
                        Ok(Some(Ended::Element))
                    }
                    _ => Err(Violation::OutOfPlace),
                }
            }
            Phase::Bytes { missing, part } => self.bytes(rest, missing, part),
        }
    }

    /// Takes a bulk string off `rest` that is there as a whole: most of what comes, done fast.
    #[inline]
    fn whole_bulk(&mut self, rest: &mut &[u8]) -> Option<Ended> {
        let line = rest.strip_prefix(b"$")?;
        let (bytes, line_bytes) = number::length_line(line)?;
        let text = line.get(line_bytes..)?;
        *rest = text.get(bytes..)?.strip_prefix(b"\r\n")?;
        self.searched = 0;
        self.note(Kind::Bulk);
        Some(self.value())
    }

    fn header(&mut self, header: Header) -> Result<Ended, Violation> {
        match header {
            Header::Line(kind) | Header::Null(kind) => {
                self.note(kind);
                Ok(self.value())
            }
            Header::Bulk { kind, bytes } => {
                self.note(kind);
                self.phase = Phase::Bytes { missing: bytes, part: false };
                Ok(Ended::Element)
            }
            Header::Aggregate { kind, elements } => {
                self.note(kind);
                self.levels.enter(kind, Some(elements))?;
                let ended = self.levels.ended();
                Ok(self.unwind(ended))
            }
            Header::StreamedString => {
                self.note(Kind::Bulk);
                self.phase = Phase::PartHeader;
                Ok(Ended::Element)
            }
            Header::StreamedAggregate(kind) => {
                self.note(kind);
                self.levels.enter(kind, None)?;
                Ok(Ended::Element)
            }
            Header::End => {
                self.levels.end_of_stream()?;
                let ended = self.levels.leave();
                Ok(self.unwind(ended))
            }
            Header::Part { .. } => Err(Violation::OutOfPlace),
        }
    }

    fn bytes(
        &mut self,
        rest: &mut &[u8],
        missing: u64,
        part: bool,
    ) -> Result<Option<Ended>, Violation> {
        let have = usize::try_from(missing).unwrap_or(usize::MAX).min(rest.len());
        *rest = rest.get(have..).unwrap_or_default();
        let missing = missing - have as u64;
        self.phase = Phase::Bytes { missing, part };
        if missing > 0 {
            return Ok(None);
        }
        match rest {
            [b'\r', b'\n', behind @ ..] => *rest = behind,
            [] | [b'\r'] => return Ok(None),
            _ => return Err(Violation::Line),
        }
        if part {
            self.phase = Phase::PartHeader;
            return Ok(Some(Ended::Element));
        }
        self.phase = Phase::Header;
        Ok(Some(self.value()))
    }

    /// Takes a line off `rest`, without its CRLF; `None`, and nothing taken, while it is not whole.
    fn line<'b>(&mut self, rest: &mut &'b [u8]) -> Result<Option<&'b [u8]>, Violation> {
        let input = *rest;
        // What can not become a value is not waited for.
        if let [first, ..] = input
            && kind(*first).is_none()
            && !matches!(first, b'.' | b';')
        {
            return Err(Violation::UnknownType(*first));
        }
        let unsearched = input.get(self.searched..).unwrap_or_default();
        let found = memchr::memchr2(b'\r', b'\n', unsearched).map(|at| self.searched + at);
        let end = found.unwrap_or(input.len());
        if end > LINE_BYTES_MAX {
            return Err(Violation::Line);
        }
        let (line, end) = input.split_at_checked(end).unwrap_or_default();
        match end {
            [b'\r', b'\n', behind @ ..] => {
                *rest = behind;
                self.searched = 0;
                Ok(Some(line))
            }
            [] | [b'\r'] => {
                self.searched = line.len();
                Ok(None)
            }
            _ => Err(Violation::Line),
        }
    }

    /// A value is whole, and with it perhaps the aggregates around it.
    fn value(&mut self) -> Ended {
        let ended = self.levels.count();
        self.unwind(ended)
    }

    fn unwind(&mut self, mut ended: Ended) -> Ended {
        while let Ended::Level(_) = ended {
            ended = self.levels.leave();
        }
        ended
    }

    /// Remembers the type of the reply itself.
    fn note(&mut self, kind: Kind) {
        if self.levels.open().is_empty() && kind != Kind::Attribute {
            self.kind = Some(kind);
        }
    }
}
