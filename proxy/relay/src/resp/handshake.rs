//! The second phase: we log in at the upstream with our own account, and ask which client we are
//! there.

use bytes::{Buf, BytesMut};
use resp_wire::number;
use resp_wire::reply::{Cursor, Event, Kind};
use resp_wire::request::{put_bulk, put_header};

use super::gather::Gather;
use super::login::Greeting;
use super::{Client, Upstream};
use crate::{Fatal, Outbox};

/// Most bytes of a reply to what we ask.
const REPLY_BYTES_MAX: usize = 64 << 10;

/// Waits for the upstream to let us in.
#[derive(Debug)]
pub(super) struct Handshake {
    client: Client,
    greeting: Greeting,
    gather: Gather,
    awaits_auth: bool,
}

impl Handshake {
    pub(super) fn new(client: Client, greeting: Greeting) -> Self {
        Self { client, greeting, gather: Gather::default(), awaits_auth: false }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn into_client(self) -> (Client, Greeting) {
        (self.client, self.greeting)
    }

    /// The upstream is connected.
    pub(super) fn begin(&mut self, upstream: &Upstream, out: &mut Outbox) {
        self.awaits_auth = put_auth(upstream, out);
        put_header(2, &mut out.to_upstream);
        put_bulk(&[b"CLIENT"], &mut out.to_upstream);
        put_bulk(&[b"ID"], &mut out.to_upstream);
    }

    /// Our id there, once all replies have come.
    pub(super) fn on_upstream(&mut self, input: &mut BytesMut) -> Result<Option<u64>, Fatal> {
        while let Some(bytes) = self.gather.whole(input, REPLY_BYTES_MAX)? {
            let reply = input.split_to(bytes);
            let event = Cursor::new(&reply).next_event();
            match event {
                Ok(Some(Event::Text { kind: Kind::Simple, .. })) if self.awaits_auth => {
                    self.awaits_auth = false;
                }
                Ok(Some(Event::Text { kind: Kind::Integer, text })) if !self.awaits_auth => {
                    let id = number::integer(text).and_then(|id| u64::try_from(id).ok());
                    return id.map(Some).ok_or_else(|| refused("an id that is none"));
                }
                Ok(Some(Event::Text { kind: Kind::Error, text })) => {
                    return Err(refused(&String::from_utf8_lossy(text)));
                }
                _ => return Err(refused("an answer to our login that is none")),
            }
        }
        debug_assert!(!input.has_remaining() || input.len() <= REPLY_BYTES_MAX);
        Ok(None)
    }
}

/// Appends AUTH where the account has a password. Whether it did.
pub(super) fn put_auth(upstream: &Upstream, out: &mut Outbox) -> bool {
    let Some(password) = &upstream.password else { return false };
    put_header(2 + usize::from(upstream.user.is_some()), &mut out.to_upstream);
    put_bulk(&[b"AUTH"], &mut out.to_upstream);
    if let Some(user) = &upstream.user {
        put_bulk(&[user.as_bytes()], &mut out.to_upstream);
    }
    put_bulk(&[password.text().as_bytes()], &mut out.to_upstream);
    true
}

pub(super) fn refused(what: &str) -> Fatal {
    Fatal::UpstreamMisbehaved(format!("it did not let us in: {what}"))
}
