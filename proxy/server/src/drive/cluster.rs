//! The loop of one client's links to the nodes of a cluster: as [`super::Drive`], with a pipe in
//! the client's place and as many upstreams as there are nodes in use.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use relay::Fatal;
use relay::resp::cluster::{Node, Router, RouterEffect};
use tokio::io::DuplexStream;
use tokio::sync::watch;
use tokio::time::Sleep;

use super::side::Side;
use super::{Stream, UPSTREAM_READ_BYTES};
use crate::cluster::{Cluster, Pipe};
use crate::upstream::Upstream;

/// Bytes that may wait on one side before the others are no more read.
const WAITING_BYTES_MAX: usize = 1 << 20;
/// How long the last replies may take.
const LAST: Duration = Duration::from_secs(2);

/// One client's way to all nodes.
pub(crate) struct ClusterLink {
    cluster: Arc<Cluster>,
    upstream: Arc<Upstream>,
    router: Router,
    pipe: Side,
    /// By the router's numbers.
    nodes: Vec<Side>,
    pause: Option<Pin<Box<Sleep>>>,
    script_at: Arc<ArcSwapOption<Node>>,
}

/// What one look at all sides found.
enum Arrival {
    /// Bytes, or room for more.
    Bytes,
    /// A pause is over.
    Rested,
    /// The link to a node ended, and how.
    Lost(usize, String),
    /// The client's connection ended.
    End,
}

impl ClusterLink {
    /// A way over `home`, which is the link of the router's home, for what comes through the pipe.
    pub(crate) fn new(
        cluster: Arc<Cluster>,
        upstream: Arc<Upstream>,
        mut router: Router,
        (home, pipe): (Stream, DuplexStream),
        script_at: Arc<ArcSwapOption<Node>>,
    ) -> Self {
        router.on_dialed(0);
        let pipe = Pipe { end: pipe, script_at: Arc::default() };
        Self {
            cluster,
            upstream,
            router,
            pipe: Side::new(Some(Stream::Pipe(Box::new(pipe))), UPSTREAM_READ_BYTES),
            nodes: vec![Side::new(Some(home), UPSTREAM_READ_BYTES)],
            pause: None,
            script_at,
        }
    }

    /// Serves until the connection ends.
    pub(crate) async fn serve(mut self, mut changed: watch::Receiver<u64>) {
        if let Err(fatal) = self.run(&mut changed).await {
            tracing::info!(%fatal, "a link to a cluster ended");
        }
        // What it had to say counts, if the client's connection still hears it.
        _ = self.pipe.flush(self.router.replies(), LAST).await;
    }

    async fn run(&mut self, changed: &mut watch::Receiver<u64>) -> Result<(), Fatal> {
        loop {
            self.perform().await?;
            self.show_script();
            tokio::select! {
                biased;
                arrival = poll_fn(|cx| self.poll_sides(cx)) => match arrival {
                    Arrival::Bytes => self.feed()?,
                    Arrival::Rested => {
                        self.router.on_pause()?;
                        self.feed()?;
                    }
                    Arrival::Lost(link, what) => self.router.on_lost(link, &what)?,
                    Arrival::End => return Ok(()),
                },
                news = changed.changed() => {
                    if news.is_ok() {
                        self.router.check_bond()?;
                    }
                }
            }
        }
    }

    /// Does what the router asks for. Nothing is read meanwhile, so each is bounded in time.
    async fn perform(&mut self) -> Result<(), Fatal> {
        loop {
            let effects = self.router.take_effects();
            if effects.is_empty() {
                return Ok(());
            }
            for effect in effects {
                match effect {
                    RouterEffect::Dial { link, node } => self.dial(link, &node).await?,
                    RouterEffect::Refresh => {
                        if let Err(error) = self.cluster.refresh(&self.upstream).await {
                            tracing::debug!(%error, "the cluster's topology cannot be read");
                        }
                        self.router.on_refreshed()?;
                    }
                    RouterEffect::Pause(time) => {
                        self.pause = Some(Box::pin(tokio::time::sleep(time)));
                    }
                }
            }
        }
    }

    async fn dial(&mut self, link: usize, node: &Node) -> Result<(), Fatal> {
        while self.nodes.len() <= link {
            self.nodes.push(Side::new(None, UPSTREAM_READ_BYTES));
        }
        match self.upstream.connect_to(node).await {
            Ok(stream) => {
                if let Some(side) = self.nodes.get_mut(link) {
                    *side = Side::new(Some(stream), UPSTREAM_READ_BYTES);
                }
                self.router.on_dialed(link);
                Ok(())
            }
            Err(error) => {
                tracing::debug!(%error, %node, "a node of the cluster cannot be reached");
                self.router.on_unreached(link, &error.to_string())
            }
        }
    }

    /// Writes what all sides take, then reads what they may bring. Ready when something came.
    fn poll_sides(&mut self, cx: &mut Context<'_>) -> Poll<Arrival> {
        let waited = self.router.replies().len() >= WAITING_BYTES_MAX;
        if let Poll::Ready(Err(_)) = self.pipe.poll_write(cx, self.router.replies()) {
            return Poll::Ready(Arrival::End);
        }
        let has_room = self.router.replies().len() < WAITING_BYTES_MAX;
        let mut came = waited && has_room;
        let mut unsent = 0;
        for (link, side) in self.nodes.iter_mut().enumerate() {
            let Some(output) = self.router.output(link) else { continue };
            if let Poll::Ready(Err(error)) = side.poll_write(cx, output) {
                return Poll::Ready(Arrival::Lost(link, error.to_string()));
            }
            unsent += output.len();
            let may_read = side.input.len() < WAITING_BYTES_MAX || self.router.awaits(link);
            if !has_room || !may_read {
                continue;
            }
            match side.poll_read(cx) {
                Poll::Pending => {}
                Poll::Ready(Ok(0)) => {
                    let what = "it closed the connection".to_owned();
                    side.stream = None;
                    return Poll::Ready(Arrival::Lost(link, what));
                }
                Poll::Ready(Ok(_)) => came = true,
                Poll::Ready(Err(error)) => {
                    return Poll::Ready(Arrival::Lost(link, error.to_string()));
                }
            }
        }
        // Also while no request is wanted: the client may have left.
        let may_read = self.router.wants_requests() || self.pipe.input.len() < WAITING_BYTES_MAX;
        if may_read && unsent < WAITING_BYTES_MAX {
            match self.pipe.poll_read(cx) {
                Poll::Pending => {}
                Poll::Ready(Ok(0)) => {}
                Poll::Ready(Ok(_)) => came = true,
                Poll::Ready(Err(_)) => return Poll::Ready(Arrival::End),
            }
        }
        if came {
            return Poll::Ready(Arrival::Bytes);
        }
        if self.pause.as_mut().is_some_and(|pause| pause.as_mut().poll(cx).is_ready()) {
            self.pause = None;
            return Poll::Ready(Arrival::Rested);
        }
        if !self.pipe.ended || !self.router.replies().is_empty() {
            return Poll::Pending;
        }
        if self.router.is_quiet() {
            return Poll::Ready(Arrival::End);
        }
        // The end of the client ends what it waits for, as it does at a server.
        let blocked = self.router.blocks_on().filter(|_| unsent == 0);
        if let Some(side) = blocked.and_then(|link| self.nodes.get_mut(link))
            && let Poll::Ready(Err(_)) = side.poll_shut(cx)
        {
            return Poll::Ready(Arrival::End);
        }
        Poll::Pending
    }

    /// Offers the router what is there until nothing moves.
    fn feed(&mut self) -> Result<(), Fatal> {
        loop {
            let before = self.waiting();
            self.router.on_requests(&mut self.pipe.input)?;
            for (link, side) in self.nodes.iter_mut().enumerate() {
                if self.router.replies().len() < WAITING_BYTES_MAX {
                    self.router.on_link(link, &mut side.input)?;
                }
            }
            if self.waiting() == before {
                return Ok(());
            }
        }
    }

    /// Bytes that came and were not taken.
    fn waiting(&self) -> usize {
        let nodes = self.nodes.iter().map(|side| side.input.len());
        nodes.sum::<usize>() + self.pipe.input.len()
    }

    /// Lets the connection know where a script of its client runs.
    fn show_script(&self) {
        let now = self.router.runs_script_at();
        if self.script_at.load().as_ref() != now.as_ref() {
            self.script_at.store(now);
        }
    }
}

/// The node that runs a script of the client's now; `None` for a link to one server.
pub(super) fn script_at(stream: &Stream) -> Option<Option<Arc<Node>>> {
    match stream {
        Stream::Pipe(pipe) => Some(pipe.script_at.load_full()),
        Stream::Plain(_) | Stream::Tls(_) => None,
    }
}
