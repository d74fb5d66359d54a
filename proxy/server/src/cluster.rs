//! An upstream that is a cluster: several servers that read like one.
//!
//! A connection's link to it is one end of a pipe. At the other end a task of its own has a link to
//! each node that is needed, and leaves to [`relay::resp::cluster::Router`] what goes where.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use bytes::BytesMut;
use policies::resp::ServerFacts;
use relay::resp::cluster::{Cluster as Known, Node, Router, Topology};
use relay::resp::{Probe, Settings, Shards};
use relay::{Fatal, Outbox};
use tokio::io::DuplexStream;
use tokio::sync::{Mutex, watch};
use tokio::time::Instant;

use crate::drive::{ClusterLink, Stream};
use crate::protocol::converse_over;
use crate::upstream::{Upstream, within};

/// How long a node may take to describe itself: a few hundred kilobytes.
const PROBE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long what was asked of the cluster counts as new. Many connections learn of one change.
const FRESH: Duration = Duration::from_millis(100);
/// Bytes that may wait in the pipe, each way.
const PIPE_BYTES: usize = 256 << 10;

/// A cluster, as all connections of one listener know it.
#[derive(Debug)]
pub(crate) struct Cluster {
    known: Arc<Known>,
    settings: Settings,
    /// What every node has to agree with.
    facts: ServerFacts,
    /// When it was last asked.
    asked: Mutex<Instant>,
    /// Counts changes.
    changed: watch::Sender<u64>,
}

/// The end of the pipe that a connection holds.
#[derive(Debug)]
pub(crate) struct Pipe {
    pub(crate) end: DuplexStream,
    /// The node that runs a script of the client's now.
    pub(crate) script_at: Arc<ArcSwapOption<Node>>,
}

impl Cluster {
    /// Asks all nodes for what they are. `seed` is one of them, and has said its `facts`.
    ///
    /// # Errors
    /// What one of them does not say, or the system's own.
    pub(crate) async fn survey(
        settings: &Settings,
        (seed, mut facts): (&Node, ServerFacts),
        upstream: &Upstream,
    ) -> io::Result<Self> {
        let topology = shards(settings, seed, upstream).await?;
        for node in topology.nodes().iter().filter(|node| ***node != *seed) {
            facts.merge(&ask(settings, node, upstream).await?);
        }
        facts.version.push_str(&format!(", a cluster of {} nodes", topology.nodes().len()));
        let known = match upstream.cluster.load_full() {
            Some(before) => {
                before.known.set_topology(topology);
                Arc::clone(&before.known)
            }
            None => Arc::new(Known::new(topology)),
        };
        Ok(Self {
            known,
            settings: settings.clone(),
            facts,
            asked: Mutex::new(Instant::now()),
            changed: watch::Sender::new(0),
        })
    }

    /// What all nodes have in common.
    pub(crate) fn facts(&self) -> &ServerFacts {
        &self.facts
    }

    /// All nodes, as they are known now.
    pub(crate) fn nodes(&self) -> Vec<Arc<Node>> {
        self.known.topology().nodes().to_vec()
    }

    /// Connects for a client whose keys begin with `prefix`. Also gives the node that the link is
    /// at home on.
    ///
    /// # Errors
    /// Those of connecting to that node.
    pub(crate) async fn dial(
        self: &Arc<Self>,
        prefix: &[u8],
        upstream: &Arc<Upstream>,
    ) -> io::Result<(Stream, String)> {
        let limits = self.settings.limits;
        let router = Router::new(Arc::clone(&self.known), prefix, limits);
        let home = router.as_ref().and_then(Router::home);
        let (Some(router), Some(home)) = (router, home) else {
            return Err(io::Error::other("no node of the cluster is known"));
        };
        let stream = match upstream.connect_to(&home).await {
            Ok(stream) => stream,
            Err(error) => {
                // For the next connection: it may be another's now.
                self.refresh(upstream).await?;
                return Err(error);
            }
        };
        let (end, other) = tokio::io::duplex(PIPE_BYTES);
        let script_at = Arc::new(ArcSwapOption::empty());
        let link = ClusterLink::new(
            Arc::clone(self),
            Arc::clone(upstream),
            router,
            (stream, other),
            Arc::clone(&script_at),
        );
        tokio::spawn(link.serve(self.changed.subscribe()));
        Ok((Stream::Pipe(Box::new(Pipe { end, script_at })), home.to_string()))
    }

    /// Asks the cluster for its topology, unless that was done just now.
    ///
    /// # Errors
    /// When no node answers, or a new one is not as the others are. Then nothing has changed.
    pub(crate) async fn refresh(&self, upstream: &Upstream) -> io::Result<()> {
        let mut asked = self.asked.lock().await;
        if asked.elapsed() < FRESH {
            return Ok(());
        }
        let found = self.find(upstream).await;
        *asked = Instant::now();
        let topology = found?;
        let changed = **self.known.topology() != topology;
        self.known.set_topology(topology);
        if changed {
            self.changed.send_modify(|count| *count += 1);
        }
        Ok(())
    }

    /// What the first node says that says something.
    async fn find(&self, upstream: &Upstream) -> io::Result<Topology> {
        let known = self.nodes();
        let mut nodes: Vec<_> = known.iter().map(|node| (**node).clone()).collect();
        nodes.push(upstream.node());
        let mut last = io::Error::other("no node of the cluster is known");
        for node in &nodes {
            match shards(&self.settings, node, upstream).await {
                Ok(topology) => {
                    for new in topology.nodes().iter().filter(|node| !known.contains(node)) {
                        self.admit(new, upstream).await?;
                    }
                    return Ok(topology);
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Looks at a node that came since the rules were made.
    async fn admit(&self, node: &Node, upstream: &Upstream) -> io::Result<()> {
        let found = ask(&self.settings, node, upstream).await?;
        let is_like_them = found.globals == self.facts.globals
            && found.disagreements.is_subset(&self.facts.disagreements);
        if is_like_them {
            return Ok(());
        }
        tracing::warn!(%node, "a new node is not as the others are; SIGHUP has all read again");
        Err(io::Error::other(format!("{node} is not as the other nodes are")))
    }
}

/// Asks `node` what it is.
///
/// # Errors
/// What it does not say, or the system's own.
pub(crate) async fn ask(
    settings: &Settings,
    node: &Node,
    upstream: &Upstream,
) -> io::Result<ServerFacts> {
    let mut probe = Probe::new(settings);
    let mut out = Outbox::default();
    probe.begin(&mut out);
    converse(out, node, upstream, |input, out| probe.on_upstream(input, out)).await
}

async fn shards(settings: &Settings, node: &Node, upstream: &Upstream) -> io::Result<Topology> {
    let mut out = Outbox::default();
    let mut shards = Shards::begin(settings, node.clone(), upstream.tls.is_some(), &mut out);
    converse(out, node, upstream, |input, _| shards.on_upstream(input)).await
}

/// Sends what stands in `out` to `node`, and hears it until `hear` has what it wants.
///
/// # Errors
/// What `hear` says, `TimedOut`, or the system's own.
pub(crate) async fn converse<T>(
    out: Outbox,
    node: &Node,
    upstream: &Upstream,
    hear: impl FnMut(&mut BytesMut, &mut Outbox) -> Result<Option<T>, Fatal>,
) -> io::Result<T> {
    let conversation = async { converse_over(upstream.connect_to(node).await?, out, hear).await };
    within(PROBE_TIMEOUT, conversation).await
}
