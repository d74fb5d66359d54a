//! Query: statements as one text, run at once.

use crate::message::Defect;
use crate::message::text::{only_text, utf8};

/// `Q`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query<'a> {
    /// The statements.
    pub text: &'a str,
}

impl<'a> Query<'a> {
    pub(super) fn read(body: &'a [u8]) -> Result<Self, Defect> {
        Ok(Self { text: utf8(only_text(body)?)? })
    }

    /// Appends a Query with `text`, which holds no NUL.
    pub fn put(text: &str, out: &mut bytes::BytesMut) {
        super::put_tagged(b'Q', out, |out| super::put_text(text, out));
    }
}
