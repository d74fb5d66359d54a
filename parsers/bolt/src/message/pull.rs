//! PULL and DISCARD: take the next records of a result, or drop them.

use bytes::BytesMut;
use wire::Inert;

use super::{Defect, Fields};
use crate::packstream::{PackError, put_integer, put_map_header, put_string, put_structure_header};

pub(super) const DISCARD: u8 = 0x2F;
pub(super) const PULL: u8 = 0x3F;

/// Which records of which result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// How many; -1 is all. The server refuses 0, other negative numbers, and none at all.
    pub n: Option<i64>,
    /// Of which statement of the transaction, by the server's number; none or -1 is the last.
    pub qid: Option<i64>,
}

/// `3F`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pull(pub Batch);

/// `2F`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discard(pub Batch);

impl Inert for Pull {}
impl Inert for Discard {}

impl Batch {
    /// Everything of the last statement.
    pub const ALL: Self = Self { n: Some(-1), qid: None };

    /// No other entry than these two is read over: the message must have no room for anything.
    pub(super) fn read(fields: &mut Fields<'_>) -> Result<Self, Defect> {
        let extra = fields.dictionary()?;
        if extra.iter().any(|(key, _)| !matches!(key, "n" | "qid")) {
            return Err(PackError::Type("n and qid alone").into());
        }
        Ok(Self { n: extra.integer("n")?, qid: extra.integer("qid")? })
    }

    fn write(self, tag: u8, out: &mut BytesMut) {
        put_structure_header(tag, 1, out);
        let entries = [("n", self.n), ("qid", self.qid)];
        let entries = entries.iter().filter_map(|(key, value)| Some((key, (*value)?)));
        put_map_header(entries.clone().count(), out);
        for (key, value) in entries {
            put_string(key, out);
            put_integer(value, out);
        }
    }
}

impl Pull {
    /// Appends the message.
    pub fn write(self, out: &mut BytesMut) {
        self.0.write(PULL, out);
    }
}

impl Discard {
    /// Appends the message.
    pub fn write(self, out: &mut BytesMut) {
        self.0.write(DISCARD, out);
    }
}
