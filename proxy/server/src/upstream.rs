//! The way to a listener's upstream.

use std::io;
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, TlsStream};

use crate::drive::Stream;
use crate::tls::{SslMode, TlsStart, UpstreamTls, server_end_point};

/// How long a link may be silent before the kernel asks whether its peer is still there, and how
/// often it then asks.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(60);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(15);

/// PostgreSQL 17 section 53.7, SSLRequest: the length and the code 80877103.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// Where a listener's statements go.
#[derive(Debug)]
pub(crate) struct Upstream {
    /// Its name for people.
    pub(crate) name: String,
    /// Host name or address, as the settings have it.
    pub(crate) host: String,
    /// TCP port.
    pub(crate) port: u16,
    /// Whether TLS is spoken with it.
    pub(crate) ssl_mode: SslMode,
    /// When TLS begins, if it does.
    pub(crate) tls_start: TlsStart,
    /// How TLS is spoken, and the name that its certificate must have; None where the mode rules
    /// TLS out.
    pub(crate) tls: Option<(ArcSwap<UpstreamTls>, ServerName<'static>)>,
    /// How long a connect, and then a TLS handshake, may take.
    pub(crate) dial_timeout: Duration,
    /// Why no client may be let through yet; None when it may.
    pub(crate) closed: ArcSwapOption<String>,
}

impl Upstream {
    /// Connects for a client.
    ///
    /// # Errors
    /// The system's own, `TimedOut`, or the reason why the upstream is closed.
    pub(crate) async fn dial(&self) -> io::Result<Stream> {
        if let Some(why) = self.closed.load_full() {
            return Err(io::Error::other(why.as_str().to_owned()));
        }
        self.connect().await
    }

    /// Connects for the proxy itself, inside TLS where it begins with the first byte.
    ///
    /// # Errors
    /// The system's own, `TimedOut`, or what is wrong with the upstream's certificate.
    pub(crate) async fn connect(&self) -> io::Result<Stream> {
        let stream = self.connect_tcp().await?;
        match (self.tls_start, &self.tls) {
            (TlsStart::FirstByte, Some(_)) => Ok(self.start_tls(stream).await?.0),
            (TlsStart::FirstByte, None) | (TlsStart::InBand { .. }, _) => Ok(Stream::Plain(stream)),
        }
    }

    /// Connects, and speaks no TLS yet.
    ///
    /// # Errors
    /// The system's own, or `TimedOut`.
    pub(crate) async fn connect_tcp(&self) -> io::Result<TcpStream> {
        let address = (self.host.as_str(), self.port);
        let stream = within(self.dial_timeout, TcpStream::connect(address)).await?;
        prepare(&stream)?;
        Ok(stream)
    }

    /// Speaks TLS on `stream`. Also gives the channel-binding data of RFC 5929, where the
    /// upstream's certificate has one.
    ///
    /// # Errors
    /// The system's own, `TimedOut`, or what is wrong with the upstream's certificate.
    pub(crate) async fn start_tls(
        &self,
        stream: TcpStream,
    ) -> io::Result<(Stream, Option<Vec<u8>>)> {
        let Some((tls, name)) = &self.tls else {
            return Err(io::Error::other("TLS is ruled out by sslmode=disable"));
        };
        let handshake = TlsConnector::from(tls.load().config()).connect(name.clone(), stream);
        let stream = within(self.dial_timeout, handshake).await?;
        let (_, session) = stream.get_ref();
        let end_point =
            session.peer_certificates().and_then(|chain| server_end_point(chain.first()?));
        Ok((Stream::Tls(Box::new(TlsStream::Client(stream))), end_point))
    }

    /// Sends `request` on a connection of its own and waits for its end, as a client that cancels
    /// waits for it.
    ///
    /// # Errors
    /// As [`Upstream::dial`].
    pub(crate) async fn cancel(&self, request: &[u8]) -> io::Result<()> {
        let mut stream = self.dial_for_request().await?;
        within(self.dial_timeout, async {
            stream.write_all(request).await?;
            stream.flush().await?;
            let mut nothing = [0_u8; 64];
            while stream.read(&mut nothing).await? > 0 {}
            Ok(())
        })
        .await
    }

    /// Connects, with TLS where the mode has it: a cancel key is a secret as a password is.
    async fn dial_for_request(&self) -> io::Result<Stream> {
        let mut stream = match self.dial().await? {
            Stream::Plain(stream) if self.tls.is_some() => stream,
            stream @ (Stream::Plain(_) | Stream::Tls(_)) => return Ok(stream),
        };
        let answer = within(self.dial_timeout, async {
            stream.write_all(&SSL_REQUEST).await?;
            stream.read_u8().await
        });
        match answer.await? {
            b'S' => Ok(self.start_tls(stream).await?.0),
            b'N' if self.ssl_mode == SslMode::Prefer => Ok(Stream::Plain(stream)),
            _ => Err(io::Error::other("it does not speak TLS, which sslmode asks for")),
        }
    }
}

/// Sets what every socket of ours has: small messages leave at once, and dead peers are noticed.
///
/// # Errors
/// The system's own, as when the peer is gone already.
pub(crate) fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let keepalive =
        socket2::TcpKeepalive::new().with_time(KEEPALIVE_IDLE).with_interval(KEEPALIVE_INTERVAL);
    socket2::SockRef::from(stream).set_tcp_keepalive(&keepalive)
}

/// Awaits `work`, no longer than `limit`.
///
/// # Errors
/// Those of `work`, or `TimedOut`.
pub(crate) async fn within<T>(
    limit: Duration,
    work: impl Future<Output = io::Result<T>>,
) -> io::Result<T> {
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
        let what = format!("no answer within {} s", limit.as_secs_f32());
        Err(io::Error::new(io::ErrorKind::TimedOut, what))
    })
}
