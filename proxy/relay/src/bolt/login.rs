//! The second phase: the client says who it is, in HELLO or, from 5.1, in LOGON.
//!
//! A login that does not exist takes as long as one whose password is wrong, and reads the same.

use std::sync::Arc;

use bolt_wire::Version;
use bolt_wire::message::{Hello, Logon, Request, Success};
use bolt_wire::packstream::{Dictionary, Value};
use identity::{PasswordError, Role};

use super::refusal::Refusal;
use super::{Client, World, put};
use crate::{Event, Fatal, Outbox};

/// Most bytes of a message of a client that is not known yet, as servers have it.
pub(super) const MESSAGE_BYTES_MAX: usize = 8_192;

/// What a client said of itself in HELLO.
#[derive(Clone, Debug)]
pub(super) struct Introduction {
    /// `user_agent`, `bolt_agent`: they travel.
    pub(super) agents: Dictionary<'static>,
    /// Whom it called, where it is to be told a routing table.
    pub(super) address: Option<String>,
    /// Whether it asks for dates in UTC, where a version leaves that open.
    pub(super) wants_utc: bool,
}

/// Waits for a client to say who it is.
#[derive(Debug)]
pub(super) struct Login {
    version: Version,
    /// What it said in HELLO, where LOGON comes next.
    introduction: Option<Introduction>,
}

/// What a message led to.
pub(super) enum Step {
    /// It was answered.
    Answered,
    /// The client has proved who it is.
    Admitted(Client, Introduction),
}

impl Login {
    /// Of a client that has just come.
    pub(super) fn new(version: Version) -> Self {
        Self { version, introduction: None }
    }

    /// Of a client that has logged off.
    pub(super) fn again(version: Version, introduction: Introduction) -> Self {
        Self { version, introduction: Some(introduction) }
    }

    pub(super) fn version(&self) -> Version {
        self.version
    }

    pub(super) fn on_request(
        &mut self,
        request: &Request<'_>,
        world: &World,
        out: &mut Outbox,
    ) -> Result<Step, Fatal> {
        match (request, self.introduction.take()) {
            (Request::Goodbye(_), _) => Err(Fatal::Closed),
            (Request::Hello(hello), None) => self.on_hello(hello, world, out),
            (Request::Logon(Logon { auth }), Some(introduction)) => {
                let client = self.identify(auth, world, out)?;
                Ok(Step::Admitted(client, introduction))
            }
            (other, introduction) => {
                let phase = if introduction.is_some() { "AUTHENTICATION" } else { "NEGOTIATION" };
                let name = super::name(other);
                Refusal::misplaced(name, phase).put(self.version, &mut out.to_client);
                Err(Fatal::ClientMisbehaved(format!("{name} before it has logged in")))
            }
        }
    }

    fn on_hello(
        &mut self,
        hello: &Hello<'_>,
        world: &World,
        out: &mut Outbox,
    ) -> Result<Step, Fatal> {
        let introduction = Introduction::read(hello, self.version).map_err(|what| {
            Refusal::invalid(what).put(self.version, &mut out.to_client);
            Fatal::ClientMisbehaved(format!("HELLO: {what}"))
        })?;
        if self.version.has_logon() {
            put_greeting(world, false, out);
            self.introduction = Some(introduction);
            return Ok(Step::Answered);
        }
        let client = self.identify(&hello.extra, world, out)?;
        Ok(Step::Admitted(client, introduction))
    }

    /// Finds out whose the credentials are and whom they act for.
    ///
    /// # Errors
    /// The client has been told; the true reason is in an event.
    fn identify(
        &self,
        auth: &Dictionary<'_>,
        world: &World,
        out: &mut Outbox,
    ) -> Result<Client, Fatal> {
        let text = |key| auth.string(key).ok().flatten().unwrap_or_default();
        let name = text("principal").to_owned();
        let mut failed = |why, refusal: Refusal| {
            refusal.put(self.version, &mut out.to_client);
            out.events.push(Event::AuthenticationFailed { login: name.clone(), why });
            Fatal::AuthenticationFailed(why.to_owned())
        };
        if text("scheme") != "basic" {
            return Err(failed("a scheme other than basic", Refusal::SCHEME));
        }
        let registry = world.registry();
        let login = registry.authenticate_password(&name, text("credentials").as_bytes());
        let login = login.map_err(|error| {
            let why = match error {
                PasswordError::UnknownLogin => "unknown login",
                PasswordError::WrongPassword => "wrong password",
            };
            failed(why, Refusal::UNAUTHORIZED)
        })?;
        let tenant = login.single_tenant().ok_or_else(|| {
            let why = match login.role() {
                Role::Migrate => "role not served",
                Role::Tenant if !login.is_active() => "tenant suspended",
                Role::Tenant => "several tenants",
            };
            failed(why, Refusal::UNAUTHORIZED)
        })?;
        out.events.push(Event::Authenticated { login: name.clone(), tenant: tenant.slug.clone() });
        Ok(Client { login: name, tenant: Arc::clone(&tenant) })
    }
}

impl Introduction {
    /// Reads HELLO, without its credentials.
    ///
    /// # Errors
    /// What it lacks.
    fn read(hello: &Hello<'_>, version: Version) -> Result<Self, &'static str> {
        let extra = &hello.extra;
        if !matches!(extra.string("user_agent"), Ok(Some(_))) {
            return Err("Expected \"user_agent\" to be non-null");
        }
        if version >= Version::new(5, 3) && !matches!(extra.dictionary("bolt_agent"), Ok(Some(_))) {
            return Err("Expected \"bolt_agent\" to be non-null");
        }
        let mut agents = Dictionary::new();
        for key in ["user_agent", "bolt_agent"] {
            if let Some(value) = extra.get(key) {
                agents.set_raw(key, value);
            }
        }
        let routing = extra.dictionary("routing").ok().flatten();
        let address = routing.and_then(|routing| Some(routing.string("address").ok()??.to_owned()));
        let wants_utc = extra.get("patch_bolt").and_then(|patches| {
            Some(patches.items().ok()?.any(|patch| patch.string() == Ok("utc")))
        });
        let agents = agents.into_owned();
        Ok(Self { agents, address, wants_utc: wants_utc.unwrap_or_default() })
    }

    /// Of ourselves, when we ask the store on our own account.
    pub(super) fn ours() -> Self {
        let name = concat!("partywall/", env!("CARGO_PKG_VERSION"));
        let mut agents = Dictionary::new();
        agents.set("user_agent", &Value::String(name));
        agents.set("bolt_agent", &Value::Map(vec![("product", Value::String(name))]));
        Self { agents, address: None, wants_utc: true }
    }
}

/// Appends what HELLO is answered with. The store's name and version are those that it would say
/// itself, as drivers read them; where it is, is not said.
pub(super) fn put_greeting(world: &World, has_utc: bool, out: &mut Outbox) {
    let server = world.server();
    let mut metadata = Dictionary::new();
    let agent = server.as_ref().map_or("Neo4j/5.0.0", |server| &server.facts.version);
    metadata.set("server", &Value::String(agent));
    let connection = format!("bolt-{}", world.number());
    metadata.set("connection_id", &Value::String(&connection));
    let silence = server.as_ref().and_then(|server| server.silence);
    if let Some(seconds) = silence.and_then(|silence| i64::try_from(silence.as_secs()).ok()) {
        let hint = ("connection.recv_timeout_seconds", Value::Integer(seconds));
        metadata.set("hints", &Value::Map(vec![hint]));
    }
    if has_utc {
        metadata.set("patch_bolt", &Value::List(vec![Value::String("utc")]));
    }
    put(&mut out.to_client, |body| Success { metadata }.write(body));
}
