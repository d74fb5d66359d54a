//! What is said and heard until the upstream lets us in, as our own account.
//!
//! The hello carries the first message of SCRAM, so that one more exchange is enough.

use bytes::BytesMut;
use identity::{AwaitServerFinal, AwaitServerFirst, ClientExchange, Nonce, ScramError};
use mongo_wire::Bounds;
use mongo_wire::bson::{Binary, Document, DocumentWriter, Value};
use mongo_wire::frame::Frame;
use mongo_wire::message::{Flags, op_msg};
use mongo_wire::reply::Reply;

use super::login::{SCRAM, no_randomness};
use super::world::Account;
use crate::Fatal;

/// What the upstream's log calls our connections.
const NAME: &str = "partywall";

/// Waits for the upstream.
#[derive(Debug)]
pub(super) struct Entrance {
    stage: Stage,
    wire_version_max: i32,
}

#[derive(Debug)]
enum Stage {
    AwaitHello(Option<AwaitServerFirst>),
    AwaitFirst(AwaitServerFirst),
    AwaitFinal(AwaitServerFinal),
    /// It has proved that it knows the password, and wants to hear that we have heard.
    AwaitEnd,
    LetIn,
}

impl Entrance {
    /// Sends a hello.
    pub(super) fn begin(account: Option<&Account>, out: &mut BytesMut) -> Result<Self, Fatal> {
        let begun = account.map(begin_scram).transpose()?;
        command(out, |body| {
            body.value("hello", Value::Int32(1));
            body.value("helloOk", Value::Boolean(true));
            body.nested("client", put_client);
            if let (Some((first, _)), Some(account)) = (&begun, account) {
                body.nested("speculativeAuthenticate", |start| {
                    put_start(first, start);
                    start.value("db", Value::String(&account.database));
                });
            }
            body.value("$db", Value::String("admin"));
        });
        let stage = Stage::AwaitHello(begun.map(|(_, awaits)| awaits));
        Ok(Self { stage, wire_version_max: 0 })
    }

    /// A message came. The newest version of the wire that the upstream speaks, once we are in.
    pub(super) fn on_frame(
        &mut self,
        frame: Frame<'_>,
        account: Option<&Account>,
        out: &mut BytesMut,
    ) -> Result<Option<i32>, Fatal> {
        let reply = read(frame)?;
        let bounds = Bounds::default();
        let body = Document::read(reply.body.bytes(), &bounds)
            .map_err(|fault| misbehaved(&fault.to_string()))?;
        let stage = std::mem::replace(&mut self.stage, Stage::LetIn);
        self.stage = match (stage, account) {
            (Stage::AwaitHello(begun), account) => {
                self.wire_version_max = check_hello(body)?;
                match begun.zip(account) {
                    None => Stage::LetIn,
                    Some((awaits, account)) => on_hello(body, awaits, account, out)?,
                }
            }
            (Stage::AwaitFirst(awaits), Some(account)) => on_first(body, awaits, account, out)?,
            (Stage::AwaitFinal(awaits), Some(account)) => {
                let payload = payload(body)?;
                let _proven = awaits.on_server_final(payload).map_err(scram)?;
                if is_done(body) {
                    Stage::LetIn
                } else {
                    put_continue(&[], account, out);
                    Stage::AwaitEnd
                }
            }
            (Stage::AwaitEnd, _) if is_done(body) => Stage::LetIn,
            _ => return Err(misbehaved("authentication out of turn")),
        };
        Ok(match self.stage {
            Stage::LetIn => Some(self.wire_version_max),
            _ => None,
        })
    }
}

fn begin_scram(account: &Account) -> Result<(String, AwaitServerFirst), Fatal> {
    let mut entropy = [0; Nonce::ENTROPY_BYTES];
    getrandom::fill(&mut entropy).map_err(|_| no_randomness())?;
    let exchange = ClientExchange::choose([SCRAM.as_bytes()], None, Nonce::new(entropy));
    Ok(exchange.map_err(scram)?.for_user(&account.user).begin())
}

/// Most drivers say it, so servers log it.
fn put_client(client: &mut DocumentWriter<'_>) {
    client.nested("application", |it| it.value("name", Value::String(NAME)));
    client.nested("driver", |it| {
        it.value("name", Value::String(NAME));
        it.value("version", Value::String(env!("CARGO_PKG_VERSION")));
    });
    client.nested("os", |it| it.value("type", Value::String(std::env::consts::OS)));
}

/// What the hello says of the server.
fn check_hello(body: Document<'_>) -> Result<i32, Fatal> {
    let is = |name| body.value(name).and_then(|value| value.as_bool()).unwrap_or_default();
    if !is("isWritablePrimary") && !is("ismaster") {
        return Err(Fatal::Unavailable("it is not a primary, and takes no writes".to_owned()));
    }
    let version = body.value("maxWireVersion").and_then(|value| value.as_i64());
    version
        .and_then(|version| i32::try_from(version).ok())
        .ok_or_else(|| misbehaved("its hello has no maxWireVersion"))
}

/// Goes on with the login that the hello began, or begins it where that was not understood.
fn on_hello(
    body: Document<'_>,
    awaits: AwaitServerFirst,
    account: &Account,
    out: &mut BytesMut,
) -> Result<Stage, Fatal> {
    let speculated = body.value("speculativeAuthenticate").and_then(|value| value.as_document());
    if let Some(first) = speculated {
        return on_first(first, awaits, account, out);
    }
    let (first, awaits) = begin_scram(account)?;
    command(out, |body| {
        put_start(&first, body);
        body.value("$db", Value::String(&account.database));
    });
    Ok(Stage::AwaitFirst(awaits))
}

fn on_first(
    body: Document<'_>,
    awaits: AwaitServerFirst,
    account: &Account,
    out: &mut BytesMut,
) -> Result<Stage, Fatal> {
    let password = account.password.text().as_bytes();
    let (last, awaits) = awaits.on_server_first(payload(body)?, password).map_err(scram)?;
    put_continue(last.as_bytes(), account, out);
    Ok(Stage::AwaitFinal(awaits))
}

fn put_start(first: &str, start: &mut DocumentWriter<'_>) {
    start.value("saslStart", Value::Int32(1));
    start.value("mechanism", Value::String(SCRAM));
    start.value("payload", Value::Binary(Binary { subtype: 0, bytes: first.as_bytes() }));
    start.nested("options", |options| options.value("skipEmptyExchange", Value::Boolean(true)));
}

fn put_continue(payload: &[u8], account: &Account, out: &mut BytesMut) {
    command(out, |body| {
        body.value("saslContinue", Value::Int32(1));
        body.value("conversationId", Value::Int32(1));
        body.value("payload", Value::Binary(Binary { subtype: 0, bytes: payload }));
        body.value("$db", Value::String(&account.database));
    });
}

/// Appends a command of our own.
pub(super) fn command(out: &mut BytesMut, body: impl FnOnce(&mut DocumentWriter<'_>)) {
    op_msg([1, 0], Flags::default(), out, body);
}

/// The reply to a command of our own, which must have succeeded.
pub(super) fn read(frame: Frame<'_>) -> Result<Reply<'_>, Fatal> {
    let reply = Reply::read(frame).map_err(|defect| misbehaved(&defect.to_string()))?;
    if reply.ok {
        return Ok(reply);
    }
    let what = reply.errmsg.unwrap_or("no reason");
    let code = reply.code.unwrap_or_default();
    Err(misbehaved(&format!("it refuses us: {what} (code {code})")))
}

fn payload(body: Document<'_>) -> Result<&[u8], Fatal> {
    match body.value("payload") {
        Some(Value::Binary(binary)) => Ok(binary.bytes),
        _ => Err(misbehaved("a step of its login has no payload")),
    }
}

fn is_done(body: Document<'_>) -> bool {
    body.value("done").and_then(|value| value.as_bool()).unwrap_or_default()
}

fn scram(error: ScramError) -> Fatal {
    misbehaved(&error.to_string())
}

fn misbehaved(what: &str) -> Fatal {
    Fatal::UpstreamMisbehaved(what.to_owned())
}
