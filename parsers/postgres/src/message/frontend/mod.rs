//! What a client sends.

mod bind;
mod cancel;
mod close;
mod describe;
mod execute;
mod parse;
mod password;
mod query;
mod sasl;
mod startup;
mod sync;
#[cfg(test)]
mod tests;

pub use bind::{Bind, Values};
pub use cancel::CancelRequest;
pub use close::Close;
pub use describe::{Describe, Target};
pub use execute::Execute;
pub use parse::Parse;
pub use password::password;
pub use query::Query;
pub use sasl::{SaslInitialResponse, sasl_initial_response, sasl_response};
pub use startup::{Parameter, Startup, StartupMessage, ssl_request, startup_message};
pub use sync::{Flush, Sync, Terminate};

use bytes::{BufMut, BytesMut};

use super::Defect;
use super::text::{empty, only_text};
use crate::frame::{Frame, SMALL_FRAME_BYTES_MAX};

/// A message of the traffic phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrontendMessage<'a> {
    /// `B`
    Bind(Bind<'a>),
    /// `C`
    Close(Close<'a>),
    /// `d`: its body is the data.
    CopyData,
    /// `c`
    CopyDone,
    /// `f`: its body is a reason for the server's log.
    CopyFail,
    /// `D`
    Describe(Describe<'a>),
    /// `E`
    Execute(Execute<'a>),
    /// `H`
    Flush(Flush),
    /// `P`
    Parse(Parse<'a>),
    /// `Q`
    Query(Query<'a>),
    /// `S`
    Sync(Sync),
    /// `X`
    Terminate(Terminate),
}

/// The most bytes that a message with this tag may have, header included, or `None` for a tag that
/// is not known. `p` is known only while a client proves who it is; `F`, the fast path that calls a
/// function by its number, is not known at all.
#[must_use]
pub fn bytes_max(tag: u8, frame_bytes_max: usize) -> Option<usize> {
    match tag {
        b'B' | b'P' | b'Q' | b'd' => Some(frame_bytes_max),
        b'C' | b'D' | b'E' | b'H' | b'S' | b'X' | b'c' | b'f' => {
            Some(SMALL_FRAME_BYTES_MAX.min(frame_bytes_max))
        }
        _ => None,
    }
}

impl<'a> FrontendMessage<'a> {
    /// Reads a whole frame; `None` for a tag that [`bytes_max`] does not know.
    ///
    /// # Errors
    /// `Defect`, by severity: a body that is malformed is reported as that whatever else is wrong.
    pub fn read(frame: Frame<'a>) -> Result<Option<Self>, Defect> {
        let body = frame.body;
        Ok(Some(match frame.tag {
            b'B' => Self::Bind(Bind::read(body)?),
            b'C' => Self::Close(Close::read(body)?),
            b'D' => Self::Describe(Describe::read(body)?),
            b'E' => Self::Execute(Execute::read(body)?),
            b'H' => empty(body).map(|()| Self::Flush(Flush))?,
            b'P' => Self::Parse(Parse::read(body)?),
            b'Q' => Self::Query(Query::read(body)?),
            b'S' => empty(body).map(|()| Self::Sync(Sync))?,
            b'X' => empty(body).map(|()| Self::Terminate(Terminate))?,
            b'c' => empty(body).map(|()| Self::CopyDone)?,
            b'd' => Self::CopyData,
            b'f' => only_text(body).map(|_| Self::CopyFail)?,
            _ => return Ok(None),
        }))
    }
}

/// Appends a message with `tag` and the body that `body` appends. Written by hand, unlike what else
/// we author, because statements travel this way and are to be copied once.
fn put_tagged(tag: u8, out: &mut BytesMut, body: impl FnOnce(&mut BytesMut)) {
    out.put_u8(tag);
    let start = out.len();
    out.put_u32(0);
    body(out);
    let length = out.len().saturating_sub(start);
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    if let Some(field) = out.get_mut(start..).and_then(|rest| rest.first_chunk_mut()) {
        *field = length.to_be_bytes();
    }
}

/// Appends a text and its NUL.
fn put_text(text: &str, out: &mut BytesMut) {
    out.put_slice(text.as_bytes());
    out.put_u8(0);
}
