//! The Bolt connection.
//!
//! A connection goes through phases: [`handshake`] (which version), [`login`] (who is there),
//! [`entrance`] (we log in at the upstream), and then [`ready`], in which statements are judged and
//! travel. Until a client has logged in, nothing of it reaches the upstream, and a tenant exists only
//! from the end of the login on. LOGOFF gives the upstream's link up: no link ever serves two tenants.

mod entrance;
mod handshake;
mod inquiry;
mod login;
mod probe;
mod ready;
mod refusal;
mod routing;
mod world;

use std::sync::Arc;
use std::time::Instant;

use bolt_wire::Version;
use bolt_wire::chunk::{self, Extent, Frame, Scanner};
use bolt_wire::message::Request;
use bytes::{Buf, BytesMut};
use policies::Tenant;

pub use inquiry::{Heard, Inquiry};
pub use probe::Probe;
pub use world::{Server, Settings, Upstream, World};

use self::entrance::Entrance;
use self::handshake::Handshake;
use self::login::{Introduction, Login, Step};
use self::ready::Ready;
use self::refusal::Refusal;
use crate::{Effect, Event, Fatal, Outbox};

/// One client's link and the upstream's link behind it.
pub struct Connection {
    world: Arc<World>,
    scanner: Scanner,
    phase: Phase,
    /// When the client came.
    begun: Instant,
    /// By when it must have logged in.
    deadline: Option<Instant>,
    /// Whether the time for that begins when the clock is looked at next.
    begins_anew: bool,
}

/// Which messages are legal now.
enum Phase {
    Handshake(Handshake),
    Login(Login),
    Entrance(Box<Entering>),
    Ready(Box<Ready>),
    Closed,
}

/// A client that has proved who it is, while the upstream is being reached.
struct Entering {
    version: Version,
    client: Client,
    introduction: Introduction,
    entrance: Option<Entrance>,
}

/// A client that has proved who it is.
#[derive(Clone, Debug)]
struct Client {
    login: String,
    tenant: Arc<Tenant>,
}

/// What a message led to.
enum Flow {
    /// The next message may be looked at.
    On,
    /// Nothing can be done with what is there.
    Wait,
    /// The client has logged off: it may log in again.
    Anew(Version, Introduction),
}

impl Connection {
    /// A connection that a client has just made, at `now`.
    #[must_use]
    pub fn new(world: Arc<World>, now: Instant) -> Self {
        let deadline = Some(now + world.settings().authentication_timeout);
        let phase = Phase::Handshake(Handshake::default());
        let scanner = Scanner::default();
        Self { world, scanner, phase, begun: now, deadline, begins_anew: false }
    }

    fn agree(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<Flow, Fatal> {
        let Phase::Handshake(handshake) = &mut self.phase else { return Ok(Flow::Wait) };
        let Some(version) = handshake.on_client(input, &self.world, out)? else {
            return Ok(Flow::Wait);
        };
        self.phase = Phase::Login(Login::new(version));
        Ok(Flow::On)
    }

    /// The client's next message before it has logged in.
    fn login(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<Flow, Fatal> {
        let next = self.next(input, login::MESSAGE_BYTES_MAX, out)?;
        let (Some(extent), Phase::Login(login)) = (next, &mut self.phase) else {
            return Ok(Flow::Wait);
        };
        let version = login.version();
        let body = extent.body(input);
        let request = Request::read(&body, version).map_err(|defect| {
            Refusal::invalid(defect.to_string()).put(version, &mut out.to_client);
            Fatal::ClientMisbehaved(defect.to_string())
        });
        let step = login.on_request(&request?, &self.world, out)?;
        input.advance(extent.wire_bytes);
        if let Step::Admitted(client, introduction) = step {
            let entering = Entering { version, client, introduction, entrance: None };
            self.phase = Phase::Entrance(Box::new(entering));
            out.effects.push(Effect::Dial);
        }
        Ok(Flow::On)
    }

    /// The client's next message once it is served.
    fn traffic(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<Flow, Fatal> {
        let bytes_max = self.world.settings().limits.frame_bytes_max;
        let next = self.next(input, bytes_max, out)?;
        let (Some(extent), Phase::Ready(ready)) = (next, &mut self.phase) else {
            return Ok(Flow::Wait);
        };
        let flow = ready.on_client(&extent.body(input), &self.world, out)?;
        if !matches!(flow, Flow::Wait) {
            input.advance(extent.wire_bytes);
        }
        Ok(flow)
    }

    /// The client's next whole message; what keeps the connection alive is read over.
    fn next(
        &mut self,
        input: &mut BytesMut,
        bytes_max: usize,
        out: &mut Outbox,
    ) -> Result<Option<Extent>, Fatal> {
        loop {
            match self.scanner.scan(input, bytes_max) {
                Ok(None) => return Ok(None),
                Ok(Some(Frame::Noop)) => input.advance(2),
                Ok(Some(Frame::Message(extent))) => return Ok(Some(extent)),
                Err(too_long) => {
                    self.tell(&Refusal::invalid(too_long.to_string()), out);
                    return Err(Fatal::ClientMisbehaved(too_long.to_string()));
                }
            }
        }
    }

    /// Tells a client that is not owed anything else why its connection ends.
    fn tell(&self, refusal: &Refusal, out: &mut Outbox) {
        match &self.phase {
            Phase::Login(login) => refusal.put(login.version(), &mut out.to_client),
            Phase::Entrance(entering) => refusal.put(entering.version, &mut out.to_client),
            Phase::Ready(ready) => ready.tell(refusal, out),
            Phase::Handshake(_) | Phase::Closed => {}
        }
    }

    /// The upstream has let us in.
    fn enter(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<bool, Fatal> {
        let Phase::Entrance(entering) = &mut self.phase else { return Ok(true) };
        let Entering { introduction, entrance: Some(entrance), .. } = &mut **entering else {
            return Ok(false);
        };
        let upstream = &self.world.settings().upstream;
        let entered = entrance.on_upstream(input, introduction, upstream, out).inspect_err(|_| {
            out.to_upstream.clear();
            Refusal::UNAVAILABLE.put(entering.version, &mut out.to_client);
        });
        let Some(entered) = entered? else { return Ok(false) };
        let Phase::Entrance(entering) = std::mem::replace(&mut self.phase, Phase::Closed) else {
            return Ok(false);
        };
        out.events.push(Event::Ready);
        let ready = Ready::begin(*entering, &entered, &self.world, self.begun, out);
        self.phase = Phase::Ready(Box::new(ready));
        (self.deadline, self.begins_anew) = (None, false);
        Ok(true)
    }

    fn client(&self) -> Option<&Client> {
        match &self.phase {
            Phase::Entrance(entering) => Some(&entering.client),
            Phase::Ready(ready) => Some(ready.client()),
            Phase::Handshake(_) | Phase::Login(_) | Phase::Closed => None,
        }
    }
}

impl crate::Connection for Connection {
    fn on_client(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<(), Fatal> {
        while self.wants_client() && out.effects.is_empty() && !input.is_empty() {
            let flow = match &self.phase {
                Phase::Handshake(_) => self.agree(input, out)?,
                Phase::Login(_) => self.login(input, out)?,
                Phase::Ready(_) => self.traffic(input, out)?,
                Phase::Entrance(_) | Phase::Closed => Flow::Wait,
            };
            match flow {
                Flow::On => {}
                Flow::Wait => break,
                Flow::Anew(version, introduction) => {
                    out.effects.push(Effect::Release);
                    self.phase = Phase::Login(Login::again(version, introduction));
                    (self.deadline, self.begins_anew) = (Some(self.begun), true);
                }
            }
        }
        Ok(())
    }

    fn on_upstream(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<(), Fatal> {
        if !self.enter(input, out)? {
            return Ok(());
        }
        let Phase::Ready(ready) = &mut self.phase else { return Ok(()) };
        ready.on_upstream(input, &self.world, out)
    }

    fn on_client_tls(&mut self, _out: &mut Outbox) {}

    fn on_dialed(&mut self, out: &mut Outbox) {
        if let Phase::Entrance(entering) = &mut self.phase {
            entering.entrance = Some(Entrance::begin(entering.version, out));
        }
    }

    fn on_upstream_tls(&mut self, _server_end_point: Option<Vec<u8>>, _out: &mut Outbox) {}

    fn on_upstream_lost(&mut self, what: &str, out: &mut Outbox) -> Fatal {
        out.to_upstream.clear();
        // Of a client that is served, the link just ends: a driver then knows that it cannot know
        // what became of a commit.
        if !matches!(self.phase, Phase::Ready(_)) {
            self.tell(&Refusal::UNAVAILABLE, out);
        }
        self.phase = Phase::Closed;
        Fatal::Unavailable(what.to_owned())
    }

    fn on_drain(&mut self, _out: &mut Outbox) -> Result<(), Fatal> {
        match &mut self.phase {
            Phase::Ready(ready) => ready.on_drain(),
            Phase::Handshake(_) | Phase::Login(_) | Phase::Entrance(_) | Phase::Closed => {
                self.phase = Phase::Closed;
                Err(Fatal::Withdrawn("the proxy is shutting down".to_owned()))
            }
        }
    }

    fn on_reload(&mut self, _out: &mut Outbox) -> Result<(), Fatal> {
        let registry = self.world.registry();
        if self.client().is_some_and(|client| !registry.allows(&client.login, &client.tenant)) {
            self.phase = Phase::Closed;
            let what = "the login may no longer act for its tenant";
            return Err(Fatal::Withdrawn(what.to_owned()));
        }
        Ok(())
    }

    fn on_deadline(&mut self, now: Instant, out: &mut Outbox) -> Result<(), Fatal> {
        if self.next_deadline().is_none_or(|deadline| now < deadline) {
            return Ok(());
        }
        if let Phase::Ready(ready) = &mut self.phase {
            return ready.on_deadline(now);
        }
        if std::mem::take(&mut self.begins_anew) {
            self.deadline = Some(now + self.world.settings().authentication_timeout);
            return Ok(());
        }
        if matches!(self.phase, Phase::Entrance(_)) {
            self.tell(&Refusal::UNAVAILABLE, out);
        }
        self.phase = Phase::Closed;
        Err(Fatal::TimedOut("authentication, or the upstream's start".to_owned()))
    }

    fn next_deadline(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Handshake(_) | Phase::Login(_) => self.deadline,
            Phase::Entrance(_) if self.begins_anew => self.deadline,
            Phase::Entrance(_) => {
                self.deadline.map(|deadline| deadline + self.world.settings().dial_timeout)
            }
            Phase::Ready(ready) => ready.next_deadline(),
            Phase::Closed => None,
        }
    }

    fn wants_client(&self) -> bool {
        match &self.phase {
            Phase::Handshake(_) | Phase::Login(_) => true,
            Phase::Ready(ready) => ready.wants_client(&self.world),
            Phase::Entrance(_) | Phase::Closed => false,
        }
    }
}

/// Appends a message in chunks.
fn put(out: &mut BytesMut, write: impl FnOnce(&mut BytesMut)) {
    let mut body = BytesMut::new();
    write(&mut body);
    chunk::write(&body, out);
}

/// What Bolt calls the message.
fn name(request: &Request<'_>) -> &'static str {
    match request {
        Request::Begin(_) => "Begin",
        Request::Commit(_) => "Commit",
        Request::Discard(_) => "Discard",
        Request::Goodbye(_) => "Goodbye",
        Request::Hello(_) => "Hello",
        Request::Logoff(_) => "Logoff",
        Request::Logon(_) => "Logon",
        Request::Pull(_) => "Pull",
        Request::Reset(_) => "Reset",
        Request::Rollback(_) => "Rollback",
        Request::Route(_) => "Route",
        Request::Run(_) => "Run",
        Request::Telemetry(_) => "Telemetry",
    }
}
