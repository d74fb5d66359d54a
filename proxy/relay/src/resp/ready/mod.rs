//! The traffic phase: requests are judged, travel, and are answered.
//!
//! Whatever a client sends, one request travels in its place, so that the upstream's replies come
//! in the order of the client's requests ([`replies`]). Only what nobody answers (CLIENT REPLY OFF),
//! or what changes who the client is, does not travel; the latter waits until no reply is owed.

mod replies;
mod requests;
mod scripts;
mod watch;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use bytes::BytesMut;
use policies::resp::{Judge, Tenancy, put_hello};
use policies::{Mode, resp};

use self::replies::Replies;
use self::watch::{Watch, script_kill};
use super::login::Greeting;
use super::tenants::{OwnClients, Shared};
use super::{Client, Flow, Peer, World};
use crate::{Effect, Fatal, Outbox};

/// A connection that requests travel on.
pub(super) struct Ready {
    client: Client,
    /// What the tenant's connections share.
    shared: Arc<Shared>,
    /// Those of them that are at the same server.
    clients: OwnClients,
    /// Which client this is at the upstream.
    id: u64,
    /// The tenant's part of the key space; `None` when no usable policy is in force.
    tenancy: Option<Tenancy>,
    /// The part that what comes back is of. Stays when the policy becomes unusable; all of it where
    /// nothing is confined.
    own: Tenancy,
    /// The epoch of the rules that `tenancy` is of.
    epoch: u64,
    judge: Judge,
    /// Whether MULTI has been sent.
    in_transaction: bool,
    /// CLIENT REPLY OFF.
    is_silent: bool,
    /// CLIENT REPLY SKIP.
    skips_next: bool,
    /// Whether no request may be looked at before all replies have come.
    waits: bool,
    is_draining: bool,
    replies: Replies,
    /// Scripts that the server is known to have, by its own names.
    loaded: HashSet<[u8; 40]>,
    watch: Watch,
}

impl Ready {
    /// Lets the client in.
    pub(super) fn begin(
        client: Client,
        greeting: Greeting,
        (server, id): (Arc<str>, u64),
        peer: Peer,
        world: &World,
        now: Instant,
        out: &mut Outbox,
    ) -> Result<Self, Fatal> {
        let shared = world.tenants().enter(&client.tenant.id);
        let clients = OwnClients::new(Arc::clone(&shared), server);
        clients.register(id, peer.address);
        let rules = world.rules();
        let tenancy = rules.tenancy(&client.tenant.id);
        let mut ready = Self {
            own: own(tenancy.as_ref(), world),
            tenancy,
            client,
            shared,
            clients,
            id,
            epoch: rules.epoch(),
            judge: Judge::default(),
            in_transaction: false,
            is_silent: false,
            skips_next: false,
            waits: false,
            is_draining: false,
            replies: Replies::default(),
            loaded: HashSet::new(),
            watch: Watch::new(now),
        };
        match greeting {
            Greeting::Ok => out.to_client.extend_from_slice(b"+OK\r\n"),
            Greeting::Hello { version, name } => {
                let hello = resp::Hello { version, credentials: None, name: name.as_deref() };
                let rule = put_hello(&hello, &mut out.to_upstream);
                ready.replies.expect(rule.into_inner(), false);
            }
        }
        Ok(ready)
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
    ) -> Result<Flow, Fatal> {
        let as_stored = world.settings().mode == Mode::Validate;
        let whole = Tenancy::whole();
        let surroundings = resp::Surroundings {
            tenancy: if as_stored { &whole } else { &self.own },
            clients: &self.clients,
            login: &self.client.login,
            protocol: self.replies.protocol(),
        };
        let view = resp::View { tenancy: &self.own, as_stored };
        let patterns = self.replies.patterns();
        let limits = &world.settings().limits;
        let flow = self.replies.on_upstream(input, surroundings, view, limits, out)?;
        if self.replies.patterns() != patterns {
            self.clients.set_patterns(self.id, self.replies.patterns());
        }
        if self.replies.takes_lost_scripts() {
            self.loaded.clear();
        }
        if self.replies.owed() == 0 {
            self.waits = false;
            self.in_transaction = self.replies.in_transaction();
        }
        if self.is_draining && self.is_quiet() {
            return Err(drained());
        }
        Ok(flow)
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.replies.awaits_script().then(|| self.watch.deadline())
    }

    pub(super) fn on_deadline(&mut self, now: Instant, world: &World, out: &mut Outbox) {
        if self.watch.is_over(now, self.replies.answered()) {
            out.effects.push(Effect::Aside { request: script_kill(&world.settings().upstream) });
        }
    }

    /// Whether the client waits for nothing and has nothing half done.
    fn is_quiet(&self) -> bool {
        self.replies.is_quiet() && !self.in_transaction
    }

    pub(super) fn on_drain(&mut self) -> Result<(), Fatal> {
        self.is_draining = true;
        if self.is_quiet() { Err(drained()) } else { Ok(()) }
    }

    /// The rules may have changed. A tenant whose prefix has changed has other keys, and what the
    /// connection watches, tracks or is subscribed to are the old ones'.
    pub(super) fn on_reload(&mut self, world: &World, out: &mut Outbox) -> Result<(), Fatal> {
        let rules = world.rules();
        if rules.epoch() == self.epoch {
            return Ok(());
        }
        let tenancy = rules.tenancy(&self.client.tenant.id);
        if tenancy.is_some() && self.tenancy.is_some() && tenancy != self.tenancy {
            self.end(out, |out| out.extend_from_slice(super::SHUTDOWN));
            return Err(Fatal::Withdrawn("the tenant's prefix has changed".to_owned()));
        }
        // What is still to come is of the old rules' tenancy; without rules nothing is sent.
        if tenancy.is_some() {
            self.own = own(tenancy.as_ref(), world);
        }
        self.tenancy = tenancy;
        self.epoch = rules.epoch();
        Ok(())
    }

    /// Ends the connection. The client reads what `write` appends if it waits for a reply: else it
    /// would take it for the reply to its next request.
    pub(super) fn end(&self, out: &mut Outbox, write: impl FnOnce(&mut BytesMut)) {
        if self.replies.may_be_told() {
            write(&mut out.to_client);
        }
    }
}

impl Drop for Ready {
    fn drop(&mut self) {
        self.clients.leave(self.id);
    }
}

fn drained() -> Fatal {
    Fatal::Withdrawn("the proxy is shutting down".to_owned())
}

fn own(tenancy: Option<&Tenancy>, world: &World) -> Tenancy {
    match (world.settings().mode, tenancy) {
        (Mode::Inject | Mode::Validate, Some(tenancy)) => tenancy.clone(),
        (Mode::Inject | Mode::Validate, None) | (Mode::Observe, _) => Tenancy::whole(),
    }
}
