//! RUN: a statement. The only message that carries one.

use bytes::BytesMut;

use super::{Defect, Fields};
use crate::packstream::{Dictionary, put_string, put_structure_header};

pub(super) const TAG: u8 = 0x10;

/// `10`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run<'a> {
    /// The statement's text.
    pub statement: &'a str,
    /// Its parameters. They hold no node, relationship or path.
    pub parameters: Dictionary<'a>,
    /// What BEGIN has, too: `db`, `imp_user`, `mode`, `bookmarks`, `tx_timeout`, `tx_metadata`. In
    /// a transaction the server ignores it.
    pub extra: Dictionary<'a>,
}

impl<'a> Run<'a> {
    pub(super) fn read(fields: &mut Fields<'a>) -> Result<Self, Defect> {
        let statement = fields.string()?;
        let parameters = fields.dictionary()?;
        Ok(Self { statement, parameters, extra: fields.dictionary()? })
    }

    /// Appends the message.
    pub fn write(&self, out: &mut BytesMut) {
        put_structure_header(TAG, 3, out);
        put_string(self.statement, out);
        self.parameters.write(out);
        self.extra.write(out);
    }
}
