//! Versions of the protocol.

use std::fmt;

/// A version of Bolt, as both sides agree on it in the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// 4, 5 or 6.
    pub major: u8,
    /// Counts from 0 in each major version.
    pub minor: u8,
}

impl Version {
    /// The last of the fourth: authentication in HELLO, dates in local time unless patched.
    pub const V4_4: Self = Self::new(4, 4);
    /// Element ids, dates in UTC.
    pub const V5_0: Self = Self::new(5, 0);
    /// LOGON and LOGOFF.
    pub const V5_1: Self = Self::new(5, 1);
    /// TELEMETRY.
    pub const V5_4: Self = Self::new(5, 4);
    /// `statuses` in place of `notifications`.
    pub const V5_6: Self = Self::new(5, 6);
    /// Failures as GQL has them.
    pub const V5_7: Self = Self::new(5, 7);
    /// `db` in the answers to RUN and BEGIN, `advertised_address` in that to LOGON.
    pub const V5_8: Self = Self::new(5, 8);
    /// Vectors.
    pub const V6_0: Self = Self::new(6, 0);

    /// What this crate speaks, newest first. 5.5 was never released: no server chooses it.
    pub const SPOKEN: [Self; 11] = [
        Self::new(6, 1),
        Self::V6_0,
        Self::V5_8,
        Self::V5_7,
        Self::V5_6,
        Self::V5_4,
        Self::new(5, 3),
        Self::new(5, 2),
        Self::V5_1,
        Self::V5_0,
        Self::V4_4,
    ];

    /// A version by its numbers.
    #[must_use]
    pub const fn new(major: u8, minor: u8) -> Self {
        Self { major, minor }
    }

    /// Whether this crate speaks it.
    #[must_use]
    pub fn is_spoken(self) -> bool {
        Self::SPOKEN.contains(&self)
    }

    /// Whether credentials come in LOGON; before, they come in HELLO.
    #[must_use]
    pub fn has_logon(self) -> bool {
        self >= Self::V5_1
    }

    /// Whether a failure has the form of GQL: `neo4j_code`, `gql_status` and so on.
    #[must_use]
    pub fn has_gql_failures(self) -> bool {
        self >= Self::V5_7
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}
