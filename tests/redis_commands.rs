//! `docs/redis-commands.md`: every command of the table, what happens to it, and which tests have it.
//!
//! `UPDATE_GOLDEN=1` writes the file; without, it must be what would be written.

#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use resp_wire::command::{COMMANDS, Class, Command, Lookup, Since, lookup};
use resp_wire::request::{RequestLimits, RequestScanner};
use wire::Limits;

const HEAD: &str = "# Commands of Redis

Every command and subcommand that the wall knows, of Redis 7.0 to 8.8, Redis Stack and Valkey 7.2 to 9.1. What is not listed is refused as unknown. A command
that the server describes otherwise than the wall knows it is refused, too.

\"Tests\" names files: of golden cases and scripts (`tests/golden/resp`, `tests/scripts/resp`, `tests/scripts/cluster`), and `oracle` where generated sequences
have it. Some commands of modules and of later versions are tested as forms only, as no server of theirs was at hand: their keys stand where the servers' own
descriptions say. `UPDATE_GOLDEN=1 cargo test -p tests --test redis_commands` writes this file.

| command | since | what happens | tests |
|---|---|---|---|
";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// What happens to the commands of a class.
fn happens(command: &Command) -> &'static str {
    match command.class {
        Class::Connection => "about the client's own connection: kept to the tenant",
        Class::Container => "wants a subcommand",
        Class::Database => "about the tenant's keys only",
        Class::Keys => "keys prefixed",
        Class::KeysInReply => "keys prefixed, and shown without in the reply",
        Class::Parsed => "keys, patterns and databases in its options judged one by one",
        Class::PubSub => "channels prefixed",
        Class::Refused => "refused",
        Class::Script if command.name.contains("function") || command.name.contains("fcall") => {
            "refused: libraries belong to the whole server"
        }
        Class::Script if command.name == "script|kill" || command.name == "script|debug" => {
            "refused"
        }
        Class::Script => "scripts are the tenant's own, and run in a wrapper",
        Class::Search => "indexes prefixed, and over the tenant's keys only",
        Class::Server => "about the server: answered here, or what is harmless of it",
        Class::Transaction => "passes; replies are told apart",
    }
}

fn since(since: &Since) -> String {
    let mut parts = Vec::new();
    if since.module {
        parts.push("module".to_owned());
    }
    let version = |name, (major, minor)| format!("{name} {major}.{minor}");
    parts.extend(since.redis.map(|it| version("Redis", it)));
    parts.extend(since.valkey.map(|it| version("Valkey", it)));
    parts.join(", ")
}

/// The name of the command that a line of a test is, if it is one.
fn named(line: &str) -> Option<&'static str> {
    let mut scanner = RequestScanner::new(RequestLimits::after_login(&Limits::default()));
    let line = format!("{line}\r\n");
    match lookup(&scanner.next(line.as_bytes()).ok()??.0) {
        Lookup::Known(command) => Some(command.name),
        Lookup::UnknownCommand | Lookup::UnknownSubcommand(_) => None,
    }
}

/// Which files have each command.
fn tests() -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut found: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for folder in ["tests/golden/resp", "tests/scripts/resp", "tests/scripts/cluster"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            for line in fs::read_to_string(&path).unwrap().lines() {
                let line = line.strip_prefix("C> ").unwrap_or(line);
                if let Some(command) = named(line) {
                    found.entry(command).or_default().insert(name.clone());
                }
            }
        }
    }
    let templates = root().join("tests/isolation/redis/generate/commands.txt");
    for line in fs::read_to_string(templates).unwrap().lines() {
        for part in line.trim_start_matches('?').split(';') {
            if let Some(command) = named(part.trim()) {
                found.entry(command).or_default().insert("oracle".to_owned());
            }
        }
    }
    found
}

#[test]
fn the_table_of_commands_is_in_the_documents() {
    let tests = tests();
    let mut text = HEAD.to_owned();
    for command in COMMANDS {
        let name = command.name.replace('|', " ").to_uppercase();
        let files = tests.get(command.name).map(|files| Vec::from_iter(files.clone()).join(", "));
        writeln!(
            text,
            "| {name} | {} | {} | {} |",
            since(&command.since),
            happens(command),
            files.unwrap_or_default()
        )
        .unwrap();
    }
    let path = root().join("docs/redis-commands.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), text, "UPDATE_GOLDEN=1 writes it");
}

/// What tenants may have of a server without modules is tested by its name somewhere.
#[test]
fn commands_for_tenants_are_tested() {
    let tests = tests();
    let missing: Vec<_> = COMMANDS
        .iter()
        .filter(|command| !matches!(command.class, Class::Refused | Class::Container))
        .filter(|command| command.since.redis == Some((7, 0)) && !command.since.module)
        .filter(|command| {
            !command.name.ends_with("|help") && !happens(command).starts_with("refused")
        })
        .filter(|command| !tests.contains_key(command.name))
        .map(|command| command.name)
        .collect();
    assert!(missing.is_empty(), "commands without a test: {missing:?}");
}
