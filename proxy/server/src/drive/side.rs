//! One side of a connection: its link, and the bytes that came over it.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BufMut, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::Stream;

/// The most that one read asks for.
const READ_BYTES_MAX: usize = 1 << 20;

/// The client or the upstream.
#[derive(Debug)]
pub(super) struct Side {
    /// None until the link is there, and while a TLS handshake has it.
    pub(super) stream: Option<Stream>,
    /// What came and is not consumed yet.
    pub(super) input: BytesMut,
    /// Whether the peer has closed its half, so that nothing more comes.
    pub(super) ended: bool,
    /// Whether TLS may still hold bytes that the socket did not take.
    unflushed: bool,
    /// Whether the link takes no more bytes.
    deaf: bool,
    /// Whether we have closed our half.
    shut: bool,
    /// How much room a read gets: enough that one call empties a socket's usual burst.
    read_bytes: usize,
}

impl Side {
    /// A side whose reads ask for `read_bytes` at a time.
    pub(super) fn new(stream: Option<Stream>, read_bytes: usize) -> Self {
        Self {
            stream,
            input: BytesMut::new(),
            ended: false,
            unflushed: false,
            deaf: false,
            shut: false,
            read_bytes,
        }
    }

    /// Reads what is there behind `input`. 0 means that the peer has closed its half; `ended` is
    /// set then. Pending while there is no link. Holds no buffer while there is nothing in it.
    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let Some(stream) = self.stream.as_mut().filter(|_| !self.ended) else {
            return Poll::Pending;
        };
        ready!(stream.poll_readable(cx))?;
        // Of a large message that is held until it is whole, more is on its way. Its buffer grows
        // four times at once, as each growth copies it.
        let bytes = (3 * self.input.len()).clamp(self.read_bytes, READ_BYTES_MAX);
        self.input.reserve(bytes);
        // The buffer may have more room than that; what one read brings stays bounded.
        let mut room = (&mut self.input).limit(bytes);
        let polled = pin!(stream.read_buf(&mut room)).poll(cx);
        if self.input.is_empty() {
            self.input = BytesMut::new();
        }
        let read = ready!(polled)?;
        self.ended = read == 0;
        Poll::Ready(Ok(read))
    }

    /// Writes all of `output` and leaves no buffer behind. Ready at once when there is nothing to
    /// write. Bytes for a link that is not there are a bug of ours, and reported as a broken link.
    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        output: &mut BytesMut,
    ) -> Poll<io::Result<()>> {
        if output.is_empty() && !self.unflushed {
            return Poll::Ready(Ok(()));
        }
        let Some(stream) = self.stream.as_mut() else {
            return Poll::Ready(Err(io::ErrorKind::NotConnected.into()));
        };
        self.unflushed = true;
        while !output.is_empty() {
            match ready!(Pin::new(&mut *stream).poll_write(cx, output))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => output.advance(written),
            }
        }
        *output = BytesMut::new();
        ready!(Pin::new(stream).poll_flush(cx))?;
        self.unflushed = false;
        Poll::Ready(Ok(()))
    }

    /// As [`Side::poll_write`], for a peer whose last words matter: when the link takes no more
    /// bytes, the rest is dropped and the link is still to be read to its end.
    pub(super) fn poll_write_or_discard(&mut self, cx: &mut Context<'_>, output: &mut BytesMut) {
        let failed = |polled| matches!(polled, Poll::Ready(Err(_)));
        if self.deaf || failed(self.poll_write(cx, output)) {
            self.deaf = true;
            *output = BytesMut::new();
        }
    }

    /// Closes our half, once. Ready when there is nothing to close.
    pub(super) fn poll_shut(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.stream.as_mut().filter(|_| !self.shut) {
            None => Poll::Ready(Ok(())),
            Some(stream) => {
                ready!(Pin::new(stream).poll_shutdown(cx))?;
                self.shut = true;
                Poll::Ready(Ok(()))
            }
        }
    }

    /// Writes `output`, within `limit`.
    ///
    /// # Errors
    /// The link's own, or `TimedOut`.
    pub(super) async fn flush(&mut self, output: &mut BytesMut, limit: Duration) -> io::Result<()> {
        let write = std::future::poll_fn(|cx| self.poll_write(cx, output));
        tokio::time::timeout(limit, write).await.unwrap_or(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Ends the link so that its peer still gets what was written: our half is closed, and what
    /// the peer was sending is read and dropped for a while, because closing a socket that holds
    /// unread bytes resets the link and takes the last message with it.
    pub(super) async fn close(&mut self, limit: Duration) {
        let Some(mut stream) = self.stream.take() else {
            return;
        };
        let linger = async {
            stream.shutdown().await?;
            let mut dropped = [0_u8; 4096];
            while !self.ended && stream.read(&mut dropped).await? > 0 {}
            io::Result::Ok(())
        };
        // Whether the peer leaves in time or breaks off, the link ends here.
        _ = tokio::time::timeout(limit, linger).await;
    }
}
