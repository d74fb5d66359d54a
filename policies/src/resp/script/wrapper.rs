//! Putting a script and its wrapper together.

use std::collections::BTreeSet;
use std::ops::Range;

use resp_wire::command::{COMMANDS, Command};

use super::index::index;
use super::lexer::Chunk;
use super::{Globals, NotAChunk};

/// What stands between the parameters and the client's first sign, and after its last.
const BEFORE: &str = "local body=function(";
const BEHIND: &[u8] = b"\nend ";

/// Keys that a script may look at in one command that looks at all: some fifty milliseconds.
const WALK_KEYS_MAX: &str = "200000";

/// Rows by which the wrapper's end is known.
const LAST_ROWS: usize = 4;

/// The words by which a script compiles others, or finds a global by a name that it makes.
const DYNAMIC: &[&str] = &["_G", "load", "loadstring"];

/// A shadow: the global's name, what it is in the wrapper, and the part that makes it.
const SHADOWS: &[(&str, &str, Part)] = &[
    ("ARGV", "A", Part::Begin),
    ("KEYS", "K", Part::Begin),
    ("_G", "_G", Part::Compile),
    ("cjson", "cjson", Part::Cjson),
    ("collectgarbage", "collectgarbage", Part::Closed),
    ("gcinfo", "gcinfo", Part::Closed),
    ("getfenv", "closed", Part::Closed),
    ("getmetatable", "getmetatable", Part::Metatable),
    ("load", "load", Part::Compile),
    ("loadstring", "loadstring", Part::Compile),
    ("newproxy", "closed", Part::Closed),
    ("redis", "redis", Part::Redis),
    ("server", "redis", Part::Redis),
    ("setfenv", "closed", Part::Closed),
    ("setmetatable", "setmetatable", Part::Metatable),
];

/// A part of the wrapper, in the order in which they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Begin,
    Redis,
    /// Inside of `Redis`.
    Specified,
    /// Inside of `Redis`.
    OwnWay,
    Cjson,
    Closed,
    Compile,
    Metatable,
    Finish,
}

impl Part {
    fn text(self) -> &'static str {
        match self {
            Self::Begin => include_str!("begin.lua"),
            Self::Redis => include_str!("redis.lua"),
            Self::Specified => include_str!("specified.lua"),
            Self::OwnWay => include_str!("own_way.lua"),
            Self::Cjson => include_str!("cjson.lua"),
            Self::Closed => include_str!("closed.lua"),
            Self::Compile => include_str!("compile.lua"),
            Self::Metatable => include_str!("metatable.lua"),
            Self::Finish => include_str!("finish.lua"),
        }
    }
}

/// Wraps the scripts that are sent to one server.
#[derive(Clone, Debug)]
pub struct Wrapper {
    globals: Globals,
    index: String,
    plain: String,
}

impl Wrapper {
    /// For the server whose Lua shows `globals`, and with which `is_on` agrees about a command.
    pub fn new(globals: Globals, is_on: impl Fn(&Command) -> bool) -> Self {
        let index = index(COMMANDS.iter().filter(|command| is_on(command)));
        Self { globals, index, plain: Globals::plain() }
    }

    /// The text that is sent in place of `script`. It is the same for all tenants: the tenant's
    /// prefix is told by one more argument, the last.
    ///
    /// # Errors
    /// `NotAChunk` for a text that the server does not compile.
    pub fn wrap(&self, script: &[u8]) -> Result<Vec<u8>, NotAChunk> {
        let (shebang, text) = split_shebang(script)?;
        let chunk = Chunk::read(text)?;
        let line = chunk.lines + usize::from(!shebang.is_empty()) + 1;
        let names = self.shadowed_in(&chunk);
        let mut parts = BTreeSet::from([Part::Begin, Part::Finish]);
        parts.extend(names.iter().filter_map(|name| Some(shadow(name)?.1)));
        let names: Vec<_> = names.into_iter().collect();
        let mut wrapped = shebang.to_vec();
        wrapped.extend_from_slice(BEFORE.as_bytes());
        for name in &names {
            wrapped.extend_from_slice(name.as_bytes());
            wrapped.push(b',');
        }
        wrapped.extend_from_slice(b"...) ");
        put_bracketed(text, &chunk.returns, &mut wrapped);
        wrapped.extend_from_slice(BEHIND);
        for part in parts {
            self.put(part, &names, line, &mut wrapped);
        }
        Ok(wrapped)
    }

    /// The globals that the chunk may mean and must not see. A global is reached by its name only;
    /// by a name that is made while the script runs, only through one of [`DYNAMIC`].
    fn shadowed_in(&self, chunk: &Chunk<'_>) -> BTreeSet<&str> {
        let dynamic = DYNAMIC.iter().any(|name| chunk.words.contains(name.as_bytes()));
        self.globals
            .shadowed()
            .filter(|name| dynamic || chunk.words.contains(name.as_bytes()))
            .collect()
    }

    fn put(&self, part: Part, names: &[&str], line: usize, out: &mut Vec<u8>) {
        for row in part.text().lines().map(str::trim) {
            if row.is_empty() || row.starts_with("--") {
                continue;
            }
            // Every second piece is a word that stands for something.
            for (number, piece) in row.split('`').enumerate() {
                match piece {
                    _ if number % 2 == 0 => out.extend_from_slice(piece.as_bytes()),
                    "INDEX" => out.extend_from_slice(self.index.as_bytes()),
                    "SPECIFIED" => self.put(Part::Specified, names, line, out),
                    "OWN_WAY" => self.put(Part::OwnWay, names, line, out),
                    "LINE" => out.extend_from_slice(line.to_string().as_bytes()),
                    "NAMES" => out.extend_from_slice(names.join(",").as_bytes()),
                    "PLAIN" => out.extend_from_slice(self.plain.as_bytes()),
                    "VALUES" => {
                        let values: Vec<_> = names
                            .iter()
                            .map(|name| shadow(name).map_or("nil", |it| it.0))
                            .collect();
                        out.extend_from_slice(values.join(",").as_bytes());
                    }
                    "WALK" => out.extend_from_slice(WALK_KEYS_MAX.as_bytes()),
                    _ => {}
                }
            }
            out.push(b'\n');
        }
    }
}

/// Writes `text` with brackets around the `calls` in it.
fn put_bracketed(text: &[u8], calls: &[Range<usize>], out: &mut Vec<u8>) {
    let mut brackets: Vec<_> =
        calls.iter().flat_map(|call| [(call.start, b'('), (call.end, b')')]).collect();
    brackets.sort_unstable();
    let mut from = 0;
    for (at, bracket) in brackets {
        out.extend_from_slice(text.get(from..at).unwrap_or_default());
        out.push(bracket);
        from = at;
    }
    out.extend_from_slice(text.get(from..).unwrap_or_default());
}

/// Whether `text` has the form of what [`Wrapper::wrap`] writes: nothing of the client's before the
/// function, and the wrapper's own last words at the end.
pub(super) fn is_wrapped(text: &[u8]) -> bool {
    let Ok((_, text)) = split_shebang(text) else { return false };
    let own = Part::Finish.text().lines().rev().map(|row| row.trim().as_bytes());
    let rows = text.rsplit(|byte| *byte == b'\n').skip_while(|row| row.is_empty());
    text.starts_with(BEFORE.as_bytes())
        && rows.zip(own.take(LAST_ROWS)).all(|(row, own)| row == own)
}

/// What a global is in the wrapper, and the part that makes it; `None` for one that is hidden.
fn shadow(name: &str) -> Option<(&'static str, Part)> {
    let (_, value, part) = SHADOWS.iter().find(|(shadowed, ..)| *shadowed == name)?;
    Some((value, *part))
}

/// The shebang line, its end included, and the rest. Only Lua is spoken here: another engine would
/// read the wrapper otherwise.
fn split_shebang(script: &[u8]) -> Result<(&[u8], &[u8]), NotAChunk> {
    if !script.starts_with(b"#!") {
        return Ok((b"", script));
    }
    let end = script.iter().position(|byte| *byte == b'\n').ok_or(NotAChunk)? + 1;
    let (shebang, text) = script.split_at_checked(end).ok_or(NotAChunk)?;
    let of_lua = shebang.strip_prefix(b"#!lua").is_some_and(|rest| {
        matches!(rest.first(), Some(b' ' | b'\t' | b'\r' | b'\n')) && !rest.contains(&0)
    });
    if of_lua { Ok((shebang, text)) } else { Err(NotAChunk) }
}
