//! A store that comes, goes and comes back.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use arc_swap::ArcSwapOption;
use identity::Registry;
use tokio::net::TcpListener;

use super::*;
use crate::protocol::{Peer, Reading};
use crate::telemetry::Metrics;
use crate::tls::{SslMode, TlsStart};

/// A world whose store is whatever accepts connections. What it does is counted.
#[derive(Debug, Default)]
struct Counting {
    reads: AtomicUsize,
    applied: AtomicUsize,
    denied: AtomicUsize,
}

impl World for Counting {
    fn read<'r>(&'r self, upstream: &'r Upstream) -> Reading<'r> {
        Box::pin(async {
            upstream.connect().await.map_err(|error| format!("no answer: {error}"))?;
            Ok(self.reads.fetch_add(1, Ordering::SeqCst) == 0)
        })
    }

    fn store(&self) -> Option<String> {
        (self.reads.load(Ordering::SeqCst) > 0).then(|| "Counting 1".to_owned())
    }

    fn apply(&self, _policy: &Policy, _epoch: u64) -> Result<(), Vec<RulesError>> {
        self.applied.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    fn deny_all(&self, _epoch: u64) {
        self.denied.fetch_add(1, Ordering::SeqCst);
    }

    fn drift(&self, _policy: &Policy) -> Vec<String> {
        Vec::new()
    }

    fn set_registry(&self, _registry: Arc<Registry>) {}

    fn connect(&self, _peer: Peer, _now: Instant) -> Box<dyn relay::Connection> {
        unreachable!("no client comes here")
    }
}

const SOUND: &str = "version = 1\n[tenant]\nid = 'uuid'\n[redis]\nprefix = 't:{tenant}:'";
const WITHOUT_SECTION: &str = "version = 1\n[tenant]\nid = 'uuid'";

fn policy(text: &str) -> PolicyInForce {
    Some(Arc::new(Policy::parse(text).unwrap()))
}

/// A store's keeper, seen from outside.
struct Kept {
    world: Arc<Counting>,
    health: Arc<Health>,
    up: Gauge,
    upstream: Arc<Upstream>,
    policies: watch::Sender<PolicyInForce>,
}

impl Kept {
    async fn begin(address: SocketAddr) -> Self {
        let metrics = Arc::new(Metrics::new());
        let world = Arc::new(Counting::default());
        let upstream = Arc::new(Upstream {
            name: "the upstream".to_owned(),
            host: address.ip().to_string(),
            port: address.port(),
            ssl_mode: SslMode::Disable,
            tls_start: TlsStart::FirstByte,
            tls: None,
            dial_timeout: Duration::from_secs(30),
            closed: ArcSwapOption::from_pointee("not yet".to_owned()),
            cluster: ArcSwapOption::empty(),
        });
        let health = Arc::new(Health::new(Arc::clone(&metrics)));
        let up = metrics.upstream_up("resp", address);
        let policies = watch::Sender::new(policy(SOUND));
        let mut store = Store {
            name: "resp on 127.0.0.1:1".to_owned(),
            protocol: Protocol::Resp,
            upstream: Arc::clone(&upstream),
            world: Arc::clone(&world) as Arc<dyn World>,
            health: Arc::clone(&health),
            up: up.clone(),
            signals: watch::Sender::new(Signals::default()),
            look_every: Duration::from_millis(5),
            denied: None,
        };
        store.begin(&Policy::parse(SOUND).unwrap()).await.unwrap();
        tokio::spawn(store.keep(policies.subscribe()));
        Self { world, health, up, upstream, policies }
    }

    /// Waits until `/ready` would say this.
    async fn says(&self, wanted: &str) {
        let wait = async {
            while !self.health.obstacles().concat().contains(wanted)
                || self.health.obstacles().is_empty() != wanted.is_empty()
            {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(30), wait).await;
        assert!(waited.is_ok(), "{wanted:?}: {:?}", self.health.obstacles());
    }

    fn counts(&self) -> (usize, usize) {
        let Counting { applied, denied, .. } = &*self.world;
        (applied.load(Ordering::SeqCst), denied.load(Ordering::SeqCst))
    }
}

#[tokio::test]
async fn a_store_that_is_lost_is_told_and_one_that_is_back_too() {
    let store = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = store.local_addr().unwrap();
    let kept = Kept::begin(address).await;
    kept.says("").await;
    assert_eq!((kept.up.get(), kept.counts()), (1, (1, 0)));

    drop(store);
    kept.says("no answer").await;
    assert_eq!(kept.up.get(), 0);
    // The rules are still in force: who connects finds out by himself.
    assert!(kept.upstream.closed.load().is_none());

    let _store = TcpListener::bind(address).await.unwrap();
    kept.says("").await;
    // It is the same store, so nothing had to be judged anew.
    assert_eq!((kept.up.get(), kept.counts()), (1, (1, 0)));
}

#[tokio::test]
async fn before_the_first_answer_nobody_is_let_through() {
    let store = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = store.local_addr().unwrap();
    drop(store);
    let kept = Kept::begin(address).await;
    kept.says("no answer").await;
    assert!(kept.upstream.closed.load().is_some());
    let _store = TcpListener::bind(address).await.unwrap();
    kept.says("").await;
    assert!(kept.upstream.closed.load().is_none());
    assert_eq!((kept.up.get(), kept.counts()), (1, (1, 0)));
}

#[tokio::test]
async fn what_cannot_be_used_denies_all_and_a_store_that_is_back_changes_nothing_of_it() {
    let store = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = store.local_addr().unwrap();
    let kept = Kept::begin(address).await;
    kept.policies.send_replace(None);
    kept.says("cannot be used").await;
    assert_eq!(kept.counts(), (1, 1));

    drop(store);
    kept.says("no answer").await;
    let _store = TcpListener::bind(address).await.unwrap();
    kept.says("cannot be used").await;

    kept.policies.send_replace(policy(WITHOUT_SECTION));
    kept.says("contradicts the store").await;
    assert_eq!(kept.counts(), (1, 2));
    kept.policies.send_replace(policy(SOUND));
    kept.says("").await;
    assert_eq!(kept.counts(), (2, 2));
}
