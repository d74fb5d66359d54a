//! The upstream's replies: each is for the oldest message that is still owed one.
//!
//! Bolt answers in order, one SUCCESS, FAILURE or IGNORED for each message, with RECORDs before that
//! of a PULL. Whatever was not due ends the connection, and so does a SUCCESS that cannot be the reply
//! to what it would be taken for: a server that stops sends one that nobody asked for, which a client
//! that has just sent COMMIT would believe.

use std::collections::{HashMap, VecDeque};

use bolt_wire::Version;
use bolt_wire::chunk::{self, Extent, Frame, Scanner};
use bolt_wire::message::{Defect, Failure, Ignored, Response, Success, is_record};
use bytes::{Buf, BufMut, BytesMut};
use policies::bolt::{ReplyRule, scrub_failure};
use wire::Limits;

use crate::bolt::put;
use crate::bolt::refusal::Refusal;
use crate::{Fatal, Outbox};

/// A message that has still to be answered.
#[derive(Debug)]
pub(super) enum Due {
    Begin,
    Commit,
    Rollback,
    Reset,
    /// How its result is read.
    Run(ReplyRule),
    /// PULL or DISCARD, of the result with this number, or of the last one.
    Batch(Option<i64>),
    /// What the client is told of a message in whose place another one fails.
    Refused(Refusal),
    /// It did not travel, and this answers it.
    Here(BytesMut),
}

/// All that is owed, in order, and what the replies say of the session.
#[derive(Debug)]
pub(super) struct Replies {
    version: Version,
    scanner: Scanner,
    queue: VecDeque<Due>,
    /// RESETs in the queue: what stands before one may be ignored.
    resets: usize,
    /// Whether all but RESET is ignored.
    has_failed: bool,
    in_transaction: bool,
    /// How the last result is read, and its number in the transaction.
    last: ReplyRule,
    last_number: Option<i64>,
    /// How the results of the transaction are read that are not closed, by the server's numbers.
    open: HashMap<i64, ReplyRule>,
    /// Whether there are records left, outside of a transaction.
    is_streaming: bool,
    /// Messages that came, those that keep the connection alive included.
    heard: u64,
}

impl Replies {
    pub(super) fn new(version: Version) -> Self {
        Self {
            version,
            scanner: Scanner::default(),
            queue: VecDeque::new(),
            resets: 0,
            has_failed: false,
            in_transaction: false,
            last: ReplyRule::default(),
            last_number: None,
            open: HashMap::new(),
            is_streaming: false,
            heard: 0,
        }
    }

    /// Takes note of a message. What is answered here is answered at once if nothing is owed before.
    pub(super) fn expect(&mut self, due: Due, to_client: &mut BytesMut) {
        self.resets += usize::from(matches!(due, Due::Reset));
        self.queue.push_back(due);
        self.answer_here(to_client);
    }

    /// Messages that have not been answered.
    pub(super) fn owed(&self) -> usize {
        self.queue.len()
    }

    /// Results whose reading is remembered.
    pub(super) fn open_results(&self) -> usize {
        self.open.len()
    }

    pub(super) fn heard(&self) -> u64 {
        self.heard
    }

    /// Whether the client waits for nothing and has nothing half done.
    pub(super) fn is_quiet(&self) -> bool {
        self.queue.is_empty() && !self.in_transaction && !self.is_streaming
    }

    /// Whether the session is in the READY state.
    pub(super) fn is_ready(&self) -> bool {
        self.is_quiet() && !self.has_failed
    }

    /// What Bolt calls the state of the session.
    pub(super) fn phase(&self) -> &'static str {
        match (self.has_failed, self.in_transaction, self.is_streaming) {
            (true, ..) => "FAILED",
            (_, true, _) => "TX_READY",
            (_, _, true) => "STREAMING",
            _ => "READY",
        }
    }

    /// Bytes came from the upstream.
    pub(super) fn on_upstream(
        &mut self,
        input: &mut BytesMut,
        limits: &Limits,
        out: &mut Outbox,
    ) -> Result<(), Fatal> {
        loop {
            let frame = self.scanner.scan(input, limits.frame_bytes_max);
            match frame.map_err(|too_long| surprise(&too_long))? {
                None => return Ok(()),
                Some(Frame::Noop) => {
                    input.advance(2);
                    chunk::write_noop(&mut out.to_client);
                }
                Some(Frame::Message(extent)) => {
                    self.on_message(extent, input, out)?;
                    input.advance(extent.wire_bytes);
                }
            }
            self.heard += 1;
        }
    }

    fn on_message(&mut self, extent: Extent, input: &[u8], out: &mut Outbox) -> Result<(), Fatal> {
        if extent.head(input).is_some_and(is_record) {
            return self.on_record(extent, input, out);
        }
        let body = extent.body(input);
        let response = Response::read(&body).map_err(|defect| surprise(&defect))?;
        let due = self.queue.pop_front().ok_or_else(|| surprise(&"a reply that was not due"))?;
        self.resets -= usize::from(matches!(due, Due::Reset));
        match response {
            Response::Success(success) => self.on_success(due, success, out)?,
            Response::Failure(failure) => self.on_failure(due, failure, out),
            Response::Ignored(ignored) => {
                // The server has lost a reply, so that all that follow would be another's.
                if !self.has_failed && self.resets == 0 {
                    return Err(surprise(&"a message was ignored after none had failed"));
                }
                put(&mut out.to_client, |body| ignored.write(body));
            }
            Response::Record => return Err(surprise(&"a record in pieces")),
        }
        self.answer_here(&mut out.to_client);
        Ok(())
    }

    /// Passes a record on. No rule looks into it in most cases, and then nobody does.
    fn on_record(&mut self, extent: Extent, input: &[u8], out: &mut Outbox) -> Result<(), Fatal> {
        let (Some(Due::Batch(result)), false) = (self.queue.front(), self.has_failed) else {
            return Err(surprise(&"a record that was not due"));
        };
        let rule = self.rule(*result);
        if !rule.reads_records() {
            out.to_client.put_slice(input.get(..extent.wire_bytes).unwrap_or_default());
            return Ok(());
        }
        let mut record = BytesMut::new();
        rule.record(&extent.body(input), &mut record).map_err(|defect| surprise(&defect))?;
        chunk::write(&record, &mut out.to_client);
        Ok(())
    }

    /// How the result of this number is read; without a number, the last one.
    fn rule(&self, result: Option<i64>) -> &ReplyRule {
        let numbered = result.filter(|number| *number >= 0);
        numbered.and_then(|number| self.open.get(&number)).unwrap_or(&self.last)
    }

    fn on_success(
        &mut self,
        due: Due,
        success: Success<'_>,
        out: &mut Outbox,
    ) -> Result<(), Fatal> {
        let Success { metadata } = success;
        let metadata = match due {
            Due::Run(rule) => {
                let fields = metadata.get("fields").is_some();
                require(fields, "the reply to RUN names no fields")?;
                self.last_number = metadata.integer("qid").unwrap_or_default();
                if let Some(number) = self.last_number {
                    self.open.insert(number, rule.clone());
                }
                self.is_streaming = !self.in_transaction;
                self.last = rule;
                self.last.success(metadata)
            }
            Due::Batch(result) => {
                let has_more = metadata.boolean("has_more") == Ok(Some(true));
                let ends = has_more || metadata.get("t_last").is_some();
                require(ends, "the reply to PULL says not how the result ends")?;
                let metadata = self.rule(result).success(metadata);
                if !has_more {
                    self.close(result);
                }
                metadata
            }
            Due::Begin => {
                self.in_transaction = true;
                Ok(metadata)
            }
            Due::Commit => {
                let has_bookmark = matches!(metadata.string("bookmark"), Ok(Some(_)));
                require(has_bookmark, "the reply to COMMIT has no bookmark")?;
                self.end_transaction();
                Ok(metadata)
            }
            Due::Rollback => {
                self.end_transaction();
                Ok(metadata)
            }
            Due::Reset => {
                self.has_failed = false;
                self.end_transaction();
                Ok(metadata)
            }
            Due::Refused(_) => return Err(surprise(&"what was to fail did not")),
            Due::Here(_) => return Err(surprise(&"a reply to what was not sent")),
        };
        let metadata = metadata.map_err(|defect: Defect| surprise(&defect))?;
        put(&mut out.to_client, |body| Success { metadata }.write(body));
        Ok(())
    }

    fn on_failure(&mut self, due: Due, failure: Failure<'_>, out: &mut Outbox) {
        self.has_failed = true;
        match due {
            Due::Refused(refusal) => refusal.put(self.version, &mut out.to_client),
            _ => {
                let failure = scrub_failure(failure);
                put(&mut out.to_client, |body| failure.write(body));
            }
        }
    }

    fn close(&mut self, result: Option<i64>) {
        self.is_streaming = false;
        let numbered = result.filter(|number| *number >= 0);
        if let Some(number) = numbered.or(self.last_number) {
            self.open.remove(&number);
        }
    }

    fn end_transaction(&mut self) {
        self.in_transaction = false;
        self.is_streaming = false;
        self.open.clear();
    }

    /// Answers what did not travel and is next. In a session that has failed it is ignored like all
    /// else.
    fn answer_here(&mut self, to_client: &mut BytesMut) {
        while let Some(Due::Here(_)) = self.queue.front() {
            if let Some(Due::Here(message)) = self.queue.pop_front() {
                if self.has_failed {
                    put(to_client, |body| Ignored.write(body));
                } else {
                    to_client.put_slice(&message);
                }
            }
        }
    }
}

fn require(holds: bool, what: &str) -> Result<(), Fatal> {
    if holds { Ok(()) } else { Err(surprise(&what)) }
}

fn surprise(what: &dyn ToString) -> Fatal {
    Fatal::UpstreamMisbehaved(what.to_string())
}
