//! The flags of an OP_MSG.

use wire::{Cursor, Malformed};

use crate::frame::Frame;
use crate::{Defect, le};

const CHECKSUM_PRESENT: u32 = 1;
const MORE_TO_COME: u32 = 1 << 1;
const EXHAUST_ALLOWED: u32 = 1 << 16;
/// Bits that a reader must know, or else refuse the message (OP_MSG, "Flag Bits").
const REQUIRED: u32 = 0xffff;

/// What an OP_MSG says of itself. Whether it had a checksum is nobody's business behind the framing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// Of a request: no reply is wanted. Of a reply: another follows unasked.
    pub more_to_come: bool,
    /// Of a request: its replies may follow each other unasked.
    pub exhaust_allowed: bool,
}

impl Flags {
    /// The flags of an OP_MSG, whatever else is wrong with it: whether a refusal is to be answered.
    ///
    /// # Errors
    /// `Malformed`, `Flag`.
    pub fn read(frame: Frame<'_>) -> Result<Self, Defect> {
        Self::from_bits(le::u32(&mut Cursor::new(frame.body))?).map(|(flags, _)| flags)
    }

    /// The flags, and whether there is a checksum. Optional bits that we do not know are dropped:
    /// that is what they are optional for.
    pub(super) fn from_bits(bits: u32) -> Result<(Self, bool), Defect> {
        if bits & REQUIRED & !(CHECKSUM_PRESENT | MORE_TO_COME) != 0 {
            return Err(Defect::Flag);
        }
        let flags = Self {
            more_to_come: bits & MORE_TO_COME != 0,
            exhaust_allowed: bits & EXHAUST_ALLOWED != 0,
        };
        Ok((flags, bits & CHECKSUM_PRESENT != 0))
    }

    /// Its bits, without a checksum's.
    pub(super) fn bits(self) -> u32 {
        let more_to_come = if self.more_to_come { MORE_TO_COME } else { 0 };
        let exhaust_allowed = if self.exhaust_allowed { EXHAUST_ALLOWED } else { 0 };
        more_to_come | exhaust_allowed
    }
}

/// Flags and body of a frame, without the checksum, which is verified.
pub(crate) fn open(frame: Frame<'_>) -> Result<(Flags, &[u8]), Defect> {
    let mut cursor = Cursor::new(frame.body);
    let (flags, has_checksum) = Flags::from_bits(le::u32(&mut cursor)?)?;
    let sections = cursor.rest();
    if !has_checksum {
        return Ok((flags, sections));
    }
    let ends_early = Malformed("the message ends too early");
    let (sections, sum) = sections.split_last_chunk::<4>().ok_or(ends_early)?;
    let (summed, _) = frame.bytes.split_last_chunk::<4>().ok_or(ends_early)?;
    if crc32c::crc32c(summed) == u32::from_le_bytes(*sum) {
        Ok((flags, sections))
    } else {
        Err(Defect::Checksum)
    }
}
