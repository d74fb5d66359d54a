//! What the table promises.

use std::collections::{BTreeMap, BTreeSet};

use wire::Limits;

use super::*;
use crate::request::{RequestLimits, RequestScanner, put_bulk, put_header};

/// The description that the table was printed from.
const DESCRIPTION: &str = include_str!("../../commands.txt");

/// Runs `test` with a request of these words.
fn with<T>(words: &[&str], test: impl FnOnce(&Request<'_>) -> T) -> T {
    let mut bytes = Vec::new();
    put_header(words.len(), &mut bytes);
    for word in words {
        put_bulk(&[word.as_bytes()], &mut bytes);
    }
    let mut scanner = RequestScanner::new(RequestLimits::after_login(&Limits::default()));
    let (request, _) = scanner.next(&bytes).unwrap().unwrap();
    test(&request)
}

fn split(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

fn found(line: &str) -> Lookup {
    with(&split(line), lookup)
}

fn command(line: &str) -> &'static Command {
    match found(line) {
        Lookup::Known(command) => command,
        other => panic!("{line}: {other:?}"),
    }
}

/// The keys of a request that is written as a line.
fn keys(line: &str) -> Result<Vec<String>, BadKeys> {
    let command = command(line);
    with(&split(line), |request| {
        let keys = command.keys(request)?;
        let text = |at| String::from_utf8(request.argument(at).unwrap().to_vec()).unwrap();
        Ok(keys.map(text).collect())
    })
}

fn has_keys(line: &str, expected: &str) {
    let expected = split(expected).into_iter().map(str::to_owned).collect();
    assert_eq!(keys(line), Ok(expected), "{line}");
}

#[test]
fn the_table_is_what_the_description_says() {
    let mut described: BTreeMap<String, String> = BTreeMap::new();
    let mut last = String::new();
    for line in DESCRIPTION.lines().filter(|line| !line.starts_with('#')) {
        let line = line.split(" # ").next().unwrap().trim();
        if line.starts_with('~') {
            let entry = described.get_mut(&last).unwrap();
            *entry = format!("{entry}\n{line}");
        } else if !line.is_empty() {
            last = line.split(' ').next().unwrap().to_owned();
            assert!(
                described.insert(last.clone(), line.to_owned()).is_none(),
                "{last} is there twice"
            );
        }
    }
    let printed: BTreeMap<String, String> =
        COMMANDS.iter().map(|it| (it.name.to_owned(), it.to_string())).collect();
    for (name, line) in &described {
        assert_eq!(printed.get(name), Some(line), "run print_table.py");
    }
    assert_eq!(printed.len(), described.len(), "run print_table.py");
}

#[test]
fn the_table_can_be_searched() {
    assert!(COMMANDS.windows(2).all(|pair| pair[0].name < pair[1].name), "sorted, no name twice");
    let containers: BTreeSet<&str> =
        COMMANDS.iter().filter_map(|it| Some(it.name.split_once('|')?.0)).collect();
    for command in COMMANDS {
        assert_eq!(command.name, command.name.to_ascii_lowercase());
        assert_eq!(command.container, containers.contains(command.name), "{}", command.name);
        assert_ne!(command.arity, 0, "{}", command.name);
        let line = command.name.replace('|', " ");
        assert_eq!(found(&line), Lookup::Known(command));
        assert_eq!(found(&line.to_ascii_uppercase()), Lookup::Known(command));
    }
    for container in containers {
        assert!(find(container.as_bytes()).is_some(), "{container} is missing");
    }
}

#[test]
fn a_class_fits_what_it_holds() {
    for command in COMMANDS {
        let name = command.name;
        let searched = command.keys.iter().any(|it| it.begin == Begin::Unknown)
            || command.keys.iter().any(|it| it.flags.has(KeyFlags::INCOMPLETE));
        let real = command.keys.iter().filter(|it| !it.flags.has(KeyFlags::NOT_KEY)).count();
        match command.class {
            Class::Keys | Class::KeysInReply => {
                assert!(real > 0, "{name} has keys");
                assert!(!searched, "{name}: the specifications say all");
            }
            Class::Parsed | Class::Refused | Class::Script | Class::Search => {}
            Class::Connection
            | Class::Container
            | Class::Database
            | Class::PubSub
            | Class::Server
            | Class::Transaction => assert_eq!(real, 0, "{name} has a key"),
        }
        if command.class == Class::Container {
            assert!(command.container, "{name} has subcommands");
        }
        if command.flags.has(Flags::ADMIN) {
            let harmless = [
                "client|kill",
                "client|list",
                "client|no-evict",
                "client|unblock",
                "cluster|count-failure-reports",
                "cluster|replicas",
                "cluster|slaves",
                "config|get",
                "sentinel",
                // Answered here, as by a server that has nothing to tell.
                "latency|history",
                "latency|latest",
                "latency|reset",
                "slowlog|get",
                "slowlog|len",
                "slowlog|reset",
            ];
            assert!(
                command.class == Class::Refused || harmless.contains(&name),
                "{name} is for who runs the server"
            );
        }
    }
}

/// So that a request can be rewritten in one pass.
#[test]
fn keys_stand_from_front_to_back() {
    for command in COMMANDS.iter().filter(|it| it.class != Class::Parsed) {
        let starts: Vec<u16> = command
            .keys
            .iter()
            .filter_map(|spec| match spec.begin {
                Begin::Index(index) => Some(index),
                Begin::Keyword { .. } | Begin::Unknown => None,
            })
            .collect();
        assert!(starts.is_sorted(), "{}", command.name);
    }
}

#[test]
fn names_are_found_in_any_case() {
    assert_eq!(command("GeT k").name, "get");
    assert_eq!(command("client LIST").name, "client|list");
    assert_eq!(command("CLIENT").name, "client");
    assert_eq!(command("COMMAND").name, "command");
    assert_eq!(command("COMMAND count").name, "command|count");
    assert_eq!(command("ft.SEARCH i q").word(), "ft.search");
    assert_eq!(command("object ENCODING k").word(), "encoding");
}

#[test]
fn what_is_unknown_is_told_apart() {
    for line in ["gett", "client|list", "client|list x", "|", "", "get\0", "geт"] {
        assert_eq!(found(line), Lookup::UnknownCommand, "{line}");
    }
    assert_eq!(with(&[&"x".repeat(1000)], lookup), Lookup::UnknownCommand);
    let client = find(b"client").unwrap();
    for line in ["client", "client lis", "client list|x"] {
        let expected = if line == "client" {
            Lookup::Known(client)
        } else {
            Lookup::UnknownSubcommand(client)
        };
        assert_eq!(found(line), expected, "{line}");
    }
    let long = "x".repeat(1000);
    assert_eq!(with(&["client", &long], lookup), Lookup::UnknownSubcommand(client));
    assert_eq!(with(&["client", ""], lookup), Lookup::UnknownSubcommand(client));
}

#[test]
fn arity_is_exact_or_a_least() {
    let get = find(b"get").unwrap();
    assert!(get.arity_allows(2) && !get.arity_allows(1) && !get.arity_allows(3));
    let del = find(b"del").unwrap();
    assert!(del.arity_allows(2) && del.arity_allows(900) && !del.arity_allows(1));
}

#[test]
fn keys_stand_where_the_specifications_say() {
    has_keys("get k", "k");
    has_keys("set k v EX 1", "k");
    has_keys("del a b c", "a b c");
    has_keys("mset a 1 b 2", "a b");
    has_keys("mset a 1 b", "a b");
    has_keys("blpop a b 0", "a b");
    has_keys("rename a b", "a b");
    has_keys("bitop AND d a b", "d a b");
    has_keys("lcs a b LEN", "a b");
    has_keys("object encoding k", "k");
    has_keys("xinfo stream k FULL", "k");
    has_keys("memory usage k SAMPLES 3", "k");
    has_keys("sinterstore d a b", "d a b");
    has_keys("zunionstore d 2 a b WEIGHTS 1 2", "d a b");
    has_keys("zunion 2 a b WITHSCORES", "a b");
    has_keys("lmpop 2 a b LEFT", "a b");
    has_keys("blmpop 0 2 a b LEFT", "a b");
    has_keys("eval s 2 a b c", "a b");
    has_keys("eval s 0 a", "");
    has_keys("fcall f 1 a b", "a");
    has_keys("msetex 2 a 1 b 2 EX 5", "a b");
    has_keys("watch a b", "a b");
    has_keys("ping", "");
    has_keys("get", "");
}

#[test]
fn streams_are_the_first_half_behind_the_word() {
    has_keys("xread COUNT 2 streams a b 0 0", "a b");
    has_keys("xread STREAMS a 0", "a");
    has_keys("xreadgroup GROUP streams streams STREAMS k >", "k");
    has_keys("xreadgroup GROUP g c NOACK STREAMS a b > >", "a b");
    has_keys("xread COUNT 2 BLOCK 0", "");
    has_keys("xread STREAMS", "");
}

#[test]
fn what_modules_do_not_tell_is_told_here() {
    has_keys("json.get k $", "k");
    has_keys("json.mget a b $", "a b");
    has_keys("json.mset a $ 1 b $ 2", "a b");
    has_keys("cms.merge d 2 a b WEIGHTS 1 2", "d a b");
    has_keys("tdigest.merge d 1 a COMPRESSION 9", "d a");
    has_keys("ts.createrule a b AGGREGATION avg 9", "a b");
    has_keys("ts.madd a 1 1 b 1 1", "a b");
    has_keys("vsim k ELE x", "k");
    has_keys("arget k 1", "k");
}

#[test]
fn channels_are_not_keys() {
    has_keys("spublish c m", "");
    has_keys("ssubscribe a b", "");
    let ssubscribe = command("ssubscribe a b");
    let channels = with(&["ssubscribe", "a", "b"], |request| {
        ssubscribe.not_keys(request).unwrap().collect::<Vec<_>>()
    });
    assert_eq!(channels, [1, 2]);
}

#[test]
fn a_number_of_keys_that_lies_is_an_error() {
    for line in ["eval s -1 a", "zunion -1 a", "lmpop -9223372036854775808 a LEFT"] {
        assert_eq!(keys(line), Err(BadKeys::Negative), "{line}");
    }
    for line in ["eval s x a", "eval s 01 a", "eval s +1 a", "zunion 1.0 a"] {
        assert_eq!(keys(line), Err(BadKeys::NotAnInteger), "{line}");
    }
    for line in [
        "eval s 2 a",
        "eval s 9223372036854775807 a",
        "zunionstore d 3 a b",
        "msetex 2 a 1 b",
        "msetex 4611686018427387904 a 1",
    ] {
        assert_eq!(keys(line), Err(BadKeys::TooMany), "{line}");
    }
}

#[test]
fn what_is_asked_for_is_there() {
    let classes = [
        ("sort", Class::Parsed),
        ("georadiusbymember", Class::Parsed),
        ("copy", Class::Parsed),
        ("blpop", Class::KeysInReply),
        ("xreadgroup", Class::KeysInReply),
        ("scan", Class::Database),
        ("clusterscan", Class::Database),
        ("swapdb", Class::Database),
        ("evalsha_ro", Class::Script),
        ("function|load", Class::Script),
        ("script|kill", Class::Script),
        ("pubsub|numsub", Class::PubSub),
        ("client|tracking", Class::Connection),
        ("multi", Class::Transaction),
        ("watch", Class::Keys),
        ("time", Class::Server),
        ("object|help", Class::Server),
        ("ft.create", Class::Search),
        ("ft.hybrid", Class::Search),
        ("migrate", Class::Refused),
        ("monitor", Class::Refused),
        ("debug", Class::Refused),
        ("acl|setuser", Class::Refused),
        ("memory|stats", Class::Refused),
        ("slowlog|get", Class::Server),
        ("latency|doctor", Class::Refused),
        ("commandlog|get", Class::Refused),
        ("hotkeys|start", Class::Refused),
        ("sflush", Class::Refused),
        ("cluster|migration", Class::Refused),
        ("cluster|migrateslots", Class::Refused),
        ("client|pause", Class::Refused),
        ("sentinel|masters", Class::Refused),
        ("ts.mrange", Class::Refused),
        ("xgroup", Class::Container),
    ];
    for (name, class) in classes {
        assert_eq!(find(name.as_bytes()).map(|it| it.class), Some(class), "{name}");
    }
}
