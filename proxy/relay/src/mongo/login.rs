//! The first phase: the client greets, and says who it is.
//!
//! A server that asks for logins runs nothing else before one, and neither do we. A login that does
//! not exist goes through the same exchange as one whose password is wrong, with a verifier that
//! nothing fits, and fails with the same words.

use identity::{AwaitClientFinal, Nonce, Offer, ProvenClient, Role, user_name};
use mongo_wire::bson::{Binary, Document, DocumentWriter, Value};
use mongo_wire::command::Command;
use mongo_wire::reply::Failure;
use mongo_wire::survey::CommandClass;

use super::answer::Asked;
use super::hello::Hello;
use super::world::Peer;
use super::{Client, World};
use crate::{Event, Fatal, Outbox};

/// The mechanism of passwords that do not travel.
pub(super) const SCRAM: &str = "SCRAM-SHA-256";
/// The mechanism of passwords that do (RFC 4616).
const PLAIN: &str = "PLAIN";

/// Wrong passwords that one connection may try: each costs us the work of a hash.
const FAILURES_MAX: u32 = 16;
/// The number of the one conversation that a connection has.
const CONVERSATION: i32 = 1;
/// The subtype of plain bytes.
const GENERIC: u8 = 0;

const FAILED: Failure<'static> = Failure { code: 18, errmsg: "Authentication failed." };
const NO_CONVERSATION: Failure<'static> =
    Failure { code: 17, errmsg: "No SASL session state found" };
const OTHER_CONVERSATION: Failure<'static> =
    Failure { code: 17, errmsg: "sasl: Mismatched conversation id" };
const NO_MECHANISM: Failure<'static> =
    Failure { code: 334, errmsg: "Received authentication for a mechanism which is not enabled" };
const NOT_PRIVATE: Failure<'static> =
    Failure { code: 334, errmsg: "PLAIN sends the password as it is, which needs TLS here" };

/// Waits for a client to log in.
#[derive(Debug, Default)]
pub(super) struct Login {
    failures: u32,
    exchange: Option<Exchange>,
    /// Whether the client has greeted since this was last asked.
    greeted: bool,
}

#[derive(Debug)]
struct Exchange {
    /// Whether the client counts the last message of ours as the end.
    skips_empty: bool,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    AwaitProof(Box<AwaitProof>),
    /// All is proved; the client has to say once more that it has heard.
    AwaitEmpty(Client),
}

#[derive(Debug)]
struct AwaitProof {
    name: String,
    login: Option<identity::Login>,
    exchange: AwaitClientFinal,
}

/// What the client is answered when it is served.
#[derive(Debug)]
pub(super) struct Greeting {
    asked: Asked,
    payload: Vec<u8>,
}

impl Greeting {
    pub(super) fn asked(&self) -> Asked {
        self.asked
    }

    pub(super) fn put(&self, out: &mut Outbox) {
        self.asked.answer(&mut out.to_client, |reply| {
            put_sasl(true, &self.payload, reply);
            reply.value("ok", Value::Double(1.0));
        });
    }
}

/// What a request led to.
pub(super) enum Step {
    /// It was answered.
    Answered,
    /// The client has proved who it is.
    Admitted(Client, Greeting),
}

/// The fields of a step of a login.
pub(super) fn put_sasl(done: bool, payload: &[u8], reply: &mut DocumentWriter<'_>) {
    reply.value("conversationId", Value::Int32(CONVERSATION));
    reply.value("done", Value::Boolean(done));
    reply.value("payload", Value::Binary(Binary { subtype: GENERIC, bytes: payload }));
}

/// Why a login does not go on.
enum Refused {
    /// The client is told this, and may try otherwise.
    Told(Failure<'static>),
    /// Nothing is safe any more.
    Ended(Fatal),
}

impl Login {
    /// Whether the client has greeted since this was last asked: drivers watch a server by
    /// connections that greet and never log in.
    pub(super) fn take_greeted(&mut self) -> bool {
        std::mem::take(&mut self.greeted)
    }

    pub(super) fn on_hello(
        &mut self,
        body: Document<'_>,
        asked: Asked,
        connection: i32,
        world: &World,
        out: &mut Outbox,
    ) {
        let hello = Hello::read(body);
        self.greeted = true;
        // What cannot be begun so is left out, and then comes by saslStart.
        let begun = hello.speculative.and_then(|start| {
            let start = Start::read(start).filter(|start| start.mechanism == SCRAM)?;
            self.begin(&start, world, out).ok()
        });
        asked.answer(&mut out.to_client, |reply| {
            hello.put(world, connection, begun.as_deref().map(str::as_bytes), reply);
        });
    }

    pub(super) fn on_command(
        &mut self,
        command: &Command<'_>,
        asked: Asked,
        peer: Peer,
        world: &World,
        out: &mut Outbox,
    ) -> Result<Step, Fatal> {
        let body = command.body();
        let refused = match (command.spec().map(|spec| spec.class), command.name()) {
            (None, name) => {
                let errmsg = format!("no such command: '{}'", name.escape_debug());
                asked.fail(Failure { code: 59, errmsg: &errmsg }, &mut out.to_client);
                return Ok(Step::Answered);
            }
            (_, "saslStart") => match self.on_start(body, asked, peer, world, out) {
                Ok(step) => return Ok(step),
                Err(refused) => refused,
            },
            (_, "saslContinue") => match self.on_continue(body, asked, world, out) {
                Ok(step) => return Ok(step),
                Err(refused) => refused,
            },
            (_, "authenticate") => Refused::Told(NO_MECHANISM),
            (Some(CommandClass::Answered), "ping") | (_, "logout") => {
                asked.answer(&mut out.to_client, |reply| reply.value("ok", Value::Double(1.0)));
                return Ok(Step::Answered);
            }
            (Some(_), name) => {
                let errmsg = format!("Command {} requires authentication", name.escape_debug());
                asked.fail(Failure { code: 13, errmsg: &errmsg }, &mut out.to_client);
                return Ok(Step::Answered);
            }
        };
        self.exchange = None;
        match refused {
            Refused::Ended(fatal) => Err(fatal),
            Refused::Told(failure) => {
                asked.fail(failure, &mut out.to_client);
                self.failures += u32::from(failure == FAILED);
                if self.failures >= FAILURES_MAX {
                    let why = "too many wrong passwords".to_owned();
                    return Err(Fatal::AuthenticationFailed(why));
                }
                Ok(Step::Answered)
            }
        }
    }

    fn on_start(
        &mut self,
        body: Document<'_>,
        asked: Asked,
        peer: Peer,
        world: &World,
        out: &mut Outbox,
    ) -> Result<Step, Refused> {
        let start = Start::read(body).ok_or(Refused::Told(FAILED))?;
        match start.mechanism {
            SCRAM => {
                let first = self.begin(&start, world, out)?;
                asked.answer(&mut out.to_client, |reply| {
                    put_sasl(false, first.as_bytes(), reply);
                    reply.value("ok", Value::Double(1.0));
                });
                Ok(Step::Answered)
            }
            PLAIN if !peer.is_private() => Err(Refused::Told(NOT_PRIVATE)),
            PLAIN => {
                let client = plain(start.payload, world, out)?;
                Ok(Step::Admitted(client, Greeting { asked, payload: Vec::new() }))
            }
            _ => Err(Refused::Told(NO_MECHANISM)),
        }
    }

    /// Begins SCRAM; gives what the client is to be sent.
    fn begin(
        &mut self,
        start: &Start<'_>,
        world: &World,
        out: &mut Outbox,
    ) -> Result<String, Refused> {
        let mut entropy = [0; Nonce::ENTROPY_BYTES];
        getrandom::fill(&mut entropy).map_err(|_| Refused::Ended(no_randomness()))?;
        let registry = world.registry();
        let begun = user_name(start.payload).and_then(|name| {
            let verifier = registry.verifier(&name);
            let (first, exchange) = Offer::new(None)
                .begin(SCRAM.as_bytes(), verifier, Nonce::new(entropy))?
                .on_client_first(start.payload)?;
            let login = registry.login(&name).cloned();
            let stage = Stage::AwaitProof(Box::new(AwaitProof { name, login, exchange }));
            self.exchange = Some(Exchange { skips_empty: start.skips_empty, stage });
            Ok(first)
        });
        begun.map_err(|_| failed("", "the exchange failed", out))
    }

    fn on_continue(
        &mut self,
        body: Document<'_>,
        asked: Asked,
        world: &World,
        out: &mut Outbox,
    ) -> Result<Step, Refused> {
        let exchange = self.exchange.take().ok_or(Refused::Told(NO_CONVERSATION))?;
        let conversation = body.value("conversationId").and_then(|value| value.as_i64());
        if conversation != Some(CONVERSATION.into()) {
            return Err(Refused::Told(OTHER_CONVERSATION));
        }
        let payload = payload(body).ok_or(Refused::Told(FAILED))?;
        let Exchange { skips_empty, stage } = exchange;
        let AwaitProof { name, login, exchange } = match stage {
            Stage::AwaitEmpty(client) if payload.is_empty() => {
                return Ok(Step::Admitted(client, Greeting { asked, payload: Vec::new() }));
            }
            Stage::AwaitEmpty(_) => return Err(Refused::Told(FAILED)),
            Stage::AwaitProof(awaited) => *awaited,
        };
        let proof = exchange.on_client_final(payload).map_err(|_| {
            let why = if login.is_some() { "wrong password" } else { "unknown login" };
            failed(&name, why, out)
        })?;
        let client = admit(name, login, &proof, world, out)?;
        let last = proof.server_final().as_bytes();
        if skips_empty {
            return Ok(Step::Admitted(client, Greeting { asked, payload: last.to_vec() }));
        }
        self.exchange = Some(Exchange { skips_empty, stage: Stage::AwaitEmpty(client) });
        asked.answer(&mut out.to_client, |reply| {
            put_sasl(false, last, reply);
            reply.value("ok", Value::Double(1.0));
        });
        Ok(Step::Answered)
    }
}

/// The first message of a login, as `saslStart` and as `speculativeAuthenticate`.
struct Start<'b> {
    mechanism: &'b str,
    payload: &'b [u8],
    skips_empty: bool,
}

impl<'b> Start<'b> {
    fn read(body: Document<'b>) -> Option<Self> {
        let options = body.value("options").and_then(|value| value.as_document());
        let skips_empty = options.and_then(|options| options.value("skipEmptyExchange"));
        Some(Self {
            mechanism: body.value("mechanism")?.as_str()?,
            payload: payload(body)?,
            skips_empty: skips_empty.and_then(|value| value.as_bool()).unwrap_or_default(),
        })
    }
}

fn payload(body: Document<'_>) -> Option<&[u8]> {
    match body.value("payload")? {
        Value::Binary(binary) => Some(binary.bytes),
        _ => None,
    }
}

/// RFC 4616: an identity to act for, the user and the password, with NULs between them.
fn plain(payload: &[u8], world: &World, out: &mut Outbox) -> Result<Client, Refused> {
    let mut parts = payload.splitn(3, |byte| *byte == 0);
    let (Some(identity), Some(name), Some(password)) = (parts.next(), parts.next(), parts.next())
    else {
        return Err(failed("", "the exchange failed", out));
    };
    let name = String::from_utf8_lossy(name).into_owned();
    if !identity.is_empty() && identity != name.as_bytes() {
        return Err(failed(&name, "another identity", out));
    }
    let registry = world.registry();
    match registry.authenticate_password(&name, password) {
        Ok(login) => client_of(login, out),
        Err(identity::PasswordError::UnknownLogin) => Err(failed(&name, "unknown login", out)),
        Err(identity::PasswordError::WrongPassword) => Err(failed(&name, "wrong password", out)),
    }
}

/// Finds out whom the client acts for, now that it is known who it is. The registry may have been
/// read anew since the exchange began: what it says now counts.
fn admit(
    name: String,
    then: Option<identity::Login>,
    _proof: &ProvenClient,
    world: &World,
    out: &mut Outbox,
) -> Result<Client, Refused> {
    let registry = world.registry();
    let unchanged = then.zip(registry.login(&name));
    match unchanged.filter(|(then, now)| then.verifier() == now.verifier()) {
        Some((_, login)) => client_of(login, out),
        // No password fits a login that does not exist, so it was withdrawn or changed meanwhile.
        None => Err(failed(&name, "wrong password", out)),
    }
}

fn client_of(login: &identity::Login, out: &mut Outbox) -> Result<Client, Refused> {
    let name = login.name().to_owned();
    let Some(tenant) = login.single_tenant() else {
        return Err(failed(
            &name,
            match login.role() {
                Role::Migrate => "role not served",
                Role::Tenant if !login.is_active() => "tenant suspended",
                Role::Tenant => "several tenants",
            },
            out,
        ));
    };
    out.events.push(Event::Authenticated { login: name.clone(), tenant: tenant.slug.clone() });
    Ok(Client { login: name, tenant })
}

/// The true reason is for the log.
fn failed(login: &str, why: &'static str, out: &mut Outbox) -> Refused {
    out.events.push(Event::AuthenticationFailed { login: login.to_owned(), why });
    Refused::Told(FAILED)
}

/// Without randomness nothing is safe.
pub(super) fn no_randomness() -> Fatal {
    Fatal::Unavailable("the operating system gives no random bytes".to_owned())
}
