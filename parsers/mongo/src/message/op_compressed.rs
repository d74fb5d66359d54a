//! OP_COMPRESSED: another message, compressed. Read only where a listener has offered a compressor.

use wire::{Cursor, Malformed};

use crate::frame::{self, Frame, HEADER_BYTES, OP_MSG};
use crate::{Defect, le};

/// A message in its wrapper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpCompressed<'b> {
    /// The compressor's number: 1 is snappy, 2 is zlib, 3 is zstd.
    pub compressor: u8,
    /// Bytes of the body, without a header, that must come out: no less and no more. To be reserved
    /// at most.
    pub bytes: usize,
    /// What is compressed: an OP_MSG's body.
    pub compressed: &'b [u8],
}

impl<'b> OpCompressed<'b> {
    /// Reads the wrapper.
    ///
    /// # Errors
    /// `Malformed`, also for a size over `message_bytes_max`; `OpCode` for a wrapper around anything
    /// but OP_MSG, and so for one around a wrapper.
    pub fn read(frame: Frame<'b>, message_bytes_max: usize) -> Result<Self, Defect> {
        let mut cursor = Cursor::new(frame.body);
        if le::i32(&mut cursor)? != OP_MSG {
            return Err(Defect::OpCode);
        }
        let bytes = le::length(&mut cursor, 0)?;
        let most = frame::bytes_max(OP_MSG, message_bytes_max).unwrap_or_default();
        if bytes > most.saturating_sub(HEADER_BYTES) {
            return Err(Malformed("a compressed message is too long").into());
        }
        Ok(Self { compressor: cursor.u8()?, bytes, compressed: cursor.rest() })
    }
}
