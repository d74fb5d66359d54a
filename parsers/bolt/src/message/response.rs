//! What a server sends: SUCCESS, RECORD, FAILURE, IGNORED.

use bytes::BytesMut;
use wire::Inert;

use super::failure::{self, Failure};
use super::{Defect, Fields, put_with_map};
use crate::packstream::{Dictionary, Structures, put_structure_header};

const SUCCESS: u8 = 0x70;
const RECORD: u8 = 0x71;
const IGNORED: u8 = 0x7E;

/// A server's message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response<'a> {
    /// `7F`
    Failure(Failure<'a>),
    /// `7E`
    Ignored(Ignored),
    /// `71`: its one field, a list, is not looked into.
    Record,
    /// `70`
    Success(Success<'a>),
}

/// `70`: a request was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Success<'a> {
    /// What there is to say.
    pub metadata: Dictionary<'a>,
}

/// `7E`: a request was skipped, because one before it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ignored;

impl Inert for Ignored {}

/// Whether a message with these first two bytes is a RECORD: one field, tag `71`.
#[must_use]
pub fn is_record(head: [u8; 2]) -> bool {
    head == [0xB1, RECORD]
}

impl<'a> Response<'a> {
    /// Reads a whole body. That of a RECORD is left as it is.
    ///
    /// # Errors
    /// `Defect`: the server cannot be followed any further.
    pub fn read(body: &'a [u8]) -> Result<Self, Defect> {
        let mut fields = Fields::open(body, Structures::All)?;
        let response = match fields.tag {
            RECORD if fields.left == 1 => return Ok(Self::Record),
            SUCCESS => Self::Success(Success { metadata: fields.dictionary()? }),
            failure::TAG => Self::Failure(Failure { metadata: fields.dictionary()? }),
            IGNORED => Self::Ignored(Ignored),
            unknown => return Err(Defect::UnknownTag(unknown)),
        };
        fields.close()?;
        Ok(response)
    }
}

impl Success<'_> {
    /// Appends the message.
    pub fn write(&self, out: &mut BytesMut) {
        put_with_map(SUCCESS, &self.metadata, out);
    }
}

impl Ignored {
    /// Appends the message.
    pub fn write(self, out: &mut BytesMut) {
        put_structure_header(IGNORED, 0, out);
    }
}
