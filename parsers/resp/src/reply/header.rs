//! The line that every value begins with.

use super::{Kind, Violation, kind};
use crate::number;

/// What a value's first line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Header {
    /// The line is the value.
    Line(Kind),
    /// So many bytes follow, and a CRLF.
    Bulk { kind: Kind, bytes: u64 },
    /// So many elements follow; two for each pair.
    Aggregate { kind: Kind, elements: u64 },
    /// Nothing follows: a null of RESP2 or RESP3.
    Null(Kind),
    /// A string in parts follows.
    StreamedString,
    /// A part of a string in parts; the last one has no bytes.
    Part { bytes: u64 },
    /// Elements follow until an end.
    StreamedAggregate(Kind),
    /// The end of a streamed aggregate.
    End,
}

/// Most bytes of a value. The server's own limit is 512 MB and configurable; this one only keeps
/// sums from overflowing.
const BULK_BYTES_MAX: u64 = 1 << 48;
/// Most elements, for the same reason.
const ELEMENTS_MAX: u64 = 1 << 48;

impl Header {
    /// Reads `line`, which is without its CRLF.
    pub(super) fn read(line: &[u8]) -> Result<Self, Violation> {
        // An empty line begins with its own end.
        let (first, rest) = line.split_first().ok_or(Violation::UnknownType(b'\r'))?;
        match (first, rest) {
            (b'.', []) => return Ok(Self::End),
            (b';', _) => return Ok(Self::Part { bytes: count(rest, BULK_BYTES_MAX)? }),
            _ => {}
        }
        let kind = kind(*first).ok_or(Violation::UnknownType(*first))?;
        match kind {
            Kind::Array | Kind::Bulk if rest == b"-1" => Ok(Self::Null(kind)),
            Kind::Bulk if rest == b"?" => Ok(Self::StreamedString),
            Kind::Array | Kind::Map | Kind::Set if rest == b"?" => {
                Ok(Self::StreamedAggregate(kind))
            }
            Kind::Bulk | Kind::BulkError => {
                Ok(Self::Bulk { kind, bytes: count(rest, BULK_BYTES_MAX)? })
            }
            Kind::Verbatim => {
                let bytes = count(rest, BULK_BYTES_MAX)?;
                // Three letters of a format and a colon.
                if bytes < 4 { Err(Violation::Length) } else { Ok(Self::Bulk { kind, bytes }) }
            }
            Kind::Array | Kind::Set | Kind::Push => {
                Ok(Self::Aggregate { kind, elements: count(rest, ELEMENTS_MAX)? })
            }
            Kind::Map | Kind::Attribute => {
                Ok(Self::Aggregate { kind, elements: count(rest, ELEMENTS_MAX)? * 2 })
            }
            Kind::Null if rest.is_empty() => Ok(Self::Null(kind)),
            Kind::Boolean if matches!(rest, b"t" | b"f") => Ok(Self::Line(kind)),
            Kind::Integer if number::integer(rest).is_some() => Ok(Self::Line(kind)),
            Kind::BigNumber | Kind::Double if !rest.is_empty() => Ok(Self::Line(kind)),
            Kind::Error | Kind::Simple => Ok(Self::Line(kind)),
            Kind::Null | Kind::Boolean | Kind::Integer | Kind::BigNumber | Kind::Double => {
                Err(Violation::Malformed)
            }
        }
    }
}

fn count(text: &[u8], max: u64) -> Result<u64, Violation> {
    number::integer(text)
        .and_then(|count| u64::try_from(count).ok())
        .filter(|count| *count <= max)
        .ok_or(Violation::Length)
}
