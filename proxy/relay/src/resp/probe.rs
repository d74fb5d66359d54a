//! Asks a server for what the rules need to know.

use bytes::BytesMut;
use memchr::memmem;
use policies::resp::{Globals, PROBE, ServerFacts};
use resp_wire::command::disagreements;
use resp_wire::reply::{Cursor, Event, Kind, Value};
use resp_wire::request::{put_bulk, put_header};

use super::cluster::{Node, Topology};
use super::gather::Gather;
use super::handshake::{put_auth, refused};
use super::{Settings, Upstream};
use crate::{Fatal, Outbox};

/// Most bytes of a reply: COMMAND answers some hundred thousand.
const REPLY_BYTES_MAX: usize = 16 << 20;

/// A conversation with the upstream of our own, without a client.
#[derive(Debug)]
pub struct Probe {
    upstream: Upstream,
    gather: Gather,
    awaits: Awaits,
    facts: ServerFacts,
}

/// Which reply comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaits {
    Auth,
    Info,
    Command,
    Globals,
}

impl Probe {
    /// A probe that has yet to begin.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            upstream: settings.upstream.clone(),
            gather: Gather::default(),
            awaits: Awaits::Info,
            facts: ServerFacts::default(),
        }
    }

    /// Writes all that is asked.
    pub fn begin(&mut self, out: &mut Outbox) {
        if let Some(account) = self.upstream.service() {
            put_auth(&account, out);
            self.awaits = Awaits::Auth;
        }
        put_header(2, &mut out.to_upstream);
        put_bulk(&[b"INFO"], &mut out.to_upstream);
        put_bulk(&[b"server"], &mut out.to_upstream);
        put_header(1, &mut out.to_upstream);
        put_bulk(&[b"COMMAND"], &mut out.to_upstream);
        put_header(3, &mut out.to_upstream);
        for argument in [b"EVAL".as_slice(), PROBE, b"0"] {
            put_bulk(&[argument], &mut out.to_upstream);
        }
    }

    /// Bytes came from the upstream. What is known in the end, or `None` while more must come.
    ///
    /// # Errors
    /// `Fatal` when the server refuses us, or says what cannot be understood.
    pub fn on_upstream(
        &mut self,
        input: &mut BytesMut,
        _out: &mut Outbox,
    ) -> Result<Option<ServerFacts>, Fatal> {
        while let Some(bytes) = self.gather.whole(input, REPLY_BYTES_MAX)? {
            let reply = input.split_to(bytes);
            let event = Cursor::new(&reply)
                .next_event()
                .map_err(|violation| Fatal::UpstreamMisbehaved(violation.to_string()))?;
            let may_fail = self.awaits == Awaits::Globals;
            if let (Some(Event::Text { kind: Kind::Error, text }), false) = (event, may_fail) {
                return Err(refused(&String::from_utf8_lossy(text)));
            }
            match (self.awaits, event) {
                (Awaits::Auth, _) => self.awaits = Awaits::Info,
                (Awaits::Info, Some(Event::Text { text, .. })) => {
                    self.facts.is_cluster = is_cluster(text)?;
                    self.facts.version = version(text);
                    self.awaits = Awaits::Command;
                }
                (Awaits::Info, _) => return Err(refused("INFO says nothing")),
                (Awaits::Command, _) => {
                    let found = disagreements(&reply)
                        .map_err(|_| Fatal::UpstreamMisbehaved("COMMAND says nothing".into()))?;
                    self.facts.disagreements = found.iter().map(|one| one.command.name).collect();
                    self.awaits = Awaits::Globals;
                }
                (Awaits::Globals, _) => {
                    self.facts.globals = globals(&reply);
                    return Ok(Some(std::mem::take(&mut self.facts)));
                }
            }
        }
        Ok(None)
    }
}

/// Whether the server is a node of a cluster; else it holds all keys by itself.
fn is_cluster(info: &[u8]) -> Result<bool, Fatal> {
    let is = |mode: &[u8]| {
        let fields = [b"redis_mode:".as_slice(), b"server_mode:"];
        fields.iter().any(|field| memmem::find(info, &[field, mode].concat()).is_some())
    };
    match (is(b"cluster"), is(b"standalone")) {
        (true, _) => Ok(true),
        (false, true) => Ok(false),
        (false, false) => {
            let what = "it is a sentinel, which is not served";
            Err(Fatal::UpstreamMisbehaved(what.to_owned()))
        }
    }
}

/// Asks a node of a cluster which nodes there are, and which slots each has.
#[derive(Debug)]
pub struct Shards {
    asked: Node,
    in_tls: bool,
    gather: Gather,
    awaits_auth: bool,
}

impl Shards {
    /// Writes all that is asked of `asked`, on a link that is in TLS or not.
    #[must_use]
    pub fn begin(settings: &Settings, asked: Node, in_tls: bool, out: &mut Outbox) -> Self {
        let account = settings.upstream.service();
        if let Some(account) = &account {
            put_auth(account, out);
        }
        put_header(2, &mut out.to_upstream);
        put_bulk(&[b"CLUSTER"], &mut out.to_upstream);
        put_bulk(&[b"SHARDS"], &mut out.to_upstream);
        Self { asked, in_tls, gather: Gather::default(), awaits_auth: account.is_some() }
    }

    /// Bytes came from the node. What is known in the end, or `None` while more must come.
    ///
    /// # Errors
    /// `Fatal` when the node refuses us, or says what cannot be understood.
    pub fn on_upstream(&mut self, input: &mut BytesMut) -> Result<Option<Topology>, Fatal> {
        while let Some(bytes) = self.gather.whole(input, REPLY_BYTES_MAX)? {
            let reply = input.split_to(bytes);
            if !std::mem::take(&mut self.awaits_auth) {
                let topology = Topology::read(&reply, &self.asked, self.in_tls);
                return topology.map(Some).map_err(refused);
            }
            if reply.first() != Some(&b'+') {
                return Err(refused(&String::from_utf8_lossy(&reply)));
            }
        }
        Ok(None)
    }
}

/// `valkey_version` or `redis_version`, with the name in front.
fn version(info: &[u8]) -> String {
    let info = String::from_utf8_lossy(info);
    let field =
        |name: &str| info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    match (field("valkey_version"), field("redis_version")) {
        (Some(version), _) => format!("Valkey {}", version.trim()),
        (None, Some(version)) => format!("Redis {}", version.trim()),
        (None, None) => "unknown".to_owned(),
    }
}

/// What scripts see there; `None` where they may not run, or cannot be confined.
fn globals(reply: &[u8]) -> Option<Globals> {
    let reply = Value::read(reply).ok()?;
    Globals::read(reply.items().iter().filter_map(Value::text)).ok()
}
