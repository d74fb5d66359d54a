//! Key specifications, in the server's own model ("Key specifications" of its documentation).

use super::KeyFlags;

/// Where some of a command's keys stand: where to begin, and how to go on from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeySpec {
    /// What happens to the keys.
    pub flags: KeyFlags,
    /// The first position.
    pub begin: Begin,
    /// The others, counted from it.
    pub find: Find,
}

/// Where the search for keys begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// At this argument.
    Index(u16),
    /// Behind this word, in any case of letters.
    Keyword {
        /// In upper case.
        word: &'static str,
        /// Where to look for it: from this argument to the end, or when negative from so many
        /// before the end backwards.
        start_from: i16,
    },
    /// The server does not tell.
    Unknown,
}

/// Where the keys stand, seen from where the search began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Find {
    /// From the beginning to a last one.
    Range {
        /// The last key: so many behind the first, or when negative counted from the request's
        /// end, -1 being the last argument.
        last: i16,
        /// From one key to the next.
        step: u16,
        /// With a negative `last`: the keys end after the rest divided by this. 0 and 1 say
        /// nothing.
        limit: u16,
    },
    /// As many as an argument says.
    KeyNumber {
        /// The argument that holds the number.
        number_index: u16,
        /// The first key.
        first: u16,
        /// From one key to the next.
        step: u16,
    },
    /// The server does not tell.
    Unknown,
}
