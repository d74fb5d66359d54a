//! ROUTE: which servers are there. Answered here, so it is read and never written.

use super::{Defect, Fields};
use crate::packstream::{Dictionary, PackError};

pub(super) const TAG: u8 = 0x66;

/// `66`, in the form that it has from 4.4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route<'a> {
    /// The routing context; `address` is what the client dialled.
    pub routing: Dictionary<'a>,
    /// `db`, `imp_user`.
    pub extra: Dictionary<'a>,
}

impl<'a> Route<'a> {
    pub(super) fn read(fields: &mut Fields<'a>) -> Result<Self, Defect> {
        let routing = fields.dictionary()?;
        let bookmarks = fields.next()?.value()?;
        if !bookmarks.is_null() {
            for bookmark in bookmarks.items()? {
                bookmark.string()?;
            }
        }
        let extra = fields.dictionary()?;
        // Read here, so that they are what they are taken for.
        extra.string("db").and(extra.string("imp_user")).map_err(|_| PackError::Type("a text"))?;
        Ok(Self { routing, extra })
    }
}
