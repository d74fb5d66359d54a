//! When two answers are the same.
//!
//! Allowed to differ, and why; nothing else is:
//! - the order of what Redis keeps in a hash table (KEYS, SMEMBERS, HGETALL, the set operations, SORT
//!   without an order, PUBSUB CHANNELS, UNSUBSCRIBE without names, the patterns that one message
//!   matches): its seed differs from server to server;
//! - what is drawn at random (RANDOMKEY, SRANDMEMBER, HRANDFIELD, ZRANDMEMBER with a number of its
//!   own), but not that something is drawn;
//! - clocks: TIME, what is left of an expiry, idle and active times, an id of XADD that is `*`;
//! - MEMORY USAGE, which counts the name with its prefix, by as much; OBJECT IDLETIME by seconds;
//! - how a hash table is dumped (DUMP), as its order is part of it;
//! - what names the connection or the server itself (CLIENT ID, INFO and LIST, id and modules in HELLO,
//!   INFO, LASTSAVE, ROLE, LOLWUT), or what the wall serves of the server (COMMAND, ACL CAT);
//! - what the wall answers of its own for the operator's commands that `?` marks in commands.txt;
//! - of a command with two mistakes, the one that the wall sees comes first: its syntax;
//! - where among replies a message stands that nobody asked for.

use std::time::Duration;

use crate::reply::Value;
use crate::session::{Command, Replies};

const EXPIRY_SECONDS_MAX: i64 = 60;
/// The prefix, rounded up to what the allocator gives.
const NAME_BYTES_MAX: i64 = 96;

/// Times that XINFO and XPENDING name.
const TIMES: &[&[u8]] = &[b"idle", b"inactive", b"seen-time", b"active-time"];

/// What `differences` found: the command and both answers.
pub(crate) struct Difference {
    pub(crate) command: Command,
    pub(crate) shared: String,
    pub(crate) private: String,
}

/// Compares the replies to `commands` of both servers. Equal bytes need no second look.
pub(crate) fn differences(
    commands: &[Command],
    shared: &Replies,
    private: &Replies,
) -> Option<Difference> {
    if shared.raw == private.raw {
        return None;
    }
    let (ours, theirs) = (Sorted::of(shared), Sorted::of(private));
    let answered: Vec<&Command> = commands.iter().filter(|c| !is_subscription(c)).collect();
    let mut queued: Vec<&Command> = Vec::new();
    let none = Value::Null(b'?');
    let fallback = Command::line("(no command)");
    // Where CLIENT REPLY leaves answers out, they cannot be told apart: then bytes must be equal.
    let silent = answered.iter().any(|c| c.word(0) == "CLIENT" && c.word(1) == "REPLY");
    for place in 0..ours.replies.len().max(theirs.replies.len()) {
        let ours = ours.replies.get(place).unwrap_or(&none);
        let theirs = theirs.replies.get(place).unwrap_or(&none);
        let command = answered.get(place).copied().unwrap_or(&fallback);
        let differ = || {
            Some(Difference {
                command: command.clone(),
                shared: ours.show(),
                private: theirs.show(),
            })
        };
        let is_exec = command.word(0) == "EXEC";
        match (ours, theirs) {
            (Value::Simple(a), Value::Simple(b)) if a == b && a == b"QUEUED" && !is_exec => {
                queued.push(command);
            }
            (Value::Array(a, ours), Value::Array(b, theirs)) if is_exec && a == b => {
                let same = ours.len() == theirs.len() && ours.len() == queued.len();
                let pairs = ours.iter().zip(theirs).zip(&queued);
                if !same || !pairs.clone().all(|((a, b), command)| agree(command, a, b)) {
                    return differ();
                }
            }
            _ if ours == theirs || !silent && agree(command, ours, theirs) => {}
            _ => return differ(),
        }
        if ["MULTI", "EXEC", "DISCARD", "RESET"].contains(&command.word(0).as_str()) {
            queued.clear();
        }
    }
    ours.unasked_differ(&theirs)
}

/// Replies by what they are: answers, confirmations of subscriptions, and what came unasked.
struct Sorted {
    replies: Vec<Value>,
    names: Vec<String>,
    counts: Vec<String>,
    unasked: Vec<Value>,
}

impl Sorted {
    fn of(all: &Replies) -> Self {
        let mut sorted = Self {
            replies: Vec::new(),
            names: Vec::new(),
            counts: Vec::new(),
            unasked: Vec::new(),
        };
        for value in &all.values {
            let elements = value.elements();
            let kind = elements.first().and_then(Value::text).unwrap_or_default();
            if value.is_unasked() {
                sorted.unasked.push(value.clone());
            } else if kind.ends_with(b"subscribe") && elements.len() == 3 {
                let name = elements.get(1).map(Value::show).unwrap_or_default();
                sorted.names.push(format!("{} {name}", kind.escape_ascii()));
                sorted.counts.push(elements.get(2).map(Value::show).unwrap_or_default());
            } else {
                sorted.replies.push(value.clone());
            }
        }
        sorted.names.sort();
        let same_message = |a: &Value, b: &Value| message(a).is_some() && message(a) == message(b);
        for run in sorted.unasked.chunk_by_mut(same_message) {
            run.sort_by_key(Value::show);
        }
        sorted
    }

    fn unasked_differ(&self, other: &Self) -> Option<Difference> {
        let show = |sorted: &Self| {
            let unasked: Vec<String> = sorted.unasked.iter().map(Value::show).collect();
            format!("{:?} {:?} {unasked:?}", sorted.names, sorted.counts)
        };
        let (shared, private) = (show(self), show(other));
        let command = Command::line("(subscriptions and messages)");
        (shared != private).then_some(Difference { command, shared, private })
    }
}

/// Channel and text of what came for a pattern.
fn message(value: &Value) -> Option<Vec<Value>> {
    let mut elements = value.elements();
    let is_by_pattern = elements.first().and_then(Value::text) == Some(b"pmessage");
    is_by_pattern.then(|| elements.split_off(2))
}

fn is_subscription(command: &Command) -> bool {
    command.word(0).ends_with("SUBSCRIBE")
}

/// Whether these two answers to `command` are the same but for what may differ.
pub(crate) fn agree(command: &Command, shared: &Value, private: &Value) -> bool {
    if shared == private {
        return true;
    }
    if let (Some(ours), Some(theirs)) = (shared.error(), private.error())
        && ours == b"ERR syntax error"
        && theirs.starts_with(b"ERR ")
    {
        return true;
    }
    let same_kind = std::mem::discriminant(shared) == std::mem::discriminant(private);
    let subcommand = command.word(1);
    match command.word(0).as_str() {
        "KEYS" | "SMEMBERS" | "SINTER" | "SUNION" | "SDIFF" | "HKEYS" | "HVALS" | "SPOP"
        | "SORT" | "SORT_RO" => same_kind && sorted(shared, 1) == sorted(private, 1),
        "HGETALL" => same_kind && pairs(shared) == pairs(private),
        "HRANDFIELD" | "ZRANDMEMBER" | "SRANDMEMBER" => match command.word(2).as_str() {
            "1000" if command.words.len() > 3 => same_kind && pairs(shared) == pairs(private),
            "1000" => same_kind && sorted(shared, 1) == sorted(private, 1),
            _ => same_kind && shared.elements().len() == private.elements().len(),
        },
        "PUBSUB" => same_kind && sorted(shared, 1) == sorted(private, 1),
        "TTL" | "EXPIRETIME" => near(shared, private, EXPIRY_SECONDS_MAX),
        "PTTL" | "PEXPIRETIME" => near(shared, private, EXPIRY_SECONDS_MAX * 1000),
        "HTTL" | "HEXPIRETIME" => near_each(shared, private, EXPIRY_SECONDS_MAX),
        "HPTTL" | "HPEXPIRETIME" => near_each(shared, private, EXPIRY_SECONDS_MAX * 1000),
        "OBJECT" if subcommand == "IDLETIME" => near(shared, private, EXPIRY_SECONDS_MAX),
        "MEMORY" if subcommand == "USAGE" => near(shared, private, NAME_BYTES_MAX),
        "XINFO" | "XPENDING" => {
            without_times(shared) == without_times(private) || idle(shared) == idle(private)
        }
        "XADD" => command.words.get(2).is_some_and(|id| id == b"*") && same_kind,
        "DUMP" => same_kind,
        "HELLO" => same_kind && without_id(shared) == without_id(private),
        "CLIENT" => matches!(subcommand.as_str(), "ID" | "INFO" | "LIST") && same_kind,
        "COMMAND" => !subcommand.starts_with("GETKEYS") && same_kind,
        "TIME" | "INFO" | "LASTSAVE" | "ROLE" | "LOLWUT" => same_kind,
        _ => false,
    }
}

fn sorted(value: &Value, run: usize) -> Vec<String> {
    let elements = value.elements();
    let mut shown: Vec<String> = elements
        .chunks(run)
        .map(|chunk| chunk.iter().map(Value::show).collect::<Vec<_>>().join(" => "))
        .collect();
    shown.sort();
    shown
}

/// Fields with their values, in the flat form of RESP2 or any of RESP3.
fn pairs(value: &Value) -> Vec<String> {
    let is_nested = value.elements().iter().any(|element| matches!(element, Value::Array(..)));
    let is_flat = value.elements().len().is_multiple_of(2);
    sorted(value, if is_nested || !is_flat { 1 } else { 2 })
}

fn near(shared: &Value, private: &Value, most: i64) -> bool {
    match (shared, private) {
        (Value::Integer(a), Value::Integer(b)) => {
            *a >= 0 && *b >= 0 && a.abs_diff(*b) <= most.unsigned_abs()
        }
        _ => false,
    }
}

fn near_each(shared: &Value, private: &Value, most: i64) -> bool {
    let (a, b) = (shared.elements(), private.elements());
    a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a == b || near(a, b, most))
}

/// XINFO without what it tells of clocks.
pub(crate) fn without_times(value: &Value) -> Value {
    let is_time = |name: &Value| name.text().is_some_and(|name| TIMES.contains(&name));
    match value {
        Value::Map(all) => Value::Map(
            all.iter()
                .map(|(name, of)| {
                    let of = if is_time(name) { Value::Null(b'_') } else { without_times(of) };
                    (name.clone(), of)
                })
                .collect(),
        ),
        Value::Array(kind, elements) => {
            let mut kept: Vec<Value> = Vec::new();
            for element in elements {
                let behind = kept.last().is_some_and(is_time);
                kept.push(if behind { Value::Null(b'_') } else { without_times(element) });
            }
            // An entry that is pending: id, consumer, time of delivery, how often.
            if let [Value::Bulk(_), Value::Bulk(_), Value::Integer(_), Value::Integer(_)] =
                &kept[..]
            {
                kept[2] = Value::Null(b'_');
            }
            if let [Value::Bulk(_), Value::Integer(at), Value::Integer(_)] = &kept[..]
                && *at > i64::try_from(Duration::from_secs(86400).as_millis()).unwrap_or(0)
            {
                kept[1] = Value::Null(b'_');
            }
            Value::Array(*kind, kept)
        }
        _ => value.clone(),
    }
}

/// XPENDING's long form without the idle times.
fn idle(value: &Value) -> Vec<String> {
    let entries = value.elements();
    entries.iter().map(|entry| without_times(entry).show()).collect()
}

fn without_id(value: &Value) -> Vec<String> {
    let shown = value.elements();
    let named = |pair: &&[Value]| {
        let name = pair.first().and_then(Value::text);
        name != Some(b"id") && name != Some(b"modules")
    };
    let pairs = shown.chunks(2).filter(named);
    pairs.map(|pair| pair.iter().map(Value::show).collect::<Vec<_>>().join(" ")).collect()
}

/// Whether `bytes` hold `needle`.
pub(crate) fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}
