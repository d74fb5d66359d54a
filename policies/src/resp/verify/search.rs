//! Search commands: which index a request is about, and what an index is over.
//!
//! An index that begins with the tenant's prefix is over keys that do, so whatever a query asks of
//! it is answered out of these.

use super::{Proof, Unproved};

/// Words in front of an index's SCHEMA, and how many more each takes with it.
const WORDS: &[(&[u8], usize)] = &[
    (b"ASYNC", 0),
    (b"FILTER", 1),
    (b"INDEXALL", 1),
    (b"LANGUAGE", 1),
    (b"LANGUAGE_FIELD", 1),
    (b"MAXTEXTFIELDS", 0),
    (b"NOFIELDS", 0),
    (b"NOFREQS", 0),
    (b"NOHL", 0),
    (b"NOOFFSETS", 0),
    (b"ON", 1),
    (b"PAYLOAD_FIELD", 1),
    (b"SCORE", 1),
    (b"SCORE_FIELD", 1),
    (b"SKIPINITIALSCAN", 0),
    (b"TEMPORARY", 1),
];

impl Proof<'_> {
    pub(super) fn search(&self) -> Result<(), Unproved> {
        let what = "an index is not the tenant's";
        match self.command.name {
            // What comes back is filtered.
            "ft._list" => Ok(()),
            "ft.aliasadd" | "ft.aliasdel" | "ft.aliasupdate" => {
                self.each(1, |name| self.is_index(name), what)
            }
            "ft.create" => self.index(1).and_then(|()| self.created()),
            "ft.spellcheck" => self.index(1).and_then(|()| self.dictionaries()),
            "ft.cursor" => self.index(2).and_then(|()| self.cursor()),
            "ft.aggregate" | "ft.alter" | "ft.dictadd" | "ft.dictdel" | "ft.dictdump"
            | "ft.dropindex" | "ft.explain" | "ft.explaincli" | "ft.info" | "ft.profile"
            | "ft.search" | "ft.syndump" | "ft.synupdate" | "ft.tagvals" => self.index(1),
            _ => Err("the command is not listed"),
        }
    }

    /// The name at `at` is the tenant's, or there is none and nothing happens.
    fn index(&self, at: usize) -> Result<(), Unproved> {
        let is_own = self.request.argument(at).is_none_or(|name| self.is_index(name));
        if is_own { Ok(()) } else { Err("an index is not the tenant's") }
    }

    /// All tenants' names come in one list of simple strings, where a line break could begin a reply.
    fn is_index(&self, name: &[u8]) -> bool {
        self.is_name(name) && !name.iter().any(|byte| matches!(byte, b'\r' | b'\n'))
    }

    /// There is one PREFIX, of one name or more, in front of SCHEMA.
    fn created(&self) -> Result<(), Unproved> {
        let mut rest = self.request.arguments().skip(2);
        let mut has_prefix = false;
        loop {
            let word = rest.next().ok_or("no SCHEMA")?.to_ascii_uppercase();
            match word.as_slice() {
                b"SCHEMA" if has_prefix => return Ok(()),
                b"SCHEMA" => return Err("an index is over every key"),
                b"PREFIX" if has_prefix => return Err("PREFIX comes twice"),
                b"PREFIX" | b"STOPWORDS" => {
                    let is_prefix = word == b"PREFIX";
                    has_prefix |= is_prefix;
                    let count = rest.next().and_then(digits).ok_or("a count is no number")?;
                    if is_prefix && count == 0 {
                        return Err("an index is over every key");
                    }
                    for _ in 0..count {
                        let value = rest.next().ok_or("a count lies")?;
                        if is_prefix && !self.is_name(value) {
                            return Err("a prefix of an index is not the tenant's");
                        }
                    }
                }
                word => {
                    let known = WORDS.iter().find(|(known, _)| *known == word);
                    let (_, values) = known.ok_or("an option of FT.CREATE is unknown")?;
                    for _ in 0..*values {
                        rest.next().ok_or("an option of FT.CREATE lacks its value")?;
                    }
                }
            }
        }
    }

    /// TERMS INCLUDE|EXCLUDE dictionary, wherever the word TERMS stands.
    fn dictionaries(&self) -> Result<(), Unproved> {
        let mut arguments = self.request.arguments().enumerate().skip(2);
        let confined = |(at, word): (usize, &[u8])| {
            !word.eq_ignore_ascii_case(b"TERMS")
                || self.request.argument(at + 2).is_none_or(|name| self.is_name(name))
        };
        if arguments.all(confined) { Ok(()) } else { Err("a dictionary is not the tenant's") }
    }

    /// The server gives a cursor to whoever knows its number.
    fn cursor(&self) -> Result<(), Unproved> {
        let verb = self.request.argument(1).unwrap_or_default();
        if !verb.eq_ignore_ascii_case(b"READ") && !verb.eq_ignore_ascii_case(b"DEL") {
            return Err("what is done to a cursor is not listed");
        }
        let cursor = self.request.argument(3).and_then(digits);
        let is_own = cursor.is_some_and(|cursor| self.clients.has_cursor(cursor));
        if is_own { Ok(()) } else { Err("a cursor is not the tenant's") }
    }
}

/// A number in plain digits.
fn digits(text: &[u8]) -> Option<u64> {
    let is_plain = text.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(text).ok().filter(|_| is_plain)?.parse().ok()
}
