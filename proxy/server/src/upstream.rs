//! The way to a listener's upstream.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use relay::resp::cluster::Node;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, TlsStream};

use crate::cluster::Cluster;
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
    /// What it is one server of; None where it is the only one.
    pub(crate) cluster: ArcSwapOption<Cluster>,
}

impl Upstream {
    /// Connects for a client.
    ///
    /// # Errors
    /// The system's own, `TimedOut`, or the reason why the upstream is closed.
    pub(crate) async fn dial(&self) -> io::Result<Stream> {
        self.check_open()?;
        self.connect().await
    }

    /// Connects for a client whose names begin with `prefix`: to all servers where there are
    /// several. Also gives the one that the link is at home on; nothing where it is the only one.
    ///
    /// # Errors
    /// As [`Upstream::dial`].
    pub(crate) async fn dial_near(self: &Arc<Self>, prefix: &[u8]) -> io::Result<(Stream, String)> {
        self.check_open()?;
        match self.cluster.load_full() {
            Some(cluster) => cluster.dial(prefix, self).await,
            None => Ok((self.connect().await?, String::new())),
        }
    }

    fn check_open(&self) -> io::Result<()> {
        match self.closed.load_full() {
            Some(why) => Err(io::Error::other(why.as_str().to_owned())),
            None => Ok(()),
        }
    }

    /// Its own address.
    pub(crate) fn node(&self) -> Node {
        Node { host: self.host.clone(), port: self.port }
    }

    /// Connects to another server of the cluster, as to this one.
    ///
    /// # Errors
    /// As [`Upstream::connect`].
    pub(crate) async fn connect_to(&self, node: &Node) -> io::Result<Stream> {
        let stream = self.connect_tcp_to((&node.host, node.port)).await?;
        let Some((tls, _)) = &self.tls else { return Ok(Stream::Plain(stream)) };
        let name = ServerName::try_from(node.host.clone()).map_err(io::Error::other)?;
        Ok(self.speak_tls(tls, name, stream).await?.0)
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

    /// Whether it is there, or where it is one of a cluster, any other of them.
    ///
    /// # Errors
    /// As [`Upstream::connect_tcp`].
    pub(crate) async fn reach(&self) -> io::Result<()> {
        let mut reached = self.connect_tcp().await.map(drop);
        for node in self.cluster.load_full().iter().flat_map(|cluster| cluster.nodes()) {
            if reached.is_err() {
                reached = self.connect_tcp_to((&node.host, node.port)).await.map(drop);
            }
        }
        reached
    }

    /// Connects, and speaks no TLS yet.
    ///
    /// # Errors
    /// The system's own, or `TimedOut`.
    pub(crate) async fn connect_tcp(&self) -> io::Result<TcpStream> {
        self.connect_tcp_to((&self.host, self.port)).await
    }

    async fn connect_tcp_to(&self, address: (&str, u16)) -> io::Result<TcpStream> {
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
        self.speak_tls(tls, name.clone(), stream).await
    }

    async fn speak_tls(
        &self,
        tls: &ArcSwap<UpstreamTls>,
        name: ServerName<'static>,
        stream: TcpStream,
    ) -> io::Result<(Stream, Option<Vec<u8>>)> {
        let handshake = TlsConnector::from(tls.load().config()).connect(name, stream);
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
        let stream = self.dial_for_request().await?;
        self.request(stream, request).await
    }

    /// As [`Upstream::cancel`], at another server of the cluster.
    ///
    /// # Errors
    /// As [`Upstream::connect_to`].
    pub(crate) async fn cancel_at(&self, node: &Node, request: &[u8]) -> io::Result<()> {
        let stream = self.connect_to(node).await?;
        self.request(stream, request).await
    }

    async fn request(&self, mut stream: Stream, request: &[u8]) -> io::Result<()> {
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
            stream => return Ok(stream),
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
