//! The one loop for all protocols: it reads both sides, feeds the [`Connection`], writes both
//! sides, and does what the connection asks for.
//!
//! Backpressure runs both ways. A side is read only while what it may produce has room: nothing is
//! read from the upstream while the client's outbox is full, nothing from the client while either
//! is. So a peer that stops reading stops its own connection, holds a bounded number of bytes, and
//! disturbs nobody else.

mod cancels;
mod cluster;
mod door;
mod effects;
mod side;
mod stream;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use relay::{Connection, Fatal, Outbox};
use tokio::sync::watch;

pub(crate) use cancels::Cancels;
pub(crate) use cluster::ClusterLink;
pub(crate) use door::open;
pub(crate) use stream::Stream;

use self::cancels::Registration;
use self::side::Side;
use crate::telemetry::Observer;
use crate::tls::ServerTls;
use crate::upstream::Upstream;

/// How much one read from a client asks for: a pipeline of ordinary statements.
const CLIENT_READ_BYTES: usize = 16 << 10;
/// How much one read from an upstream asks for: results are larger than statements.
const UPSTREAM_READ_BYTES: usize = 64 << 10;

/// What all connections of one listener share.
#[derive(Debug)]
pub(crate) struct Surroundings {
    /// Where [`relay::Effect::Dial`] leads.
    pub(crate) upstream: Arc<Upstream>,
    /// What [`relay::Effect::StartTls`] answers with; None where the listener has no certificate.
    pub(crate) tls: Option<ArcSwap<ServerTls>>,
    /// The cancel keys of all listeners.
    pub(crate) cancels: Arc<Cancels>,
    /// How long a TLS handshake with a client, or writing to it before one, may take.
    pub(crate) handshake_timeout: Duration,
    /// How long a connection that ends waits for its client to take the last bytes.
    pub(crate) linger_timeout: Duration,
    /// See [`wire::Limits::outbox_bytes_max`].
    pub(crate) outbox_bytes_max: usize,
}

/// What the process tells all of its connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Signals {
    /// The process, or this listener, ends.
    pub(crate) draining: bool,
    /// How often policy and registry were read again.
    pub(crate) reloads: u64,
}

/// Whether there is room for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It gets a link to the upstream.
    Admitted,
    /// The listener is full. The client may log in, to be told so in its protocol's words, and may
    /// cancel what others do; it gets no link to the upstream.
    TurnedAway,
}

/// Serves one client until its connection ends. Returns why it ended.
pub(crate) async fn drive(
    client: Stream,
    admission: Admission,
    connection: Box<dyn Connection>,
    surroundings: Arc<Surroundings>,
    mut signals: watch::Receiver<Signals>,
    observer: Observer,
) -> Fatal {
    let mut drive = Drive {
        connection,
        client: Side::new(Some(client), CLIENT_READ_BYTES),
        upstream: Side::new(None, UPSTREAM_READ_BYTES),
        out: Outbox::default(),
        admission,
        held: false,
        upstream_held: false,
        registrations: Vec::new(),
        surroundings,
        observer,
    };
    let Err(fatal) = drive.serve(&mut signals).await;
    // Boxed, as in `perform`: it is large, and a connection ends once.
    Box::pin(drive.end()).await;
    drive.observer.ended(&fatal);
    fatal
}

struct Drive {
    connection: Box<dyn Connection>,
    client: Side,
    upstream: Side,
    out: Outbox,
    admission: Admission,
    /// Whether `client.input` holds bytes that the connection did not want yet.
    held: bool,
    /// Whether `upstream.input` holds bytes that wait for an effect.
    upstream_held: bool,
    registrations: Vec<Registration>,
    surroundings: Arc<Surroundings>,
    observer: Observer,
}

/// What one look at both sides found.
#[derive(Default)]
struct Arrivals {
    /// The connection should look at `client.input`.
    client: bool,
    /// Bytes came from the upstream.
    upstream: bool,
    /// The upstream ended, and how.
    upstream_lost: Option<io::Result<()>>,
}

impl Drive {
    async fn serve(&mut self, signals: &mut watch::Receiver<Signals>) -> Result<Infallible, Fatal> {
        // A drain that began before this connection is news to it.
        let mut seen = Signals { draining: false, ..*signals.borrow() };
        signals.mark_changed();
        let ended = |_| Fatal::Withdrawn("the proxy has ended".to_owned());
        loop {
            self.observer.observe(&mut self.out.events);
            self.perform().await?;
            if signals.has_changed().map_err(ended)? {
                self.on_signals(&mut seen, *signals.borrow_and_update())?;
                continue;
            }
            let deadline = self.connection.next_deadline();
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                self.on_deadline()?;
                continue;
            }
            tokio::select! {
                biased;
                arrivals = poll_fn(|cx| self.poll_sides(cx)) => self.feed(arrivals?)?,
                changed = signals.changed() => {
                    changed.map_err(ended)?;
                    self.on_signals(&mut seen, *signals.borrow_and_update())?;
                }
                () = until(deadline) => {}
            }
        }
    }

    fn on_signals(&mut self, seen: &mut Signals, now: Signals) -> Result<(), Fatal> {
        let before = std::mem::replace(seen, now);
        if now.reloads != before.reloads {
            self.connection.on_reload(&mut self.out)?;
        }
        if now.draining && !before.draining {
            self.connection.on_drain(&mut self.out)?;
        }
        Ok(())
    }

    fn on_deadline(&mut self) -> Result<(), Fatal> {
        let now = Instant::now();
        self.connection.on_deadline(now, &mut self.out)?;
        match self.connection.next_deadline() {
            Some(deadline) if deadline <= now => {
                Err(Fatal::TimedOut("a deadline was not moved".to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// Writes what both sides take, then reads what both sides may bring. Ready when something
    /// came.
    fn poll_sides(&mut self, cx: &mut Context<'_>) -> Poll<Result<Arrivals, Fatal>> {
        let (to_client, to_upstream) = (self.out.to_client.len(), self.out.to_upstream.len());
        if let Poll::Ready(Err(error)) = self.client.poll_write(cx, &mut self.out.to_client) {
            return Poll::Ready(Err(client_left(&error)));
        }
        self.upstream.poll_write_or_discard(cx, &mut self.out.to_upstream);
        self.observer.wrote(
            to_client.saturating_sub(self.out.to_client.len()),
            to_upstream.saturating_sub(self.out.to_upstream.len()),
        );

        let mut arrivals = Arrivals { upstream: self.upstream_held, ..Arrivals::default() };
        if self.out.to_client.len() < self.surroundings.outbox_bytes_max {
            match self.upstream.poll_read(cx) {
                Poll::Pending => {}
                Poll::Ready(Ok(0)) => arrivals.upstream_lost = Some(Ok(())),
                Poll::Ready(Ok(bytes)) => {
                    self.observer.read_upstream(bytes);
                    arrivals.upstream = true;
                }
                Poll::Ready(Err(error)) => arrivals.upstream_lost = Some(Err(error)),
            }
        }
        if self.accepts_client() {
            arrivals.client = self.held;
            match self.client.poll_read(cx) {
                Poll::Pending => {}
                Poll::Ready(Ok(0)) => {}
                Poll::Ready(Ok(bytes)) => {
                    self.observer.read_client(bytes);
                    arrivals.client = true;
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(client_left(&error))),
            }
        }
        if arrivals.client || arrivals.upstream || arrivals.upstream_lost.is_some() {
            return Poll::Ready(Ok(arrivals));
        }
        self.poll_half_close(cx).map(Err)
    }

    /// Passes the end of a client that closed its half on to the upstream, which then ends when it
    /// has answered all that it was sent. Ready when there is nobody to answer.
    fn poll_half_close(&mut self, cx: &mut Context<'_>) -> Poll<Fatal> {
        if !self.client.ended || self.held || !self.out.to_upstream.is_empty() {
            return Poll::Pending;
        }
        if self.upstream.stream.is_none() {
            return Poll::Ready(Fatal::Closed);
        }
        match self.upstream.poll_shut(cx) {
            Poll::Ready(Err(_)) => Poll::Ready(Fatal::Closed),
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Pending,
        }
    }

    /// Whether another message of the client may be looked at now.
    fn accepts_client(&self) -> bool {
        let bytes_max = self.surroundings.outbox_bytes_max;
        self.connection.wants_client()
            && self.out.to_upstream.len() < bytes_max
            && self.out.to_client.len() < bytes_max
    }

    fn feed(&mut self, arrivals: Arrivals) -> Result<(), Fatal> {
        if arrivals.upstream {
            self.connection.on_upstream(&mut self.upstream.input, &mut self.out)?;
            self.upstream_held = !self.out.effects.is_empty() && !self.upstream.input.is_empty();
        }
        if let Some(how) = arrivals.upstream_lost {
            if self.client.ended {
                return Err(Fatal::Closed);
            }
            let what = match how {
                Ok(()) => "it closed the connection".to_owned(),
                Err(error) => error.to_string(),
            };
            return Err(self.connection.on_upstream_lost(&what, &mut self.out));
        }
        if arrivals.client {
            let begun = Instant::now();
            let fed = self.connection.on_client(&mut self.client.input, &mut self.out);
            self.observer.judged(begun.elapsed(), &self.out.events);
            fed?;
            // What it left is the beginning of a message, unless it had to stop before it.
            let stopped = !self.connection.wants_client() || !self.out.effects.is_empty();
            self.held = stopped && !self.client.input.is_empty();
        }
        Ok(())
    }
}

fn client_left(error: &io::Error) -> Fatal {
    tracing::debug!(%error, "the client's link broke");
    Fatal::Closed
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}
