//! What the upstream answers: the few fields that somebody looks at, and where the batch stands.

mod failure;
#[cfg(test)]
mod tests;

pub use failure::{Failure, code_name};

use wire::{Cursor, Malformed};

use crate::Defect;
use crate::bson::{Kind, RawElement, Shallow};
use crate::frame::{Frame, OP_MSG};
use crate::message::{Flags, body_bytes, open};

/// A reply, of which nothing is decoded but what stands here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply<'b> {
    /// The upstream's number for it.
    pub request_id: i32,
    /// The number of the request that it answers; of one that follows unasked, that of the reply
    /// before it.
    pub response_to: i32,
    /// Its flags.
    pub flags: Flags,
    /// Its document.
    pub body: Shallow<'b>,
    /// `ok`: whether the command as a whole succeeded. Writes may have failed one by one.
    pub ok: bool,
    /// `code`: the number of the error.
    pub code: Option<i64>,
    /// `errmsg`: the error's text.
    pub errmsg: Option<&'b str>,
    /// `cursor`, where there is one.
    pub cursor: Option<ReplyCursor<'b>>,
    /// `writeErrors`: one document for each write that failed.
    pub write_errors: Option<Shallow<'b>>,
    /// `writeConcernError`
    pub write_concern_error: Option<Shallow<'b>>,
}

/// The cursor of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplyCursor<'b> {
    /// All of it.
    pub document: Shallow<'b>,
    /// `id`: its number; 0 when it is exhausted.
    pub id: i64,
    /// `ns`: the database and the collection that it reads.
    pub ns: &'b str,
    /// `firstBatch` or `nextBatch`: an array that nobody has looked into.
    pub batch: RawElement<'b>,
}

impl<'b> Reply<'b> {
    /// Reads a whole frame of the upstream's.
    ///
    /// # Errors
    /// `Defect` when it is not a reply: then the upstream is not understood.
    pub fn read(frame: Frame<'b>) -> Result<Self, Defect> {
        if frame.header.op_code != OP_MSG {
            return Err(Defect::OpCode);
        }
        let (flags, sections) = open(frame)?;
        let mut sections = Cursor::new(sections);
        if sections.u8()? != 0 {
            return Err(Defect::SectionKind);
        }
        let body = Shallow::read(body_bytes(&mut sections)?)?;
        sections.finish()?;
        let mut reply = Self {
            request_id: frame.header.request_id,
            response_to: frame.header.response_to,
            flags,
            body,
            ok: false,
            code: None,
            errmsg: None,
            cursor: None,
            write_errors: None,
            write_concern_error: None,
        };
        for element in body.elements() {
            reply.note(element?)?;
        }
        Ok(reply)
    }

    fn note(&mut self, element: RawElement<'b>) -> Result<(), Malformed> {
        match element.name {
            b"ok" => self.ok = element.is_truthy(),
            b"code" => self.code = element.as_i64(),
            b"errmsg" => self.errmsg = element.as_str(),
            b"cursor" if element.kind == Kind::Document => {
                self.cursor = ReplyCursor::read(element.nested()?)?;
            }
            b"writeErrors" => self.write_errors = Some(element.nested()?),
            b"writeConcernError" => self.write_concern_error = Some(element.nested()?),
            _ => {}
        }
        Ok(())
    }
}

impl<'b> ReplyCursor<'b> {
    /// Reads a cursor's document; `None` when it lacks what a cursor has.
    ///
    /// # Errors
    /// `Malformed` when its elements cannot be told apart.
    pub fn read(document: Shallow<'b>) -> Result<Option<Self>, Malformed> {
        let (mut id, mut ns, mut batch) = (None, None, None);
        for element in document.elements() {
            let element = element?;
            match element.name {
                b"id" => id = element.as_i64(),
                b"ns" => ns = element.as_str(),
                b"firstBatch" | b"nextBatch" if element.kind == Kind::Array => {
                    batch = Some(element);
                }
                _ => {}
            }
        }
        let (Some(id), Some(ns), Some(batch)) = (id, ns, batch) else { return Ok(None) };
        Ok(Some(Self { document, id, ns, batch }))
    }
}
