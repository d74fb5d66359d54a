//! Finds whole requests in what a client sends, as `processInputBuffer` of the server does.

use wire::Span;

use super::{Request, RequestLimits, Violation, inline};
use crate::number;

/// Finds one request after the other in a read buffer.
///
/// It keeps its place between calls: however small the pieces are in which a request arrives, each
/// of its bytes is looked at once. What it needs for that is reused from one request to the next.
#[derive(Debug)]
pub struct RequestScanner {
    limits: RequestLimits,
    /// Offset of the next byte to look at, from the request's first byte.
    at: usize,
    /// Offset up to which no line end was found.
    searched: usize,
    phase: Phase,
    arguments: Vec<Span>,
    /// The unquoted words of an inline request.
    words: Vec<u8>,
    /// The request that was handed out last is over: what comes next is the next one.
    done: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing of the request was read.
    Start,
    /// In an inline request.
    Inline,
    /// In the line that says how many arguments follow.
    Count,
    /// In the line that says how long the next argument is; so many arguments are missing.
    BulkLength { missing: usize },
    /// In an argument of so many bytes.
    Bulk { missing: usize, bytes: usize },
}

/// What one step came to.
enum Step {
    /// The input ends too early.
    Starved,
    /// There is more to do.
    On,
    /// The request is whole.
    Complete,
}

/// Most arguments that the server's reader takes for a number of arguments at all (`INT_MAX`).
const COUNT_MAX: i64 = i32::MAX as i64;
/// Most bytes of an argument for the server, unless its `proto-max-bulk-len` says otherwise.
const BULK_BYTES_MAX: i64 = 512 << 20;
/// Spans that stay reserved between requests. A request of more gives its memory back.
const ARGUMENTS_KEPT: usize = 1_024;
/// Bytes of unquoted words that stay reserved between requests.
const WORDS_KEPT: usize = 4_096;

impl RequestScanner {
    /// A scanner in front of a client's first byte.
    #[must_use]
    pub fn new(limits: RequestLimits) -> Self {
        Self {
            limits,
            at: 0,
            searched: 0,
            phase: Phase::Start,
            arguments: Vec::new(),
            words: Vec::new(),
            done: false,
        }
    }

    /// Changes the bounds from the next line on: a client has logged in.
    pub fn set_limits(&mut self, limits: RequestLimits) {
        self.limits = limits;
    }

    /// The next request and how many bytes of `input` it takes; `None` while it is not complete.
    ///
    /// `input` begins with the first byte that no earlier request took: as long as the answer is
    /// `None`, with the same bytes as before.
    ///
    /// # Errors
    /// `Violation`, after which the stream cannot be followed.
    pub fn next<'b>(
        &'b mut self,
        input: &'b [u8],
    ) -> Result<Option<(Request<'b>, usize)>, Violation> {
        if self.done {
            self.restart();
        }
        loop {
            match self.step(input)? {
                Step::Starved => return Ok(None),
                Step::On => {}
                Step::Complete => break,
            }
        }
        self.done = true;
        let bytes = input.get(..self.at).unwrap_or_default();
        let inline = self.phase == Phase::Inline;
        let text = if inline { self.words.as_slice() } else { bytes };
        Ok(Some((Request { text, arguments: &self.arguments, bytes, inline }, self.at)))
    }

    fn restart(&mut self) {
        self.done = false;
        self.phase = Phase::Start;
        self.at = 0;
        self.searched = 0;
        self.arguments.clear();
        self.arguments.shrink_to(ARGUMENTS_KEPT);
        self.words.clear();
        self.words.shrink_to(WORDS_KEPT);
    }

    fn step(&mut self, input: &[u8]) -> Result<Step, Violation> {
        match self.phase {
            Phase::Start => Ok(self.start(input)),
            Phase::Inline => self.inline(input),
            Phase::Count => self.count(input),
            Phase::BulkLength { missing } => self.bulk_length(input, missing),
            Phase::Bulk { missing, bytes } => self.bulk(input, missing, bytes),
        }
    }

    fn start(&mut self, input: &[u8]) -> Step {
        match input.first() {
            None => return Step::Starved,
            Some(b'*') => self.phase = Phase::Count,
            Some(_) => self.phase = Phase::Inline,
        }
        Step::On
    }

    /// An inline request ends with a line feed; a carriage return in front of it is not part of it.
    fn inline(&mut self, input: &[u8]) -> Result<Step, Violation> {
        let Some(end) = self.find(b'\n', input, Violation::InlineLine)? else {
            return Ok(Step::Starved);
        };
        let line = input.get(..end).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        inline::split(line, &mut self.words, &mut self.arguments)?;
        self.at = end + 1;
        Ok(Step::Complete)
    }

    fn count(&mut self, input: &[u8]) -> Result<Step, Violation> {
        let Some(line) = self.line(input, Violation::CountLine, Violation::CountLength)? else {
            return Ok(Step::Starved);
        };
        let digits = line.get(1..).unwrap_or_default();
        let count = number::integer(digits)
            .filter(|count| *count <= COUNT_MAX)
            .ok_or(Violation::CountLength)?;
        // Nothing and less than nothing are both skipped by the server.
        let missing = usize::try_from(count).unwrap_or(0);
        if missing == 0 {
            return Ok(Step::Complete);
        }
        if missing > self.limits.arguments_max {
            return Err(self.by_login(Violation::CountBeforeLogin, Violation::CountLength));
        }
        self.phase = Phase::BulkLength { missing };
        Ok(Step::On)
    }

    fn bulk_length(&mut self, input: &[u8], missing: usize) -> Result<Step, Violation> {
        let bytes = match self.usual_length(input) {
            Some(bytes) => bytes,
            None => match self.unusual_length(input)? {
                Some(bytes) => bytes,
                None => return Ok(Step::Starved),
            },
        };
        if bytes > self.limits.bulk_bytes_max {
            return Err(self.by_login(Violation::BulkBeforeLogin, Violation::BulkLength));
        }
        // Before anything is waited for: what would be too long is never read.
        if self.at + bytes + 2 > self.limits.request_bytes_max {
            return Err(Violation::TooBig);
        }
        self.phase = Phase::Bulk { missing, bytes };
        self.bulk(input, missing, bytes)
    }

    /// An argument's length, where the line is there as a whole and nothing is unusual about it.
    fn usual_length(&mut self, input: &[u8]) -> Option<usize> {
        let line = input.get(self.at..)?.strip_prefix(b"$")?;
        let (bytes, line_bytes) = number::length_line(line)?;
        if bytes as u64 > BULK_BYTES_MAX.unsigned_abs() {
            return None;
        }
        self.at += 1 + line_bytes;
        self.searched = self.at;
        Some(bytes)
    }

    fn unusual_length(&mut self, input: &[u8]) -> Result<Option<usize>, Violation> {
        let Some(line) = self.line(input, Violation::BulkLine, Violation::BulkLength)? else {
            return Ok(None);
        };
        let digits = match line {
            [b'$', digits @ ..] => digits,
            // An empty line: the byte that the server sees in its place is the line's end.
            [] => return Err(Violation::ExpectedBulk(b'\r')),
            [other, ..] => return Err(Violation::ExpectedBulk(*other)),
        };
        number::integer(digits)
            .filter(|bytes| *bytes <= BULK_BYTES_MAX)
            .and_then(|bytes| usize::try_from(bytes).ok())
            .map(Some)
            .ok_or(Violation::BulkLength)
    }

    fn bulk(&mut self, input: &[u8], missing: usize, bytes: usize) -> Result<Step, Violation> {
        let end = self.at + bytes;
        match input.get(end..end + 2) {
            Some(b"\r\n") => {}
            Some(_) => return Err(Violation::Terminator),
            None => return Ok(Step::Starved),
        }
        let offset = |at: usize| u32::try_from(at).map_err(|_| Violation::TooBig);
        self.arguments.push(Span::new(offset(self.at)?, offset(end)?));
        self.at = end + 2;
        self.searched = self.at;
        if missing == 1 {
            return Ok(Step::Complete);
        }
        self.phase = Phase::BulkLength { missing: missing - 1 };
        Ok(Step::On)
    }

    /// The line at the scanner's place, without its CRLF, behind which the place then is.
    fn line<'b>(
        &mut self,
        input: &'b [u8],
        endless: Violation,
        malformed: Violation,
    ) -> Result<Option<&'b [u8]>, Violation> {
        let Some(end) = self.find(b'\r', input, endless)? else {
            return Ok(None);
        };
        match input.get(end + 1) {
            None => return Ok(None),
            Some(b'\n') => {}
            // The server skips any byte here. Nobody sends one who means well.
            Some(_) => return Err(malformed),
        }
        let line = input.get(self.at..end);
        self.at = end + 2;
        self.searched = self.at;
        Ok(line)
    }

    /// Where the next `byte` stands that ends a line.
    fn find(
        &mut self,
        byte: u8,
        input: &[u8],
        endless: Violation,
    ) -> Result<Option<usize>, Violation> {
        let rest = input.get(self.searched..).unwrap_or_default();
        let found = memchr::memchr(byte, rest).map(|offset| self.searched + offset);
        self.searched = found.unwrap_or(input.len());
        if self.searched.saturating_sub(self.at) > self.limits.line_bytes_max {
            return Err(endless);
        }
        Ok(found)
    }

    fn by_login(&self, before: Violation, after: Violation) -> Violation {
        if self.limits.before_login { before } else { after }
    }
}
