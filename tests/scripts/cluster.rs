//! Conversations with the nodes of a cluster.
//!
//! A file holds cases as `resp.rs` has them. A has the slots up to 8191 and is the home, B has the
//! others, and N has none. Of the keys, `b` and `c` are A's, `a` and `d` are B's, each in a slot of
//! its own. Lines are:
//!
//! - `C> GET k`: a request comes, as the connection writes it; `>C +OK\r\n`: its reply goes back
//! - `>B GET k`: a node gets a request; `B> $1\r\nv\r\n`: a node sends bytes
//! - `dial B`: a link to the node is asked for, and made; `no dial B`: and cannot be made
//! - `lost B`: the node ends its link
//! - `owner a N`: from now on the topology has the slot of this key at that node
//! - `pause`: the topology was asked for, and the pause behind it is over
//! - `tagged`: all of the tenant's keys are in one slot of A
//! - `end what`: the connection has ended, for a reason that holds these words

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use bytes::{BufMut, BytesMut};
use relay::Fatal;
use relay::resp::cluster::{Cluster, Node, Router, RouterEffect, Topology};
use resp_wire::request::{RequestLimits, RequestScanner};
use resp_wire::slot::{SLOTS, slot};
use wire::Limits;

use super::Cut;
use super::resp::{Case, encode, unescape};

const NAMES: [&str; 3] = ["A", "B", "N"];

fn node(name: &str) -> Node {
    let number = NAMES.iter().position(|known| *known == name).unwrap();
    Node { host: format!("10.0.0.{}", number + 1), port: 7000 }
}

/// What a node answers to CLUSTER SHARDS.
fn topology(owners: &BTreeMap<u16, &'static str>) -> Topology {
    let mut text = format!("*{}\r\n", NAMES.len());
    for name in NAMES {
        let slots: Vec<_> = (0..SLOTS).filter(|slot| owners[slot] == name).collect();
        write!(text, "*4\r\n$5\r\nslots\r\n*{}\r\n", 2 * slots.len()).unwrap();
        for slot in slots {
            write!(text, ":{slot}\r\n:{slot}\r\n").unwrap();
        }
        let Node { host, port } = node(name);
        write!(
            text,
            "$5\r\nnodes\r\n*1\r\n*6\r\n$4\r\nport\r\n:{port}\r\n$2\r\nip\r\n${}\r\n{host}\r\n\
             $4\r\nrole\r\n$6\r\nmaster\r\n",
            host.len()
        )
        .unwrap();
    }
    Topology::read(text.as_bytes(), &node("A"), false).unwrap()
}

struct Play {
    cluster: Arc<Cluster>,
    owners: BTreeMap<u16, &'static str>,
    router: Router,
    requests: BytesMut,
    /// By the router's numbers.
    links: Vec<(String, BytesMut)>,
    /// What was asked for and not done yet.
    dials: Vec<(usize, String)>,
    pauses: bool,
    replies: BytesMut,
    ended: Option<Fatal>,
}

/// Plays a case, with its bytes cut as `cut` says.
pub fn play(case: &Case, cut: Cut) -> Result<(), String> {
    let mut play = Play::new(case);
    for (number, line) in case.lines.iter().enumerate() {
        play.line(line, cut).map_err(|what| format!("line {}, `{line}`: {what}", number + 2))?;
        let next = case.lines.get(number + 1).map_or("", String::as_str);
        // What is said at once is listed in a row.
        if !next.starts_with('>') && !next.contains("dial") && line.get(..2) != next.get(..2) {
            play.nothing_else().map_err(|what| format!("after line {}: {what}", number + 2))?;
        }
    }
    match play.ended {
        Some(fatal) => Err(format!("it ended: {fatal}")),
        None => Ok(()),
    }
}

impl Play {
    fn new(case: &Case) -> Self {
        let half = SLOTS / 2;
        let owners: BTreeMap<_, _> =
            (0..SLOTS).map(|slot| (slot, if slot < half { "A" } else { "B" })).collect();
        let cluster = Arc::new(Cluster::new(topology(&owners)));
        let is_tagged = case.lines.iter().any(|line| line == "tagged");
        let prefix = if is_tagged { b"{b}".as_slice() } else { b"b" };
        let mut router = Router::new(Arc::clone(&cluster), prefix, Limits::default()).unwrap();
        assert_eq!(*router.home().unwrap(), node("A"));
        router.on_dialed(0);
        Self {
            cluster,
            owners,
            router,
            requests: BytesMut::new(),
            links: vec![("A".to_owned(), BytesMut::new())],
            dials: Vec::new(),
            pauses: false,
            replies: BytesMut::new(),
            ended: None,
        }
    }

    fn line(&mut self, line: &str, cut: Cut) -> Result<(), String> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "tagged" => {}
            "C>" => self.bytes(None, &encode("C>", rest), cut),
            ">C" => return self.client_gets(rest),
            ">A" | ">B" | ">N" => return self.node_gets(word.trim_start_matches('>'), rest),
            "A>" | "B>" | "N>" => {
                let link = self.link(word.trim_end_matches('>'))?;
                self.bytes(Some(link), &unescape(rest), cut);
            }
            "dial" => {
                let link = self.dialed(rest)?;
                self.router.on_dialed(link);
            }
            "no" => {
                let link = self.dialed(rest.trim_start_matches("dial "))?;
                self.end_with(|router| router.on_unreached(link, "nobody is there"));
            }
            "lost" => {
                let link = self.link(rest)?;
                self.end_with(|router| router.on_lost(link, "it left"));
            }
            "owner" => {
                let (key, name) = rest.split_once(' ').unwrap();
                let name = NAMES.iter().find(|known| **known == name).unwrap();
                self.owners.insert(slot(key.as_bytes()), name);
                self.cluster.set_topology(topology(&self.owners));
                self.end_with(Router::check_bond);
            }
            "pause" if !std::mem::take(&mut self.pauses) => {
                return Err("no pause was asked for".to_owned());
            }
            "pause" => self.end_with(Router::on_pause),
            "end" => {
                return match self.ended.take() {
                    Some(fatal) if fatal.to_string().contains(rest) => Ok(()),
                    Some(fatal) => Err(format!("it ended otherwise: {fatal}")),
                    None => Err("it did not end".to_owned()),
                };
            }
            _ => return Err("what is that?".to_owned()),
        }
        self.feed();
        Ok(())
    }

    fn link(&self, name: &str) -> Result<usize, String> {
        let found = self.links.iter().position(|(known, _)| known == name);
        found.ok_or_else(|| format!("there is no link to {name}"))
    }

    fn dialed(&mut self, name: &str) -> Result<usize, String> {
        let place = self.dials.iter().position(|(_, known)| known == name);
        let place = place.ok_or_else(|| format!("no link to {name} was asked for"))?;
        let (link, name) = self.dials.remove(place);
        if self.links.len() <= link {
            self.links.push((name, BytesMut::new()));
        } else {
            self.links[link].1.clear();
        }
        Ok(link)
    }

    fn bytes(&mut self, link: Option<usize>, bytes: &[u8], cut: Cut) {
        let size = if matches!(cut, Cut::Bytes) { 1 } else { bytes.len().max(1) };
        for piece in bytes.chunks(size) {
            match link {
                Some(link) => self.links[link].1.put_slice(piece),
                None => self.requests.put_slice(piece),
            }
            self.feed();
        }
    }

    /// As the shell does it: all sides are offered what they have until nothing moves.
    fn feed(&mut self) {
        loop {
            let waiting = |play: &Self| {
                play.links.iter().map(|(_, input)| input.len()).sum::<usize>() + play.requests.len()
            };
            let before = waiting(self);
            let mut requests = std::mem::take(&mut self.requests);
            self.end_with(|router| router.on_requests(&mut requests));
            self.requests = requests;
            for link in 0..self.links.len() {
                let mut input = std::mem::take(&mut self.links[link].1);
                self.end_with(|router| router.on_link(link, &mut input));
                self.links[link].1 = input;
            }
            for effect in self.router.take_effects() {
                match effect {
                    RouterEffect::Dial { link, node: to } => {
                        let name = NAMES.iter().find(|name| node(name) == *to).unwrap();
                        self.dials.push((link, (*name).to_owned()));
                    }
                    RouterEffect::Refresh => self.end_with(Router::on_refreshed),
                    RouterEffect::Pause(_) => self.pauses = true,
                }
            }
            self.pauses |= self.router.take_effects().into_iter().any(|effect| {
                assert!(matches!(effect, RouterEffect::Pause(_)), "{effect:?}");
                true
            });
            self.replies.extend_from_slice(&self.router.replies().split());
            if self.ended.is_some() || waiting(self) == before {
                return;
            }
        }
    }

    fn end_with(&mut self, step: impl FnOnce(&mut Router) -> Result<(), Fatal>) {
        if self.ended.is_none() {
            self.ended = step(&mut self.router).err();
        }
    }

    fn client_gets(&mut self, wanted: &str) -> Result<(), String> {
        let wanted = unescape(wanted);
        if self.replies.starts_with(&wanted) {
            let _ = self.replies.split_to(wanted.len());
            return Ok(());
        }
        Err(format!("the client gets {}", self.replies.escape_ascii()))
    }

    fn node_gets(&mut self, name: &str, wanted: &str) -> Result<(), String> {
        let link = self.link(name)?;
        let output = self.router.output(link).ok_or("the link is not made")?;
        let mut scanner = RequestScanner::new(RequestLimits::after_login(&Limits::default()));
        let next = scanner.next(output).map_err(|what| what.to_string())?;
        let (request, bytes) = next.ok_or("the node gets nothing")?;
        let (shown, is_it) = (request.to_string(), request.bytes() == encode(">", wanted));
        let _ = output.split_to(bytes);
        if is_it { Ok(()) } else { Err(format!("the node gets {shown}")) }
    }

    fn nothing_else(&mut self) -> Result<(), String> {
        if !self.replies.is_empty() {
            return Err(format!("unasked, to the client: {}", self.replies.escape_ascii()));
        }
        if let Some((_, name)) = self.dials.first() {
            return Err(format!("unasked: a link to {name}"));
        }
        for (link, (name, _)) in self.links.iter().enumerate() {
            let output = self.router.output(link).map(|out| out.escape_ascii().to_string());
            if let Some(output) = output.filter(|output| !output.is_empty()) {
                return Err(format!("unasked, to {name}: {output}"));
            }
        }
        Ok(())
    }
}
