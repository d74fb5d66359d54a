//! The traffic phase: statements are judged, travel, and are answered.
//!
//! Everything that the upstream will answer is noted in order ([`owed`]), so that what we say
//! ourselves can stand where the client expects it. A refused message is replaced by one that the
//! upstream must fail: a Query by one that is no SQL, any other by an Execute of a portal that cannot
//! exist. Its transaction then fails and it skips to Sync exactly as after any other error, inside
//! and outside of a transaction block and in the midst of a pipeline; its error is replaced by ours.
//! So both sides stay in step by the protocol's own rules.

mod answers;
mod errors;
mod judge;
mod names;
mod owed;
mod portals;
mod statements;

use bytes::{BufMut, Bytes, BytesMut};
use policies::{Reason, Rejection};
use postgres_wire::frame::Frame;
use postgres_wire::message::Defect;
use postgres_wire::message::backend::{
    BackendKeyData, ErrorFields, ReadyForQuery, TransactionStatus,
};
use postgres_wire::message::frontend::{
    Close, Describe, Execute, FrontendMessage, Query, Target, Terminate,
};

use self::owed::{Owed, OwedReplies};
use self::portals::Portals;
use self::statements::Statements;
use super::Shared;
use super::authenticate::{Client, no_randomness};
use super::refusal::{fatal, rejected, shutdown};
use crate::{Effect, Event, Fatal, Outbox};

/// Bytes that the owed replies may make us keep (texts for mapping positions, errors of ours)
/// before we stop reading: what they belong to is answered without the client's doing, so it gets
/// less.
const OWED_BYTES_MAX: usize = 4 << 20;

/// Goes in the place of a refused Query, and into the store's log: a syntax error, whatever the state
/// of the transaction is.
const NO_SQL: &str = "partywall refused a statement here";

/// What PostgreSQL says of a statement in the midst of COPY data.
const NO_COPY_MESSAGE: &str = "unexpected message type during COPY from stdin";

/// A connection that statements travel on.
pub(in crate::postgres) struct Ready {
    client: Client,
    /// What the session's search path was set to.
    search_path: String,
    /// The epoch of the last rules that were seen to have this search path.
    path_epoch: Option<u64>,
    owed: OwedReplies,
    statements: Statements,
    portals: Portals,
    /// How the transaction stood when the upstream was last ready.
    status: TransactionStatus,
    /// Whether messages of the extended protocol were sent since the last Sync.
    group_open: bool,
    /// Whether the upstream ignores, or will ignore, all that comes before the next Sync.
    skipping: bool,
    /// Whether the upstream waits for the client's COPY data.
    copy_in: bool,
    /// Bytes of a message that has begun to travel to the client and is not there in whole yet.
    passing: usize,
    /// Whether the upstream has told the client that it ends.
    told_end: bool,
    /// Why the connection ends as soon as the client is between two transactions.
    draining: Option<&'static str>,
    /// A portal that no client can have made: its name is random and never leaves us for a client.
    nowhere: String,
}

impl Ready {
    /// Lets the client in. `cancel` is the packet that stops a statement at the upstream.
    pub(in crate::postgres) fn begin(
        client: Client,
        search_path: String,
        cancel: Bytes,
        out: &mut Outbox,
    ) -> Result<Self, Fatal> {
        let key = cancel_key(client.minor)?;
        BackendKeyData { key: &key }
            .put(&mut out.to_client)
            .map_err(|malformed| Fatal::Unavailable(malformed.0.to_owned()))?;
        if !cancel.is_empty() {
            out.effects.push(Effect::RegisterCancel { key, request: cancel });
        }
        let status = TransactionStatus::Idle;
        ReadyForQuery { status }.put(&mut out.to_client);
        out.events.push(Event::Ready);
        Ok(Self {
            client,
            search_path,
            path_epoch: None,
            owed: OwedReplies::default(),
            statements: Statements::default(),
            portals: Portals::default(),
            status,
            group_open: false,
            skipping: false,
            copy_in: false,
            passing: 0,
            told_end: false,
            draining: None,
            nowhere: nowhere()?,
        })
    }

    pub(in crate::postgres) fn client(&self) -> &Client {
        &self.client
    }

    /// Whether there is room for what another message may make us keep.
    ///
    /// No client waits in vain: an upstream keeps at most a send buffer of answers back until Sync,
    /// which is far less than `replies_max` allows, and what counts in bytes it sends at once.
    pub(in crate::postgres) fn wants_client(&self, shared: &Shared) -> bool {
        let limits = &shared.world.settings().limits;
        self.owed.len() < limits.replies_max && self.owed.bytes() < OWED_BYTES_MAX
    }

    /// A whole message of the client.
    pub(in crate::postgres) fn on_frame(
        &mut self,
        frame: Frame<'_>,
        shared: &Shared,
        out: &mut Outbox,
    ) -> Result<(), Fatal> {
        match FrontendMessage::read(frame) {
            Ok(Some(message)) if self.copy_in => self.on_copy_in(&message, frame, out),
            Ok(Some(message)) => self.on_message(message, frame, shared, out),
            Ok(None) => Err(self.end_unknown(frame.tag, out)),
            Err(Defect::Malformed(_)) => Err(self.end_violation("invalid message format", out)),
            Err(_) if self.copy_in => Err(self.end_violation(NO_COPY_MESSAGE, out)),
            Err(_) if self.skipping => Ok(()),
            Err(defect) => {
                self.reject(unreadable(defect), "", frame.tag == b'Q', out);
                Ok(())
            }
        }
    }

    fn on_message(
        &mut self,
        message: FrontendMessage<'_>,
        frame: Frame<'_>,
        shared: &Shared,
        out: &mut Outbox,
    ) -> Result<(), Fatal> {
        match message {
            FrontendMessage::Sync(sync) => {
                sync.put(&mut out.to_upstream);
                self.owed.push(Owed::Sync);
                self.statements.names.begin_group();
                self.portals.names.begin_group();
                (self.group_open, self.skipping) = (false, false);
            }
            FrontendMessage::Terminate(terminate) => {
                terminate.put(&mut out.to_upstream);
                return Err(Fatal::Closed);
            }
            _ if self.skipping => {}
            FrontendMessage::Query(query) => self.on_query(query, shared, out),
            FrontendMessage::Parse(parse) => self.on_parse(&parse, shared, out),
            FrontendMessage::Bind(bind) => self.on_bind(&bind, frame, shared, out),
            FrontendMessage::Describe(Describe { target: Target::Statement(_) }) => {
                self.forward(frame, out);
                self.owed.push(Owed::DescribeStatement);
            }
            FrontendMessage::Describe(Describe { target: Target::Portal(name) }) => {
                self.on_describe_portal(name, frame, shared, out);
            }
            FrontendMessage::Execute(Execute { portal, rows_max: _ }) => {
                self.on_execute(portal, frame, shared, out);
            }
            FrontendMessage::Close(Close { target }) => {
                self.forward(frame, out);
                self.owed.push(match target {
                    Target::Statement(name) => {
                        Owed::CloseStatement(self.statements.names.change(name, None))
                    }
                    Target::Portal(name) => {
                        Owed::ClosePortal(self.portals.names.change(name, None))
                    }
                });
            }
            FrontendMessage::Flush(flush) => flush.put(&mut out.to_upstream),
            // PostgreSQL ignores what is left of a COPY that has failed.
            FrontendMessage::CopyData | FrontendMessage::CopyDone | FrontendMessage::CopyFail => {}
        }
        Ok(())
    }

    /// While the upstream waits for COPY data. PostgreSQL ignores Flush and Sync then, which drivers
    /// send before they know that their statement was a COPY.
    fn on_copy_in(
        &mut self,
        message: &FrontendMessage<'_>,
        frame: Frame<'_>,
        out: &mut Outbox,
    ) -> Result<(), Fatal> {
        match message {
            FrontendMessage::CopyData => out.to_upstream.put_slice(frame.bytes),
            FrontendMessage::CopyDone | FrontendMessage::CopyFail => {
                out.to_upstream.put_slice(frame.bytes);
                self.copy_in = false;
            }
            FrontendMessage::Flush(_) | FrontendMessage::Sync(_) => {}
            FrontendMessage::Terminate(terminate) => {
                terminate.put(&mut out.to_upstream);
                return Err(Fatal::Closed);
            }
            FrontendMessage::Bind(_)
            | FrontendMessage::Close(_)
            | FrontendMessage::Describe(_)
            | FrontendMessage::Execute(_)
            | FrontendMessage::Parse(_)
            | FrontendMessage::Query(_) => {
                return Err(self.end_violation(NO_COPY_MESSAGE, out));
            }
        }
        Ok(())
    }

    /// Sends a message of the extended protocol that names only what this connection has made.
    fn forward(&mut self, frame: Frame<'_>, out: &mut Outbox) {
        out.to_upstream.put_slice(frame.bytes);
        self.group_open = true;
    }

    /// Refuses a message: in its place goes one that the upstream must fail. `text` is the client's
    /// own, in which the refusal points. The upstream takes what stands for a Query as one: it skips
    /// it behind an error, and is ready again after it.
    fn refuse(&mut self, rejection: &Rejection, text: &str, is_query: bool, out: &mut Outbox) {
        let mut error = BytesMut::new();
        rejected(rejection, text).put_error(&mut error);
        let error = error.freeze();
        if is_query {
            Query::put(NO_SQL, &mut out.to_upstream);
            self.owed.push(Owed::RefusedQuery(error));
            self.group_open = false;
        } else {
            Execute::put(&self.nowhere, &mut out.to_upstream);
            self.owed.push(Owed::Refusal(error));
            (self.group_open, self.skipping) = (true, true);
        }
    }

    /// Whether the client is between two transactions and waits for nothing.
    fn is_quiet(&self) -> bool {
        let at_rest = self.owed.len() == 0 && !self.group_open && !self.skipping;
        at_rest && self.status == TransactionStatus::Idle
    }

    pub(in crate::postgres) fn on_drain(&mut self, out: &mut Outbox) -> Result<(), Fatal> {
        self.draining = Some("the proxy is shutting down");
        self.end_if_drained(out)
    }

    fn is_drained(&self) -> bool {
        self.draining.is_some() && self.passing == 0 && self.is_quiet()
    }

    fn end_if_drained(&self, out: &mut Outbox) -> Result<(), Fatal> {
        match self.draining {
            Some(why) if self.is_drained() => {
                self.end(shutdown(), out);
                Err(Fatal::Withdrawn(why.to_owned()))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Ends the connection on both sides. The client is told, unless the upstream has told it
    /// already or half of a message is on its way to it.
    pub(in crate::postgres) fn end(&self, fields: ErrorFields<'_>, out: &mut Outbox) {
        if self.passing == 0 && !self.told_end {
            fields.put_error(&mut out.to_client);
        }
        Terminate.put(&mut out.to_upstream);
    }

    pub(in crate::postgres) fn end_violation(&self, what: &str, out: &mut Outbox) -> Fatal {
        self.end(fatal("08P01", what), out);
        Fatal::ClientMisbehaved(what.to_owned())
    }

    pub(in crate::postgres) fn end_unknown(&self, tag: u8, out: &mut Outbox) -> Fatal {
        self.end_violation(&format!("invalid frontend message type {tag}"), out)
    }
}

/// What is wrong with a message whose form is right.
fn unreadable(defect: Defect) -> Rejection {
    match defect {
        Defect::NameTooLong => {
            let what = "the name of a prepared statement or portal has more than 63 bytes";
            let hint =
                "PostgreSQL looks at 63 bytes of a name and takes two that differ later for one.";
            Rejection::new(Reason::MessageNotAllowed, what).hint(hint)
        }
        Defect::Encoding | Defect::Malformed(_) => {
            Rejection::new(Reason::InvalidEncoding, "the text is not UTF-8")
        }
    }
}

/// A process number and a secret that say nothing of the upstream's.
fn cancel_key(minor: u16) -> Result<Bytes, Fatal> {
    /// Bytes of the secret from protocol 3.2 on, which leaves its length to the server.
    const LONG: usize = 32;
    let mut key = [0; 4 + LONG];
    getrandom::fill(&mut key).map_err(|_| no_randomness())?;
    // Drivers read a signed number.
    key[0] &= 0x7f;
    let bytes = if minor >= 2 { key.len() } else { 8 };
    Ok(Bytes::copy_from_slice(key.get(..bytes).unwrap_or(&key)))
}

fn nowhere() -> Result<String, Fatal> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| no_randomness())?;
    Ok(format!("partywall-refused-{:032x}", u128::from_be_bytes(random)))
}
