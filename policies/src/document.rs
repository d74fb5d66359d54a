//! How the project's documents are read: all errors at once, each with its place and a way to mend.
//!
//! A document is TOML. [`read`] parses it and hands its root [`Table`] to a function that resolves
//! it: it asks for keys, gets [`Value`]s, and turns them into types that cannot hold nonsense. What
//! does not fit is refused with [`Value::refuse`], which notes a [`DocumentError`] and returns
//! [`Reported`], the proof that somebody will hear of it; resolving goes on with the next key. A
//! key that nobody asked for is an error too, so a list of the known ones is nowhere written twice.
//!
//! Resolve all keys of a table before the first `?`, or the errors behind it stay unheard:
//!
//! ```
//! use policies::document::{self, Reported};
//!
//! struct Shop {
//!     name: String,
//!     open: bool,
//! }
//!
//! let errors = document::read("nane = 'corner'\nopen = 7", |table| {
//!     let name = table.require("name").and_then(|value| Ok(value.text()?.to_owned()));
//!     let open = table.require("open").and_then(|value| value.boolean());
//!     Ok::<_, Reported>(Shop { name: name?, open: open? })
//! })
//! .err()
//! .unwrap_or_default();
//! let errors: Vec<String> = errors.iter().map(|error| error.in_file("shop.toml")).collect();
//! assert_eq!(
//!     errors,
//!     [
//!         "shop.toml:1:1: nane: unknown key; did you mean `name`?",
//!         "shop.toml:2:8: open: expected true or false, found integer",
//!     ]
//! );
//! ```

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

use toml::de::{DeTable, DeValue};

/// Something in a document that must be mended.
///
/// Ordered by place. Shown as `7:1: postgres.colum: unknown key; did you mean `column`?`, on one
/// line whatever the document holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DocumentError {
    line: usize,
    column: usize,
    path: String,
    what: String,
}

impl DocumentError {
    /// The line, counted from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column in characters, counted from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }

    /// The TOML path of what is wrong, with list items counted from 0: `listener[0].mode`. Empty
    /// when it is the document as a whole, or not TOML.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong, and how to mend it.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// The error with the name of its file in front, as people and editors read it.
    #[must_use]
    pub fn in_file(&self, file: impl fmt::Display) -> String {
        format!("{file}:{self}")
    }
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, path, what } = self;
        let colon = if path.is_empty() { "" } else { ": " };
        write!(f, "{line}:{column}: {path}{colon}{what}")
    }
}

impl std::error::Error for DocumentError {}

/// The proof that an error was noted. Only a refusal makes one.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Reported(());

/// Parses `text` and resolves it with `resolve`.
///
/// # Errors
/// All errors in the order of the text. Where the text is not TOML, only that: what follows from
/// a slip in the syntax would be noise.
pub fn read<T>(
    text: &str,
    resolve: impl FnOnce(&mut Table<'_>) -> Result<T, Reported>,
) -> Result<T, Vec<DocumentError>> {
    let document = Document { text, errors: RefCell::default() };
    let (root, syntax_errors) = DeTable::parse_recoverable(text);
    let resolved = if syntax_errors.is_empty() {
        let place = Place { document: &document, path: String::new(), at: 0 };
        Table::resolve(place, root.get_ref(), resolve)
    } else {
        for error in syntax_errors {
            let at = error.span().map_or(text.len(), |span| span.start);
            let place = Place { document: &document, path: String::new(), at };
            let _ = place.refuse(error.message());
        }
        Err(Reported(()))
    };
    let mut errors = document.errors.into_inner();
    match resolved {
        Ok(resolved) if errors.is_empty() => Ok(resolved),
        Ok(_) | Err(Reported(())) => {
            errors.sort();
            errors.dedup();
            Err(errors)
        }
    }
}

/// What all places of one document share.
struct Document<'d> {
    text: &'d str,
    errors: RefCell<Vec<DocumentError>>,
}

/// Where in the document something stands.
#[derive(Clone)]
struct Place<'d> {
    document: &'d Document<'d>,
    path: String,
    /// Bytes before it.
    at: usize,
}

impl Place<'_> {
    fn problem(&self, what: impl Into<String>) -> DocumentError {
        let head = self.document.text.get(..self.at).unwrap_or(self.document.text);
        let line_start = head.rfind('\n').map_or(0, |newline| newline + 1);
        DocumentError {
            line: head.matches('\n').count() + 1,
            column: head.get(line_start..).unwrap_or_default().chars().count() + 1,
            path: self.path.clone(),
            what: one_line(&what.into()),
        }
    }

    fn refuse(&self, what: impl Into<String>) -> Reported {
        self.document.errors.borrow_mut().push(self.problem(what));
        Reported(())
    }
}

/// A table of the document, while it is resolved.
pub struct Table<'d> {
    place: Place<'d>,
    entries: &'d DeTable<'d>,
    known: Vec<&'static str>,
    missing: Vec<&'static str>,
}

impl<'d> Table<'d> {
    fn resolve<T>(
        place: Place<'d>,
        entries: &'d DeTable<'d>,
        resolve: impl FnOnce(&mut Table<'d>) -> Result<T, Reported>,
    ) -> Result<T, Reported> {
        let mut table = Table { place, entries, known: Vec::new(), missing: Vec::new() };
        let resolved = resolve(&mut table);
        table.close();
        resolved
    }

    /// The value of `key`, where there is one.
    pub fn get(&mut self, key: &'static str) -> Option<Value<'d>> {
        self.known.push(key);
        self.entries().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    /// The value of `key`.
    ///
    /// # Errors
    /// `Reported` when there is none.
    pub fn require(&mut self, key: &'static str) -> Result<Value<'d>, Reported> {
        self.get(key).ok_or_else(|| {
            self.missing.push(key);
            Reported(()) // INVARIANT: `close` notes every missing key.
        })
    }

    /// Notes an error of the table as a whole.
    pub fn refuse(&self, what: impl Into<String>) -> Reported {
        self.place.refuse(what)
    }

    fn entries(&self) -> impl Iterator<Item = (&'d str, Value<'d>)> {
        self.entries.iter().map(|(key, node)| {
            let name: &'d str = key.get_ref();
            let dot = if self.place.path.is_empty() { "" } else { "." };
            let path = format!("{}{dot}{}", self.place.path, written(name));
            let place = Place { document: self.place.document, path, at: node.span().start };
            (name, Value { place, key_at: key.span().start, node: node.get_ref() })
        })
    }

    /// Notes the keys that nobody asked for, and those that were missed. A misspelt key counts as
    /// the one that was meant, so it is not missing as well.
    fn close(self) {
        let mut missing = self.missing.clone();
        for (name, value) in self.entries() {
            if self.known.contains(&name) {
                continue;
            }
            let what = if let Some(meant) = closest(name, self.known.iter().copied()) {
                missing.retain(|key| *key != meant);
                format!("unknown key; did you mean `{meant}`?")
            } else {
                format!("unknown key; known here: `{}`", self.known.join("`, `"))
            };
            let _ = value.refuse_key(what);
        }
        for key in missing {
            let _ = self.place.refuse(format!("`{key}` is missing"));
        }
    }
}

/// A value of the document: that of a key, or an item of a list.
#[derive(Clone)]
pub struct Value<'d> {
    place: Place<'d>,
    key_at: usize,
    node: &'d DeValue<'d>,
}

impl<'d> Value<'d> {
    /// Notes that the value does not fit: `what` says why, and how to mend it.
    pub fn refuse(&self, what: impl Into<String>) -> Reported {
        self.place.refuse(what)
    }

    /// Notes that the value's key does not fit.
    pub fn refuse_key(&self, what: impl Into<String>) -> Reported {
        Place { at: self.key_at, ..self.place.clone() }.refuse(what)
    }

    /// The same as [`Value::refuse`] notes, but not noted: for what is worth a warning only.
    #[must_use]
    pub fn problem(&self, what: impl Into<String>) -> DocumentError {
        self.place.problem(what)
    }

    /// The value as a string.
    ///
    /// # Errors
    /// `Reported` when it is of another type.
    pub fn text(&self) -> Result<&'d str, Reported> {
        self.node.as_str().ok_or_else(|| self.unlike("a string"))
    }

    /// The value as `true` or `false`.
    ///
    /// # Errors
    /// `Reported` when it is of another type.
    pub fn boolean(&self) -> Result<bool, Reported> {
        self.node.as_bool().ok_or_else(|| self.unlike("true or false"))
    }

    /// The value as a whole number within `range`.
    ///
    /// # Errors
    /// `Reported` when it is of another type, or outside.
    pub fn integer(&self, range: RangeInclusive<i64>) -> Result<i64, Reported> {
        let digits = self.node.as_integer().ok_or_else(|| self.unlike("a whole number"))?;
        i64::from_str_radix(digits.as_str(), digits.radix())
            .ok()
            .filter(|number| range.contains(number))
            .ok_or_else(|| {
                let (least, most) = range.into_inner();
                self.refuse(format!("must be from {least} to {most}"))
            })
    }

    /// Whether the value is a whole number.
    #[must_use]
    pub fn is_integer(&self) -> bool {
        self.node.is_integer()
    }

    /// What `text`, the value's own, stands for among `choices`.
    ///
    /// # Errors
    /// `Reported` when it is none of them.
    pub fn choose<T: Clone>(&self, text: &str, choices: &[(&str, T)]) -> Result<T, Reported> {
        let chosen = choices.iter().find(|(name, _)| *name == text);
        chosen.map(|(_, choice)| choice.clone()).ok_or_else(|| {
            let names: Vec<_> = choices.iter().map(|(name, _)| format!("\"{name}\"")).collect();
            self.refuse(format!("must be one of {}", names.join(", ")))
        })
    }

    /// The value as a list, each item resolved with `resolve`.
    ///
    /// # Errors
    /// `Reported` when it is of another type, or an item was refused. All items are resolved.
    pub fn list<T>(
        &self,
        resolve: impl FnMut(Value<'d>) -> Result<T, Reported>,
    ) -> Result<Vec<T>, Reported> {
        let items = self.node.as_array().ok_or_else(|| self.unlike("an array"))?;
        let items = items.iter().enumerate().map(|(index, node)| {
            let at = node.span().start;
            let path = format!("{}[{index}]", self.place.path);
            let place = Place { document: self.place.document, path, at };
            Value { place, key_at: at, node: node.get_ref() }
        });
        every(items.map(resolve))
    }

    /// The value as a table whose keys are known, resolved with `resolve`.
    ///
    /// # Errors
    /// `Reported` when it is of another type, or was refused.
    pub fn table<T>(
        &self,
        resolve: impl FnOnce(&mut Table<'d>) -> Result<T, Reported>,
    ) -> Result<T, Reported> {
        let entries = self.node.as_table().ok_or_else(|| self.unlike("a table"))?;
        Table::resolve(self.place.clone(), entries, resolve)
    }

    /// The value as a table whose keys are names, each entry resolved with `resolve`.
    ///
    /// # Errors
    /// `Reported` when it is of another type, or an entry was refused. All entries are resolved,
    /// in the order of the text.
    pub fn entries<T>(
        &self,
        mut resolve: impl FnMut(&'d str, Value<'d>) -> Result<T, Reported>,
    ) -> Result<Vec<T>, Reported> {
        let entries = self.node.as_table().ok_or_else(|| self.unlike("a table"))?;
        let place = self.place.clone();
        let table = Table { place, entries, known: Vec::new(), missing: Vec::new() };
        let mut entries: Vec<_> = table.entries().collect();
        entries.sort_by_key(|(_, value)| value.key_at);
        every(entries.into_iter().map(|(name, value)| resolve(name, value)))
    }

    fn unlike(&self, wanted: &str) -> Reported {
        self.refuse(format!("expected {wanted}, found {}", self.node.type_str()))
    }
}

/// Names that may be given once in a document, and where they were.
#[derive(Debug)]
pub struct Once<K>(BTreeMap<K, usize>);

impl<K: Ord> Once<K> {
    /// Without any name.
    #[must_use]
    pub fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The line on which `name` was given, where it was, in the document of `value`.
    #[must_use]
    pub fn line(&self, name: &K, value: &Value<'_>) -> Option<usize> {
        let at = *self.0.get(name)?;
        Some(Place { at, ..value.place.clone() }.problem("").line)
    }

    /// Takes note that `value`, or its key, gives `name`.
    ///
    /// # Errors
    /// `Reported`, with the first one's line, when it was given before.
    pub fn claim(&mut self, name: K, value: &Value<'_>) -> Result<(), Reported> {
        if let Some(line) = self.line(&name, value) {
            return Err(value.refuse_key(format!("given twice; the first is on line {line}")));
        }
        self.0.insert(name, value.key_at);
        Ok(())
    }
}

impl<K: Ord> Default for Once<K> {
    fn default() -> Self {
        Self::new()
    }
}

/// The one of `known` that `word` was probably meant to be.
#[must_use]
pub fn closest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let word = word.to_ascii_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// All of `results` or none. Takes every one before it decides, so that all errors are noted.
fn every<T>(results: impl Iterator<Item = Result<T, Reported>>) -> Result<Vec<T>, Reported> {
    let results: Vec<_> = results.collect();
    results.into_iter().collect()
}

/// `text` with its control characters escaped, as it may hold names that the author chose.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() {
            line.extend(letter.escape_default());
        } else {
            line.push(letter);
        }
    }
    line
}

/// `key` as a path writes it: bare where TOML allows that.
fn written(key: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !key.is_empty() && key.bytes().all(bare) {
        key.to_owned()
    } else {
        format!("\"{}\"", key.escape_debug())
    }
}

#[cfg(test)]
mod tests;
