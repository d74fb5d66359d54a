//! Comparing the table with what a server says of itself.

use std::fmt;

use super::{Begin, Class, Command, Find, Flags, KeyFlags, KeySpec, find};
use crate::reply::Value;

/// A command of which the server and the table say different things. It must not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The command.
    pub command: &'static Command,
    /// What differs.
    pub difference: Difference,
}

/// What the server says differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The number of arguments, or where the keys stand.
    ArityOrKeys,
    /// Whether it reads, writes, publishes or waits.
    Flags,
    /// What it says can not be read: a key specification of a kind that we do not know.
    Unreadable,
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.difference {
            Difference::ArityOrKeys => "its arguments or keys",
            Difference::Flags => "its flags",
            Difference::Unreadable => "nothing that we can read about its keys",
        };
        write!(f, "{}: the server states {what} differently", self.command.name)
    }
}

/// The reply is not one to `COMMAND`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotTheCommands;

impl fmt::Display for NotTheCommands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the reply to COMMAND does not have the form that Redis 7.0 gave it")
    }
}

impl std::error::Error for NotTheCommands {}

/// What the server, whose whole reply to `COMMAND` is `reply`, states differently from the table;
/// commands that the table lacks are refused anyway and not in it.
///
/// # Errors
/// `NotTheCommands` when the reply is an error or has another form: that of a server before 7.0,
/// say, which does not tell where keys stand.
pub fn disagreements(reply: &[u8]) -> Result<Vec<Disagreement>, NotTheCommands> {
    let reply = Value::read(reply).map_err(|_| NotTheCommands)?;
    let Value::Aggregate(..) = reply else {
        return Err(NotTheCommands);
    };
    let mut found = Vec::new();
    for entry in reply.items() {
        let [.., subcommands] = compare(entry, &mut found)? else {
            return Err(NotTheCommands);
        };
        for entry in subcommands.items() {
            compare(entry, &mut found)?;
        }
    }
    Ok(found)
}

/// Compares one entry, and gives its fields.
fn compare<'v, 'b>(
    entry: &'v Value<'b>,
    found: &mut Vec<Disagreement>,
) -> Result<&'v [Value<'b>], NotTheCommands> {
    // Name, arity, flags, first, last and step of its keys, categories, tips, key specifications
    // and subcommands.
    let fields = entry.items();
    let [name, arity, flags, _, _, _, _, _, specs, _] = fields else {
        return Err(NotTheCommands);
    };
    let name = name.text().ok_or(NotTheCommands)?.to_ascii_lowercase();
    let arity = arity.integer().ok_or(NotTheCommands)?;
    let Some(command) = find(&name) else {
        return Ok(fields);
    };
    let says = |difference| Disagreement { command, difference };
    let specs: Option<Vec<KeySpec>> = specs.items().iter().map(spec).collect();
    match specs {
        None => found.push(says(Difference::Unreadable)),
        Some(specs) if is_told_by_keys(command) && !is_accepted(command, arity, &specs) => {
            found.push(says(Difference::ArityOrKeys));
        }
        Some(_) if !flags_agree(command, flags) => found.push(says(Difference::Flags)),
        Some(_) => {}
    }
    Ok(fields)
}

/// Whether the command's arguments are judged by its arity and key specifications. What never
/// travels is not judged, and those of a search index are read word by word.
fn is_told_by_keys(command: &Command) -> bool {
    !matches!(command.class, Class::Refused | Class::Search)
}

/// Whether the table has these, as its own or as what a server may say.
fn is_accepted(command: &Command, arity: i64, specs: &[KeySpec]) -> bool {
    let is = |said: i16, keys: &[KeySpec]| {
        i64::from(said) == arity
            && keys.len() == specs.len()
            && keys.iter().zip(specs).all(|(ours, theirs)| same_keys(ours, theirs))
    };
    is(command.arity, command.keys) || command.accepted.iter().any(|it| is(it.arity, it.keys))
}

/// Whether both find the same arguments. How these are accessed differs between versions, and
/// nothing here depends on it.
fn same_keys(ours: &KeySpec, theirs: &KeySpec) -> bool {
    let about = KeyFlags::NOT_KEY.with(KeyFlags::INCOMPLETE);
    ours.begin == theirs.begin
        && ours.find == theirs.find
        && ours.flags.and(about) == theirs.flags.and(about)
}

/// What we rely on: who reads, writes and publishes is the same, and no one waits unexpectedly.
fn flags_agree(command: &Command, flags: &Value<'_>) -> bool {
    let theirs = flags
        .items()
        .iter()
        .filter_map(|flag| Flags::named(flag.text()?))
        .fold(Flags::empty(), Flags::with);
    let about = Flags::WRITE.with(Flags::READONLY).with(Flags::PUBSUB);
    command.flags.and(about) == theirs.and(about) && command.flags.has(theirs.and(Flags::BLOCKING))
}

/// One key specification; `None` when it has a form that the table can not have.
fn spec(value: &Value<'_>) -> Option<KeySpec> {
    let flags = value.get(b"flags")?.items().iter();
    let flags = flags
        .filter_map(|flag| KeyFlags::named(flag.text()?))
        .fold(KeyFlags::empty(), KeyFlags::with);
    let begin = begin(value.get(b"begin_search")?)?;
    let find = find_keys(value.get(b"find_keys")?)?;
    Some(KeySpec { flags, begin, find })
}

fn begin(value: &Value<'_>) -> Option<Begin> {
    let spec = value.get(b"spec")?;
    match value.get(b"type")?.text()? {
        b"index" => Some(Begin::Index(number(spec, b"index")?)),
        b"keyword" => {
            let word = spec.get(b"keyword")?.text()?;
            let word = WORDS.iter().find(|known| word.eq_ignore_ascii_case(known.as_bytes()))?;
            Some(Begin::Keyword { word, start_from: number(spec, b"startfrom")? })
        }
        b"unknown" => Some(Begin::Unknown),
        _ => None,
    }
}

/// The words that the table's specifications search for.
const WORDS: &[&str] = &["KEYS", "STORE", "STOREDIST", "STREAMS"];

fn find_keys(value: &Value<'_>) -> Option<Find> {
    let spec = value.get(b"spec")?;
    match value.get(b"type")?.text()? {
        b"range" => Some(Find::Range {
            last: number(spec, b"lastkey")?,
            step: number(spec, b"keystep")?,
            limit: number(spec, b"limit")?,
        }),
        b"keynum" => Some(Find::KeyNumber {
            number_index: number(spec, b"keynumidx")?,
            first: number(spec, b"firstkey")?,
            step: number(spec, b"keystep")?,
        }),
        b"unknown" => Some(Find::Unknown),
        _ => None,
    }
}

fn number<N: TryFrom<i64>>(spec: &Value<'_>, name: &[u8]) -> Option<N> {
    N::try_from(spec.get(name)?.integer()?).ok()
}
