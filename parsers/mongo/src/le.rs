//! Little-endian integers from a cursor: MongoDB writes all of its numbers so.

use wire::{Cursor, Malformed};

fn array<const N: usize>(cursor: &mut Cursor<'_>) -> Result<[u8; N], Malformed> {
    let bytes = cursor.take(N)?;
    bytes.first_chunk().copied().ok_or(Malformed("the message ends too early"))
}

pub(crate) fn i32(cursor: &mut Cursor<'_>) -> Result<i32, Malformed> {
    array(cursor).map(i32::from_le_bytes)
}

pub(crate) fn u32(cursor: &mut Cursor<'_>) -> Result<u32, Malformed> {
    array(cursor).map(u32::from_le_bytes)
}

pub(crate) fn i64(cursor: &mut Cursor<'_>) -> Result<i64, Malformed> {
    array(cursor).map(i64::from_le_bytes)
}

/// A length that stands in front of what it measures, of which it is `least` at least.
pub(crate) fn length(cursor: &mut Cursor<'_>, least: usize) -> Result<usize, Malformed> {
    usize::try_from(i32(cursor)?)
        .ok()
        .filter(|length| *length >= least)
        .ok_or(Malformed("a length is less than what it has to cover"))
}
