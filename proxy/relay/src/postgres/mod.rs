//! The PostgreSQL connection.
//!
//! A connection goes through phases. Those of the start consume themselves, so that nothing of an
//! earlier one can be used in a later one: [`negotiate`] (TLS or not), [`authenticate`] (who is
//! there), [`dial`] (the upstream's link), [`upstream_authenticate`] (we log in there), and then
//! [`ready`], in which statements are judged and travel. A tenant exists only from the end of
//! `authenticate` on, and a client hears "authentication ok" only when everything behind it is.

mod authenticate;
mod dial;
mod negotiate;
mod options;
mod parameter_status;
mod ready;
mod refusal;
mod startup;
mod upstream_authenticate;
mod world;

use std::sync::Arc;
use std::time::Instant;

use bytes::{Buf, BytesMut};
use postgres_wire::frame::{self, BadLength, Frame, Header, SMALL_FRAME_BYTES_MAX};
use postgres_wire::message::backend::ErrorFields;
use postgres_wire::message::frontend::{self, Startup};

pub use world::{Password, Peer, Settings, SslMode, Upstream, World};

use self::authenticate::Authenticate;
use self::dial::Dial;
use self::negotiate::Negotiate;
use self::ready::Ready;
use self::refusal::{fatal, violation};
use self::upstream_authenticate::UpstreamAuthenticate;
use crate::{Fatal, Outbox};

/// Most bytes of one message of an upstream's start-up conversation, and of all that is kept of it.
/// Ours take about a thousand.
const STARTUP_REPLY_BYTES_MAX: usize = 64 << 10;

/// One client's link and the upstream's link behind it.
pub struct Connection {
    shared: Shared,
    phase: Phase,
    deadlines: Deadlines,
}

/// What every phase can see.
struct Shared {
    world: Arc<World>,
    peer: Peer,
}

/// Which messages are legal now.
enum Phase {
    Negotiate(Negotiate),
    Authenticate(Box<Authenticate>),
    Dial(Box<Dial>),
    UpstreamAuthenticate(Box<UpstreamAuthenticate>),
    Ready(Box<Ready>),
    Closed,
}

/// By when the start must have got how far.
#[derive(Clone, Copy, Debug)]
struct Deadlines {
    authenticate: Instant,
    ready: Instant,
}

impl Connection {
    /// A connection that a client has just made, at `now`.
    #[must_use]
    pub fn new(world: Arc<World>, peer: Peer, now: Instant) -> Self {
        let settings = world.settings();
        let authenticate = now + settings.authentication_timeout;
        let deadlines = Deadlines { authenticate, ready: authenticate + settings.dial_timeout };
        let phase = Phase::Negotiate(Negotiate::new(peer.in_tls));
        Self { shared: Shared { world, peer }, phase, deadlines }
    }

    fn take_phase(&mut self) -> Phase {
        std::mem::replace(&mut self.phase, Phase::Closed)
    }

    /// The next start-up packet, if it is there.
    fn startup_packet(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<bool, Fatal> {
        let Phase::Negotiate(negotiate) = self.take_phase() else { return Ok(false) };
        let invalid = |_: BadLength| Fatal::ClientMisbehaved("start-up packet's length".to_owned());
        let Some((body, bytes)) = frame::startup(input).map_err(invalid)? else {
            self.phase = Phase::Negotiate(negotiate);
            return Ok(false);
        };
        let more = input.len() > bytes;
        let packet = Startup::read(body)
            .map_err(|_| violation("invalid startup packet layout", &mut out.to_client))?;
        self.phase = negotiate.on_packet(packet, more, &self.shared, out)?;
        input.advance(bytes);
        Ok(true)
    }

    /// The client's next message of the authentication, if it is there.
    fn authentication(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<bool, Fatal> {
        let Phase::Authenticate(authenticate) = self.take_phase() else { return Ok(false) };
        let Some(frame) =
            client_frame(input, out, |tag| (tag == b'p').then_some(SMALL_FRAME_BYTES_MAX))?
        else {
            self.phase = Phase::Authenticate(authenticate);
            return Ok(false);
        };
        let bytes = frame.bytes.len();
        self.phase = authenticate.on_response(frame.body, &self.shared, out)?;
        input.advance(bytes);
        Ok(true)
    }

    /// The client's next message of the traffic, if it is there.
    fn traffic(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<bool, Fatal> {
        let Phase::Ready(ready) = &mut self.phase else { return Ok(false) };
        let frame_bytes_max = self.shared.world.settings().limits.frame_bytes_max;
        let header = match Header::read(input) {
            Ok(None) => {
                // An unknown tag is known to be one before its length is there.
                return match input.first().map(|tag| (*tag, frontend::bytes_max(*tag, 0))) {
                    Some((tag, None)) => Err(ready.end_unknown(tag, out)),
                    Some(_) | None => Ok(false),
                };
            }
            Ok(Some(header)) => header,
            Err(bad) => return Err(ready.end_violation(&bad.to_string(), out)),
        };
        let Some(bytes_max) = frontend::bytes_max(header.tag, frame_bytes_max) else {
            return Err(ready.end_unknown(header.tag, out));
        };
        let header = match header.within(bytes_max) {
            Ok(header) => header,
            Err(bad) => return Err(ready.end_violation(&bad.to_string(), out)),
        };
        let Some(frame) = header.frame(input) else { return Ok(false) };
        ready.on_frame(frame, &self.shared, out)?;
        input.advance(header.bytes);
        Ok(true)
    }

    /// The upstream's next message of the start, if it is there.
    fn upstream_startup(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<bool, Fatal> {
        match self.take_phase() {
            Phase::Dial(dial) => {
                let Some((answer, rest)) = input.split_first() else {
                    self.phase = Phase::Dial(dial);
                    return Ok(false);
                };
                self.phase = dial.on_answer(*answer, !rest.is_empty(), &self.shared, out)?;
                input.advance(1);
                Ok(true)
            }
            Phase::UpstreamAuthenticate(authenticate) => {
                let bad = |bad: BadLength| Fatal::UpstreamMisbehaved(bad.to_string());
                let header = Header::read(input).map_err(bad)?;
                let header = header.map(|h| h.within(STARTUP_REPLY_BYTES_MAX)).transpose();
                let Some(frame) = header.map_err(bad)?.and_then(|header| header.frame(input))
                else {
                    self.phase = Phase::UpstreamAuthenticate(authenticate);
                    return Ok(false);
                };
                let bytes = frame.bytes.len();
                self.phase = authenticate.on_message(frame, &self.shared, out)?;
                input.advance(bytes);
                Ok(true)
            }
            other @ (Phase::Negotiate(_)
            | Phase::Authenticate(_)
            | Phase::Ready(_)
            | Phase::Closed) => {
                self.phase = other;
                Ok(false)
            }
        }
    }

    /// Ends a start that cannot succeed, in the client's words where it knows any yet.
    fn end(&mut self, fields: ErrorFields<'_>, why: Fatal, out: &mut Outbox) -> Fatal {
        match self.take_phase() {
            // Nothing has been asked, so nothing is answered.
            Phase::Negotiate(_) | Phase::Closed => {}
            Phase::Authenticate(_) | Phase::Dial(_) | Phase::UpstreamAuthenticate(_) => {
                fields.put_error(&mut out.to_client);
            }
            Phase::Ready(ready) => ready.end(fields, out),
        }
        why
    }

    /// The login and tenant that this connection acts for, as soon as they are known.
    fn identity(&self) -> Option<&authenticate::Client> {
        match &self.phase {
            Phase::Dial(dial) => Some(dial.client()),
            Phase::UpstreamAuthenticate(authenticate) => Some(authenticate.client()),
            Phase::Ready(ready) => Some(ready.client()),
            Phase::Negotiate(_) | Phase::Authenticate(_) | Phase::Closed => None,
        }
    }
}

/// The next frame of a client, whose tag must be one for which `bytes_max` gives a limit.
fn client_frame<'i>(
    input: &'i [u8],
    out: &mut Outbox,
    bytes_max: impl Fn(u8) -> Option<usize>,
) -> Result<Option<Frame<'i>>, Fatal> {
    let Some(tag) = input.first() else { return Ok(None) };
    let Some(bytes_max) = bytes_max(*tag) else {
        return Err(violation(&format!("invalid frontend message type {tag}"), &mut out.to_client));
    };
    let header = Header::read(input)
        .and_then(|header| header.map(|header| header.within(bytes_max)).transpose())
        .map_err(|_| violation("invalid message length", &mut out.to_client))?;
    Ok(header.and_then(|header| header.frame(input)))
}

impl crate::Connection for Connection {
    fn on_client(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<(), Fatal> {
        // One message may make the connection wait for the other side or for the shell.
        while self.wants_client() && out.effects.is_empty() {
            let progress = match &self.phase {
                Phase::Negotiate(_) => self.startup_packet(input, out)?,
                Phase::Authenticate(_) => self.authentication(input, out)?,
                Phase::Ready(_) => self.traffic(input, out)?,
                Phase::Dial(_) | Phase::UpstreamAuthenticate(_) | Phase::Closed => false,
            };
            if !progress {
                break;
            }
        }
        Ok(())
    }

    fn on_upstream(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<(), Fatal> {
        while out.effects.is_empty() && self.upstream_startup(input, out)? {}
        match &mut self.phase {
            Phase::Ready(ready) => ready.on_upstream(input, &self.shared, out),
            _ => Ok(()),
        }
    }

    fn on_client_tls(&mut self, _out: &mut Outbox) {
        if let Phase::Negotiate(negotiate) = &mut self.phase {
            negotiate.on_tls();
        }
    }

    fn on_dialed(&mut self, out: &mut Outbox) {
        self.phase = match self.take_phase() {
            Phase::Dial(dial) => dial.on_connected(&self.shared, out),
            other => other,
        };
    }

    fn on_upstream_tls(&mut self, server_end_point: Option<Vec<u8>>, out: &mut Outbox) {
        self.phase = match self.take_phase() {
            Phase::Dial(dial) => dial.on_tls(server_end_point, &self.shared, out),
            other => other,
        };
    }

    fn on_upstream_lost(&mut self, what: &str, out: &mut Outbox) -> Fatal {
        let why = Fatal::Unavailable(what.to_owned());
        let fields = match self.phase {
            Phase::Ready(_) => fatal("08006", "the connection to the database was lost"),
            // What drivers and pools take for "try again later".
            _ => fatal("57P03", "the database cannot be reached now"),
        };
        let why = self.end(fields, why, out);
        // What was meant for it reaches nobody.
        out.to_upstream.clear();
        why
    }

    fn on_drain(&mut self, out: &mut Outbox) -> Result<(), Fatal> {
        match &mut self.phase {
            Phase::Ready(ready) => ready.on_drain(out),
            _ => {
                let why = Fatal::Withdrawn("the proxy is shutting down".to_owned());
                Err(self.end(refusal::shutdown(), why, out))
            }
        }
    }

    fn on_reload(&mut self, out: &mut Outbox) -> Result<(), Fatal> {
        let registry = self.shared.world.registry();
        let withdrawn =
            self.identity().is_some_and(|client| !registry.allows(&client.login, &client.tenant));
        if withdrawn {
            let why = Fatal::Withdrawn("the login may no longer act for its tenant".to_owned());
            return Err(self.end(refusal::shutdown(), why, out));
        }
        Ok(())
    }

    fn on_deadline(&mut self, now: Instant, out: &mut Outbox) -> Result<(), Fatal> {
        if self.next_deadline().is_none_or(|deadline| now < deadline) {
            return Ok(());
        }
        let (fields, what) = match self.phase {
            Phase::Negotiate(_) | Phase::Authenticate(_) => {
                (fatal("57014", "canceling authentication due to timeout"), "authentication")
            }
            _ => (fatal("57P03", "the database cannot be reached now"), "the upstream's start"),
        };
        Err(self.end(fields, Fatal::TimedOut(what.to_owned()), out))
    }

    fn next_deadline(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Negotiate(_) | Phase::Authenticate(_) => Some(self.deadlines.authenticate),
            Phase::Dial(_) | Phase::UpstreamAuthenticate(_) => Some(self.deadlines.ready),
            Phase::Ready(_) | Phase::Closed => None,
        }
    }

    fn wants_client(&self) -> bool {
        match &self.phase {
            Phase::Negotiate(negotiate) => negotiate.wants_client(),
            Phase::Authenticate(_) => true,
            Phase::Ready(ready) => ready.wants_client(&self.shared),
            Phase::Dial(_) | Phase::UpstreamAuthenticate(_) | Phase::Closed => false,
        }
    }
}
