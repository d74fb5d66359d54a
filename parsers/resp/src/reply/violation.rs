//! Replies that can not be followed.

use std::fmt;

/// What is wrong with a reply. Nothing behind it can be told apart any more: the upstream's
/// connection has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A map's elements end in the middle of a pair.
    HalfPair,
    /// A length or a count is no number, or too large.
    Length,
    /// A line has a carriage return or a line feed in it, or does not end.
    Line,
    /// The content of a line is not what its type allows.
    Malformed,
    /// More aggregates lie in one another than we follow.
    TooDeep,
    /// A whole reply was promised, and there is less or more of it.
    NotOneReply,
    /// Something stands where it has no meaning: a push inside a reply, the end of a stream that
    /// did not begin.
    OutOfPlace,
    /// A string in parts, where it must be looked into. No server is known to send any.
    StreamedString,
    /// No type begins with this byte.
    UnknownType(u8),
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HalfPair => "a map ends in the middle of a pair",
            Self::Length => "a length of a reply is no number or too large",
            Self::Line => "a line of a reply does not end as it should",
            Self::Malformed => "a line of a reply does not have the form of its type",
            Self::TooDeep => "a reply is nested too deeply",
            Self::NotOneReply => "there is less or more than one reply",
            Self::OutOfPlace => "a part of a reply is out of place",
            Self::StreamedString => "a string comes in parts",
            Self::UnknownType(byte) => {
                return write!(f, "no reply begins with '{}'", byte.escape_ascii());
            }
        })
    }
}

impl std::error::Error for Violation {}
