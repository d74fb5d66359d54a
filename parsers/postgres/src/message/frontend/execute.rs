//! Execute: runs a portal.

use bytes::{BufMut, BytesMut};
use wire::Cursor;

use super::{put_tagged, put_text};
use crate::message::{Defect, Name};

/// `E`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Execute<'a> {
    /// The portal.
    pub portal: Name<'a>,
    /// Most rows to give; none means all. PostgreSQL takes what is negative for all, too.
    pub rows_max: i32,
}

impl<'a> Execute<'a> {
    pub(super) fn read(body: &'a [u8]) -> Result<Self, Defect> {
        let mut cursor = Cursor::new(body);
        let portal = cursor.cstr()?;
        let rows_max = cursor.i32()?;
        cursor.finish()?;
        Ok(Self { portal: Name::new(portal)?, rows_max })
    }

    /// Appends an Execute of all of `portal`, a name that holds no NUL.
    pub fn put(portal: &str, out: &mut BytesMut) {
        put_tagged(b'E', out, |out| {
            put_text(portal, out);
            out.put_i32(0);
        });
    }
}
