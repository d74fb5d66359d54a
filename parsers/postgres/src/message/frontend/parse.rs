//! Parse: makes a prepared statement.

use bytes::{BufMut, BytesMut};
use wire::Cursor;

use super::{put_tagged, put_text};
use crate::message::text::utf8;
use crate::message::{Defect, Name};

/// `P`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parse<'a> {
    /// The statement's name.
    pub name: Name<'a>,
    /// The statement.
    pub text: &'a str,
    /// Type OIDs, four bytes each: 0 where the server is to find out.
    types: &'a [u8],
}

/// Bytes of an OID.
const OID_BYTES: usize = 4;

impl<'a> Parse<'a> {
    pub(super) fn read(body: &'a [u8]) -> Result<Self, Defect> {
        let mut cursor = Cursor::new(body);
        let (name, text) = (cursor.cstr()?, cursor.cstr()?);
        let count = usize::from(cursor.u16()?);
        let types = cursor.take(count * OID_BYTES)?;
        cursor.finish()?;
        Ok(Self { name: Name::new(name)?, text: utf8(text)?, types })
    }

    /// The declared parameter types, in order.
    pub fn types(&self) -> impl ExactSizeIterator<Item = u32> + 'a {
        let (oids, _) = self.types.as_chunks::<OID_BYTES>();
        oids.iter().map(|oid| u32::from_be_bytes(*oid))
    }

    /// Appends the same message with another text, which holds no NUL.
    pub fn put_with(&self, text: &str, out: &mut BytesMut) {
        put_tagged(b'P', out, |out| {
            put_text(self.name.as_str(), out);
            put_text(text, out);
            // There are at most u16::MAX, as they came counted so.
            out.put_u16(u16::try_from(self.types().len()).unwrap_or(u16::MAX));
            out.put_slice(self.types);
        });
    }
}
