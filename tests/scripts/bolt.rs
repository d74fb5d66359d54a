//! Conversations in Bolt.
//!
//! A file holds cases, with a blank line between them. A case begins with its name; then come lines:
//!
//! - `login 5.8`: a handshake, HELLO and LOGON as acme, and the upstream lets us in
//! - `C> RUN ["RETURN 1", {}, {}]`: the client sends a message, its fields as JSON
//! - `U> SUCCESS [{"fields": ["n"]}]`: the upstream sends one
//! - `>U RUN ["…", {}, {"db": "neo4j"}]`, `>C IGNORED []`: the upstream, the client gets one; the
//!   text `…` stands for any value
//! - `C> hex 00 00`, `>C hex 00 00`: bytes as they are; `C> again 20000 91` so many times these
//! - `server 5.8 4.4`: what the store speaks; without this line nothing is known of it
//! - `late 6`: so many seconds have gone by since the client came
//! - `drain`, `lost`, `rules none`, `suspend`: the shell says so
//! - `end what`: the connection has ended, for a reason that holds these words
//!
//! Lines of one side that follow each other are sent at once. What is not listed must not be said.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bolt_wire::Version;
use bolt_wire::chunk::{self, Frame, Scanner};
use bolt_wire::packstream::{Item, Reader, Structures, Value};
use bytes::{BufMut, BytesMut};
use identity::{Registry, Verifier};
use policies::bolt::Rules;
use policies::policy::Policy;
use policies::{Mode, TenantKind};
use relay::bolt::{Connection, Probe, Server, Settings, Upstream, World};
use relay::{Connection as _, Effect, Fatal, Outbox};
use serde_json::Value as Json;
use wire::Limits;

use super::Cut;

const TAGS: [(&str, u8); 17] = [
    ("HELLO", 0x01),
    ("GOODBYE", 0x02),
    ("RESET", 0x0F),
    ("RUN", 0x10),
    ("BEGIN", 0x11),
    ("COMMIT", 0x12),
    ("ROLLBACK", 0x13),
    ("DISCARD", 0x2F),
    ("PULL", 0x3F),
    ("TELEMETRY", 0x54),
    ("ROUTE", 0x66),
    ("LOGON", 0x6A),
    ("LOGOFF", 0x6B),
    ("SUCCESS", 0x70),
    ("RECORD", 0x71),
    ("IGNORED", 0x7E),
    ("FAILURE", 0x7F),
];

const AGENT: &str = r#""user_agent": "test/1", "bolt_agent": {"product": "test/1"}"#;

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

struct Play {
    world: Arc<World>,
    connection: Connection,
    client: BytesMut,
    upstream: BytesMut,
    out: Outbox,
    begun: Instant,
    ended: Option<Fatal>,
}

/// Plays a case, with its bytes cut as `cut` says.
pub fn play(case: &Case, cut: Cut) -> Result<(), String> {
    let mut play = Play::new();
    let mut lines = case.lines.iter().map(String::as_str).peekable();
    while let Some(line) = lines.next() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "login" => play.login(rest)?,
            "C>" | "U>" => {
                let mut bytes = encode(rest);
                while let Some(next) = lines.next_if(|next| next.starts_with(word)) {
                    bytes.extend_from_slice(&encode(next.get(3..).unwrap_or_default()));
                }
                play.send(word == "C>", &bytes, cut);
            }
            "server" => play.world.set_server(Arc::new(server(rest))),
            "late" => {
                let now = play.begun + Duration::from_secs(rest.parse().unwrap());
                while play.ended.is_none()
                    && play.connection.next_deadline().is_some_and(|deadline| deadline <= now)
                {
                    play.end_with(|play| play.connection.on_deadline(now, &mut play.out));
                }
            }
            "drain" => play.end_with(|play| play.connection.on_drain(&mut play.out)),
            "lost" => play.end_with(|play| {
                Err(play.connection.on_upstream_lost("it closed the connection", &mut play.out))
            }),
            "rules" => play.world.set_rules(Arc::new(Rules::deny_all(2))),
            "suspend" => {
                play.world.set_registry(Arc::new(Registry::default()));
                play.end_with(|play| play.connection.on_reload(&mut play.out));
            }
            ">U" | ">C" => play.gets(word == ">C", rest)?,
            "end" => match play.ended.take() {
                Some(fatal) if fatal.to_string().contains(rest) => return Ok(()),
                Some(fatal) => return Err(format!("it ended otherwise: {fatal}")),
                None => return Err("it did not end".to_owned()),
            },
            _ => return Err(format!("what is `{line}`?")),
        }
        if !lines.peek().is_some_and(|next| next.starts_with('>')) {
            play.nothing_else()?;
        }
    }
    match play.ended {
        Some(fatal) => Err(format!("it ended: {fatal}")),
        None => Ok(()),
    }
}

fn settings() -> Settings {
    Settings {
        mode: Mode::Inject,
        limits: Limits { frame_bytes_max: 1 << 20, ..Limits::default() },
        upstream: Upstream { account: None, database: "neo4j".to_owned() },
        listen: SocketAddr::from(([127, 0, 0, 1], 7687)),
        authentication_timeout: Duration::from_secs(10),
        dial_timeout: Duration::from_secs(10),
    }
}

/// What a probe finds at a store that speaks these versions.
fn server(versions: &str) -> Server {
    let versions: Vec<Version> = versions.split(' ').map(version).collect();
    let has_logon = versions.iter().any(|version| version.has_logon());
    let mut manifest = vec![0, 0, 1, 0xFF, u8::try_from(versions.len()).unwrap()];
    for version in versions {
        manifest.extend_from_slice(&[0, 0, version.minor, version.major]);
    }
    manifest.push(0);
    let greeting = r#"SUCCESS [{"server": "Neo4j/5.26.30",
        "hints": {"connection.recv_timeout_seconds": 120}}]"#;
    let record = |values: &str| {
        let lines = [r#"SUCCESS [{"fields": []}]"#, values, r#"SUCCESS [{"t_last": 1}]"#];
        lines.map(encode).concat()
    };
    let failed = ["FAILURE [{}]", "IGNORED []", "SUCCESS [{}]"].map(encode).concat();
    let said = [
        manifest,
        encode(greeting),
        if has_logon { encode("SUCCESS [{}]") } else { Vec::new() },
        record(r#"RECORD [["community"]]"#),
        record(r#"RECORD [["i", "RANGE", "NODE", ["A"], ["b"], null]]"#),
        record("RECORD [[1]]"),
        failed,
    ];
    let mut probe = Probe::new(&settings());
    let (mut out, mut input) = (Outbox::default(), BytesMut::new());
    probe.begin(&mut out);
    for byte in said.concat() {
        input.put_u8(byte);
        if let Some(server) = probe.on_upstream(&mut input, &mut out).unwrap() {
            return server;
        }
    }
    panic!("the probe found nothing")
}

impl Play {
    fn new() -> Self {
        let policy = Policy::parse("version = 1\ntenant.id = 'text'\nneo4j.strategy = 'label'");
        let rules = Rules::new(&policy.unwrap(), &Default::default(), 1).unwrap();
        let verifier = Verifier::derive(b"pw", b"0123456789abcdef", 4_096).unwrap();
        let logins = ["acme", "globex"].map(|name| {
            format!(
                "[[tenant]]\nid = '{name}'\nslug = '{name}'\n[[login]]\nname = '{name}'\n\
                 tenants = ['{name}']\nverifier = '{}'\n",
                verifier.to_text().as_str()
            )
        });
        let registry = Registry::parse(&logins.concat(), TenantKind::Text).unwrap();
        let world = Arc::new(World::new(settings(), Arc::new(rules), Arc::new(registry)));
        let begun = Instant::now();
        let connection = Connection::new(Arc::clone(&world), begun);
        let (client, upstream) = (BytesMut::new(), BytesMut::new());
        Self { world, connection, client, upstream, out: Outbox::default(), begun, ended: None }
    }

    /// From the first byte to READY.
    fn login(&mut self, name: &str) -> Result<(), String> {
        let version = version(name);
        let offer = format!("hex 60 60 B0 17 {}", "00 00 04 05 ".repeat(4));
        let offer = offer.replace("04 05", &format!("{:02X} {:02X}", version.minor, version.major));
        let answer = format!("hex 00 00 {:02X} {:02X}", version.minor, version.major);
        let auth = r#""scheme": "basic", "principal": "acme", "credentials": "pw""#;
        self.send(true, &encode(&offer), Cut::Runs);
        self.gets(true, &answer)?;
        let hello = if version.has_logon() { String::new() } else { format!(", {auth}") };
        self.send(true, &encode(&format!("HELLO [{{{AGENT}{hello}}}]")), Cut::Runs);
        if version.has_logon() {
            self.gets(true, r#"SUCCESS ["…"]"#)?;
            self.send(true, &encode(&format!("LOGON [{{{auth}}}]")), Cut::Runs);
        }
        let magic = offer.get(..15).unwrap_or_default();
        let only = format!("00 00 {:02X} {:02X}", version.minor, version.major);
        self.gets(false, &format!("{magic} {only} {}", "00 ".repeat(12)))?;
        self.send(false, &encode(&answer), Cut::Runs);
        self.gets(false, r#"HELLO ["…"]"#)?;
        self.send(false, &encode(r#"SUCCESS [{"server": "Neo4j/5.26.30"}]"#), Cut::Runs);
        if version.has_logon() {
            self.gets(false, r#"LOGON [{"scheme": "none"}]"#)?;
            self.send(false, &encode("SUCCESS [{}]"), Cut::Runs);
        }
        self.gets(true, r#"SUCCESS ["…"]"#)?;
        self.nothing_else()
    }

    /// Sends bytes of one side, and does what the connection asks for.
    fn send(&mut self, of_client: bool, bytes: &[u8], cut: Cut) {
        let size = if matches!(cut, Cut::Bytes) { 1 } else { bytes.len().max(1) };
        for piece in bytes.chunks(size) {
            let side = if of_client { &mut self.client } else { &mut self.upstream };
            side.put_slice(piece);
            self.feed();
        }
    }

    /// As the shell does it: both sides are offered what they have until nothing moves.
    fn feed(&mut self) {
        loop {
            let before = (self.client.len(), self.upstream.len());
            self.end_with(|play| play.connection.on_upstream(&mut play.upstream, &mut play.out));
            self.end_with(|play| play.connection.on_client(&mut play.client, &mut play.out));
            let effects = std::mem::take(&mut self.out.effects);
            for effect in &effects {
                match effect {
                    Effect::Dial => self.connection.on_dialed(&mut self.out),
                    Effect::Release => self.upstream.clear(),
                    other => panic!("{other:?}"),
                }
            }
            if self.ended.is_some()
                || (effects.is_empty() && before == (self.client.len(), self.upstream.len()))
            {
                return;
            }
        }
    }

    fn end_with(&mut self, step: impl FnOnce(&mut Self) -> Result<(), Fatal>) {
        if self.ended.is_none() {
            self.ended = step(self).err();
        }
    }

    fn gets(&mut self, client: bool, wanted: &str) -> Result<(), String> {
        let who = if client { "the client" } else { "the upstream" };
        let sent = if client { &mut self.out.to_client } else { &mut self.out.to_upstream };
        let (name, fields) = wanted.split_once(' ').unwrap_or((wanted, ""));
        if matches!(name, "hex" | "text") {
            let wanted = encode(wanted);
            let found = sent.get(..wanted.len()).unwrap_or(sent).to_vec();
            let shown = found.escape_ascii().to_string();
            _ = sent.split_to(found.len());
            return if found == wanted { Ok(()) } else { Err(format!("{who} gets {shown}")) };
        }
        let frame = Scanner::default().scan(sent, 1 << 24).map_err(|what| what.to_string())?;
        let Some(Frame::Message(extent)) = frame else {
            return Err(format!("{who} gets {}, wanted {wanted}", sent.escape_ascii()));
        };
        let message = sent.split_to(extent.wire_bytes);
        let body = extent.body(&message);
        let mut reader = Reader::new(&body, Structures::All);
        let Ok(Item::Structure { tag, fields: count }) = reader.item() else {
            return Err(format!("{who} gets what is no structure"));
        };
        let mut next = || json(&Value::read(&mut reader).unwrap());
        let found: Vec<Json> = (0..count).map(|_| next()).collect();
        let fields: Vec<Json> = serde_json::from_str(fields).map_err(|what| what.to_string())?;
        if tag == tag_of(name)
            && found.len() == fields.len()
            && fields.iter().zip(&found).all(|(wanted, found)| fits(wanted, found))
        {
            return Ok(());
        }
        let name = TAGS.iter().find(|(_, known)| *known == tag).map_or("?", |(name, _)| name);
        let found = serde_json::to_string(&found).unwrap();
        Err(format!("{who} gets {name} {found}\n    wanted {wanted}"))
    }

    fn nothing_else(&self) -> Result<(), String> {
        if self.out.to_client.is_empty() && self.out.to_upstream.is_empty() {
            return Ok(());
        }
        let (client, upstream) =
            (self.out.to_client.escape_ascii(), self.out.to_upstream.escape_ascii());
        Err(format!("unasked: to the client `{client}`, to the upstream `{upstream}`"))
    }
}

fn version(name: &str) -> Version {
    let (major, minor) = name.split_once('.').unwrap();
    Version::new(major.parse().unwrap(), minor.parse().unwrap())
}

fn tag_of(name: &str) -> u8 {
    TAGS.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("{name}?")).1
}

fn fits(wanted: &Json, found: &Json) -> bool {
    match (wanted, found) {
        (Json::String(any), _) if any == "…" => true,
        (Json::Array(wanted), Json::Array(found)) => {
            wanted.len() == found.len() && wanted.iter().zip(found).all(|(a, b)| fits(a, b))
        }
        (Json::Object(wanted), Json::Object(found)) => {
            wanted.len() == found.len()
                && wanted
                    .iter()
                    .all(|(key, value)| found.get(key).is_some_and(|there| fits(value, there)))
        }
        _ => wanted == found,
    }
}

fn json(value: &Value<'_>) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Boolean(truth) => (*truth).into(),
        Value::Integer(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Bytes(bytes) => format!("bytes {}", bytes.escape_ascii()).into(),
        Value::String(text) => (*text).into(),
        Value::List(values) => values.iter().map(json).collect(),
        Value::Map(entries) => {
            entries.iter().map(|(key, value)| ((*key).to_owned(), json(value))).collect()
        }
        Value::Structure { tag, fields } => {
            let fields: Vec<Json> = fields.iter().map(json).collect();
            format!("structure {tag:02X} {fields:?}").into()
        }
        Value::Raw(raw) => json(&raw.value().unwrap()),
    }
}

fn packed(json: &Json) -> Value<'_> {
    match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Boolean(*truth),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::Integer(number),
            None => Value::Float(number.as_f64().unwrap()),
        },
        Json::String(text) => Value::String(text),
        Json::Array(values) => Value::List(values.iter().map(packed).collect()),
        Json::Object(entries) => {
            Value::Map(entries.iter().map(|(key, value)| (key.as_str(), packed(value))).collect())
        }
    }
}

/// What a line says, as bytes of the wire.
fn encode(text: &str) -> Vec<u8> {
    let (name, rest) = text.split_once(' ').unwrap_or((text, ""));
    let bytes = |words: &str| -> Vec<u8> {
        words.split_whitespace().map(|word| u8::from_str_radix(word, 16).unwrap()).collect()
    };
    match name {
        "hex" => bytes(rest),
        "text" => rest.replace("\\r", "\r").replace("\\n", "\n").into_bytes(),
        // A message in one chunk: what stands before the repeated bytes, and those.
        "again" => {
            let (count, rest) = rest.split_once(' ').unwrap();
            let (head, repeated) = rest.split_once(" / ").unwrap();
            let body = [bytes(head), bytes(repeated).repeat(count.parse().unwrap())].concat();
            let mut out = BytesMut::new();
            chunk::write(&body, &mut out);
            out.to_vec()
        }
        _ => {
            let fields: Vec<Json> =
                serde_json::from_str(rest).unwrap_or_else(|what| panic!("`{text}`: {what}"));
            let value =
                Value::Structure { tag: tag_of(name), fields: fields.iter().map(packed).collect() };
            let (mut body, mut out) = (BytesMut::new(), BytesMut::new());
            value.write(&mut body);
            chunk::write(&body, &mut out);
            out.to_vec()
        }
    }
}
