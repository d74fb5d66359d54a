//! Which aggregates are open, and how much of each is missing.

use super::{Kind, Violation};

/// Most aggregates in one another. The server's own replies stay under 20 and JSON documents under
/// 128; only scripts could answer deeper ones, and 1,024 levels are 16 KiB to remember.
pub const DEPTH_MAX: usize = 1_024;

/// The open aggregates of one value, the innermost last.
#[derive(Debug, Default)]
pub(super) struct Levels {
    open: Vec<Level>,
}

/// One open aggregate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level {
    pub(super) kind: Kind,
    /// Elements that came and are whole, attributes not counted.
    pub(super) seen: u64,
    /// Elements of all, when it is known before the end.
    pub(super) elements: Option<u64>,
}

/// What is now at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// An element of an aggregate that has more to come.
    Element,
    /// The last element of this kind of aggregate, which is to be [left](Levels::leave).
    Level(Kind),
    /// The whole value.
    Value,
}

impl Levels {
    pub(super) fn open(&self) -> &[Level] {
        &self.open
    }

    /// An aggregate begins. An empty one ends at once: see [`ended`](Self::ended).
    pub(super) fn enter(&mut self, kind: Kind, elements: Option<u64>) -> Result<(), Violation> {
        // A push is sent by itself; inside of a reply it would be counted as an element.
        if kind == Kind::Push && !self.open.is_empty() {
            return Err(Violation::OutOfPlace);
        }
        if self.open.len() >= DEPTH_MAX {
            return Err(Violation::TooDeep);
        }
        self.open.push(Level { kind, seen: 0, elements });
        Ok(())
    }

    /// Whether anything ends with what has come so far, without counting anything.
    pub(super) fn ended(&self) -> Ended {
        match self.open.last() {
            Some(level) if level.elements == Some(level.seen) => Ended::Level(level.kind),
            Some(_) => Ended::Element,
            None => Ended::Value,
        }
    }

    /// A value without elements was read, or the innermost aggregate was left.
    pub(super) fn count(&mut self) -> Ended {
        if let Some(level) = self.open.last_mut() {
            level.seen += 1;
        }
        self.ended()
    }

    /// The innermost aggregate is over. It counts as an element of the one around it, unless it is
    /// an attribute: that is a part of the value that follows.
    pub(super) fn leave(&mut self) -> Ended {
        match self.open.pop() {
            // No level is full in front of an attribute: the value that follows is missing.
            Some(level) if level.kind == Kind::Attribute => Ended::Element,
            _ => self.count(),
        }
    }

    /// The mark at the end of a streamed aggregate was read.
    pub(super) fn end_of_stream(&mut self) -> Result<(), Violation> {
        let level = self.open.last_mut().ok_or(Violation::OutOfPlace)?;
        if level.elements.is_some() {
            return Err(Violation::OutOfPlace);
        }
        if level.kind.is_pairs() && level.seen % 2 == 1 {
            return Err(Violation::HalfPair);
        }
        Ok(())
    }
}
