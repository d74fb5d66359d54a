//! The second phase: we log in at the upstream with our own account, and ask which client we are
//! there.

use std::sync::Arc;

use bytes::{Buf, BytesMut};
use policies::TenantId;
use policies::resp::foreign_key;
use resp_wire::number;
use resp_wire::reply::{Cursor, Event, Kind};
use resp_wire::request::{put_bulk, put_header};

use super::gather::Gather;
use super::login::Greeting;
use super::world::Account;
use super::{Client, World};
use crate::{Fatal, Outbox};

/// Most bytes of a reply to what we ask.
const REPLY_BYTES_MAX: usize = 64 << 10;

/// Waits for the upstream to let us in.
#[derive(Debug)]
pub(super) struct Handshake {
    client: Client,
    greeting: Greeting,
    entrance: Entrance,
    /// The server that the link is at home on.
    home: Arc<str>,
}

impl Handshake {
    pub(super) fn new(client: Client, greeting: Greeting) -> Self {
        Self { client, greeting, entrance: Entrance::default(), home: Arc::from("") }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn into_client(self) -> (Client, Greeting, Arc<str>) {
        (self.client, self.greeting, self.home)
    }

    /// The upstream is connected, and at home on this server.
    pub(super) fn begin(&mut self, home: &str, world: &World, out: &mut Outbox) {
        self.home = Arc::from(home);
        let tenant = &self.client.tenant.id;
        let tenancy = world.rules().tenancy(tenant);
        let account = world.settings().upstream.account(tenant);
        self.entrance.begin(account.as_ref(), foreign_key(tenancy.as_ref()), out);
    }

    /// Our id there, once all replies have come.
    pub(super) fn on_upstream(&mut self, input: &mut BytesMut) -> Result<Option<u64>, Fatal> {
        self.entrance.on_upstream(input)
    }
}

/// A login as a tenant's user without a client: whether the server has the user, and keeps it to the
/// tenant.
#[derive(Debug, Default)]
pub struct Trial(Entrance);

impl Trial {
    /// Writes all that is asked, as a connection of `tenant` would.
    #[must_use]
    pub fn begin(world: &World, tenant: &TenantId, out: &mut Outbox) -> Self {
        let mut trial = Self::default();
        let tenancy = world.rules().tenancy(tenant);
        let account = world.settings().upstream.account(tenant);
        trial.0.begin(account.as_ref(), foreign_key(tenancy.as_ref()), out);
        trial
    }

    /// Bytes came from the upstream. Whether all is known, and well.
    ///
    /// # Errors
    /// `Fatal` for what a connection would end with.
    pub fn on_upstream(&mut self, input: &mut BytesMut) -> Result<bool, Fatal> {
        self.0.on_upstream(input).map(|id| id.is_some())
    }
}

/// What is said and heard until we are in.
#[derive(Debug, Default)]
struct Entrance {
    gather: Gather,
    awaits_auth: bool,
    awaits_dry_run: bool,
}

impl Entrance {
    /// Asks to be let in as `account`, and which client we are. A user that the server itself is to
    /// confine shows that it is confined: `foreign` is not open to it.
    fn begin(&mut self, account: Option<&Account>, foreign: &[u8], out: &mut Outbox) {
        if let Some(account) = account {
            self.awaits_auth = true;
            put_auth(account, out);
            if let (true, Some(user)) = (account.is_confined, &account.user) {
                self.awaits_dry_run = true;
                put_header(5, &mut out.to_upstream);
                for word in [b"ACL".as_slice(), b"DRYRUN", user.as_bytes(), b"EXISTS", foreign] {
                    put_bulk(&[word], &mut out.to_upstream);
                }
            }
        }
        put_header(2, &mut out.to_upstream);
        put_bulk(&[b"CLIENT"], &mut out.to_upstream);
        put_bulk(&[b"ID"], &mut out.to_upstream);
    }

    fn on_upstream(&mut self, input: &mut BytesMut) -> Result<Option<u64>, Fatal> {
        while let Some(bytes) = self.gather.whole(input, REPLY_BYTES_MAX)? {
            let reply = input.split_to(bytes);
            let event = Cursor::new(&reply).next_event();
            match event {
                Ok(Some(Event::Text { kind: Kind::Simple, .. })) if self.awaits_auth => {
                    self.awaits_auth = false;
                }
                Ok(Some(Event::Text { kind: Kind::Error, text })) => {
                    return Err(refused(&String::from_utf8_lossy(text)));
                }
                Ok(Some(Event::Text { kind: Kind::Simple, .. })) if self.awaits_dry_run => {
                    return Err(refused("keys that are not the tenant's are open to its user"));
                }
                // Why it is not open.
                Ok(Some(Event::Text { kind: Kind::Bulk, .. }))
                    if !self.awaits_auth && self.awaits_dry_run =>
                {
                    self.awaits_dry_run = false;
                }
                Ok(Some(Event::Text { kind: Kind::Integer, text }))
                    if !self.awaits_auth && !self.awaits_dry_run =>
                {
                    let id = number::integer(text).and_then(|id| u64::try_from(id).ok());
                    return id.map(Some).ok_or_else(|| refused("an id that is none"));
                }
                _ => return Err(refused("an answer to our login that is none")),
            }
        }
        debug_assert!(!input.has_remaining() || input.len() <= REPLY_BYTES_MAX);
        Ok(None)
    }
}

/// Appends AUTH.
pub(super) fn put_auth(account: &Account, out: &mut Outbox) {
    put_header(2 + usize::from(account.user.is_some()), &mut out.to_upstream);
    put_bulk(&[b"AUTH"], &mut out.to_upstream);
    if let Some(user) = &account.user {
        put_bulk(&[user.as_bytes()], &mut out.to_upstream);
    }
    put_bulk(&[account.password.text().as_bytes()], &mut out.to_upstream);
}

pub(super) fn refused(what: &str) -> Fatal {
    Fatal::UpstreamMisbehaved(format!("it did not let us in: {what}"))
}
