//! What real servers answered to `COMMAND`, put against the table.
//!
//! Each file in `servers` says it in the form of `commands.txt`, without classes and versions.

use std::collections::BTreeMap;

use super::{Command, Difference, disagreements, find};
use crate::reply::{Kind, put_aggregate, put_bulk, put_integer, put_simple};

const SERVERS: &[(&str, &str)] = &[
    ("redis 7.0.15", include_str!("servers/redis-7.0.15.txt")),
    ("redis stack 7.4.1", include_str!("servers/redis-stack-7.4.1.txt")),
    ("valkey 9.1.2", include_str!("servers/valkey-9.1.2.txt")),
];

/// A server's `COMMAND` in one version of the protocol.
struct Reply {
    resp3: bool,
    out: Vec<u8>,
}

impl Reply {
    /// What a server answers to `COMMAND` that says `lines`.
    fn of<'l>(lines: impl Iterator<Item = &'l str>, resp3: bool) -> Vec<u8> {
        let mut commands: BTreeMap<&str, (&str, Vec<&str>)> = BTreeMap::new();
        for line in lines {
            let (name, _) = line.split_once(' ').unwrap();
            match name.split_once('|') {
                None => commands.entry(name).or_default().0 = line,
                Some((container, _)) => commands.entry(container).or_default().1.push(line),
            }
        }
        let mut reply = Self { resp3, out: Vec::new() };
        put_aggregate(Kind::Array, commands.len(), &mut reply.out);
        for (line, subcommands) in commands.values() {
            reply.command(line, subcommands);
        }
        reply.out
    }

    fn command(&mut self, line: &str, subcommands: &[&str]) {
        let words: Vec<&str> = line.split(' ').collect();
        put_aggregate(Kind::Array, 10, &mut self.out);
        put_bulk(words[0].as_bytes(), &mut self.out);
        put_integer(words[1].parse().unwrap(), &mut self.out);
        let flags: Vec<&str> = words[2].split(',').filter(|flag| *flag != "-").collect();
        self.set(&flags);
        // First, last and step of its keys: told better by the specifications.
        for _ in 0..3 {
            put_integer(0, &mut self.out);
        }
        self.set(&["@some"]);
        self.set(&[]);
        let specs: Vec<&str> = words[3..].iter().copied().filter(|spec| *spec != "-").collect();
        put_aggregate(self.kind(Kind::Set), specs.len(), &mut self.out);
        for spec in specs {
            self.spec(spec);
        }
        put_aggregate(Kind::Array, subcommands.len(), &mut self.out);
        for line in subcommands {
            self.command(line, &[]);
        }
    }

    fn spec(&mut self, spec: &str) {
        let (flags, place) = spec.split_once(':').unwrap();
        self.pairs(3);
        put_bulk(b"flags", &mut self.out);
        self.set(&flags.split('+').collect::<Vec<_>>());
        put_bulk(b"begin_search", &mut self.out);
        let end = place.find("..").or_else(|| place.find(['#', '/', '%'])).unwrap_or(place.len());
        let (begin, keys) = place.split_at(end);
        match begin.split_once('@') {
            Some((word, start)) => {
                self.typed("keyword", &[("keyword", word), ("startfrom", start)]);
            }
            None if begin == "?" => self.typed("unknown", &[]),
            None => self.typed("index", &[("index", begin)]),
        }
        put_bulk(b"find_keys", &mut self.out);
        if begin == "?" {
            self.typed("unknown", &[]);
        } else if let Some(numbers) = keys.strip_prefix('#') {
            let (number, rest) = numbers.split_once('+').unwrap();
            let (first, step) = rest.split_once('/').unwrap();
            let numbers = [("keynumidx", number), ("firstkey", first), ("keystep", step)];
            self.typed("keynum", &numbers);
        } else {
            let (keys, limit) = keys.split_once('%').unwrap_or((keys, "0"));
            let (last, step) = keys.split_once('/').unwrap_or((keys, "1"));
            let last = last.strip_prefix("..").unwrap_or("0");
            self.typed("range", &[("lastkey", last), ("keystep", step), ("limit", limit)]);
        }
    }

    fn typed(&mut self, kind: &str, spec: &[(&str, &str)]) {
        self.pairs(2);
        put_bulk(b"type", &mut self.out);
        put_bulk(kind.as_bytes(), &mut self.out);
        put_bulk(b"spec", &mut self.out);
        self.pairs(spec.len());
        for (name, value) in spec {
            put_bulk(name.as_bytes(), &mut self.out);
            match value.parse() {
                Ok(number) => put_integer(number, &mut self.out),
                Err(_) => put_bulk(value.as_bytes(), &mut self.out),
            }
        }
    }

    fn set(&mut self, words: &[&str]) {
        put_aggregate(self.kind(Kind::Set), words.len(), &mut self.out);
        for word in words {
            put_simple(word.as_bytes(), &mut self.out);
        }
    }

    fn pairs(&mut self, pairs: usize) {
        put_aggregate(self.kind(Kind::Map), 2 * pairs, &mut self.out);
    }

    fn kind(&self, kind: Kind) -> Kind {
        if self.resp3 { kind } else { Kind::Array }
    }
}

/// What is found about these lines, in both versions of the protocol.
fn found(lines: &[&str]) -> Vec<(&'static str, Difference)> {
    let [resp2, resp3] = [false, true].map(|resp3| {
        let reply = Reply::of(lines.iter().copied(), resp3);
        let found = disagreements(&reply).unwrap();
        found.iter().map(|it| (it.command.name, it.difference)).collect::<Vec<_>>()
    });
    assert_eq!(resp2, resp3);
    resp2
}

#[test]
fn no_server_disagrees() {
    for (server, text) in SERVERS {
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.len() > 300, "{server}");
        assert_eq!(found(&lines), [], "{server}");
    }
}

#[test]
fn every_command_of_every_server_is_in_the_table() {
    for (server, text) in SERVERS {
        for line in text.lines() {
            let (name, _) = line.split_once(' ').unwrap();
            let command: Option<&Command> = find(name.as_bytes());
            assert!(command.is_some(), "{server}: {name}");
        }
    }
}

#[test]
fn what_differs_is_found() {
    use Difference::{ArityOrKeys, Flags, Unreadable};
    for (line, expected) in [
        ("get 2 readonly ro:1", None),
        ("GET 2 readonly ro:1", None),
        // Who reads and who overwrites differs between versions.
        ("get 2 readonly rw+update:1", None),
        ("get 2 readonly,other ro:1", None),
        ("get 3 readonly ro:1", Some(("get", ArityOrKeys))),
        ("get -2 readonly ro:1", Some(("get", ArityOrKeys))),
        ("get 2 readonly ro:2", Some(("get", ArityOrKeys))),
        ("get 2 readonly ro:1..1", Some(("get", ArityOrKeys))),
        ("get 2 readonly ro:1 ro:2", Some(("get", ArityOrKeys))),
        ("get 2 readonly -", Some(("get", ArityOrKeys))),
        ("get 2 readonly not_key:1", Some(("get", ArityOrKeys))),
        ("get 2 readonly ro+incomplete:1", Some(("get", ArityOrKeys))),
        ("get 2 readonly ro:?", Some(("get", ArityOrKeys))),
        ("get 2 readonly ro:1#0+1/1", Some(("get", ArityOrKeys))),
        ("get 2 readonly ro:OTHER@1", Some(("get", Unreadable))),
        ("get 2 readonly ro:1..99999999999", Some(("get", Unreadable))),
        ("get 2 write ro:1", Some(("get", Flags))),
        ("get 2 - ro:1", Some(("get", Flags))),
        ("get 2 readonly,blocking ro:1", Some(("get", Flags))),
        ("get 2 readonly,pubsub ro:1", Some(("get", Flags))),
        // It waits in some versions and in others it does not.
        ("wait 3 - -", None),
        ("wait 3 blocking -", None),
        // A version before the scores came.
        ("zrank 3 readonly ro:1", None),
        ("zrank -3 readonly ro:1", None),
        ("zrank -4 readonly ro:1", Some(("zrank", ArityOrKeys))),
        ("msetex -4 write ow:1#0+1/2", None),
        ("msetex -4 write ow:1#0+1/1", Some(("msetex", ArityOrKeys))),
        // Unknown is refused anyway, and what never travels is not judged.
        ("unknown 1 - -", None),
        ("debug 99 - -", None),
    ] {
        let expected: Vec<_> = expected.into_iter().collect();
        assert_eq!(found(&[line]), expected, "{line}");
    }
    let subcommand = ["client -2 - -", "client|list 2 - -"];
    assert_eq!(found(&subcommand), [("client|list", ArityOrKeys)]);
}

#[test]
fn other_replies_are_not_taken() {
    for reply in [
        &b"-ERR unknown command\r\n"[..],
        b"+OK\r\n",
        b"*1\r\n*0\r\n",
        b"*1\r\n+get\r\n",
        // Redis before 7.0 has seven fields.
        b"*1\r\n*7\r\n+get\r\n:2\r\n*0\r\n:1\r\n:1\r\n:1\r\n*0\r\n",
        b"*1\r\n",
        b"",
    ] {
        assert!(disagreements(reply).is_err(), "{}", reply.escape_ascii());
    }
    assert_eq!(disagreements(b"*0\r\n"), Ok(vec![]));
}
