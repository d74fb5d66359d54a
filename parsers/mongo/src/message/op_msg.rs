//! OP_MSG: one body, and up to two sequences of documents.
//!
//! Specifications, "OP_MSG": "There is exactly one kind-0 section", and each identifier stands once
//! and is no field of the body. Servers that do not insist on it differ in what they then see.

use wire::Cursor;

use super::Sequence;
use super::flags::{Flags, open};
use crate::bson::Document;
use crate::frame::Frame;
use crate::{Bounds, Defect, le};

/// Sequences that one message may have: `bulkWrite` takes two, and no command more.
const SEQUENCES_MAX: usize = 2;

/// A command or a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpMsg<'b> {
    /// The sender's number for it.
    pub request_id: i32,
    /// Its flags.
    pub flags: Flags,
    /// Its kind-0 section.
    pub body: Document<'b>,
    /// Its kind-1 sections, in order.
    pub sequences: Vec<Sequence<'b>>,
}

impl<'b> OpMsg<'b> {
    /// Reads a whole frame and validates every document in it.
    ///
    /// # Errors
    /// `Defect`.
    pub fn read(frame: Frame<'b>, bounds: &Bounds) -> Result<Self, Defect> {
        let (flags, sections) = open(frame)?;
        let mut cursor = Cursor::new(sections);
        let mut body = None;
        let mut sequences: Vec<Sequence<'b>> = Vec::new();
        while !cursor.is_empty() {
            match cursor.u8()? {
                0 => {
                    let document = Document::read(body_bytes(&mut cursor)?, bounds)?;
                    if body.replace(document).is_some() {
                        return Err(Defect::SecondBody);
                    }
                }
                1 => {
                    let sequence = Sequence::read(&mut cursor, bounds)?;
                    if sequences.iter().any(|other| other.identifier == sequence.identifier) {
                        return Err(Defect::SequenceTwice);
                    }
                    if sequences.len() == SEQUENCES_MAX {
                        return Err(Defect::Sequence);
                    }
                    sequences.push(sequence);
                }
                // Among them the server's own kind 2, by which it believes who the tenant is.
                _ => return Err(Defect::SectionKind),
            }
        }
        let body = body.ok_or(Defect::NoBody)?;
        if sequences.iter().any(|sequence| body.get(sequence.identifier).is_some()) {
            return Err(Defect::SequenceInBody);
        }
        Ok(Self { request_id: frame.header.request_id, flags, body, sequences })
    }
}

/// The document at the cursor, by the length that it begins with.
pub(crate) fn body_bytes<'b>(cursor: &mut Cursor<'b>) -> Result<&'b [u8], Defect> {
    let length = le::length(&mut cursor.clone(), 4)?;
    Ok(cursor.take(length)?)
}
