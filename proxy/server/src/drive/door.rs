//! A client's first byte: TLS may begin there, or must.

use std::io;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream as ServerStream;
use tokio_rustls::{TlsAcceptor, TlsStream};

use super::{Stream, Surroundings};
use crate::tls::{ServerTls, TlsStart};
use crate::upstream::within;

/// RFC 8446 section 5.1: the first byte of a record that holds a handshake. No start-up packet of
/// PostgreSQL begins with it: it would be 352 megabytes long.
const TLS_HANDSHAKE: u8 = 0x16;

/// Lets a client in that has just connected. One that begins with TLS, without asking for it in its
/// protocol's own words, gets it (PostgreSQL 17 section 53.2.11), where the listener has a
/// certificate. Where the protocol has no such words, everybody must.
///
/// # Errors
/// The socket's own, `TimedOut`, or what is wrong with the handshake.
pub(crate) async fn open(stream: TcpStream, surroundings: &Surroundings) -> io::Result<Stream> {
    let Some(tls) = &surroundings.tls else { return Ok(Stream::Plain(stream)) };
    let limit = surroundings.handshake_timeout;
    let mut first = [0];
    let peeked = within(limit, stream.peek(&mut first)).await?;
    let begins_with_tls = peeked > 0 && first == [TLS_HANDSHAKE];
    let expected = match surroundings.upstream.tls_start {
        TlsStart::InBand { .. } if !begins_with_tls => return Ok(Stream::Plain(stream)),
        TlsStart::InBand { alpn } => Some(alpn),
        TlsStart::FirstByte if !begins_with_tls => {
            return Err(io::Error::other("plain text, where TLS begins with the first byte"));
        }
        TlsStart::FirstByte => None,
    };
    let stream = accept_tls(tls, stream, limit).await?;
    if expected.is_some_and(|name| stream.get_ref().1.alpn_protocol() != Some(name)) {
        return Err(io::Error::other("TLS from the first byte, for another protocol"));
    }
    Ok(Stream::Tls(Box::new(TlsStream::Server(stream))))
}

/// Speaks TLS with a client.
pub(super) async fn accept_tls(
    tls: &ArcSwap<ServerTls>,
    stream: TcpStream,
    limit: Duration,
) -> io::Result<ServerStream<TcpStream>> {
    within(limit, TlsAcceptor::from(tls.load().config()).accept(stream)).await
}
