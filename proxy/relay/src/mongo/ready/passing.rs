//! Large batches pass in pieces, as they come: nobody looks into them, so nobody waits for their end.
//!
//! A reply with a cursor begins with the batch and ends with the cursor's number. What stands around
//! the batch is kept. When all has passed it is put together with an empty batch, and read as any
//! reply is.

use bytes::{Buf, BytesMut};
use mongo_wire::frame::{HEADER_BYTES, Header, OP_MSG};

/// Replies that are shorter are read when they are whole: most are.
const BYTES_MIN: usize = 256 << 10;
/// Bytes of a reply's start that show whether it is one with a cursor.
const START_BYTES: usize = 64;
/// Most bytes behind a batch: a number, a name and two times take some hundred.
const TAIL_BYTES_MAX: usize = 64 << 10;

/// No flags, and the kind of the body.
const NO_FLAGS: &[u8] = &[0; 5];
/// How a cursor and a batch begin.
const CURSOR: &[u8] = b"\x03cursor\0";
const BATCHES: [&[u8]; 2] = [b"\x04firstBatch\0", b"\x04nextBatch\0"];
/// An array without elements.
const EMPTY: &[u8] = &[5, 0, 0, 0, 0];

/// A reply of which a part has passed.
#[derive(Debug)]
pub(super) struct Passing {
    /// Bytes of the batch, and of what stands behind it, that are still to come.
    batch: usize,
    tail: usize,
    /// All but the batch, in the place of which stands an empty one.
    around: BytesMut,
}

impl Passing {
    /// The reply that begins `input`, where it passes in pieces. Nothing of it has passed yet.
    pub(super) fn begin(input: &mut BytesMut, out: &mut BytesMut) -> Option<Self> {
        let header = Header::read(input).ok().flatten()?;
        if header.bytes < BYTES_MIN || header.op_code != OP_MSG || input.len() < START_BYTES {
            return None;
        }
        let lengths = Lengths::read(input)?;
        let tail = header.bytes.checked_sub(lengths.before)?.checked_sub(lengths.batch)?;
        if tail > TAIL_BYTES_MAX || lengths.batch < EMPTY.len() {
            return None;
        }
        let before = input.split_to(lengths.before);
        out.extend_from_slice(&before);
        let mut around = before;
        for at in [0, lengths.body_at, lengths.cursor_at] {
            shorten(&mut around, at, lengths.batch - EMPTY.len())?;
        }
        around.extend_from_slice(EMPTY);
        Some(Self { batch: lengths.batch, tail, around })
    }

    /// Passes what there is of it. Whether that was the last.
    pub(super) fn pass(&mut self, input: &mut BytesMut, out: &mut BytesMut) -> bool {
        if self.batch >= input.len() && out.is_empty() {
            self.batch -= input.len();
            // Nothing is copied.
            std::mem::swap(input, out);
            return false;
        }
        let piece = self.batch.min(input.len());
        out.extend_from_slice(input.get(..piece).unwrap_or_default());
        input.advance(piece);
        self.batch -= piece;
        let piece = self.tail.min(input.len());
        let tail = input.get(..piece).unwrap_or_default();
        out.extend_from_slice(tail);
        self.around.extend_from_slice(tail);
        input.advance(piece);
        self.tail -= piece;
        self.batch == 0 && self.tail == 0
    }

    /// The reply with an empty batch, once it has passed.
    pub(super) fn around(&self) -> &[u8] {
        &self.around
    }
}

/// Where lengths stand at the start of a reply with a cursor.
struct Lengths {
    body_at: usize,
    cursor_at: usize,
    /// Bytes in front of the batch's array, and of the array.
    before: usize,
    batch: usize,
}

impl Lengths {
    fn read(input: &[u8]) -> Option<Self> {
        let at = |rest: &[u8]| input.len() - rest.len();
        let rest = input.get(HEADER_BYTES..)?.strip_prefix(NO_FLAGS)?;
        let body_at = at(rest);
        let rest = rest.get(4..)?.strip_prefix(CURSOR)?;
        let cursor_at = at(rest);
        let rest = rest.get(4..)?;
        let array = BATCHES.iter().find_map(|name| rest.strip_prefix(*name))?;
        let batch = u32::from_le_bytes(*array.first_chunk()?);
        let batch = usize::try_from(batch).ok()?;
        Some(Self { body_at, cursor_at, before: at(array), batch })
    }
}

/// Lowers the length at `at`.
fn shorten(bytes: &mut BytesMut, at: usize, by: usize) -> Option<()> {
    let field = bytes.get_mut(at..)?.first_chunk_mut::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*field)).ok()?.checked_sub(by)?;
    *field = u32::try_from(length).ok()?.to_le_bytes();
    Some(())
}

#[cfg(test)]
mod tests {
    use mongo_wire::bson::Value;
    use mongo_wire::message::{Flags, op_msg};
    use mongo_wire::reply::Reply;

    use super::*;

    fn reply(text_bytes: usize, name: &str) -> BytesMut {
        let text = "x".repeat(text_bytes);
        let mut message = BytesMut::new();
        op_msg([8, 7], Flags::default(), &mut message, |body| {
            body.nested("cursor", |cursor| {
                cursor.array(name, |batch| {
                    batch.nested(|document| document.value("text", Value::String(&text)));
                });
                cursor.value("id", Value::Int64(9));
                cursor.value("ns", Value::String("app.c"));
            });
            body.value("ok", Value::Double(1.0));
        });
        message
    }

    #[test]
    fn what_passes_is_what_came_and_what_is_read_is_all_but_the_batch() {
        for name in ["firstBatch", "nextBatch"] {
            let whole = reply(BYTES_MIN, name);
            for piece in [START_BYTES, 1_000, 65_536, whole.len() - 10, whole.len()] {
                let (mut input, mut out, mut passed) =
                    (BytesMut::new(), BytesMut::new(), BytesMut::new());
                let mut passing = None;
                let mut is_over = false;
                for bytes in whole.chunks(piece) {
                    assert!(!is_over);
                    input.extend_from_slice(bytes);
                    passing = passing.or_else(|| Passing::begin(&mut input, &mut out));
                    is_over = passing.as_mut().unwrap().pass(&mut input, &mut out);
                    passed.extend_from_slice(&out.split());
                }
                assert!(is_over && input.is_empty() && passed == whole, "{name}, {piece}");
                let around = passing.unwrap().around;
                let header = Header::read(&around).unwrap().unwrap();
                assert_eq!(header.bytes, around.len());
                let read = Reply::read(header.frame(&around).unwrap()).unwrap();
                let cursor = read.cursor.unwrap();
                assert!(read.ok && cursor.id == 9 && cursor.ns == "app.c");
                assert_eq!((read.response_to, cursor.batch.value), (7, EMPTY));
            }
        }
    }

    #[test]
    fn others_wait_until_they_are_whole() {
        let mut out = BytesMut::new();
        let mut small = reply(1_000, "firstBatch");
        assert!(Passing::begin(&mut small, &mut out).is_none());
        let mut other = reply(BYTES_MIN, "thirdBatch");
        assert!(Passing::begin(&mut other, &mut out).is_none());
        let mut flagged = reply(BYTES_MIN, "firstBatch");
        flagged[16] = 1;
        assert!(Passing::begin(&mut flagged, &mut out).is_none());
        // A batch that is longer than its reply.
        let mut lying = reply(BYTES_MIN, "firstBatch");
        lying[51] = 0x7f;
        assert!(Passing::begin(&mut lying, &mut out).is_none() && out.is_empty());
    }
}
