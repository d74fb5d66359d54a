//! A link without TLS on which no password is to be told: whoever sits on it and asks for one in
//! clear text gets an error, before anybody answers.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// PostgreSQL 17 section 53.7: tag, length and code of AuthenticationCleartextPassword.
const CLEARTEXT_PASSWORD: [u8; 9] = [b'R', 0, 0, 0, 8, 0, 0, 0, 3];

/// A socket whose first messages are watched.
#[derive(Debug)]
pub(super) struct Watched {
    stream: TcpStream,
    /// None when there is nothing to fear.
    watch: Option<Watch>,
}

/// How much of a request for a clear password has been seen.
#[derive(Debug)]
struct Watch {
    /// Bytes that are no message: the one that answers the request for TLS.
    skip: usize,
    /// Bytes of the next message's beginning, as many as agree.
    seen: usize,
}

impl Watched {
    /// `asks_for_tls` says that the first byte answers an SSLRequest. `is_private` says that nobody
    /// can listen on the way.
    pub(super) fn new(stream: TcpStream, asks_for_tls: bool, is_private: bool) -> Self {
        let watch = Watch { skip: usize::from(asks_for_tls), seen: 0 };
        Self { stream, watch: Some(watch).filter(|_| !is_private) }
    }

    /// The socket, for what protects itself.
    pub(super) fn into_inner(self) -> TcpStream {
        self.stream
    }
}

impl Watch {
    /// Looks at what came. The request for a password is the first message of a server; whatever
    /// else comes first ends the watch, as no other request has the password for an answer.
    /// Ready when the watch is over.
    fn look(&mut self, bytes: &[u8]) -> io::Result<Poll<()>> {
        for byte in bytes {
            if self.skip > 0 {
                self.skip -= 1;
                continue;
            }
            if CLEARTEXT_PASSWORD.get(self.seen) != Some(byte) {
                return Ok(Poll::Ready(()));
            }
            self.seen += 1;
            if self.seen == CLEARTEXT_PASSWORD.len() {
                return Err(io::Error::other(
                    "it asks for the password in clear text, on a link without TLS; let it ask for \
                     SCRAM, or set sslmode=require",
                ));
            }
        }
        Ok(Poll::Pending)
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(cx, buffer))?;
        if let Some(watch) = &mut this.watch
            && watch.look(buffer.filled().get(before..).unwrap_or_default())?.is_ready()
        {
            this.watch = None;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the watch lets this pass, in whatever pieces it comes.
    fn passes(skip: usize, bytes: &[u8]) -> bool {
        let outcomes = (1..=bytes.len()).map(|piece| {
            let mut watch = Watch { skip, seen: 0 };
            for chunk in bytes.chunks(piece) {
                match watch.look(chunk) {
                    Ok(Poll::Pending) => {}
                    Ok(Poll::Ready(())) => return true,
                    Err(_) => return false,
                }
            }
            true
        });
        let outcomes: Vec<bool> = outcomes.collect();
        assert!(outcomes.windows(2).all(|pair| pair[0] == pair[1]), "{outcomes:?}");
        outcomes[0]
    }

    #[test]
    fn only_the_request_for_a_clear_password_is_stopped() {
        assert!(!passes(0, &CLEARTEXT_PASSWORD));
        assert!(!passes(1, &[b"N".as_slice(), &CLEARTEXT_PASSWORD].concat()));
        // SCRAM, md5, trust.
        assert!(passes(0, b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0"));
        assert!(passes(1, b"NR\0\0\0\x0c\0\0\0\x05salt"));
        assert!(passes(0, b"R\0\0\0\x08\0\0\0\0"));
    }
}
