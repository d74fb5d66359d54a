//! The table of commands, as the wrapper looks it up: one text of `;name shape`.
//!
//! A shape is one letter and what belongs to it: `1` one key, the first argument; `a` all arguments
//! are keys; `k` keys by the specifications that follow; `p` the same, and the first element of the
//! reply is a key; `-` no key; `c` a container; `o` an own way, named; `r` refused here; `x`
//! refused by the server to every script. A specification is `first..last/step` or
//! `number#first/step`, counted as arguments are.

use std::fmt::Write as _;

use resp_wire::command::{Begin, Class, Command, Find, Flags, KeyFlags, KeySpec};

/// Looked up most, so looked at first.
const FREQUENT: &[&str] = &[
    "get",
    "set",
    "del",
    "exists",
    "incr",
    "incrby",
    "decr",
    "expire",
    "pexpire",
    "ttl",
    "pttl",
    "hget",
    "hset",
    "hmget",
    "hmset",
    "hgetall",
    "hincrby",
    "hdel",
    "hexists",
    "lpush",
    "rpush",
    "lpop",
    "rpop",
    "lrange",
    "llen",
    "lrem",
    "rpoplpush",
    "zadd",
    "zrem",
    "zrange",
    "zcard",
    "zscore",
    "zrangebyscore",
    "zremrangebyscore",
    "zpopmin",
    "sadd",
    "srem",
    "smembers",
    "sismember",
    "scard",
    "mget",
    "mset",
    "setex",
    "setnx",
    "psetex",
    "xadd",
    "publish",
    "time",
];

/// The index of all `commands`.
pub(super) fn index(commands: impl Iterator<Item = &'static Command>) -> String {
    let mut rows: Vec<_> = commands.collect();
    rows.sort_by_key(|command| {
        FREQUENT.iter().position(|name| *name == command.name).unwrap_or(FREQUENT.len())
    });
    let mut text = String::new();
    for command in rows {
        // Writing to a text cannot fail.
        let _ = write!(text, ";{} {}", command.name, shape(command));
    }
    text + ";"
}

fn shape(command: &Command) -> String {
    let has_keys = matches!(command.class, Class::Keys | Class::KeysInReply | Class::Parsed);
    // Commands that wait were refused once, and do not wait now: the server knows which of the two.
    if command.flags.has(Flags::NOSCRIPT) && !has_keys {
        return "x".to_owned();
    }
    match command.class {
        Class::Container => "c".to_owned(),
        Class::Keys => match specs(command.keys).as_deref() {
            Some("1..0/1") => "1".to_owned(),
            Some("1..-1/1") => "a".to_owned(),
            Some(specs) => format!("k{specs}"),
            None => "r".to_owned(),
        },
        Class::KeysInReply => match command.name {
            "xread" | "xreadgroup" => "ostreams".to_owned(),
            "blmpop" | "blpop" | "brpop" | "bzmpop" | "bzpopmax" | "bzpopmin" | "lmpop"
            | "zmpop" => {
                specs(command.keys).map_or_else(|| "r".to_owned(), |specs| format!("p{specs}"))
            }
            _ => "r".to_owned(),
        },
        Class::Parsed | Class::Database => own_way(command.name).to_owned(),
        Class::PubSub => match command.name {
            // A channel is prefixed as a key is.
            "publish" | "spublish" => "1".to_owned(),
            _ => "r".to_owned(),
        },
        Class::Connection | Class::Server => match command.name {
            "echo" | "ping" | "time" => "-".to_owned(),
            // A text that is the same for everyone.
            name if name.ends_with("|help") => "-".to_owned(),
            _ => "r".to_owned(),
        },
        Class::Refused | Class::Script | Class::Search | Class::Transaction => "r".to_owned(),
    }
}

fn own_way(name: &str) -> &'static str {
    match name {
        "copy" => "ocopy",
        "dbsize" => "odbsize",
        "flushall" | "flushdb" => "oflush",
        "georadius" => "ogeoradius",
        "georadiusbymember" => "ogeoradiusbymember",
        "keys" => "okeys",
        "randomkey" => "orandomkey",
        "scan" => "oscan",
        "select" => "oselect",
        "sort" | "sort_ro" => "osort",
        _ => "r",
    }
}

/// The specifications, between blanks; `None` when one has a form that the wrapper does not know.
fn specs(specs: &[KeySpec]) -> Option<String> {
    let mut text = String::new();
    for spec in specs {
        if spec.flags.has(KeyFlags::INCOMPLETE) || spec.flags.has(KeyFlags::NOT_KEY) {
            return None;
        }
        let Begin::Index(begin) = spec.begin else { return None };
        if !text.is_empty() {
            text.push(' ');
        }
        let written = match spec.find {
            Find::Range { last, step, limit: 0 | 1 } => {
                write!(text, "{begin}..{last}/{}", step.max(1))
            }
            Find::Range { .. } | Find::Unknown => return None,
            Find::KeyNumber { number_index, first, step } => {
                write!(text, "{}#{}/{}", begin + number_index, begin + first, step.max(1))
            }
        };
        written.ok()?;
    }
    if text.is_empty() { None } else { Some(text) }
}
