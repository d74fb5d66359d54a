//! Playing a case: a connection, and a shell around it that holds bytes back as the real one does.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use identity::Registry;
use policies::Mode;
use policies::TenantKind;
use policies::policy::Policy;
use policies::postgres::{Catalog, Rules};
use relay::postgres::{Connection, Password, Peer, Settings, SslMode, Upstream, World};
use relay::{Connection as _, Effect, Fatal, Outbox};
use wire::Limits;

use super::encode::encode;
use super::expect::{check, split};
use super::notation::{Case, Line, Side, Word};
use super::scram::Scram;

/// How the bytes of the same conversation reach the connection: it must make no difference.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    /// Each message by itself.
    Messages,
    /// Each byte by itself.
    Bytes,
    /// Everything that one side says in a row at once.
    Runs,
}

/// Plays a case. Says what went wrong, and at which line.
pub(crate) fn play(case: &Case, folder: &Path, cut: Cut) -> Result<(), String> {
    let mut player = Player::new(case, folder, cut);
    let mut lines = case.lines.iter().peekable();
    while lines.peek().is_some() {
        // All that is heard in a row, and then all that is said because of it.
        while let Some(line) = lines.next_if(|line| line.heard) {
            player.hear(line).map_err(|what| format!("line {}: {what}", line.number))?;
        }
        player.deliver();
        while let Some(line) = lines.next_if(|line| !line.heard) {
            player.expect(line).map_err(|what| format!("line {}: {what}", line.number))?;
        }
        let next =
            lines.peek().map_or("the end".to_owned(), |line| format!("line {}", line.number));
        player.expect_silence().map_err(|what| format!("before {next}: {what}"))?;
    }
    Ok(())
}

struct Player {
    connection: Connection,
    world: Arc<World>,
    folder: std::path::PathBuf,
    cut: Cut,
    /// What a side has said in a row, with [`Cut::Runs`].
    run: Option<(Side, Vec<u8>)>,
    from_client: BytesMut,
    from_upstream: BytesMut,
    out: Outbox,
    /// What the connection said to the shell.
    shell: VecDeque<String>,
    ended: bool,
    scram: Scram,
    /// The last message that each side heard.
    heard: [Vec<u8>; 2],
    epoch: u64,
}

impl Player {
    fn new(case: &Case, folder: &Path, cut: Cut) -> Self {
        let get = |key: &str| {
            case.settings.iter().rev().find(|(each, _)| each == key).map(|(_, value)| &**value)
        };
        let rules = rules(folder, "policy.toml", "catalog.json", 1);
        let registry = registry(folder, "tenants.toml");
        let world = World::new(settings(&get), Arc::new(rules), Arc::new(registry));
        let world = Arc::new(world);
        let peer = Peer {
            offers_tls: get("tls").is_some(),
            server_end_point: get("tls").filter(|text| *text != "yes").map(|t| t.into()),
            in_tls: get("tls-from-start").is_some(),
        };
        let now = Instant::now();
        let mut player = Self {
            connection: Connection::new(Arc::clone(&world), peer, now),
            world,
            folder: folder.to_owned(),
            cut,
            run: None,
            from_client: BytesMut::new(),
            from_upstream: BytesMut::new(),
            out: Outbox::default(),
            shell: VecDeque::new(),
            ended: false,
            scram: Scram::default(),
            heard: [Vec::new(), Vec::new()],
            epoch: 1,
        };
        if get("start") != Some("raw") {
            player.start(get("protocol").unwrap_or("3.0"));
        }
        player
    }

    /// Goes through a start that succeeds, unseen.
    fn start(&mut self, protocol: &str) {
        let startup = format!("StartupMessage {protocol} user=acme database=app");
        for line in [
            &*format!("C> {startup}"),
            ">C AuthenticationSASL SCRAM-SHA-256",
            "C> ScramFirst",
            ">C AuthenticationSASLContinue *",
            "C> ScramFinal \"the password of acme\"",
            "S> dialed",
            "U> AuthenticationOk",
            "U> ParameterStatus client_encoding UTF8",
            "U> ParameterStatus standard_conforming_strings on",
            "U> BackendKeyData \"\\0\\0\\0\\x01\\0\\0\\0\\x02\"",
            "U> ReadyForQuery I",
        ] {
            let cases = super::notation::read(&format!("case start\n{line}")).unwrap();
            let line = &cases[0].lines[0];
            if line.heard {
                self.hear(line).unwrap();
                self.deliver();
            } else {
                self.expect(line).unwrap();
            }
        }
        assert!(!self.ended, "the start failed: {:?}", self.shell);
        self.out = Outbox::default();
        self.shell.clear();
    }

    fn hear(&mut self, line: &Line) -> Result<(), String> {
        if self.ended {
            return Err(format!("the connection has ended: {:?}", self.shell));
        }
        let heard = match line.side {
            Side::Shell => {
                self.deliver();
                return self.hear_shell(&line.words);
            }
            Side::Client => &self.heard[0],
            Side::Upstream => &self.heard[1],
        };
        let filled = self.scram.fill(&line.words, heard)?;
        let bytes = encode(line.side, true, filled.as_deref().unwrap_or(&line.words))?;
        match self.cut {
            Cut::Messages => self.feed(line.side, &bytes),
            Cut::Bytes => bytes.chunks(1).for_each(|byte| self.feed(line.side, byte)),
            Cut::Runs => {
                if self.run.as_ref().is_some_and(|(side, _)| *side != line.side) {
                    self.deliver();
                }
                self.run.get_or_insert((line.side, Vec::new())).1.extend(bytes);
            }
        }
        Ok(())
    }

    /// Feeds what was gathered.
    fn deliver(&mut self) {
        if let Some((side, bytes)) = self.run.take() {
            self.feed(side, &bytes);
        }
    }

    fn feed(&mut self, side: Side, bytes: &[u8]) {
        if self.ended {
            return;
        }
        let fed = match side {
            Side::Client => {
                self.from_client.extend_from_slice(bytes);
                Ok(())
            }
            Side::Upstream | Side::Shell => {
                self.from_upstream.extend_from_slice(bytes);
                self.connection.on_upstream(&mut self.from_upstream, &mut self.out)
            }
        };
        self.after(fed);
    }

    /// What the shell does after every call: it notes what it was asked for, and offers again what
    /// the client has said as soon as it is wanted.
    fn after(&mut self, mut result: Result<(), Fatal>) {
        loop {
            let effects = std::mem::take(&mut self.out.effects);
            self.shell.extend(effects.iter().map(effect));
            if let Err(fatal) = result {
                self.shell.push_back(format!("Fatal {}", blame(&fatal)));
                self.ended = true;
                return;
            }
            let before = self.from_client.len();
            if before == 0 || !self.connection.wants_client() {
                return;
            }
            result = self.connection.on_client(&mut self.from_client, &mut self.out);
            if result.is_ok() && self.from_client.len() == before {
                return;
            }
        }
    }

    fn hear_shell(&mut self, words: &[Word]) -> Result<(), String> {
        let (what, rest) = words.split_first().ok_or("what does the shell say?")?;
        let file = || rest.first().map(Word::text).ok_or("which file?");
        let out = &mut self.out;
        let result = match what.text().as_str() {
            "dialed" => {
                self.connection.on_dialed(out);
                Ok(())
            }
            "client-tls" => {
                self.connection.on_client_tls(out);
                Ok(())
            }
            "upstream-tls" => {
                let end_point = rest.first().map(|word| word.bytes.clone());
                self.connection.on_upstream_tls(end_point, out);
                Ok(())
            }
            "upstream-lost" => Err(self.connection.on_upstream_lost("it hung up", out)),
            "drain" => self.connection.on_drain(out),
            "deadline" => {
                let deadline = self.connection.next_deadline().ok_or("there is no deadline")?;
                let early = deadline - Duration::from_millis(1);
                self.connection.on_deadline(early, out).map_err(|_| "ended before its time")?;
                self.connection.on_deadline(deadline, out)
            }
            "no-deadline" => match self.connection.next_deadline() {
                None => Ok(()),
                Some(_) => return Err("there is a deadline".to_owned()),
            },
            "policy" => {
                self.epoch += 1;
                let catalog = rest.get(1).map_or("catalog.json".to_owned(), Word::text);
                let rules = rules(&self.folder, &file()?, &catalog, self.epoch);
                self.world.set_rules(Arc::new(rules));
                self.connection.on_reload(out)
            }
            "tenants" => {
                self.world.set_registry(Arc::new(registry(&self.folder, &file()?)));
                self.connection.on_reload(out)
            }
            other => return Err(format!("the shell does not say `{other}`")),
        };
        self.after(result);
        Ok(())
    }

    fn expect(&mut self, line: &Line) -> Result<(), String> {
        let (said, heard) = match line.side {
            Side::Shell => {
                let words: Vec<String> = line.words.iter().map(Word::to_string).collect();
                let said = self.shell.pop_front().ok_or("nothing was said to the shell")?;
                let wanted = words.join(" ");
                let matches = match wanted.strip_suffix(" *") {
                    Some(start) => said.starts_with(start),
                    None => said == wanted,
                };
                return if matches { Ok(()) } else { Err(format!("found {said}")) };
            }
            Side::Client => (&mut self.out.to_client, &mut self.heard[0]),
            Side::Upstream => (&mut self.out.to_upstream, &mut self.heard[1]),
        };
        if said.is_empty() {
            return Err(format!("nothing was said{}", self.ending()));
        }
        if let [name, bytes] = &line.words[..] {
            // One byte has no frame, and half a message has none yet.
            if name.is("Byte") || name.is("Part") {
                let start = said.split_to(bytes.bytes.len().min(said.len()));
                return if start == bytes.bytes { Ok(()) } else { Err(format!("found {start:?}")) };
            }
        }
        let message = split(said, line.side)?.to_vec();
        check(line, &message)?;
        *heard = message;
        let bytes = heard.len();
        _ = said.split_to(bytes);
        Ok(())
    }

    fn expect_silence(&self) -> Result<(), String> {
        for (to, said) in [("client", &self.out.to_client), ("upstream", &self.out.to_upstream)] {
            if !said.is_empty() {
                return Err(format!("the {to} also hears {}", said.escape_ascii()));
            }
        }
        match self.shell.front() {
            Some(said) => Err(format!("the shell also hears {said}")),
            None => Ok(()),
        }
    }

    fn ending(&self) -> String {
        if self.ended {
            format!(", and the connection ended: {:?}", self.shell)
        } else {
            String::new()
        }
    }
}

fn effect(effect: &Effect) -> String {
    let bytes = |bytes: &[u8]| format!("\"{}\"", bytes.escape_ascii());
    match effect {
        Effect::StartTls => "StartTls".to_owned(),
        Effect::Dial | Effect::DialNear { .. } => "Dial".to_owned(),
        Effect::Release => "Release".to_owned(),
        Effect::Aside { request } => format!("Aside {}", bytes(request)),
        Effect::StartUpstreamTls => "StartUpstreamTls".to_owned(),
        Effect::RegisterCancel { key: _, request } => format!("RegisterCancel {}", bytes(request)),
        Effect::Cancel { key } => format!("Cancel {}", bytes(key)),
    }
}

fn blame(fatal: &Fatal) -> &'static str {
    match fatal {
        Fatal::Closed => "Closed",
        Fatal::ClientMisbehaved(_) => "ClientMisbehaved",
        Fatal::AuthenticationFailed(_) => "AuthenticationFailed",
        Fatal::UpstreamMisbehaved(_) => "UpstreamMisbehaved",
        Fatal::Unavailable(_) => "Unavailable",
        Fatal::Withdrawn(_) => "Withdrawn",
        Fatal::TimedOut(_) => "TimedOut",
    }
}

fn settings<'s>(get: &impl Fn(&str) -> Option<&'s str>) -> Settings {
    let mut limits = Limits::default();
    let number = |key: &str| get(key).and_then(|text| text.parse::<usize>().ok());
    if let Some(bytes) = number("frame-bytes-max") {
        limits.frame_bytes_max = bytes;
    }
    if let Some(bytes) = number("statement-bytes-max") {
        limits.statement_bytes_max = bytes;
    }
    if let Some(count) = number("statements-max") {
        limits.statements_max = count;
    }
    if let Some(count) = number("replies-max") {
        limits.replies_max = count;
    }
    Settings {
        mode: match get("mode") {
            None | Some("inject") => Mode::Inject,
            Some("validate") => Mode::Validate,
            Some("observe") => Mode::Observe,
            Some(other) => panic!("mode {other}"),
        },
        limits,
        upstream: Upstream {
            user: "wall".to_owned(),
            password: get("password").map(|text| Password::new(text.to_owned())),
            database: "app".to_owned(),
            ssl_mode: match get("sslmode") {
                None | Some("disable") => SslMode::Disable,
                Some("prefer") => SslMode::Prefer,
                Some("require") => SslMode::Require,
                Some(other) => panic!("sslmode {other}"),
            },
            application_name: get("application_name").map(str::to_owned),
            is_loopback: get("upstream") != Some("remote"),
        },
        authentication_timeout: Duration::from_secs(60),
        dial_timeout: Duration::from_secs(10),
    }
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn rules(folder: &Path, name: &str, catalog: &str, epoch: u64) -> Rules {
    if name == "none" {
        return Rules::deny_all(epoch);
    }
    let policy = Policy::parse(&read(folder, name)).unwrap_or_else(|errors| panic!("{errors:?}"));
    let catalog: Catalog = serde_json::from_str(&read(folder, catalog)).unwrap();
    Rules::new(&policy, &catalog, epoch).unwrap_or_else(|errors| panic!("{errors:?}"))
}

fn registry(folder: &Path, name: &str) -> Registry {
    Registry::parse(&read(folder, name), TenantKind::Uuid)
        .unwrap_or_else(|errors| panic!("{errors:?}"))
}
