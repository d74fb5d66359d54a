//! Copies a reply and replaces strings in it.

use std::borrow::Cow;

use bytes::BufMut;

use super::levels::Level;
use super::{Cursor, Event, Kind, Violation, write};

/// What becomes of one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit<'e> {
    /// It stays.
    Keep,
    /// It loses so many of its first bytes.
    Strip(usize),
    /// It says this instead, in the same type.
    Replace(Cow<'e, [u8]>),
}

impl Edit<'_> {
    /// `Strip` for a `text` that begins with `prefix`, `Keep` for another.
    #[must_use]
    pub fn strip(text: &[u8], prefix: &[u8]) -> Self {
        if text.starts_with(prefix) { Self::Strip(prefix.len()) } else { Self::Keep }
    }
}

/// Where a value stands: its place in the aggregate around it, that one's in the next, and so on.
///
/// Attributes do not count as elements of what is around them.
#[derive(Clone, Copy, Debug)]
pub struct Place<'c> {
    open: &'c [Level],
}

/// A value's place in one of the aggregates around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The aggregate's type.
    pub kind: Kind,
    /// How many elements stand in front. In a map the even ones are keys.
    pub index: u64,
    /// How many elements there are; `None` when only the end will tell.
    pub elements: Option<u64>,
}

impl<'c> Place<'c> {
    /// How many aggregates it stands in.
    #[must_use]
    pub fn depth(self) -> usize {
        self.open.len()
    }

    /// From the outermost aggregate to the innermost.
    pub fn steps(self) -> impl DoubleEndedIterator<Item = Step> + ExactSizeIterator + use<'c> {
        let innermost = self.open.len().saturating_sub(1);
        self.open.iter().enumerate().map(move |(depth, level)| Step {
            kind: level.kind,
            // The value at hand is already counted where it stands itself.
            index: level.seen.saturating_sub(u64::from(depth == innermost)),
            elements: level.elements,
        })
    }

    /// The step in the aggregate at `level`, 0 being the outermost.
    #[must_use]
    pub fn step(self, level: usize) -> Option<Step> {
        self.steps().nth(level)
    }

    /// Whether it stands at exactly this path: `[1, 0]` is the first element of the second element.
    #[must_use]
    pub fn is(self, path: &[u64]) -> bool {
        self.steps().map(|step| step.index).eq(path.iter().copied())
    }

    /// Whether it stands exactly `depth` aggregates deep, inside the element `index` of the one at
    /// `level`: `is_in(2, 0, 1)` are all elements of the second element.
    #[must_use]
    pub fn is_in(self, depth: usize, level: usize, index: u64) -> bool {
        self.depth() == depth && self.step(level).is_some_and(|step| step.index == index)
    }

    /// Whether it is the first of a pair at `level`: a key of a map, or the first element of one of
    /// the arrays of two in an array, or every second element of a flat array. `flat` tells the
    /// last two apart, since they can not be told by looking.
    #[must_use]
    pub fn is_first_of_pair(self, level: usize, flat: bool) -> bool {
        let Some(outer) = self.step(level) else {
            return false;
        };
        if flat || outer.kind.is_pairs() {
            return self.depth() == level + 1 && outer.index % 2 == 0;
        }
        self.depth() == level + 2 && self.step(level + 1).is_some_and(|step| step.index == 0)
    }
}

/// Appends `reply` to `out`, with each string and number as `choose` wants it. Lengths are written
/// anew. `choose` is asked from front to back, and never about what stands in an attribute.
///
/// # Errors
/// `Violation` when `reply` is not one whole reply; `out` then holds a part of it.
pub fn edit<'e>(
    reply: &[u8],
    out: &mut impl BufMut,
    mut choose: impl FnMut(Place<'_>, Kind, &[u8]) -> Edit<'e>,
) -> Result<(), Violation> {
    let mut cursor = Cursor::new(reply);
    let mut copied = 0;
    let mut attributes = 0_usize;
    loop {
        let start = cursor.position();
        match cursor.next_event()? {
            None => break,
            Some(Event::Open { kind: Kind::Attribute, .. }) => attributes += 1,
            Some(Event::Close(Kind::Attribute)) => attributes = attributes.saturating_sub(1),
            Some(Event::Open { .. } | Event::Close(_) | Event::Null(_)) => {}
            Some(Event::Text { kind, text }) if attributes == 0 => {
                let new = match choose(Place { open: cursor.open() }, kind, text) {
                    Edit::Keep => continue,
                    Edit::Strip(bytes) => Cow::Borrowed(text.get(bytes..).unwrap_or_default()),
                    Edit::Replace(new) => new,
                };
                out.put_slice(cursor.raw(copied..start));
                write::put_text(kind, &new, out);
                copied = cursor.position();
            }
            Some(Event::Text { .. }) => {}
        }
    }
    out.put_slice(cursor.raw(copied..reply.len()));
    Ok(())
}
