//! Writes an OP_MSG: a header, flags without a checksum, one body, then sequences.

use bytes::{BufMut, BytesMut};

use super::{Flags, Sequence};
use crate::bson::{Document, DocumentWriter, measured};
use crate::frame::OP_MSG;

/// Appends a message: the length, `fields` of the header, and what `fill` writes.
pub(super) fn framed<R>(
    fields: [i32; 3],
    out: &mut BytesMut,
    fill: impl FnOnce(&mut BytesMut) -> R,
) -> R {
    measured(out, |out| {
        for field in fields {
            out.put_i32_le(field);
        }
        fill(out)
    })
}

/// Appends an OP_MSG of a body alone, whose elements `body` writes: a reply, or a command without
/// document sequences.
pub fn op_msg(
    [request_id, response_to]: [i32; 2],
    flags: Flags,
    out: &mut BytesMut,
    body: impl FnOnce(&mut DocumentWriter<'_>),
) {
    framed([request_id, response_to, OP_MSG], out, |out| {
        out.put_u32_le(flags.bits());
        out.put_u8(0);
        DocumentWriter::document(out, body);
    });
}

/// Writes what stands behind an OP_MSG's body.
#[derive(Debug)]
pub struct MessageWriter<'o> {
    out: &'o mut BytesMut,
}

impl MessageWriter<'_> {
    /// Appends an OP_MSG: its body is what `body` writes, and then come the sequences that `behind`
    /// writes. After an error of either nothing is left in `out`.
    ///
    /// # Errors
    /// Those of `body` and `behind`.
    pub fn message<E>(
        [request_id, response_to]: [i32; 2],
        flags: Flags,
        out: &mut BytesMut,
        body: impl FnOnce(&mut DocumentWriter<'_>) -> Result<(), E>,
        behind: impl FnOnce(&mut MessageWriter<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let start = out.len();
        let result = framed([request_id, response_to, OP_MSG], out, |out| {
            out.put_u32_le(flags.bits());
            out.put_u8(0);
            DocumentWriter::document(out, body)?;
            behind(&mut MessageWriter { out })
        });
        if result.is_err() {
            out.truncate(start);
        }
        result
    }

    /// Appends a sequence of the documents that `fill` writes.
    pub fn sequence<R>(
        &mut self,
        identifier: &str,
        fill: impl FnOnce(&mut SequenceWriter<'_>) -> R,
    ) -> R {
        self.out.put_u8(1);
        measured(self.out, |out| {
            out.put_slice(identifier.split('\0').next().unwrap_or_default().as_bytes());
            out.put_u8(0);
            fill(&mut SequenceWriter { out })
        })
    }

    /// Copies a sequence.
    pub fn copy(&mut self, sequence: Sequence<'_>) {
        self.sequence(sequence.identifier, |writer| writer.out.put_slice(sequence.bytes()));
    }
}

/// Writes the documents of one sequence.
#[derive(Debug)]
pub struct SequenceWriter<'o> {
    out: &'o mut BytesMut,
}

impl SequenceWriter<'_> {
    /// Copies a document.
    pub fn copy(&mut self, document: Document<'_>) {
        self.out.put_slice(document.bytes());
    }

    /// Writes a document whose elements `fill` writes.
    pub fn document<R>(&mut self, fill: impl FnOnce(&mut DocumentWriter<'_>) -> R) -> R {
        DocumentWriter::document(self.out, fill)
    }
}
