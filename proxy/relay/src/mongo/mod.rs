//! The MongoDB connection.
//!
//! A connection goes through phases: [`login`] (the client greets, and says who it is), [`entrance`]
//! (we log in at the upstream), and then [`ready`], in which commands are judged and travel. Until a
//! client has logged in, nothing of it reaches the upstream, and a tenant exists only from the end of
//! the login on. A connection that never logs in only watches, as one of every driver's does.

mod answer;
mod entrance;
mod frames;
mod hello;
mod inspect;
mod login;
mod probe;
mod ready;
mod tenants;
mod world;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Buf, BytesMut};
use mongo_wire::Bounds;
use mongo_wire::command::Command;
use mongo_wire::frame::Frame;
use mongo_wire::message::Request;
use mongo_wire::reply::Failure;
use policies::Tenant;

pub use inspect::{Inspected, Inspection};
pub use probe::{Probe, Probed};
pub use world::{Account, Face, Peer, Settings, World};

use self::answer::{Asked, SHUTDOWN, UNAVAILABLE};
use self::entrance::Entrance;
use self::login::{Greeting, Login, Step};
use self::ready::Ready;
use crate::{Effect, Event, Fatal, Outbox};

/// Most bytes of a message before the login. A hello and the steps of a login take some hundred; a
/// token in the place of a password may take some thousand.
const LOGIN_BYTES_MAX: usize = 64 << 10;

/// How long a client that only greets may be silent: drivers greet every ten seconds by default, and
/// some every minute.
const GREETING_PAUSE_MAX: Duration = Duration::from_secs(300);

/// One client's link and the upstream's link behind it.
pub struct Connection {
    world: Arc<World>,
    peer: Peer,
    /// The number by which clients know it.
    number: i32,
    phase: Phase,
    /// By when the client must have logged in, or greeted again.
    deadline: Instant,
}

/// Which requests are legal now.
enum Phase {
    Login(Login),
    Entrance(Box<Entering>),
    Ready(Box<Ready>),
    Closed,
}

/// A client that waits for the upstream.
struct Entering {
    client: Client,
    greeting: Greeting,
    /// `None` until the upstream is connected.
    entrance: Option<Entrance>,
}

/// A client that has proved who it is.
#[derive(Clone, Debug)]
struct Client {
    login: String,
    tenant: Arc<Tenant>,
}

impl Connection {
    /// A connection that a client has just made, at `now`.
    #[must_use]
    pub fn new(world: Arc<World>, peer: Peer, now: Instant) -> Self {
        let deadline = now + world.settings().authentication_timeout;
        let number = world.next_connection();
        Self { world, peer, number, phase: Phase::Login(Login::default()), deadline }
    }

    /// The client's next message before it has logged in. Whether there was one.
    fn login(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<bool, Fatal> {
        let Some(frame) = frames::of_client(input, LOGIN_BYTES_MAX)? else { return Ok(false) };
        let bytes = frame.bytes.len();
        if let Step::Admitted(client, greeting) = self.login_step(frame, out)? {
            let entering = Entering { client, greeting, entrance: None };
            self.phase = Phase::Entrance(Box::new(entering));
            out.effects.push(Effect::Dial);
        }
        input.advance(bytes);
        Ok(true)
    }

    fn login_step(&mut self, frame: Frame<'_>, out: &mut Outbox) -> Result<Step, Fatal> {
        let Phase::Login(login) = &mut self.phase else { return Ok(Step::Answered) };
        let Some((asked, request)) = read(frame, self.world.bounds(), out)? else {
            return Ok(Step::Answered);
        };
        let message = match request {
            Request::Query(query) => {
                login.on_hello(query.body, asked, self.number, &self.world, out);
                return Ok(Step::Answered);
            }
            Request::Msg(message) => message,
        };
        match Command::read(message) {
            Ok(command) if is_hello(&command) => {
                login.on_hello(command.body(), asked, self.number, &self.world, out);
                Ok(Step::Answered)
            }
            Ok(command) => login.on_command(&command, asked, self.peer, &self.world, out),
            Err(defect) => {
                let errmsg = defect.to_string();
                asked.fail(Failure { code: defect.code(), errmsg: &errmsg }, &mut out.to_client);
                Ok(Step::Answered)
            }
        }
    }

    /// The upstream's next message before we are in. Whether there was one.
    fn entrance(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<bool, Fatal> {
        let Phase::Entrance(entering) = &mut self.phase else { return Ok(false) };
        let Some(entrance) = &mut entering.entrance else { return Ok(false) };
        let Some(frame) = frames::of_upstream(input)? else { return Ok(false) };
        let bytes = frame.bytes.len();
        let account = self.world.settings().account.as_ref();
        let is_in = entrance.on_frame(frame, account, &mut out.to_upstream)?.is_some();
        input.advance(bytes);
        if is_in {
            let Phase::Entrance(entering) = std::mem::replace(&mut self.phase, Phase::Closed)
            else {
                return Ok(false);
            };
            entering.greeting.put(out);
            out.events.push(Event::Ready);
            let ready = Ready::new(entering.client, self.number, &self.world);
            self.phase = Phase::Ready(Box::new(ready));
        }
        Ok(true)
    }

    /// Ends the connection; a client that waits for a reply reads why.
    fn end(&mut self, failure: Failure<'_>, why: Fatal, out: &mut Outbox) -> Fatal {
        match std::mem::replace(&mut self.phase, Phase::Closed) {
            Phase::Entrance(entering) => {
                entering.greeting.asked().fail(failure, &mut out.to_client);
            }
            Phase::Ready(ready) => ready.end(failure, out),
            // Nothing has been asked, so nothing is answered.
            Phase::Login(_) | Phase::Closed => {}
        }
        why
    }

    fn client(&self) -> Option<&Client> {
        match &self.phase {
            Phase::Entrance(entering) => Some(&entering.client),
            Phase::Ready(ready) => Some(ready.client()),
            Phase::Login(_) | Phase::Closed => None,
        }
    }
}

/// The request of a frame. `None` when it is none, but can be answered: then it has been.
fn read<'b>(
    frame: Frame<'b>,
    bounds: &Bounds,
    out: &mut Outbox,
) -> Result<Option<(Asked, Request<'b>)>, Fatal> {
    let fatal = |defect: mongo_wire::Defect| Fatal::ClientMisbehaved(defect.to_string());
    match Request::read(frame, bounds) {
        Ok(request) => Ok(Some((Asked::of(frame).map_err(fatal)?, request))),
        Err(defect) if defect.is_fatal() => Err(fatal(defect)),
        Err(defect) => {
            let errmsg = defect.to_string();
            let failure = Failure { code: defect.code(), errmsg: &errmsg };
            Asked::of(frame).map_err(fatal)?.fail(failure, &mut out.to_client);
            Ok(None)
        }
    }
}

fn is_hello(command: &Command<'_>) -> bool {
    let class = command.spec().map(|spec| spec.class);
    class == Some(mongo_wire::survey::CommandClass::Hello)
}

impl crate::Connection for Connection {
    fn on_client(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<(), Fatal> {
        while self.wants_client() && out.effects.is_empty() {
            let progress = match &mut self.phase {
                Phase::Login(_) => self.login(input, out)?,
                Phase::Ready(ready) => ready.on_client(input, &self.world, out)?,
                Phase::Entrance(_) | Phase::Closed => false,
            };
            if !progress {
                break;
            }
        }
        Ok(())
    }

    fn on_upstream(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<(), Fatal> {
        let entered = loop {
            match self.entrance(input, out) {
                Ok(true) => {}
                Ok(false) => break Ok(()),
                Err(why) => break Err(why),
            }
        };
        if let Err(why) = entered {
            return Err(self.end(UNAVAILABLE, why, out));
        }
        let Phase::Ready(ready) = &mut self.phase else { return Ok(()) };
        match ready.on_upstream(input, out) {
            Err(why @ Fatal::UpstreamMisbehaved(_)) => Err(self.end(UNAVAILABLE, why, out)),
            otherwise => otherwise,
        }
    }

    fn on_client_tls(&mut self, _out: &mut Outbox) {}

    fn on_dialed(&mut self, out: &mut Outbox) {
        if let Phase::Entrance(entering) = &mut self.phase {
            let account = self.world.settings().account.as_ref();
            // Without randomness the deadline ends it.
            entering.entrance = Entrance::begin(account, &mut out.to_upstream).ok();
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
            Phase::Login(_) | Phase::Entrance(_) | Phase::Closed => {
                let why = Fatal::Withdrawn("the proxy is shutting down".to_owned());
                Err(self.end(SHUTDOWN, why, out))
            }
        }
    }

    fn on_reload(&mut self, out: &mut Outbox) -> Result<(), Fatal> {
        let registry = self.world.registry();
        let withdrawn =
            self.client().is_some_and(|client| !registry.allows(&client.login, &client.tenant));
        drop(registry);
        let why = if withdrawn {
            "the login may no longer act for its tenant"
        } else if let Phase::Ready(ready) = &mut self.phase
            && !ready.on_reload(&self.world)
        {
            "the tenant's part of the store has changed"
        } else {
            return Ok(());
        };
        Err(self.end(SHUTDOWN, Fatal::Withdrawn(why.to_owned()), out))
    }

    fn on_deadline(&mut self, now: Instant, out: &mut Outbox) -> Result<(), Fatal> {
        if self.next_deadline().is_none_or(|deadline| now < deadline) {
            return Ok(());
        }
        if let Phase::Login(login) = &mut self.phase
            && login.take_greeted()
        {
            self.deadline = now + GREETING_PAUSE_MAX;
            return Ok(());
        }
        let why = Fatal::TimedOut("authentication, or the upstream's start".to_owned());
        Err(self.end(UNAVAILABLE, why, out))
    }

    fn next_deadline(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Login(_) => Some(self.deadline),
            Phase::Entrance(_) => Some(self.deadline + self.world.settings().dial_timeout),
            Phase::Ready(_) | Phase::Closed => None,
        }
    }

    fn wants_client(&self) -> bool {
        match &self.phase {
            Phase::Login(_) => true,
            Phase::Ready(ready) => ready.wants_client(&self.world),
            Phase::Entrance(_) | Phase::Closed => false,
        }
    }
}
