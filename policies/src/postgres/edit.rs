//! Edits of the client's own bytes, and the template that they make of it.

use std::sync::Arc;

/// A piece of an insertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The same text for every tenant.
    Text(String),
    /// The tenant's id as a string literal. Its characters need no escaping.
    Tenant,
}

/// One edit: `remove` bytes at `at` give way to `parts`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Edit {
    at: usize,
    remove: usize,
    parts: Vec<Part>,
}

impl Edit {
    /// Keeps the words of an insertion apart from those of the text around it: `WHERE(a)` has no
    /// blank to spare.
    fn pad(&mut self, before: &str, behind: &str) {
        let joins = |byte: Option<&u8>| {
            byte.is_some_and(|byte| {
                byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"_$'\"".contains(byte)
            })
        };
        let blank = || Part::Text(" ".to_owned());
        let starts = match self.parts.first() {
            Some(Part::Text(part)) => joins(part.as_bytes().first()),
            Some(Part::Tenant) => true,
            None => false,
        };
        let ends = match self.parts.last() {
            Some(Part::Text(part)) => joins(part.as_bytes().last()),
            Some(Part::Tenant) => true,
            None => false,
        };
        if starts && joins(before.as_bytes().last()) {
            self.parts.insert(0, blank());
        }
        if ends && joins(behind.as_bytes().first()) {
            self.parts.push(blank());
        }
    }
}

/// Edits of one text. Those at one offset keep the order in which they were made.
#[derive(Clone, Debug, Default)]
pub(super) struct Edits(Vec<Edit>);

impl Edits {
    pub(super) fn insert(&mut self, at: usize, parts: Vec<Part>) {
        self.0.push(Edit { at, remove: 0, parts });
    }

    pub(super) fn insert_text(&mut self, at: usize, text: impl Into<String>) {
        self.insert(at, vec![Part::Text(text.into())]);
    }

    pub(super) fn replace(&mut self, at: usize, remove: usize, parts: Vec<Part>) {
        self.0.push(Edit { at, remove, parts });
    }

    /// The template for `text`; `None` when edits overlap or lie outside of it.
    pub(super) fn into_template(mut self, text: &str) -> Option<Template> {
        self.0.sort_by_key(|edit| edit.at);
        let mut end = 0;
        for edit in &mut self.0 {
            let stop = edit.at.checked_add(edit.remove)?;
            if edit.at < end || !text.is_char_boundary(edit.at) || !text.is_char_boundary(stop) {
                return None;
            }
            edit.pad(text.get(..edit.at)?, text.get(stop..)?);
            end = stop;
        }
        Some(Template { text: Arc::from(text), edits: self.0 })
    }
}

/// A client's text with its edits: everything but the tenant.
#[derive(Clone, Debug)]
pub(super) struct Template {
    text: Arc<str>,
    edits: Vec<Edit>,
}

/// Where a stretch of the rendered text comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Insertion {
    /// Where it stands in the rendered text.
    start: usize,
    /// How long it is there.
    length: usize,
    /// Where it stands in the client's text.
    at: usize,
    /// How much of the client's text it replaces.
    remove: usize,
}

/// How offsets in a rendered text map back to the client's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OffsetMap(Vec<Insertion>);

impl OffsetMap {
    /// The client's offset for `offset`; one inside an insertion maps to the insertion's place.
    pub(super) fn client_offset(&self, offset: usize) -> usize {
        let next = self.0.partition_point(|insertion| insertion.start <= offset);
        let Some(insertion) = next.checked_sub(1).and_then(|last| self.0.get(last)) else {
            return offset;
        };
        let past = offset - insertion.start;
        if past < insertion.length {
            insertion.at
        } else {
            insertion.at + insertion.remove + (past - insertion.length)
        }
    }
}

impl Template {
    /// A template that changes nothing.
    pub(super) fn unchanged(text: &str) -> Self {
        Self { text: Arc::from(text), edits: Vec::new() }
    }

    pub(super) fn is_unchanged(&self) -> bool {
        self.edits.is_empty()
    }

    /// The text for the tenant whose id reads `id`, and the way back.
    pub(super) fn render(&self, id: &str) -> (String, OffsetMap) {
        let mut text = String::with_capacity(self.text.len() + 96 * self.edits.len());
        let mut map = Vec::with_capacity(self.edits.len());
        let mut done = 0;
        for edit in &self.edits {
            text.push_str(self.text.get(done..edit.at).unwrap_or_default());
            let start = text.len();
            for part in &edit.parts {
                match part {
                    Part::Text(part) => text.push_str(part),
                    Part::Tenant => {
                        text.push('\'');
                        text.push_str(id);
                        text.push('\'');
                    }
                }
            }
            let length = text.len() - start;
            map.push(Insertion { start, length, at: edit.at, remove: edit.remove });
            done = edit.at + edit.remove;
        }
        text.push_str(self.text.get(done..).unwrap_or_default());
        (text, OffsetMap(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template() -> Template {
        let mut edits = Edits::default();
        edits.insert_text(9, "X");
        edits.insert(4, vec![Part::Text("<".into()), Part::Tenant, Part::Text(">".into())]);
        edits.replace(5, 2, vec![Part::Text("__".into())]);
        edits.into_template("abcdefghi").unwrap()
    }

    #[test]
    fn renders_in_the_order_of_the_text() {
        assert_eq!(template().render("t1").0, "abcd<'t1'>e __ hi X");
    }

    #[test]
    fn maps_every_offset_back() {
        let (text, map) = template().render("t1");
        let offset_of = |needle: &str| text.find(needle).unwrap();
        assert_eq!(map.client_offset(0), 0);
        assert_eq!(map.client_offset(offset_of("<")), 4);
        assert_eq!(map.client_offset(offset_of("t1")), 4);
        assert_eq!(map.client_offset(offset_of("e")), 4);
        assert_eq!(map.client_offset(offset_of("__")), 5);
        assert_eq!(map.client_offset(offset_of("h")), 7);
        assert_eq!(map.client_offset(offset_of("X")), 9);
        assert_eq!(map.client_offset(offset_of("hi") + 1), 8);
    }

    #[test]
    fn overlapping_edits_make_no_template() {
        let mut edits = Edits::default();
        edits.replace(1, 3, vec![]);
        edits.insert_text(2, "x");
        assert!(edits.into_template("abcdef").is_none());
    }
}
