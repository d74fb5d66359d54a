//! Conversations in RESP.
//!
//! A file holds cases, with a blank line between them. A case begins with its name; then come lines:
//!
//! - `login` or `login 3`: the client logs in by AUTH or by HELLO 3, and the upstream lets us in
//! - `C> GET k`: the client sends a request, written as `redis-cli` reads it
//! - `U> $1\r\nv\r\n`: the upstream sends bytes
//! - `>U GET tenant:acme:k`: the upstream gets a request; `(script)` stands for a long
//!   argument, `(sha)` for the name of one
//! - `>C $1\r\nv\r\n`: the client gets bytes
//! - `scripts`: the server's scripts can be confined; `validate`: that is the listener's mode
//! - `late 6`: so many seconds have gone by since the client came; `aside SCRIPT KILL`: a request like
//!   this was sent on a connection of its own
//! - `drain`, `rules none`, `rules PREFIX`: the shell says so; no rules, or those of another prefix
//! - `end what`: the connection has ended, for a reason that holds these words
//!
//! Lines of one side that follow each other are sent at once. What is not listed must not be said.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{BufMut, BytesMut};
use identity::{Registry, Verifier};
use policies::policy::Policy;
use policies::resp::{Globals, Rules, ServerFacts};
use policies::{Mode, TenantKind};
use relay::resp::{Connection, Peer, Settings, Upstream, World};
use relay::{Connection as _, Effect, Fatal, Outbox};
use resp_wire::request::{RequestLimits, RequestScanner, put_bulk, put_header};
use wire::Limits;

use super::Cut;

/// An argument longer than this is shown as `(script)`.
const ARGUMENT_SHOWN_MAX: usize = 300;

/// What the Lua of every server shows.
const GLOBALS: [&str; 8] =
    ["ARGV", "KEYS", "_G", "cjson", "getmetatable", "load", "loadstring", "redis"];

fn rules(prefix: &str, facts: ServerFacts, epoch: u64) -> Rules {
    let text = format!("version = 1\ntenant.id = 'text'\nredis.prefix = '{prefix}'");
    Rules::new(&Policy::parse(&text).unwrap(), &facts, epoch).unwrap()
}

/// One conversation.
pub struct Case {
    pub name: String,
    pub lines: Vec<String>,
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
    asides: Vec<bytes::Bytes>,
    ended: Option<Fatal>,
}

/// Plays a case, with its bytes cut as `cut` says.
pub fn play(case: &Case, cut: Cut) -> Result<(), String> {
    let mut play = Play::new(case);
    let mut lines = case.lines.iter().map(String::as_str).peekable();
    while let Some(line) = lines.next() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "login" => play.login(rest)?,
            "C>" | "U>" => {
                let mut bytes = encode(word, rest);
                while let Some(next) = lines.next_if(|next| next.starts_with(word)) {
                    bytes.extend_from_slice(&encode(word, next.get(3..).unwrap_or_default()));
                }
                play.send(word == "C>", &bytes, cut);
            }
            "late" => {
                let now = play.begun + Duration::from_secs(rest.parse().unwrap());
                while play.connection.next_deadline().is_some_and(|deadline| deadline <= now) {
                    play.end_with(|play| play.connection.on_deadline(now, &mut play.out));
                }
                play.feed();
            }
            "aside" => {
                let request = play.asides.pop().ok_or("nothing was sent aside")?;
                let wanted = encode(">U", rest);
                if memchr::memmem::find(&request, &wanted).is_none() {
                    return Err(format!("sent aside: {}", request.escape_ascii()));
                }
            }
            "scripts" | "validate" => {}
            "drain" => play.end_with(|play| play.connection.on_drain(&mut play.out)),
            "rules" => {
                play.world.set_rules(Arc::new(match rest {
                    "none" => Rules::deny_all(2),
                    prefix => rules(prefix, ServerFacts::default(), 2),
                }));
                play.end_with(|play| play.connection.on_reload(&mut play.out));
            }
            ">U" => play.upstream_gets(rest)?,
            ">C" => play.client_gets(rest)?,
            "end" => match play.ended.take() {
                Some(fatal) if fatal.to_string().contains(rest) => return Ok(()),
                Some(fatal) => return Err(format!("it ended otherwise: {fatal}")),
                None => return Err("it did not end".to_owned()),
            },
            _ => return Err(format!("what is `{line}`?")),
        }
        let next_is_expected = lines.peek().is_some_and(|next| next.starts_with('>'));
        if !next_is_expected {
            play.nothing_else()?;
        }
    }
    match play.ended {
        Some(fatal) => Err(format!("it ended: {fatal}")),
        None => Ok(()),
    }
}

impl Play {
    fn new(case: &Case) -> Self {
        let has = |word: &str| case.lines.iter().any(|line| line == word);
        let (with_scripts, validates) = (has("scripts"), has("validate"));
        let globals = with_scripts.then(|| Globals::read(GLOBALS.map(str::as_bytes)).unwrap());
        let facts = ServerFacts { globals, ..ServerFacts::default() };
        let rules = rules("tenant:{tenant}:", facts, 1);
        let verifier = Verifier::derive(b"pw", b"0123456789abcdef", 4_096).unwrap();
        let logins = ["acme", "globex"].map(|name| {
            format!(
                "[[tenant]]\nid = '{name}'\nslug = '{name}'\n[[login]]\nname = '{name}'\n\
                 tenants = ['{name}']\nverifier = '{}'\n",
                verifier.to_text().as_str()
            )
        });
        let registry = Registry::parse(&logins.concat(), TenantKind::Text).unwrap();
        let settings = Settings {
            mode: if validates { Mode::Validate } else { Mode::Inject },
            limits: Limits::default(),
            upstream: Upstream {
                user: None,
                password: None,
                is_loopback: true,
                tenant_users: None,
            },
            authentication_timeout: Duration::from_secs(10),
            dial_timeout: Duration::from_secs(10),
        };
        let world = Arc::new(World::new(settings, Arc::new(rules), Arc::new(registry)));
        let peer = Peer { address: SocketAddr::from(([127, 0, 0, 1], 7)), in_tls: false };
        let begun = Instant::now();
        let connection = Connection::new(Arc::clone(&world), peer, begun);
        let (client, upstream) = (BytesMut::new(), BytesMut::new());
        let out = Outbox::default();
        Self { world, connection, client, upstream, out, begun, asides: Vec::new(), ended: None }
    }

    fn login(&mut self, version: &str) -> Result<(), String> {
        if version == "3" {
            self.send(true, &encode("C>", "HELLO 3 AUTH acme pw"), Cut::Runs);
        } else {
            self.send(true, &encode("C>", "AUTH acme pw"), Cut::Runs);
        }
        self.upstream_gets("CLIENT ID")?;
        self.send(false, b":7\r\n", Cut::Runs);
        if version == "3" {
            self.upstream_gets("HELLO 3")?;
            self.send(false, b"%1\r\n$5\r\nproto\r\n:3\r\n", Cut::Runs);
            self.client_gets("%1\\r\\n$5\\r\\nproto\\r\\n:3\\r\\n")
        } else {
            self.client_gets("+OK\\r\\n")
        }
    }

    /// Sends bytes of one side, and does what the connection asks for.
    fn send(&mut self, of_client: bool, bytes: &[u8], cut: Cut) {
        let size = if matches!(cut, Cut::Bytes) { 1 } else { bytes.len().max(1) };
        for piece in bytes.chunks(size) {
            if of_client {
                self.client.put_slice(piece);
            } else {
                self.upstream.put_slice(piece);
            }
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
                    Effect::DialNear { .. } => self.connection.on_dialed(&mut self.out),
                    Effect::Release => self.upstream.clear(),
                    Effect::Aside { request } => self.asides.push(request.clone()),
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

    fn upstream_gets(&mut self, wanted: &str) -> Result<(), String> {
        let mut scanner = RequestScanner::new(RequestLimits::after_login(&Limits::default()));
        let next = scanner.next(&self.out.to_upstream).map_err(|what| what.to_string())?;
        let Some((request, bytes)) = next else {
            return Err(format!("the upstream gets nothing, wanted {wanted}"));
        };
        let is_long = |argument: &[u8]| argument.len() > ARGUMENT_SHOWN_MAX;
        let is_name_of_script = |argument: &[u8]| {
            argument.len() == 40
                && argument.iter().all(u8::is_ascii_hexdigit)
                && argument.iter().any(|digit| *digit != b'0')
        };
        let mut line = BytesMut::new();
        put_header(request.len(), &mut line);
        for argument in request.arguments() {
            let shown = match argument {
                argument if is_long(argument) => b"(script)".as_slice(),
                argument if is_name_of_script(argument) => b"(sha)",
                argument => argument,
            };
            put_bulk(&[shown], &mut line);
        }
        let wanted = encode(">U", wanted);
        let found = line == wanted;
        let shown = request.to_string();
        let _ = self.out.to_upstream.split_to(bytes);
        if found {
            Ok(())
        } else {
            Err(format!("the upstream gets {shown}, wanted {}", wanted.escape_ascii()))
        }
    }

    fn client_gets(&mut self, wanted: &str) -> Result<(), String> {
        let wanted = unescape(wanted);
        let found = self.out.to_client.get(..wanted.len()).unwrap_or(&self.out.to_client);
        if found == wanted {
            let _ = self.out.to_client.split_to(wanted.len());
            Ok(())
        } else {
            let (found, wanted) = (self.out.to_client.escape_ascii(), wanted.escape_ascii());
            Err(format!("the client gets {found}, wanted {wanted}"))
        }
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

pub fn encode(side: &str, text: &str) -> Vec<u8> {
    if side == "U>" {
        return unescape(text);
    }
    let line = format!("{text}\r\n");
    let mut scanner = RequestScanner::new(RequestLimits::after_login(&Limits::default()));
    let (request, _) = scanner.next(line.as_bytes()).unwrap().unwrap();
    let mut bytes = Vec::new();
    put_header(request.len(), &mut bytes);
    for argument in request.arguments() {
        put_bulk(&[argument], &mut bytes);
    }
    bytes
}

/// Undoes what `escape_ascii` does, as far as the files use it.
pub fn unescape(text: &str) -> Vec<u8> {
    text.replace("\\r", "\r").replace("\\n", "\n").into_bytes()
}
