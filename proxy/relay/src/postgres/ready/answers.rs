//! What the upstream answers: mostly runs of bytes that travel as they are.

use bytes::{Buf, Bytes, BytesMut};
use postgres_wire::frame::{Frame, Header};
use postgres_wire::message::backend::{
    ErrorFields, ParameterStatus, ReadyForQuery, TransactionStatus, tag,
};

use super::Ready;
use super::errors::{self, Texts};
use super::owed::{Answered, Owed};
use crate::postgres::Shared;
use crate::postgres::parameter_status::{self, Reported};
use crate::postgres::refusal::fatal;
use crate::{Fatal, Outbox};

/// What becomes of the next bytes of the upstream.
enum Step {
    /// There are not enough of them.
    Incomplete,
    /// So many of them travel as they are.
    Forward(usize),
    /// So many of them are left out, and these go in their place.
    Instead(usize, Bytes),
}

impl Ready {
    pub(in crate::postgres) fn on_upstream(
        &mut self,
        input: &mut BytesMut,
        shared: &Shared,
        out: &mut Outbox,
    ) -> Result<(), Fatal> {
        let frame_bytes_max = shared.world.settings().limits.frame_bytes_max;
        // Bytes at the start of `input` that travel as they are, in one piece.
        let mut run = 0;
        let ended = loop {
            let rest = input.get(run..).unwrap_or_default();
            match self.step(rest, frame_bytes_max) {
                Ok(Step::Incomplete) => break Ok(()),
                Ok(Step::Forward(bytes)) => run += bytes,
                Ok(Step::Instead(bytes, instead)) => {
                    travel(input, run, out);
                    out.to_client.extend_from_slice(&instead);
                    input.advance(bytes);
                    run = 0;
                }
                Err(why) => break Err(why),
            }
            if self.is_drained() {
                break Ok(());
            }
        };
        travel(input, run, out);
        if ended.is_err() {
            self.end(fatal("08006", "the connection to the database was lost"), out);
        }
        ended.and_then(|()| self.end_if_drained(out))
    }

    fn step(&mut self, rest: &[u8], frame_bytes_max: usize) -> Result<Step, Fatal> {
        if self.passing > 0 {
            return Ok(self.pass(rest));
        }
        let misbehaved = |what: String| Fatal::UpstreamMisbehaved(what);
        let header = Header::read(rest).map_err(|bad| misbehaved(bad.to_string()))?;
        let Some(header) = header else { return Ok(Step::Incomplete) };
        if matches!(header.tag, tag::DATA_ROW | tag::COPY_DATA) {
            // Nobody looks into them, so nobody waits for the whole of them.
            self.owed.on_answer(header.tag).map_err(|_| not_due(header.tag))?;
            self.passing = header.bytes;
            return Ok(self.pass(rest));
        }
        let header = header.within(frame_bytes_max).map_err(|bad| misbehaved(bad.to_string()))?;
        match header.frame(rest) {
            None => Ok(Step::Incomplete),
            Some(frame) => self.on_answer(frame),
        }
    }

    fn pass(&mut self, rest: &[u8]) -> Step {
        let bytes = self.passing.min(rest.len());
        self.passing -= bytes;
        if bytes == 0 { Step::Incomplete } else { Step::Forward(bytes) }
    }

    fn on_answer(&mut self, frame: Frame<'_>) -> Result<Step, Fatal> {
        let bytes = frame.bytes.len();
        let malformed = |_| Fatal::UpstreamMisbehaved(format!("malformed message {}", frame.tag));
        match frame.tag {
            tag::ERROR_RESPONSE => {
                let fields = ErrorFields::read(frame.body).map_err(malformed)?;
                Ok(match self.on_error(fields)? {
                    Some(instead) => Step::Instead(bytes, instead),
                    None => Step::Forward(bytes),
                })
            }
            tag::NOTICE_RESPONSE => {
                let fields = ErrorFields::read(frame.body).map_err(malformed)?;
                Ok(match errors::scrub(fields, self.texts()) {
                    Some(scrubbed) => {
                        let mut instead = BytesMut::new();
                        scrubbed.put_notice(&mut instead);
                        Step::Instead(bytes, instead.freeze())
                    }
                    None => Step::Forward(bytes),
                })
            }
            tag::PARAMETER_STATUS => {
                let status = ParameterStatus::read(frame.body).map_err(malformed)?;
                match parameter_status::judge(status)? {
                    Reported::Forward => Ok(Step::Forward(bytes)),
                    Reported::Login => {
                        let mut instead = BytesMut::new();
                        let login = &self.client.login;
                        ParameterStatus::put("session_authorization", login, &mut instead);
                        Ok(Step::Instead(bytes, instead.freeze()))
                    }
                }
            }
            // Channels are the whole database's: LISTEN is refused, so this is for nobody here.
            tag::NOTIFICATION_RESPONSE => Ok(Step::Instead(bytes, Bytes::new())),
            tag::READY_FOR_QUERY => {
                self.status = ReadyForQuery::read(frame.body).map_err(malformed)?.status;
                if self.status == TransactionStatus::Idle {
                    self.portals.names.forget_all();
                }
                self.on_due(frame)
            }
            _ => self.on_due(frame),
        }
    }

    /// An answer to the message that is next in turn.
    fn on_due(&mut self, frame: Frame<'_>) -> Result<Step, Fatal> {
        if frame.tag == tag::COMMAND_COMPLETE {
            self.on_complete(frame.body);
        }
        match self.owed.on_answer(frame.tag).map_err(|_| not_due(frame.tag))? {
            Answered::Wholly(owed) => self.resolve(&owed, true),
            Answered::Partly if frame.tag == tag::COPY_IN_RESPONSE => {
                self.owed.on_copy_in().map_err(|_| {
                    Fatal::ClientMisbehaved("messages behind a COPY from stdin".to_owned())
                })?;
                self.copy_in = true;
            }
            Answered::Partly => {}
        }
        Ok(Step::Forward(frame.bytes.len()))
    }

    /// A message that gives or takes the meaning of a name was answered, or failed or was ignored.
    fn resolve(&mut self, owed: &Owed, made: bool) {
        match owed {
            Owed::Parse(name, _) | Owed::CloseStatement(name) => {
                self.statements.names.resolve(name, made);
            }
            Owed::Bind(name, _) | Owed::ClosePortal(name) => {
                self.portals.names.resolve(name, made);
            }
            Owed::DescribeStatement
            | Owed::DescribePortal
            | Owed::Execute(_)
            | Owed::Sync
            | Owed::Query(..)
            | Owed::Refusal(_)
            | Owed::RefusedQuery(_) => {}
        }
    }

    /// A statement of the message at the front is done: some of them forget names.
    fn on_complete(&mut self, command: &[u8]) {
        match command {
            b"DEALLOCATE ALL\0" | b"DISCARD ALL\0" => self.statements.names.forget_all(),
            b"CLOSE CURSOR ALL\0" => self.portals.names.forget_all(),
            b"DEALLOCATE\0" => {
                let plan = match self.owed.front() {
                    Some(Owed::Query(plan, _)) => Some(plan),
                    Some(Owed::Execute(Some(statement))) => Some(&statement.plan),
                    Some(_) | None => None,
                };
                if let Some(name) = plan.and_then(|plan| plan.deallocates()) {
                    self.statements.names.forget(name);
                }
            }
            _ => {}
        }
    }

    /// An error. Gives what goes to the client in its place; `None` leaves it as it is.
    fn on_error(&mut self, fields: ErrorFields<'_>) -> Result<Option<Bytes>, Fatal> {
        self.copy_in = false;
        let ends = fields.is_fatal();
        let scrubbed = errors::scrub(fields, self.texts()).map(|fields| {
            let mut error = BytesMut::new();
            fields.put_error(&mut error);
            error.freeze()
        });
        if ends {
            self.told_end = true;
            return Ok(scrubbed);
        }
        if let Some(error) = self.owed.on_refused_query() {
            return Ok(Some(error));
        }
        match self.owed.front() {
            None => Err(not_due(tag::ERROR_RESPONSE)),
            // Z follows.
            Some(Owed::Sync | Owed::Query(..)) => Ok(scrubbed),
            Some(Owed::Refusal(error)) => {
                let error = error.clone();
                self.ignore_to_sync();
                Ok(Some(error))
            }
            Some(_) => {
                self.ignore_to_sync();
                Ok(scrubbed)
            }
        }
    }

    /// The upstream ignores everything up to Sync, so nothing of it is owed or made.
    fn ignore_to_sync(&mut self) {
        while let Some(ignored) = self.owed.pop_ignored() {
            self.resolve(&ignored, false);
        }
        if self.owed.len() == 0 {
            self.skipping = true;
        }
    }

    /// The texts that a position in the upstream's next error is about.
    fn texts(&self) -> Texts<'_> {
        match self.owed.front() {
            Some(
                Owed::Parse(_, statement)
                | Owed::Bind(_, Some(statement))
                | Owed::Execute(Some(statement)),
            ) => Texts::Both(&statement.source),
            Some(Owed::Query(_, Some(source))) => Texts::Both(source),
            Some(Owed::Query(_, None)) => Texts::Same,
            Some(_) | None => Texts::Unknown,
        }
    }
}

/// Moves the first `run` bytes to the client.
fn travel(input: &mut BytesMut, run: usize, out: &mut Outbox) {
    let run = run.min(input.len());
    out.to_client.extend_from_slice(input.get(..run).unwrap_or_default());
    input.advance(run);
}

fn not_due(tag: u8) -> Fatal {
    Fatal::UpstreamMisbehaved(format!("message type {tag}, which is not due"))
}
