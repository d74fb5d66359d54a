//! The traffic phase: commands are judged, travel, and are answered in their order.
//!
//! What the upstream owes stands in a queue, and a reply of our own behind it waits there for its
//! turn ([`owed`]). So a client may send its next command before the reply to the last, and hears
//! the replies in the order of its requests.

mod abort;
mod commands;
mod owed;
mod passing;
mod replies;

use std::sync::Arc;

use bytes::{Buf, BytesMut};
use mongo_wire::reply::Failure;
use policies::Mode;
use policies::mongo::Tenancy;

use self::owed::Owed;
use self::passing::Passing;
use super::frames::of_client;
use super::tenants::Shared;
use super::{Client, World};
use crate::{Fatal, Outbox};

/// A connection that commands travel on.
pub(super) struct Ready {
    client: Client,
    /// What the tenant's connections share.
    shared: Arc<Shared>,
    /// The number by which clients know the connection.
    number: i32,
    /// The tenant's part of the store; `None` when no usable policy is in force.
    tenancy: Option<Tenancy>,
    /// The part that what comes back is of. Stays when the policy becomes unusable.
    own: Option<Tenancy>,
    /// The epoch of the rules that `tenancy` is of.
    epoch: u64,
    owed: Owed,
    /// The reply of which a part has passed to the client.
    passing: Option<Passing>,
    /// Whether a transaction was begun or gone on with here, and not ended.
    in_transaction: bool,
    is_draining: bool,
}

impl Ready {
    /// Lets the client in.
    pub(super) fn new(client: Client, number: i32, world: &World) -> Self {
        let shared = world.tenants().enter(&client.tenant.id);
        let rules = world.rules();
        let tenancy = rules.tenancy(&client.tenant.id);
        Self {
            client,
            shared,
            number,
            own: tenancy.clone(),
            tenancy,
            epoch: rules.epoch(),
            owed: Owed::default(),
            passing: None,
            in_transaction: false,
            is_draining: false,
        }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn wants_client(&self, world: &World) -> bool {
        let limits = &world.settings().limits;
        self.owed.len() < limits.replies_max && self.owed.held() < limits.outbox_bytes_max
    }

    /// The client's next message. Whether there was one.
    pub(super) fn on_client(
        &mut self,
        input: &mut BytesMut,
        world: &World,
        out: &mut Outbox,
    ) -> Result<bool, Fatal> {
        let Some(frame) = of_client(input, world.bounds().message_bytes_max)? else {
            return Ok(false);
        };
        let bytes = frame.bytes.len();
        self.on_frame(frame, world, out)?;
        input.advance(bytes);
        if input.is_empty() {
            // The room of a large message is not kept.
            *input = BytesMut::new();
        }
        Ok(true)
    }

    /// Whether the client waits for nothing and has nothing half done.
    fn is_quiet(&self) -> bool {
        self.owed.len() == 0 && !self.in_transaction
    }

    pub(super) fn on_drain(&mut self) -> Result<(), Fatal> {
        self.is_draining = true;
        if self.is_quiet() { Err(drained()) } else { Ok(()) }
    }

    /// The rules may have changed. False when the tenant's part of the store is another one now:
    /// cursors and transactions are of the old one.
    pub(super) fn on_reload(&mut self, world: &World) -> bool {
        let rules = world.rules();
        if rules.epoch() == self.epoch {
            return true;
        }
        let tenancy = rules.tenancy(&self.client.tenant.id);
        let both = tenancy.as_ref().zip(self.own.as_ref());
        let is_other = both.is_some_and(|(new, own)| !new.is_same_part(own));
        if is_other && world.settings().mode != Mode::Observe {
            return false;
        }
        if tenancy.is_some() {
            self.own.clone_from(&tenancy);
        }
        self.tenancy = tenancy;
        self.epoch = rules.epoch();
        true
    }

    /// Ends the connection. The client reads why in the place of the reply that it waits for, unless
    /// it has a part of that.
    pub(super) fn end(&self, failure: Failure<'_>, out: &mut Outbox) {
        if let (Some(owing), None) = (self.owed.front(), &self.passing) {
            owing.asked.fail_unknown(failure, &mut out.to_client);
        }
    }
}

fn drained() -> Fatal {
    Fatal::Withdrawn("the proxy is shutting down".to_owned())
}

fn misbehaved(what: &str) -> Fatal {
    Fatal::UpstreamMisbehaved(what.to_owned())
}
