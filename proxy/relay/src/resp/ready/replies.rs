//! The upstream's replies: each is for the oldest request that is still owed one.
//!
//! Redis answers in order. What it sends by itself is told apart by its type in RESP3, and in RESP2
//! by its first word, on a connection that has subscriptions and so gets no other arrays. Whatever
//! was not due ends the connection: a reply that is taken for another's would be a leak.

use std::collections::VecDeque;

use bytes::{Buf, BufMut, BytesMut};
use memchr::memmem;
use policies::resp::{
    Delivery, Protocol, ReplyRule, Subscription, Surroundings, Swept, View, deliver, rewrite_reply,
};
use resp_wire::number;
use resp_wire::reply::{Kind, kind};
use wire::Limits;

use crate::resp::Flow;
use crate::resp::gather::Gather;
use crate::{Fatal, Outbox};

const QUEUED: &[u8] = b"+QUEUED\r\n";

/// A request that the upstream has still to answer.
#[derive(Debug)]
struct Owed {
    rule: ReplyRule,
    /// Whether the client is not told.
    is_silent: bool,
}

/// All that the upstream owes, in order, and what its replies say of the connection.
#[derive(Debug, Default)]
pub(super) struct Replies {
    queue: VecDeque<Owed>,
    gather: Gather,
    protocol: Protocol,
    /// In the midst of a reply that passes; whether the client is not told.
    passing: Option<bool>,
    /// The rules of the requests that a transaction has queued.
    transaction: Option<VecDeque<ReplyRule>>,
    /// In the midst of EXEC's reply: the rules of what is still to come of it.
    exec: Option<VecDeque<ReplyRule>>,
    /// Confirmations that are still to come for the request at the front.
    confirmations: Option<u32>,
    channels: u32,
    patterns: u32,
    shards: u32,
    /// The server had a script no more.
    lost_scripts: bool,
    /// How many requests have been answered.
    answered: u64,
}

impl Replies {
    /// Whether the server had a script no more since this was last asked.
    pub(super) fn takes_lost_scripts(&mut self) -> bool {
        std::mem::take(&mut self.lost_scripts)
    }

    pub(super) fn expect(&mut self, rule: ReplyRule, is_silent: bool) {
        self.queue.push_back(Owed { rule, is_silent });
    }

    /// Requests whose replies have not come in whole.
    pub(super) fn owed(&self) -> usize {
        self.queue.len() + usize::from(self.passing.is_some())
    }

    /// How many requests have been answered.
    pub(super) fn answered(&self) -> u64 {
        self.answered
    }

    /// Whether a client's script is what the upstream has to run next, or runs.
    pub(super) fn awaits_script(&self) -> bool {
        let is_script = |rule: &ReplyRule| matches!(rule, ReplyRule::Script(_));
        self.queue.front().is_some_and(|owed| match owed.rule {
            ReplyRule::Exec => self.transaction.iter().flatten().any(is_script),
            _ => is_script(&owed.rule),
        })
    }

    pub(super) fn protocol(&self) -> Protocol {
        self.protocol
    }

    pub(super) fn patterns(&self) -> u32 {
        self.patterns
    }

    pub(super) fn in_transaction(&self) -> bool {
        self.transaction.is_some()
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.owed() == 0
    }

    /// Whether an error of ours would be read as the reply to a request.
    pub(super) fn may_be_told(&self) -> bool {
        !self.queue.is_empty() && self.passing.is_none() && self.exec.is_none()
    }

    /// Bytes came from the upstream.
    pub(super) fn on_upstream(
        &mut self,
        input: &mut BytesMut,
        mut surroundings: Surroundings<'_>,
        view: View<'_>,
        limits: &Limits,
        out: &mut Outbox,
    ) -> Result<Flow, Fatal> {
        while let Some(first) = input.first() {
            surroundings.protocol = self.protocol;
            let flow = if let Some(is_silent) = self.passing {
                self.pass(is_silent, input, out)?
            } else {
                let kind = kind(*first);
                let kind = kind.ok_or_else(|| surprise("a type of reply that there is not"))?;
                if self.may_be_sent(kind) {
                    self.sent(input, surroundings, view, limits, out)?
                } else {
                    self.reply(kind, input, surroundings, view, limits, out)?
                }
            };
            match flow {
                Flow::On => {}
                other => return Ok(other),
            }
        }
        Ok(Flow::On)
    }

    /// Whether a value of this type may be something that the server sends by itself.
    fn may_be_sent(&self, kind: Kind) -> bool {
        match self.protocol {
            Protocol::Resp3 => kind == Kind::Push,
            // The first confirmation is for a request that subscribes.
            Protocol::Resp2 => {
                let subscribes = || {
                    let front = self.queue.front().map(|owed| &owed.rule);
                    matches!(front, Some(ReplyRule::Confirmations { .. }))
                };
                kind == Kind::Array
                    && self.exec.is_none()
                    && (self.channels + self.patterns + self.shards > 0 || subscribes())
            }
        }
    }

    /// Passes on what is there of a reply that names no key.
    fn pass(
        &mut self,
        is_silent: bool,
        input: &mut BytesMut,
        out: &mut Outbox,
    ) -> Result<Flow, Fatal> {
        let (bytes, is_complete) = self.gather.pass(input)?;
        if !is_silent {
            out.to_client.put_slice(input.get(..bytes).unwrap_or_default());
        }
        input.advance(bytes);
        if is_complete {
            self.passing = None;
        }
        Ok(if bytes == 0 && !is_complete { Flow::Wait } else { Flow::On })
    }

    /// A push, or what in RESP2 reads like one.
    fn sent(
        &mut self,
        input: &mut BytesMut,
        surroundings: Surroundings<'_>,
        view: View<'_>,
        limits: &Limits,
        out: &mut Outbox,
    ) -> Result<Flow, Fatal> {
        let Some(bytes) = self.gather.whole(input, limits.frame_bytes_max)? else {
            return Ok(Flow::Wait);
        };
        let frame = input.split_to(bytes);
        let delivery = deliver(&frame, view.tenancy, surroundings.tenancy, &mut out.to_client);
        let delivery = delivery.map_err(|what| Fatal::UpstreamMisbehaved(what.to_string()))?;
        match (delivery, self.protocol) {
            (Delivery::Message, _) => Ok(Flow::On),
            (Delivery::Confirmation { kind, begins, count }, _) => {
                self.confirmed(kind, begins, count)?;
                Ok(Flow::On)
            }
            // PING answers an array on a connection with subscriptions.
            (Delivery::Other, Protocol::Resp2) => self.replied(&frame, surroundings, view, out),
            (Delivery::Other, Protocol::Resp3) => Err(surprise("a push that is not known")),
        }
    }

    fn confirmed(&mut self, kind: Subscription, begins: bool, count: u32) -> Result<(), Fatal> {
        let Some(Owed {
            rule: ReplyRule::Confirmations { kind: of, begins: begin, names }, ..
        }) = self.queue.front()
        else {
            // The server ends shard subscriptions by itself when a slot moves away.
            if kind == Subscription::Shard && !begins {
                self.shards = count;
                return Ok(());
            }
            return Err(surprise("a subscription that nobody asked for"));
        };
        if (*of, *begin) != (kind, begins) {
            return Err(surprise("the confirmation of another subscription"));
        }
        let there = match kind {
            Subscription::Channel => self.channels,
            Subscription::Pattern => self.patterns,
            Subscription::Shard => self.shards,
        };
        let all = if *names > 0 { *names } else { there.max(1) };
        let left = self.confirmations.take().unwrap_or(all).saturating_sub(1);
        match kind {
            Subscription::Channel => self.channels = count.saturating_sub(self.patterns),
            Subscription::Pattern => self.patterns = count.saturating_sub(self.channels),
            Subscription::Shard => self.shards = count,
        }
        if left == 0 {
            self.queue.pop_front();
        } else {
            self.confirmations = Some(left);
        }
        Ok(())
    }

    /// The beginning of a reply to the request at the front.
    fn reply(
        &mut self,
        kind: Kind,
        input: &mut BytesMut,
        surroundings: Surroundings<'_>,
        view: View<'_>,
        limits: &Limits,
        out: &mut Outbox,
    ) -> Result<Flow, Fatal> {
        let Some(front) = self.queue.front() else {
            return Err(surprise("a reply that no request is owed"));
        };
        if kind == Kind::Push {
            return Err(surprise("a push in RESP2"));
        }
        let rule = match self.exec.as_ref().map(VecDeque::front) {
            None if matches!(front.rule, ReplyRule::Exec) && kind == Kind::Array => {
                return self.exec_header(input, out);
            }
            None => Some(&front.rule),
            Some(rule) => rule,
        };
        let passes = match rule {
            Some(ReplyRule::Raw | ReplyRule::Scanned | ReplyRule::Script(_)) => {
                !kind.is_error()
                    && kind != Kind::Attribute
                    && (kind != Kind::Simple || self.transaction.is_none())
            }
            Some(_) | None => false,
        };
        if passes {
            self.passing = Some(front.is_silent);
            self.pop_rule();
            return Ok(Flow::On);
        }
        let Some(bytes) = self.gather.whole(input, limits.frame_bytes_max)? else {
            return Ok(Flow::Wait);
        };
        let reply = input.split_to(bytes);
        self.replied(&reply, surroundings, view, out)
    }

    /// Takes the rule of the reply at hand, and the request with it when that was its last.
    fn pop_rule(&mut self) -> Option<(ReplyRule, bool)> {
        self.answered += 1;
        let Some(rules) = &mut self.exec else {
            return self.queue.pop_front().map(|owed| (owed.rule, owed.is_silent));
        };
        let rule = rules.pop_front()?;
        let is_over = rules.is_empty();
        let is_silent = self.queue.front().is_some_and(|owed| owed.is_silent);
        if is_over {
            self.exec = None;
            self.queue.pop_front();
        }
        Some((rule, is_silent))
    }

    /// EXEC's reply is an array of the replies of what was queued.
    fn exec_header(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<Flow, Fatal> {
        let Some(end) = memmem::find(input, b"\r\n") else { return Ok(Flow::Wait) };
        let line = input.split_to(end + 2);
        let count = number::integer(line.get(1..end).unwrap_or_default());
        let count = count.ok_or_else(|| surprise("EXEC's reply has no length"))?;
        let rules = self.transaction.take().unwrap_or_default();
        let is_silent = self.queue.front().is_some_and(|owed| owed.is_silent);
        if !is_silent {
            out.to_client.put_slice(&line);
        }
        // -1: a watched key has changed, and nothing was done.
        if count == -1 || (count == 0 && rules.is_empty()) {
            self.queue.pop_front();
        } else if usize::try_from(count) == Ok(rules.len()) {
            self.exec = Some(rules);
        } else {
            return Err(surprise("EXEC's reply has another length than the transaction"));
        }
        Ok(Flow::On)
    }

    /// A whole reply to the request at the front.
    fn replied(
        &mut self,
        reply: &[u8],
        surroundings: Surroundings<'_>,
        view: View<'_>,
        out: &mut Outbox,
    ) -> Result<Flow, Fatal> {
        let is_error = reply.first().and_then(|byte| kind(*byte)).is_some_and(Kind::is_error);
        if self.exec.is_none()
            && !is_error
            && let Some(Owed { rule: ReplyRule::Sweep(sweep), .. }) = self.queue.front_mut()
        {
            match sweep.on_reply(reply) {
                Ok(Swept::Again) => sweep.put(view, &mut out.to_upstream),
                Ok(Swept::Done(answer)) => {
                    let silent = self.queue.pop_front().is_some_and(|owed| owed.is_silent);
                    if !silent {
                        answer.put(self.protocol, &mut out.to_client);
                    }
                }
                Err(_) => return Err(surprise("the reply of another script")),
            }
            return Ok(Flow::On);
        }
        let in_exec = self.exec.is_some();
        let Some((rule, is_silent)) = self.pop_rule() else {
            return Err(surprise("a reply that no request is owed"));
        };
        if !in_exec
            && reply == QUEUED
            && let Some(transaction) = &mut self.transaction
        {
            transaction.push_back(rule);
            if !is_silent {
                out.to_client.put_slice(reply);
            }
            return Ok(Flow::On);
        }
        if matches!(rule, ReplyRule::Script(_)) && reply.starts_with(b"-NOSCRIPT") {
            self.lost_scripts = true;
        }
        let start = out.to_client.len();
        rewrite_reply(&rule, reply, &surroundings, &mut out.to_client)
            .map_err(|what| Fatal::UpstreamMisbehaved(what.to_string()))?;
        if is_silent {
            out.to_client.truncate(start);
        }
        self.follow(&rule, is_error)
    }

    /// What a reply says of the connection.
    fn follow(&mut self, rule: &ReplyRule, is_error: bool) -> Result<Flow, Fatal> {
        match rule {
            // An EXEC that fails drops the transaction, too.
            ReplyRule::Exec => self.transaction = None,
            ReplyRule::Multi if !is_error => self.transaction = Some(VecDeque::new()),
            ReplyRule::Discard if !is_error => self.transaction = None,
            ReplyRule::Hello(Some(protocol)) if !is_error => self.protocol = *protocol,
            ReplyRule::Reset if !is_error => return Ok(Flow::Anew),
            ReplyRule::Quit if !is_error => return Err(Fatal::Closed),
            ReplyRule::Confirmations { .. } if !is_error => {
                return Err(surprise("a reply where a confirmation was due"));
            }
            _ => {}
        }
        Ok(Flow::On)
    }
}

fn surprise(what: &str) -> Fatal {
    Fatal::UpstreamMisbehaved(what.to_owned())
}
