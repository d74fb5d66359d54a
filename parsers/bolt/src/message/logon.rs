//! LOGON: the client's credentials, from 5.1.

use bytes::BytesMut;

use super::{Defect, Fields, put_with_map};
use crate::packstream::Dictionary;

pub(super) const TAG: u8 = 0x6A;

/// `6A`. Entries that matter: `scheme`, `principal`, `credentials`, `realm`.
#[derive(Clone, PartialEq, Eq)]
pub struct Logon<'a> {
    /// Its map.
    pub auth: Dictionary<'a>,
}

impl std::fmt::Debug for Logon<'_> {
    /// Without the credentials.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Logon").finish_non_exhaustive()
    }
}

impl<'a> Logon<'a> {
    pub(super) fn read(fields: &mut Fields<'a>) -> Result<Self, Defect> {
        Ok(Self { auth: fields.dictionary()? })
    }

    /// Appends the message.
    pub fn write(&self, out: &mut BytesMut) {
        put_with_map(TAG, &self.auth, out);
    }
}
