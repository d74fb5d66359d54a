//! The Redis connection.
//!
//! A connection goes through phases: [`login`] (who is there), [`handshake`] (we log in at the
//! upstream), and then [`ready`], in which requests are judged and travel. Until a client has logged
//! in, nothing of it reaches the upstream, and a tenant exists only from the end of the login on.
//! RESET leads back to the first phase and gives the upstream's link up; so does a login as another
//! tenant. No upstream link ever serves two tenants.

pub mod cluster;
mod gather;
mod handshake;
mod login;
mod probe;
mod ready;
mod tenant_users;
mod tenants;
mod world;

use std::sync::Arc;
use std::time::Instant;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use policies::Tenant;
use policies::resp::Tenancy;
use resp_wire::request::{RequestLimits, RequestScanner};

pub use handshake::Trial;
pub use probe::{Probe, Shards};
pub use tenant_users::TenantUsers;
pub use world::{Peer, Settings, Upstream, World};

use self::handshake::Handshake;
use self::login::{Greeting, Login, Step};
use self::ready::Ready;
use crate::{Effect, Event, Fatal, Outbox};

/// What a client is told when its store is not there.
const UNAVAILABLE: &[u8] = b"-ERR partywall: the store cannot be reached now\r\n";
/// What a client is told whose connection the proxy ends.
const SHUTDOWN: &[u8] = b"-ERR partywall: the connection is ended by the proxy\r\n";

/// One client's link and the upstream's link behind it.
pub struct Connection {
    world: Arc<World>,
    peer: Peer,
    scanner: RequestScanner,
    phase: Phase,
    /// When the client came.
    begun: Instant,
    /// By when it must have logged in.
    deadline: Option<Instant>,
    /// The time for a login begins when the time is next known: it is as new.
    is_anew: bool,
}

/// Which requests are legal now.
enum Phase {
    Login(Login),
    Handshake(Box<Handshake>),
    Ready(Box<Ready>),
    Closed,
}

/// A client that has proved who it is.
#[derive(Clone, Debug)]
struct Client {
    login: String,
    tenant: Arc<Tenant>,
}

/// What the traffic led to.
enum Flow {
    /// The next message may be looked at.
    On,
    /// Nothing can be done with what is there.
    Wait,
    /// The connection is as new.
    Anew,
    /// Another tenant is there: the upstream's link must be another.
    Other(Client, Greeting),
}

impl Connection {
    /// A connection that a client has just made, at `now`.
    #[must_use]
    pub fn new(world: Arc<World>, peer: Peer, now: Instant) -> Self {
        let deadline = Some(now + world.settings().authentication_timeout);
        let scanner = RequestScanner::new(RequestLimits::before_login());
        Self {
            world,
            peer,
            scanner,
            phase: Phase::Login(Login::default()),
            begun: now,
            deadline,
            is_anew: false,
        }
    }

    /// The client's next request before it has logged in.
    fn login(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<Flow, Fatal> {
        let Phase::Login(login) = &mut self.phase else { return Ok(Flow::Wait) };
        let (step, bytes) = match self.scanner.next(input) {
            Ok(None) => return Ok(Flow::Wait),
            Ok(Some((request, bytes))) => (login.on_request(&request, &self.world, out)?, bytes),
            Err(violation) => {
                violation.put(&mut out.to_client);
                return Err(Fatal::ClientMisbehaved(violation.to_string()));
            }
        };
        input.advance(bytes);
        match step {
            Step::Answered => {}
            Step::Admitted(client, greeting) => self.dial(client, greeting, out),
        }
        Ok(Flow::On)
    }

    fn dial(&mut self, client: Client, greeting: Greeting, out: &mut Outbox) {
        self.scanner.set_limits(RequestLimits::after_login(&self.world.settings().limits));
        let tenancy = self.world.rules().tenancy(&client.tenant.id);
        let prefix = tenancy.as_ref().map_or(b"".as_slice(), Tenancy::prefix);
        out.effects.push(Effect::DialNear { prefix: Bytes::copy_from_slice(prefix) });
        self.phase = Phase::Handshake(Box::new(Handshake::new(client, greeting)));
    }

    /// The client's next request once it is served.
    fn traffic(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<Flow, Fatal> {
        let Phase::Ready(ready) = &mut self.phase else { return Ok(Flow::Wait) };
        let (request, bytes) = match self.scanner.next(input) {
            Ok(None) => return Ok(Flow::Wait),
            Ok(Some(next)) => next,
            Err(violation) => {
                ready.end(out, |out| violation.put(out));
                return Err(Fatal::ClientMisbehaved(violation.to_string()));
            }
        };
        let flow = ready.on_request(&request, &self.world, out)?;
        if !matches!(flow, Flow::Wait) {
            input.advance(bytes);
        }
        Ok(flow)
    }

    /// Leaves the upstream's link for where `flow` leads.
    fn turn(&mut self, flow: Flow, out: &mut Outbox) {
        self.is_anew |= matches!(flow, Flow::Anew | Flow::Other(..));
        match flow {
            Flow::On | Flow::Wait => {}
            Flow::Anew => {
                out.effects.push(Effect::Release);
                self.scanner.set_limits(RequestLimits::before_login());
                self.phase = Phase::Login(Login::default());
            }
            Flow::Other(client, greeting) => {
                out.effects.push(Effect::Release);
                self.dial(client, greeting, out);
            }
        }
    }

    /// Ends the connection; the client reads `line` where it can.
    fn end(&mut self, line: &[u8], why: Fatal, out: &mut Outbox) -> Fatal {
        match &mut self.phase {
            Phase::Ready(ready) => ready.end(out, |out| out.put_slice(line)),
            Phase::Login(_) | Phase::Handshake(_) => out.to_client.put_slice(line),
            Phase::Closed => {}
        }
        self.phase = Phase::Closed;
        why
    }

    fn client(&self) -> Option<&Client> {
        match &self.phase {
            Phase::Handshake(handshake) => Some(handshake.client()),
            Phase::Ready(ready) => Some(ready.client()),
            Phase::Login(_) | Phase::Closed => None,
        }
    }
}

impl crate::Connection for Connection {
    fn on_client(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<(), Fatal> {
        while self.wants_client() && out.effects.is_empty() && !input.is_empty() {
            let flow = match &self.phase {
                Phase::Login(_) => self.login(input, out)?,
                Phase::Ready(_) => self.traffic(input, out)?,
                Phase::Handshake(_) | Phase::Closed => Flow::Wait,
            };
            if matches!(flow, Flow::Wait) {
                break;
            }
            self.turn(flow, out);
        }
        Ok(())
    }

    fn on_upstream(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<(), Fatal> {
        if let Phase::Handshake(handshake) = &mut self.phase {
            let Some(id) = handshake.on_upstream(input)? else { return Ok(()) };
            let Phase::Handshake(handshake) = std::mem::replace(&mut self.phase, Phase::Closed)
            else {
                return Ok(());
            };
            let (client, greeting, home) = handshake.into_client();
            let place = (home, id);
            let ready =
                Ready::begin(client, greeting, place, self.peer, &self.world, self.begun, out)?;
            out.events.push(Event::Ready);
            self.phase = Phase::Ready(Box::new(ready));
            (self.deadline, self.is_anew) = (None, false);
        }
        let Phase::Ready(ready) = &mut self.phase else { return Ok(()) };
        let flow = ready.on_upstream(input, &self.world, out)?;
        self.turn(flow, out);
        Ok(())
    }

    fn on_client_tls(&mut self, _out: &mut Outbox) {}

    fn on_dialed(&mut self, out: &mut Outbox) {
        self.on_dialed_near("", out);
    }

    fn on_dialed_near(&mut self, home: &str, out: &mut Outbox) {
        if let Phase::Handshake(handshake) = &mut self.phase {
            handshake.begin(home, &self.world, out);
        }
    }

    fn on_upstream_tls(&mut self, _server_end_point: Option<Vec<u8>>, _out: &mut Outbox) {}

    fn on_upstream_lost(&mut self, what: &str, out: &mut Outbox) -> Fatal {
        out.to_upstream.clear();
        self.end(UNAVAILABLE, Fatal::Unavailable(what.to_owned()), out)
    }

    fn on_drain(&mut self, out: &mut Outbox) -> Result<(), Fatal> {
        match &mut self.phase {
            Phase::Ready(ready) => ready.on_drain(),
            Phase::Login(_) | Phase::Handshake(_) | Phase::Closed => {
                let why = Fatal::Withdrawn("the proxy is shutting down".to_owned());
                Err(self.end(SHUTDOWN, why, out))
            }
        }
    }

    fn on_reload(&mut self, out: &mut Outbox) -> Result<(), Fatal> {
        let registry = self.world.registry();
        let withdrawn =
            self.client().is_some_and(|client| !registry.allows(&client.login, &client.tenant));
        if withdrawn {
            let why = Fatal::Withdrawn("the login may no longer act for its tenant".to_owned());
            return Err(self.end(SHUTDOWN, why, out));
        }
        match &mut self.phase {
            Phase::Ready(ready) => ready.on_reload(&self.world, out),
            Phase::Login(_) | Phase::Handshake(_) | Phase::Closed => Ok(()),
        }
    }

    fn on_deadline(&mut self, now: Instant, out: &mut Outbox) -> Result<(), Fatal> {
        if self.next_deadline().is_none_or(|deadline| now < deadline) {
            return Ok(());
        }
        if std::mem::take(&mut self.is_anew) {
            self.deadline = Some(now + self.world.settings().authentication_timeout);
            return Ok(());
        }
        if let Phase::Ready(ready) = &mut self.phase {
            ready.on_deadline(now, &self.world, out);
            return Ok(());
        }
        let why = Fatal::TimedOut("authentication, or the upstream's start".to_owned());
        Err(self.end(SHUTDOWN, why, out))
    }

    fn next_deadline(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Login(_) | Phase::Handshake(_) if self.is_anew => Some(self.begun),
            Phase::Login(_) => self.deadline,
            Phase::Handshake(_) => {
                self.deadline.map(|deadline| deadline + self.world.settings().dial_timeout)
            }
            Phase::Ready(ready) => ready.next_deadline(),
            Phase::Closed => None,
        }
    }

    fn wants_client(&self) -> bool {
        match &self.phase {
            Phase::Login(_) => true,
            Phase::Ready(ready) => ready.wants_client(&self.world),
            Phase::Handshake(_) | Phase::Closed => false,
        }
    }
}
