//! The structures that values may hold.
//!
//! Bolt, "Structure semantics". Which of them a version knows is the server's business, except that
//! a structure must have the number of fields of one of the versions that we speak.

/// A structure by its tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Structure {
    /// `D`: days since the epoch.
    Date,
    /// `I`: seconds, nanoseconds, offset of the zone, in UTC.
    DateTime,
    /// `F`: the same in local time, for versions before 5.0 without the patch.
    DateTimeLegacy,
    /// `i`: seconds, nanoseconds, name of the zone, in UTC.
    DateTimeZoneId,
    /// `f`: the same in local time.
    DateTimeZoneIdLegacy,
    /// `E`: months, days, seconds, nanoseconds.
    Duration,
    /// `d`: seconds, nanoseconds.
    LocalDateTime,
    /// `t`: nanoseconds since midnight.
    LocalTime,
    /// `N`: id, labels, properties, and from 5.0 the element id.
    Node,
    /// `P`: nodes, relationships, and how they alternate.
    Path,
    /// `X`: reference system, x, y.
    Point2D,
    /// `Y`: reference system, x, y, z.
    Point3D,
    /// `R`: id, ends, type, properties, and from 5.0 the element ids of these three.
    Relationship,
    /// `T`: nanoseconds since midnight, offset of the zone.
    Time,
    /// `r`: a relationship in a path, without its ends.
    UnboundRelationship,
    /// `?`: from 6.0, a value that the version cannot carry: name, version, and a map.
    Unsupported,
    /// `V`: from 6.0, the type of the elements and their bytes.
    Vector,
}

/// Which structures may stand in a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Structures {
    /// All that are known: in what a server sends.
    All,
    /// Those that are values by themselves: in what a client sends. Nodes, relationships and paths
    /// cannot be parameters; the server refuses them, too.
    Values,
}

impl Structure {
    /// The structure with this tag and number of fields; `None` where there is none.
    #[must_use]
    pub fn known(tag: u8, fields: usize) -> Option<Self> {
        Some(match (tag, fields) {
            (b'D', 1) => Self::Date,
            (b'E', 4) => Self::Duration,
            (b'F', 3) => Self::DateTimeLegacy,
            (b'I', 3) => Self::DateTime,
            (b'N', 3 | 4) => Self::Node,
            (b'P', 3) => Self::Path,
            (b'R', 5 | 8) => Self::Relationship,
            (b'T', 2) => Self::Time,
            (b'V', 2) => Self::Vector,
            (b'X', 3) => Self::Point2D,
            (b'Y', 4) => Self::Point3D,
            (b'd', 2) => Self::LocalDateTime,
            (b'f', 3) => Self::DateTimeZoneIdLegacy,
            (b'i', 3) => Self::DateTimeZoneId,
            (b'r', 3 | 4) => Self::UnboundRelationship,
            (b't', 1) => Self::LocalTime,
            (b'?', 4) => Self::Unsupported,
            _ => return None,
        })
    }

    /// Whether it is a part of a graph, or of unknown content, rather than a value by itself.
    #[must_use]
    pub fn is_entity(self) -> bool {
        match self {
            Self::Node
            | Self::Path
            | Self::Relationship
            | Self::UnboundRelationship
            | Self::Unsupported => true,
            Self::Date
            | Self::DateTime
            | Self::DateTimeLegacy
            | Self::DateTimeZoneId
            | Self::DateTimeZoneIdLegacy
            | Self::Duration
            | Self::LocalDateTime
            | Self::LocalTime
            | Self::Point2D
            | Self::Point3D
            | Self::Time
            | Self::Vector => false,
        }
    }
}

impl Structures {
    /// Whether a structure of this tag and number of fields may stand.
    #[must_use]
    pub fn allow(self, tag: u8, fields: usize) -> bool {
        Structure::known(tag, fields).is_some_and(|known| match self {
            Self::All => true,
            Self::Values => !known.is_entity(),
        })
    }
}
