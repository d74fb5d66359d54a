//! The notation of scripts: words, lines, cases, files.
//!
//! A line is `C> Message word "text" key="text"`. The arrows say who speaks: `C>` the client, `U>`
//! the upstream, `S>` the shell around the connection; `>C`, `>U` and `>S` are what the connection
//! says to each. Quotes hold any bytes: `\n`, `\t`, `\0`, `\"`, `\\`, `\xFF`.

use std::fmt;

/// One word of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Its bytes, quotes resolved.
    pub(crate) bytes: Vec<u8>,
    /// Whether any of it was quoted.
    pub(crate) quoted: bool,
}

impl Word {
    /// Its text, bytes that are not UTF-8 replaced.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Whether it is this word, and not a quoted text that reads like it.
    pub(crate) fn is(&self, word: &str) -> bool {
        !self.quoted && self.bytes == word.as_bytes()
    }

    /// Splits `key=value`.
    pub(crate) fn pair(&self) -> Option<(String, &[u8])> {
        let at = self.bytes.iter().position(|byte| *byte == b'=')?;
        let key = String::from_utf8_lossy(&self.bytes[..at]).into_owned();
        Some((key, &self.bytes[at + 1..]))
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.quoted {
            write!(f, "\"{}\"", self.bytes.escape_ascii())
        } else {
            f.write_str(&self.text())
        }
    }
}

/// Who speaks, or is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Client,
    Upstream,
    Shell,
}

/// A line of a case.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// Its number in the file, from 1.
    pub(crate) number: usize,
    /// Who it is about.
    pub(crate) side: Side,
    /// Whether the connection hears it; else the connection says it.
    pub(crate) heard: bool,
    /// The message.
    pub(crate) words: Vec<Word>,
}

/// A conversation.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// What it shows.
    pub(crate) name: String,
    /// `key value` lines above the first message, and those of the file's head.
    pub(crate) settings: Vec<(String, String)>,
    /// The messages.
    pub(crate) lines: Vec<Line>,
}

/// Reads a file: a head of comments and settings, then cases that begin with `case NAME`.
pub(crate) fn read(text: &str) -> Result<Vec<Case>, String> {
    let mut head = Vec::new();
    let mut cases: Vec<Case> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim_end();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix("case ") {
            let settings = head.clone();
            cases.push(Case { name: name.to_owned(), settings, lines: Vec::new() });
            continue;
        }
        let arrow = line.get(..2).and_then(arrow);
        match (arrow, cases.last_mut()) {
            (Some((side, heard)), Some(case)) => {
                let words = words(&line[2..]).map_err(|what| format!("line {number}: {what}"))?;
                case.lines.push(Line { number, side, heard, words });
            }
            (None, last) => {
                let (key, value) =
                    line.split_once(' ').ok_or_else(|| format!("line {number}: what is this?"))?;
                let pair = (key.to_owned(), value.to_owned());
                last.map_or(&mut head, |case| &mut case.settings).push(pair);
            }
            (Some(_), None) => return Err(format!("line {number}: stands in no case")),
        }
    }
    Ok(cases)
}

fn arrow(text: &str) -> Option<(Side, bool)> {
    Some(match text {
        "C>" => (Side::Client, true),
        ">C" => (Side::Client, false),
        "U>" => (Side::Upstream, true),
        ">U" => (Side::Upstream, false),
        "S>" => (Side::Shell, true),
        ">S" => (Side::Shell, false),
        _ => return None,
    })
}

fn words(line: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut characters = line.chars().peekable();
    loop {
        while characters.next_if_eq(&' ').is_some() {}
        if characters.peek().is_none() {
            return Ok(words);
        }
        let mut word = Word { bytes: Vec::new(), quoted: false };
        let mut inside = false;
        while let Some(c) = characters.next_if(|c| inside || *c != ' ') {
            match c {
                '"' => (inside, word.quoted) = (!inside, true),
                '\\' if inside => word.bytes.push(escape(&mut characters)?),
                c => word.bytes.extend(c.to_string().as_bytes()),
            }
        }
        if inside {
            return Err("a quote is not closed".to_owned());
        }
        words.push(word);
    }
}

fn escape(characters: &mut impl Iterator<Item = char>) -> Result<u8, String> {
    let digit = |c: Option<char>| c.and_then(|c| c.to_digit(16)).ok_or("\\x wants two digits");
    Ok(match characters.next() {
        Some('n') => b'\n',
        Some('t') => b'\t',
        Some('0') => 0,
        Some('"') => b'"',
        Some('\\') => b'\\',
        Some('x') => {
            let value = digit(characters.next())? * 16 + digit(characters.next())?;
            u8::try_from(value).map_err(|_| "not a byte")?
        }
        other => return Err(format!("\\{} is not known", other.unwrap_or(' '))),
    })
}
