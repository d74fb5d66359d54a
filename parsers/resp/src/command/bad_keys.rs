//! A number of keys that lies.

use std::fmt;

/// The request says how many keys it has, and it can not be so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadKeys {
    /// Less than nothing.
    Negative,
    /// No integer, or none at all.
    NotAnInteger,
    /// More than arguments follow.
    TooMany,
}

impl fmt::Display for BadKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Negative => "the number of keys is negative",
            Self::NotAnInteger => "the number of keys is not an integer",
            Self::TooMany => "the number of keys is greater than the number of arguments",
        })
    }
}

impl std::error::Error for BadKeys {}
