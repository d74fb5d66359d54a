//! Conversations in MongoDB's wire.
//!
//! A file holds cases, with a blank line between them. A case begins with its name; then come lines:
//!
//! - `C> {…}`: the client sends a command; each gets the next number, from 1
//! - `C> query {…}`: the same in an OP_QUERY; `C> silent {…}`: no reply is wanted; `C> exhaust {…}`:
//!   replies may follow each other
//! - `C> {…} documents [{…}]`: with a document sequence of this name
//! - `C> bytes 10 00 …`: the client sends bytes
//! - `U> {…}`: the upstream answers the request that it has answered least lately;
//!   `U> more {…}`: and another reply follows; `U> to 7 {…}`: another request
//! - `>U {…}`, `>C {…}`: what the other side gets, and nothing else, or `>U silent {…}`; `"*"` stands for any value, a
//!   last name `"..."` for any others. `>C 3 {…}` says which request is answered, `>C query {…}` how
//! - `login`: the client logs in by PLAIN, and the upstream lets us in
//! - `start USER`, `speculate USER`: the client begins SCRAM in a saslStart or a hello;
//!   `prove PASSWORD` and `prove PASSWORD WITH-EMPTY`: it goes on, from what it last got
//! - `dialed`: the upstream is connected; `lost`: it is gone
//! - `upstream PASSWORD`: the upstream is asked to let us in by SCRAM, knows this password, and does
//! - `drain`, `rules none`, `rules FIELD`, `registry none`: the shell says so
//! - `late 31`: so many seconds have gone by since the client came
//! - `end what`: the connection has ended, for a reason that holds these words
//!
//! Above them may stand `set NAME ADDRESS`, `far` (the client is on another machine), `account` (we
//! have one at the upstream), `validate`, `small` (few bytes are taken).

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{BufMut, BytesMut};
use identity::{
    AwaitClientFinal, AwaitServerFirst, ClientExchange, Nonce, Offer, Registry, Verifier,
};
use mongo_wire::Bounds;
use mongo_wire::bson::Document;
use mongo_wire::extjson;
use mongo_wire::frame::{Header, OP_MSG, OP_QUERY, OP_REPLY};
use policies::mongo::{Rules, ServerFacts};
use policies::policy::Policy;
use policies::{Mode, TenantKind};
use relay::mongo::{Account, Connection, Face, Peer, Settings, World};
use relay::postgres::Password;
use relay::{Connection as _, Effect, Fatal, Outbox};
use serde_json::Value;
use wire::Limits;

use super::Cut;
use super::document::{binary, matches, payload};

const MORE_TO_COME: u32 = 2;
const EXHAUST_ALLOWED: u32 = 1 << 16;

/// One conversation.
pub struct Case {
    pub name: String,
    lines: Vec<String>,
}

/// Reads a file.
pub fn read(text: &str) -> Vec<Case> {
    let blocks = text.split("\n\n").map(|block| {
        let lines = block.lines().filter(|line| !line.starts_with('#'));
        lines.map(str::to_owned).collect::<Vec<_>>()
    });
    let case =
        |mut lines: Vec<String>| (!lines.is_empty()).then(|| Case { name: lines.remove(0), lines });
    blocks.filter_map(case).collect()
}

fn rules(field: &str, epoch: u64) -> Rules {
    let text = format!("version = 1\ntenant.id = 'text'\nmongo.field = '{field}'");
    Rules::new(&Policy::parse(&text).unwrap(), &ServerFacts::default(), epoch).unwrap()
}

struct Play {
    world: Arc<World>,
    connection: Connection,
    client: BytesMut,
    upstream: BytesMut,
    out: Outbox,
    begun: Instant,
    cut: Cut,
    asked: i32,
    /// Numbers of requests that the upstream has not answered.
    pending: VecDeque<i32>,
    /// The number of the upstream's last reply.
    replies: i32,
    exchange: Option<AwaitServerFirst>,
    /// The payload that the client last got.
    heard: Vec<u8>,
    dials: usize,
    ended: Option<Fatal>,
}

/// Plays a case, with its bytes cut as `cut` says.
pub fn play(case: &Case, cut: Cut) -> Result<(), String> {
    let mut play = Play::new(case, cut);
    let mut lines = case.lines.iter().map(String::as_str).peekable();
    while let Some(line) = lines.next() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "C>" | "U>" => {
                let mut bytes = play.encode(word, rest);
                while let Some(next) = lines.next_if(|next| next.starts_with(word)) {
                    bytes.extend_from_slice(&play.encode(word, &next[3..]));
                }
                play.send(word == "C>", &bytes);
            }
            "set" | "far" | "account" | "validate" | "small" => {}
            ">U" => play.upstream_gets(rest)?,
            ">C" => play.client_gets(rest)?,
            "end" => match play.ended.take() {
                Some(fatal) if fatal.to_string().contains(rest) => return Ok(()),
                Some(fatal) => return Err(format!("it ended otherwise: {fatal}")),
                None => return Err("it did not end".to_owned()),
            },
            _ => play.step(word, rest)?,
        }
        let is_heard = |next: &&str| next.starts_with('>') || next.starts_with("upstream ");
        if !lines.peek().is_some_and(is_heard) {
            play.nothing_else().map_err(|what| format!("after `{line}`: {what}"))?;
        }
    }
    match play.ended {
        Some(fatal) => Err(format!("it ended: {fatal}")),
        None => Ok(()),
    }
}

impl Play {
    fn new(case: &Case, cut: Cut) -> Self {
        let option = |word: &str| case.lines.iter().find_map(|line| line.strip_prefix(word));
        let face = match option("set ").and_then(|set| set.split_once(' ')) {
            None => Face::Mongos,
            Some((name, address)) => {
                Face::Set { name: name.to_owned(), address: address.to_owned() }
            }
        };
        let mut limits = Limits::default();
        if option("small").is_some() {
            limits.frame_bytes_max = 16 << 10;
        }
        let settings = Settings {
            mode: if option("validate").is_some() { Mode::Validate } else { Mode::Inject },
            limits,
            account: option("account").map(|_| Account {
                user: "wall,=".to_owned(),
                password: Password::new("secret".to_owned()),
                database: "users".to_owned(),
            }),
            face,
            clock: || 1_700_000_000_000,
            authentication_timeout: Duration::from_secs(10),
            dial_timeout: Duration::from_secs(10),
        };
        let world =
            Arc::new(World::new(settings, Arc::new(rules("tenant", 1)), Arc::new(registry())));
        let address = if option("far").is_some() { [10, 0, 0, 1] } else { [127, 0, 0, 1] };
        let peer = Peer { address: SocketAddr::from((address, 7)), in_tls: false };
        let begun = Instant::now();
        Self {
            connection: Connection::new(Arc::clone(&world), peer, begun),
            world,
            client: BytesMut::new(),
            upstream: BytesMut::new(),
            out: Outbox::default(),
            begun,
            cut,
            asked: 0,
            pending: VecDeque::new(),
            replies: 100,
            exchange: None,
            heard: Vec::new(),
            dials: 0,
            ended: None,
        }
    }

    fn step(&mut self, word: &str, rest: &str) -> Result<(), String> {
        match word {
            "login" => self.login(),
            "start" => self.begin_scram(rest, false),
            "speculate" => self.begin_scram(rest, true),
            "prove" => self.prove(rest),
            "dialed" if self.dials == 1 => {
                self.dials = 0;
                self.connection.on_dialed(&mut self.out);
                Ok(())
            }
            "dialed" => Err("nobody was dialed".to_owned()),
            "upstream" => self.let_in(rest),
            "lost" => {
                let fatal = self.connection.on_upstream_lost("it is gone", &mut self.out);
                self.ended = Some(fatal);
                Ok(())
            }
            "drain" => {
                self.end_with(|play| play.connection.on_drain(&mut play.out));
                Ok(())
            }
            "rules" | "registry" => {
                match (word, rest) {
                    ("registry", _) => self.world.set_registry(Arc::default()),
                    (_, "none") => self.world.set_rules(Arc::new(Rules::deny_all(2))),
                    (_, field) => self.world.set_rules(Arc::new(rules(field, 2))),
                }
                self.end_with(|play| play.connection.on_reload(&mut play.out));
                Ok(())
            }
            "late" => {
                let now = self.begun + Duration::from_secs(rest.parse().unwrap());
                while self.connection.next_deadline().is_some_and(|deadline| deadline <= now)
                    && self.ended.is_none()
                {
                    let at = self.connection.next_deadline().unwrap();
                    self.end_with(|play| play.connection.on_deadline(at, &mut play.out));
                }
                Ok(())
            }
            _ => Err(format!("what is `{word} {rest}`?")),
        }
    }

    fn login(&mut self) -> Result<(), String> {
        let start = r#"{"saslStart": 1, "mechanism": "PLAIN", "payload":
            {"$binary": {"base64": "AGFjbWUAcHc=", "subType": "00"}}, "$db": "$external"}"#;
        let bytes = self.encode("C>", &start.replace('\n', " "));
        self.send(true, &bytes);
        self.step("dialed", "")?;
        self.upstream_gets(r#"{"hello": 1, "...": "*"}"#)?;
        let bytes =
            self.encode("U>", r#"{"isWritablePrimary": true, "maxWireVersion": 21, "ok": 1}"#);
        self.send(false, &bytes);
        self.client_gets(r#"{"conversationId": 1, "done": true, "payload": "*", "ok": 1.0}"#)
    }

    fn begin_scram(&mut self, user: &str, speculative: bool) -> Result<(), String> {
        let nonce = Nonce::new([1; Nonce::ENTROPY_BYTES]);
        let exchange = ClientExchange::choose([&b"SCRAM-SHA-256"[..]], None, nonce).unwrap();
        let (first, exchange) = exchange.for_user(user).begin();
        self.exchange = Some(exchange);
        let start = format!(
            r#""saslStart": 1, "mechanism": "SCRAM-SHA-256", "payload": {}, "options":
            {{"skipEmptyExchange": {speculative}}}"#,
            binary(first.as_bytes())
        );
        let command = if speculative {
            format!(
                r#"{{"hello": 1, "speculativeAuthenticate": {{{start}, "db": "app"}}, "$db": "admin"}}"#
            )
        } else {
            format!(r#"{{{start}, "$db": "app"}}"#)
        };
        let bytes = self.encode("C>", &command.replace('\n', " "));
        self.send(true, &bytes);
        Ok(())
    }

    fn prove(&mut self, password: &str) -> Result<(), String> {
        let exchange = self.exchange.take().ok_or("no exchange has begun")?;
        let (last, _) = exchange
            .on_server_first(&self.heard, password.as_bytes())
            .map_err(|error| error.to_string())?;
        let command = format!(
            r#"{{"saslContinue": 1, "conversationId": 1, "payload": {}, "$db": "app"}}"#,
            binary(last.as_bytes())
        );
        let bytes = self.encode("C>", &command);
        self.send(true, &bytes);
        Ok(())
    }

    /// Plays an upstream that checks our password.
    fn let_in(&mut self, password: &str) -> Result<(), String> {
        let (_, hello) = self.take(false, false)?;
        let start = &hello["speculativeAuthenticate"];
        if start["mechanism"] != "SCRAM-SHA-256" || start["db"] != "users" {
            return Err(format!("it begins so: {hello}"));
        }
        let verifier = Verifier::derive(password.as_bytes(), &[2; 16], 4096).unwrap();
        let (first, exchange) = Offer::new(None)
            .begin(b"SCRAM-SHA-256", verifier, Nonce::new([3; Nonce::ENTROPY_BYTES]))
            .and_then(|exchange| exchange.on_client_first(&payload(start)))
            .map_err(|error| error.to_string())?;
        if identity::user_name(&payload(start)).as_deref() != Ok("wall,=") {
            return Err("it logs in as another".to_owned());
        }
        let reply = format!(
            r#"{{"isWritablePrimary": true, "maxWireVersion": 21, "speculativeAuthenticate":
            {{"conversationId": 1, "done": false, "payload": {}}}, "ok": 1}}"#,
            binary(first.as_bytes())
        );
        let bytes = self.encode("U>", &reply.replace('\n', " "));
        self.send(false, &bytes);
        self.finish_scram(exchange)
    }

    fn finish_scram(&mut self, exchange: AwaitClientFinal) -> Result<(), String> {
        let (_, command) = self.take(false, false)?;
        let (text, ok) = match exchange.on_client_final(&payload(&command)) {
            Ok(proof) => (proof.server_final().to_owned(), true),
            Err(error) => (error.to_string(), false),
        };
        let reply = if ok {
            format!(
                r#"{{"conversationId": 1, "done": true, "payload": {}, "ok": 1}}"#,
                binary(text.as_bytes())
            )
        } else {
            r#"{"ok": 0, "errmsg": "Authentication failed.", "code": 18}"#.to_owned()
        };
        let bytes = self.encode("U>", &reply);
        self.send(false, &bytes);
        Ok(())
    }

    /// Sends bytes of one side, and does what the connection asks for.
    fn send(&mut self, of_client: bool, bytes: &[u8]) {
        let size = if matches!(self.cut, Cut::Bytes) { 1 } else { bytes.len().max(1) };
        for piece in bytes.chunks(size) {
            if of_client { &mut self.client } else { &mut self.upstream }.put_slice(piece);
            self.feed();
        }
    }

    /// As the shell does it: both sides are offered what they have until nothing moves.
    fn feed(&mut self) {
        loop {
            let before = (self.client.len(), self.upstream.len());
            self.end_with(|play| play.connection.on_upstream(&mut play.upstream, &mut play.out));
            self.end_with(|play| play.connection.on_client(&mut play.client, &mut play.out));
            for effect in std::mem::take(&mut self.out.effects) {
                match effect {
                    Effect::Dial => self.dials += 1,
                    other => panic!("{other:?}"),
                }
            }
            if self.ended.is_some() || before == (self.client.len(), self.upstream.len()) {
                return;
            }
        }
    }

    fn end_with(&mut self, step: impl FnOnce(&mut Self) -> Result<(), Fatal>) {
        if self.ended.is_none() {
            self.ended = step(self).err();
        }
    }

    /// Takes the next message for the client, or for the upstream, which wants a reply or none.
    fn take(&mut self, for_client: bool, silent: bool) -> Result<(Header, Value), String> {
        let from = if for_client { &mut self.out.to_client } else { &mut self.out.to_upstream };
        let header = Header::read(from).unwrap().ok_or("nothing is said")?;
        let bytes = from.split_to(header.bytes);
        let body = match header.op_code {
            OP_MSG => &bytes[21..],
            OP_REPLY => &bytes[36..],
            other => return Err(format!("operation {other}")),
        };
        let length = u32::from_le_bytes(body[..4].try_into().unwrap()) as usize;
        let bounds = Bounds::default();
        let document =
            Document::read(&body[..length], &bounds).map_err(|fault| fault.to_string())?;
        let mut text = String::new();
        extjson::write(document, &mut text).unwrap();
        let flags = if silent { [2, 0, 0, 0] } else { [0; 4] };
        if header.op_code == OP_MSG && bytes[16..20] != flags {
            return Err(format!("flags {:?} with {text}", &bytes[16..20]));
        }
        Ok((header, serde_json::from_str(&text).map_err(|error| error.to_string())?))
    }

    fn upstream_gets(&mut self, wanted: &str) -> Result<(), String> {
        let is_silent = wanted.starts_with("silent ");
        let (header, found) = self.take(false, is_silent)?;
        if !is_silent {
            self.pending.push_back(header.request_id);
        }
        matches(&found, wanted.strip_prefix("silent ").unwrap_or(wanted))
            .map_err(|what| format!("the upstream gets {found}: {what}"))
    }

    fn client_gets(&mut self, wanted: &str) -> Result<(), String> {
        let (header, found) = self.take(true, false)?;
        let (words, wanted) = wanted.split_at(wanted.find('{').ok_or("no document")?);
        let mut op_code = OP_MSG;
        for word in words.split_whitespace() {
            match word.parse::<i32>() {
                Ok(number) if number != header.response_to => {
                    return Err(format!("request {} is answered: {found}", header.response_to));
                }
                Ok(_) => {}
                Err(_) if word == "query" => op_code = OP_REPLY,
                Err(_) => return Err(format!("what is `{word}`?")),
            }
        }
        if header.op_code != op_code {
            return Err(format!("operation {}", header.op_code));
        }
        for place in [&found, &found["speculativeAuthenticate"]] {
            if place["payload"].is_object() {
                self.heard = payload(place);
            }
        }
        matches(&found, wanted).map_err(|what| format!("the client gets {found}: {what}"))
    }

    fn nothing_else(&self) -> Result<(), String> {
        let Outbox { to_client, to_upstream, .. } = &self.out;
        if to_client.is_empty() && to_upstream.is_empty() {
            return Ok(());
        }
        Err(format!(
            "what nobody listed: to the client {}, to the upstream {}",
            to_client.escape_ascii(),
            to_upstream.escape_ascii()
        ))
    }

    fn encode(&mut self, side: &str, line: &str) -> BytesMut {
        let mut out = BytesMut::new();
        if let Some(hex) = line.strip_prefix("bytes ") {
            out.extend(hex.split(' ').map(|byte| u8::from_str_radix(byte, 16).unwrap()));
            return out;
        }
        let (words, documents) = line.split_at(line.find('{').unwrap());
        let words: Vec<&str> = words.split_whitespace().collect();
        let mut flags = 0;
        let (mut op_code, mut numbers) = (OP_MSG, [0, 0]);
        if side == "C>" {
            self.asked += 1;
            numbers = [self.asked, 0];
        } else {
            self.replies += 1;
            numbers = [self.replies, numbers[1]];
            numbers[1] = match words.as_slice() {
                ["to", number] => number.parse().unwrap(),
                _ => self.pending.pop_front().unwrap_or_default(),
            };
        }
        for word in &words {
            match *word {
                "silent" | "more" => flags |= MORE_TO_COME,
                "exhaust" => flags |= EXHAUST_ALLOWED,
                "query" => op_code = OP_QUERY,
                _ => {}
            }
        }
        let mut message = BytesMut::new();
        message.put_u32_le(flags);
        let (body, sequence) = documents
            .split_once("} documents ")
            .map_or((documents.to_owned(), None), |(body, sequence)| {
                (format!("{body}}}"), Some(sequence))
            });
        let body = extjson::read(&body).unwrap_or_else(|error| panic!("{body}: {error}"));
        if op_code == OP_QUERY {
            message.put_slice(b"admin.$cmd\0");
            message.put_i32_le(0);
            message.put_i32_le(-1);
        } else {
            message.put_u8(0);
        }
        message.put_slice(&body);
        if let Some(sequence) = sequence {
            let array: Vec<Value> = serde_json::from_str(sequence).unwrap();
            let documents: Vec<u8> = array
                .iter()
                .flat_map(|document| extjson::read(&document.to_string()).unwrap())
                .collect();
            message.put_u8(1);
            message.put_u32_le(u32::try_from(4 + 10 + documents.len()).unwrap());
            message.put_slice(b"documents\0");
            message.put_slice(&documents);
        }
        out.put_u32_le(u32::try_from(16 + message.len()).unwrap());
        for number in [numbers[0], numbers[1], op_code] {
            out.put_i32_le(number);
        }
        out.put_slice(&message);
        out
    }
}

fn registry() -> Registry {
    let verifier = Verifier::derive(b"pw", b"0123456789abcdef", 4_096).unwrap();
    let logins = ["acme", "globex"].map(|name| {
        format!(
            "[[tenant]]\nid = '{name}'\nslug = '{name}'\nactive = {}\n[[login]]\nname = '{name}'\n\
             tenants = ['{name}']\nverifier = '{}'\n",
            name == "acme",
            verifier.to_text().as_str()
        )
    });
    Registry::parse(&logins.concat(), TenantKind::Text).unwrap()
}
