//! The traffic phase: statements are judged, travel, and are answered.
//!
//! Whatever a client sends, one message travels in its place, so that the server's state and the
//! client's idea of it never differ ([`replies`]). A refused message becomes a RUN without a statement,
//! which fails as the refused one is to fail: the session is then in the FAILED state on both sides,
//! an open transaction is lost on both, and what the client had sent behind it is IGNORED by the
//! server itself. Only ROUTE and TELEMETRY, which change no state, do not travel, and LOGOFF, which
//! waits until nothing is owed.

mod extra;
mod replies;
mod requests;
mod watch;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bolt_wire::Version;
use bolt_wire::message::Success;
use bytes::BytesMut;
use policies::bolt::Tenancy;

use self::replies::Replies;
use self::watch::Watch;
use super::entrance::Entered;
use super::login::put_greeting;
use super::refusal::Refusal;
use super::{Client, Entering, Introduction, World, put};
use crate::{Fatal, Outbox};

/// How long a store is silent at most while it owes a reply, where it does not say so itself: longer
/// than any statement should take.
const SILENCE_MAX: Duration = Duration::from_secs(3_600);

/// A connection that statements travel on.
pub(super) struct Ready {
    version: Version,
    client: Client,
    introduction: Introduction,
    /// The tenant's part of the graph under the rules of an epoch; `None` when none are usable.
    tenancy: (u64, Option<Arc<Tenancy>>),
    replies: Replies,
    watch: Watch,
    /// Whether no message may be looked at before all replies have come.
    waits: bool,
    is_draining: bool,
}

impl Ready {
    /// Lets the client in.
    pub(super) fn begin(
        entering: Entering,
        entered: &Entered,
        world: &World,
        now: Instant,
        out: &mut Outbox,
    ) -> Self {
        let Entering { version, client, introduction, .. } = entering;
        if version.has_logon() {
            put(&mut out.to_client, |body| Success::default().write(body));
        } else {
            put_greeting(world, entered.has_utc, out);
        }
        let rules = world.rules();
        let tenancy = rules.tenancy(&client.tenant.id).map(Arc::new);
        Self {
            version,
            client,
            introduction,
            tenancy: (rules.epoch(), tenancy),
            replies: Replies::new(version),
            watch: Watch::new(now, entered.silence.unwrap_or(SILENCE_MAX)),
            waits: false,
            is_draining: false,
        }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn wants_client(&self, world: &World) -> bool {
        !self.waits && self.replies.owed() < world.settings().limits.replies_max
    }

    /// Bytes came from the upstream.
    pub(super) fn on_upstream(
        &mut self,
        input: &mut BytesMut,
        world: &World,
        out: &mut Outbox,
    ) -> Result<(), Fatal> {
        self.replies.on_upstream(input, &world.settings().limits, out)?;
        if self.replies.owed() == 0 {
            self.waits = false;
        }
        self.leave_if_quiet()
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        (self.replies.owed() > 0).then(|| self.watch.deadline())
    }

    /// A server that owes a reply and is silent for longer than it said has lost the request: some do
    /// that to a statement that is nested too deeply.
    pub(super) fn on_deadline(&mut self, now: Instant) -> Result<(), Fatal> {
        if self.watch.is_over(now, self.replies.heard()) {
            return Err(Fatal::TimedOut("the upstream owes a reply and says nothing".to_owned()));
        }
        Ok(())
    }

    pub(super) fn on_drain(&mut self) -> Result<(), Fatal> {
        self.is_draining = true;
        self.leave_if_quiet()
    }

    fn leave_if_quiet(&self) -> Result<(), Fatal> {
        if self.is_draining && self.replies.is_quiet() {
            return Err(Fatal::Withdrawn("the proxy is shutting down".to_owned()));
        }
        Ok(())
    }

    /// Tells the client why the connection ends, if it waits for a reply: else it would take that for
    /// the reply to its next message.
    pub(super) fn tell(&self, refusal: &Refusal, out: &mut Outbox) {
        if self.replies.owed() == 0 {
            refusal.put(self.version, &mut out.to_client);
        }
    }
}
