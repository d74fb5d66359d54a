//! Conversations of our own with a store, without a client.

use std::io;

use bytes::BytesMut;
use relay::{Fatal, Outbox};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::drive::Stream;
use crate::upstream::Upstream;

/// How much is read at a time.
const READ_BYTES: usize = 64 << 10;

/// Sends what stands in `out`, and hears the server until `hear` has what it wants.
///
/// # Errors
/// The system's own, and what `hear` says is wrong.
pub(super) async fn converse<T>(
    out: Outbox,
    upstream: &Upstream,
    hear: impl FnMut(&mut BytesMut, &mut Outbox) -> Result<Option<T>, Fatal>,
) -> io::Result<T> {
    converse_over(upstream.connect().await?, out, hear).await
}

/// As [`converse`], over a link that is there.
///
/// # Errors
/// As [`converse`].
pub(crate) async fn converse_over<T>(
    mut stream: Stream,
    mut out: Outbox,
    mut hear: impl FnMut(&mut BytesMut, &mut Outbox) -> Result<Option<T>, Fatal>,
) -> io::Result<T> {
    let mut input = BytesMut::new();
    loop {
        stream.write_all_buf(&mut out.to_upstream).await?;
        stream.flush().await?;
        input.reserve(READ_BYTES);
        if stream.read_buf(&mut input).await? == 0 {
            return Err(io::Error::other("it closed the connection"));
        }
        if let Some(known) = hear(&mut input, &mut out).map_err(told)? {
            return Ok(known);
        }
    }
}

/// Who is to blame is plain from the place.
pub(super) fn told(fatal: Fatal) -> io::Error {
    io::Error::other(fatal.to_string())
}
