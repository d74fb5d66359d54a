//! A whole reply as a tree, for what is read now and then.

use super::{Cursor, Event, Kind, Violation};

/// A reply as a tree of slices. Attributes are left out.
///
/// It allocates for every aggregate, and is meant for replies about the server (`COMMAND`, `INFO`),
/// not for those that pass by the thousand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'b> {
    /// The elements of an aggregate; of a map the keys and values in turn.
    Aggregate(Kind, Vec<Value<'b>>),
    /// Nothing.
    Null,
    /// A string, a number or an error, as [`Event::Text`] gives it.
    Text(Kind, &'b [u8]),
}

impl<'b> Value<'b> {
    /// Reads `reply`.
    ///
    /// # Errors
    /// `Violation` when it is not one whole reply.
    pub fn read(reply: &'b [u8]) -> Result<Self, Violation> {
        let mut cursor = Cursor::new(reply);
        // What a header promises is not reserved: memory follows what came.
        let mut open: Vec<(Kind, Vec<Self>)> = Vec::new();
        let mut whole = None;
        while let Some(event) = cursor.next_event()? {
            let value = match event {
                Event::Open { kind, .. } => {
                    open.push((kind, Vec::new()));
                    continue;
                }
                Event::Close(_) => match open.pop() {
                    None => return Err(Violation::OutOfPlace),
                    Some((Kind::Attribute, _)) => continue,
                    Some((kind, items)) => Self::Aggregate(kind, items),
                },
                Event::Text { kind, text } => Self::Text(kind, text),
                Event::Null(_) => Self::Null,
            };
            match open.last_mut() {
                Some((_, items)) => items.push(value),
                None => whole = Some(value),
            }
        }
        whole.ok_or(Violation::NotOneReply)
    }

    /// The elements; none for what is no aggregate.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match self {
            Self::Aggregate(_, items) => items,
            Self::Null | Self::Text(..) => &[],
        }
    }

    /// What a string, number or error says.
    #[must_use]
    pub fn text(&self) -> Option<&'b [u8]> {
        match self {
            Self::Text(_, text) => Some(text),
            Self::Aggregate(..) | Self::Null => None,
        }
    }

    /// The integer that the text says.
    #[must_use]
    pub fn integer(&self) -> Option<i64> {
        self.text().and_then(crate::number::integer)
    }

    /// The value behind this key, in a map or in RESP2's flat array of keys and values.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<&Self> {
        self.items().chunks_exact(2).find_map(|pair| match pair {
            [name, value] if name.text() == Some(key) => Some(value),
            _ => None,
        })
    }

    /// The error that the reply is.
    #[must_use]
    pub fn error(&self) -> Option<&'b [u8]> {
        match self {
            Self::Text(kind, text) if kind.is_error() => Some(text),
            _ => None,
        }
    }
}
