//! BEGIN: opens an explicit transaction.

use bytes::BytesMut;

use super::{Defect, Fields, put_with_map};
use crate::packstream::Dictionary;

pub(super) const TAG: u8 = 0x11;

/// `11`. Entries that matter: `db`, `imp_user`, `mode`, `bookmarks`, `tx_timeout`, `tx_metadata`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begin<'a> {
    /// Its map.
    pub extra: Dictionary<'a>,
}

impl<'a> Begin<'a> {
    pub(super) fn read(fields: &mut Fields<'a>) -> Result<Self, Defect> {
        Ok(Self { extra: fields.dictionary()? })
    }

    /// Appends the message.
    pub fn write(&self, out: &mut BytesMut) {
        put_with_map(TAG, &self.extra, out);
    }
}
