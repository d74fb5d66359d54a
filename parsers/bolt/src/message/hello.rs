//! HELLO: who the client is, and before 5.1 also its credentials.

use bytes::BytesMut;

use super::{Defect, Fields, put_with_map};
use crate::packstream::Dictionary;

pub(super) const TAG: u8 = 0x01;

/// `01`. Entries that matter: `user_agent`, `bolt_agent`, `routing`, `patch_bolt` (4.4),
/// `scheme`, `principal` and `credentials` (before 5.1), and the filters of notifications.
#[derive(Clone, PartialEq, Eq)]
pub struct Hello<'a> {
    /// Its map.
    pub extra: Dictionary<'a>,
}

impl std::fmt::Debug for Hello<'_> {
    /// Without the credentials that it may carry.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hello").finish_non_exhaustive()
    }
}

impl<'a> Hello<'a> {
    pub(super) fn read(fields: &mut Fields<'a>) -> Result<Self, Defect> {
        Ok(Self { extra: fields.dictionary()? })
    }

    /// Appends the message.
    pub fn write(&self, out: &mut BytesMut) {
        put_with_map(TAG, &self.extra, out);
    }
}
