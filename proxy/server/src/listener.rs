//! Accepting clients: one task a connection, as many as the limit allows.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use relay::Fatal;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use crate::drive::{Admission, Signals, Stream, Surroundings, drive, open};
use crate::protocol::{Peer, World};
use crate::telemetry::{Observed, Observer};
use crate::upstream::prepare;

/// Connections that the kernel holds for us while we are busy. The kernel lowers it to its own
/// bound.
const BACKLOG: i32 = 1_024;
/// How long to wait when nothing can be accepted, as when file descriptors have run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Clients beyond the limit that are let in as far as the login, to hear in their protocol's words
/// that there is no room, and to cancel what others do. Few, as each costs a socket.
pub(crate) const LOBBY_PLACES: usize = 32;

/// Begins to listen on `address`. Connections wait in the kernel until they are accepted.
///
/// # Errors
/// The system's own, such as `AddrInUse`.
pub(crate) fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // A restarted proxy must get its address back while old connections linger in the kernel.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// An address that clients connect to, and what each of them gets.
pub(crate) struct Listener {
    /// Where clients come in.
    pub(crate) socket: TcpListener,
    /// Makes the state machines of its connections.
    pub(crate) world: Arc<dyn World>,
    /// What its connections share.
    pub(crate) surroundings: Arc<Surroundings>,
    /// How its connections are logged and counted.
    pub(crate) observed: Arc<Observed>,
    /// One permit for each connection; all of them are back when all connections have ended.
    pub(crate) places: Arc<Semaphore>,
    /// One permit for each connection that there was no place for.
    pub(crate) lobby: Arc<Semaphore>,
    /// What the process tells its connections.
    pub(crate) signals: watch::Receiver<Signals>,
}

impl Listener {
    /// Accepts clients until the process drains.
    pub(crate) async fn serve(mut self) {
        loop {
            let accepted = tokio::select! {
                accepted = self.socket.accept() => accepted,
                drained = self.signals.wait_for(|signals| signals.draining) => {
                    drop(drained);
                    return;
                }
            };
            match accepted {
                Ok((stream, peer)) => self.begin(stream, peer),
                Err(error) => {
                    let listener = self.observed.listener;
                    tracing::warn!(%error, %listener, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn begin(&self, stream: TcpStream, peer: SocketAddr) {
        let take = |from: &Arc<Semaphore>| Arc::clone(from).try_acquire_owned().ok();
        let (place, admission) = match take(&self.places) {
            Some(place) => (place, Admission::Admitted),
            None => {
                self.observed.metrics.refused.inc();
                // Where even the lobby is full, the close is the message.
                let Some(place) = take(&self.lobby) else { return };
                (place, Admission::TurnedAway)
            }
        };
        if let Err(error) = prepare(&stream) {
            tracing::debug!(%error, %peer, "the socket is gone already");
            return;
        }
        let observer = Observer::new(Arc::clone(&self.observed), peer);
        let world = Arc::clone(&self.world);
        let (surroundings, mut signals) = (Arc::clone(&self.surroundings), self.signals.clone());
        tokio::spawn(async move {
            let opened = tokio::select! {
                opened = Box::pin(open(stream, &surroundings)) => opened,
                _ = signals.wait_for(|signals| signals.draining) => return,
            };
            match opened {
                Ok(stream) => {
                    let server_end_point = surroundings
                        .tls
                        .as_ref()
                        .map(|tls| tls.load().server_end_point().map(<[u8]>::to_vec));
                    let peer = Peer {
                        address: peer,
                        in_tls: matches!(stream, Stream::Tls(_)),
                        offers_tls: server_end_point.is_some(),
                        server_end_point: server_end_point.flatten(),
                    };
                    let connection = world.connect(peer, Instant::now());
                    drive(stream, admission, connection, surroundings, signals, observer).await;
                }
                Err(error) => {
                    let error = format!("TLS handshake: {error}");
                    observer.ended(&Fatal::ClientMisbehaved(error));
                }
            }
            drop(place);
        });
    }
}
