//! Whole messages of either side.

use mongo_wire::Bounds;
use mongo_wire::frame::{self, Frame, Header};

use crate::Fatal;

/// The next message of the client's, once it is whole; `bytes_max` bounds it. A server breaks the
/// connection of whoever begins another, and says nothing.
pub(super) fn of_client(input: &[u8], bytes_max: usize) -> Result<Option<Frame<'_>>, Fatal> {
    let misbehaved = |what: String| Fatal::ClientMisbehaved(what);
    let Some(header) = Header::read(input).map_err(|bad| misbehaved(bad.to_string()))? else {
        return Ok(None);
    };
    let Some(bytes_max) = frame::bytes_max(header.op_code, bytes_max) else {
        return Err(misbehaved(format!("operation {} is not served", header.op_code)));
    };
    let header = header.within(bytes_max).map_err(|bad| misbehaved(bad.to_string()))?;
    Ok(header.frame(input))
}

/// The next message of the upstream's, once it is whole.
pub(super) fn of_upstream(input: &[u8]) -> Result<Option<Frame<'_>>, Fatal> {
    // A server sends no longer ones than it takes; our listener's own limit is about clients.
    let bytes_max = Bounds::default().message_bytes_max;
    let header = Header::read(input)
        .and_then(|header| header.map(|header| header.within(bytes_max)).transpose())
        .map_err(|bad| Fatal::UpstreamMisbehaved(bad.to_string()))?;
    Ok(header.and_then(|header| header.frame(input)))
}
