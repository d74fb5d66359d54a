//! OP_QUERY, which is served for a hello only.
//!
//! Drivers that do not know yet whether a server speaks OP_MSG greet in this older form (handshake
//! specification). The operation can read any collection, so it is taken for nothing else.

use wire::Cursor;

use super::op_msg::body_bytes;
use crate::bson::Document;
use crate::frame::Frame;
use crate::{Bounds, Defect, le};

/// The flag by which a client says that it also takes a secondary's answer: drivers set it on every
/// hello.
const SECONDARY_OK: u32 = 1 << 2;

/// The commands that greet.
const HELLOS: [&str; 3] = ["hello", "isMaster", "ismaster"];

/// A hello in the legacy form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpQuery<'b> {
    /// The client's number for it.
    pub request_id: i32,
    /// The command. Its name is one of a hello's.
    pub body: Document<'b>,
}

impl<'b> OpQuery<'b> {
    /// Reads a whole frame.
    ///
    /// # Errors
    /// `Defect`, of which `NotHello` says that the client wants something else.
    pub fn read(frame: Frame<'b>, bounds: &Bounds) -> Result<Self, Defect> {
        let mut cursor = Cursor::new(frame.body);
        let flags = le::u32(&mut cursor)?;
        let collection = cursor.cstr()?;
        let (skip, limit) = (le::i32(&mut cursor)?, le::i32(&mut cursor)?);
        let query = body_bytes(&mut cursor)?;
        // A command is the one document of `$cmd`: the limit is -1, or 1 from a few old clients.
        let one = skip == 0 && matches!(limit, -1 | 1);
        // What else is left selects fields, which no hello does.
        if flags & !SECONDARY_OK != 0 || collection != b"admin.$cmd" || !one || !cursor.is_empty() {
            return Err(Defect::NotHello);
        }
        let query = Document::read(query, bounds)?;
        let body = command(query).ok_or(Defect::NotHello)?;
        match body.first() {
            Some(name) if HELLOS.contains(&name.name()) => {
                Ok(Self { request_id: frame.header.request_id, body })
            }
            _ => Err(Defect::NotHello),
        }
    }
}

/// The command, which may be wrapped so that a read preference can stand beside it.
fn command(query: Document<'_>) -> Option<Document<'_>> {
    let first = query.first()?;
    if first.name() != "$query" {
        return Some(query);
    }
    let wrapper = query
        .elements()
        .all(|element| matches!(element.name(), "$query" | "$readPreference" | "$db"));
    first.value().as_document().filter(|_| wrapper)
}
