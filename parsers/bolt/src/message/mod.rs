//! Messages: a structure each, read from a whole body that must be used up.
//!
//! Entries of their maps that are not known here are kept as bytes, so that what a newer driver or
//! server says to the other is not lost; a message that is not known is an error.

mod begin;
mod failure;
mod hello;
mod logon;
mod plain;
mod pull;
mod response;
mod route;
mod run;
#[cfg(test)]
mod tests;

pub use begin::Begin;
pub use failure::{Failure, Fault};
pub use hello::Hello;
pub use logon::Logon;
pub use plain::{Commit, Goodbye, Logoff, Reset, Rollback, Telemetry};
pub use pull::{Batch, Discard, Pull};
pub use response::{Ignored, Response, Success, is_record};
pub use route::Route;
pub use run::Run;

use bytes::BytesMut;

use crate::Version;
use crate::packstream::{Dictionary, Item, PackError, Reader, Structures, put_structure_header};

/// A body that is no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    /// It is not a structure with a tag that this side may send in this version.
    #[error("the tag {0:#04x} is that of no message")]
    UnknownTag(u8),
    /// It has more or fewer fields than the message has.
    #[error("a message has the wrong number of fields")]
    Fields,
    /// A field is not what it must be.
    #[error(transparent)]
    Value(#[from] PackError),
}

/// What a client sends.
#[derive(Clone, Debug, PartialEq)]
pub enum Request<'a> {
    /// `11`
    Begin(Begin<'a>),
    /// `12`
    Commit(Commit),
    /// `2F`
    Discard(Discard),
    /// `02`
    Goodbye(Goodbye),
    /// `01`
    Hello(Hello<'a>),
    /// `6B`, from 5.1
    Logoff(Logoff),
    /// `6A`, from 5.1
    Logon(Logon<'a>),
    /// `3F`
    Pull(Pull),
    /// `0F`
    Reset(Reset),
    /// `13`
    Rollback(Rollback),
    /// `66`
    Route(Route<'a>),
    /// `10`
    Run(Run<'a>),
    /// `54`, from 5.4
    Telemetry(Telemetry),
}

impl<'a> Request<'a> {
    /// Reads a whole body.
    ///
    /// # Errors
    /// `Defect`: the sender cannot be followed any further, and the connection ends.
    pub fn read(body: &'a [u8], version: Version) -> Result<Self, Defect> {
        let mut fields = Fields::open(body, Structures::Values)?;
        let request = match fields.tag {
            hello::TAG => Self::Hello(Hello::read(&mut fields)?),
            plain::GOODBYE => Self::Goodbye(Goodbye),
            plain::RESET => Self::Reset(Reset),
            run::TAG => Self::Run(Run::read(&mut fields)?),
            begin::TAG => Self::Begin(Begin::read(&mut fields)?),
            plain::COMMIT => Self::Commit(Commit),
            plain::ROLLBACK => Self::Rollback(Rollback),
            pull::DISCARD => Self::Discard(Discard(Batch::read(&mut fields)?)),
            pull::PULL => Self::Pull(Pull(Batch::read(&mut fields)?)),
            plain::TELEMETRY if version >= Version::V5_4 => {
                Self::Telemetry(Telemetry::read(&mut fields)?)
            }
            route::TAG => Self::Route(Route::read(&mut fields)?),
            logon::TAG if version.has_logon() => Self::Logon(Logon::read(&mut fields)?),
            plain::LOGOFF if version.has_logon() => Self::Logoff(Logoff),
            unknown => return Err(Defect::UnknownTag(unknown)),
        };
        fields.close()?;
        Ok(request)
    }
}

/// The fields of a message's structure.
struct Fields<'a> {
    reader: Reader<'a>,
    tag: u8,
    left: usize,
}

impl<'a> Fields<'a> {
    fn open(body: &'a [u8], structures: Structures) -> Result<Self, Defect> {
        let mut reader = Reader::new(body, structures);
        match reader.item()? {
            Item::Structure { tag, fields: left } => Ok(Self { reader, tag, left }),
            _ => Err(PackError::Type("a structure").into()),
        }
    }

    /// The reader, for the next field.
    fn next(&mut self) -> Result<&mut Reader<'a>, Defect> {
        self.left = self.left.checked_sub(1).ok_or(Defect::Fields)?;
        Ok(&mut self.reader)
    }

    fn string(&mut self) -> Result<&'a str, Defect> {
        Ok(self.next()?.string()?)
    }

    fn dictionary(&mut self) -> Result<Dictionary<'a>, Defect> {
        Ok(Dictionary::read(self.next()?)?)
    }

    fn close(self) -> Result<(), Defect> {
        if self.left > 0 {
            return Err(Defect::Fields);
        }
        Ok(self.reader.finish()?)
    }
}

/// Appends a message whose only field is a map.
fn put_with_map(tag: u8, map: &Dictionary<'_>, out: &mut BytesMut) {
    put_structure_header(tag, 1, out);
    map.write(out);
}
