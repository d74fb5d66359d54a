//! The metrics. docs/metrics.md describes each, by the same name.
//!
//! A tenant is no label: tenants are many, and their names are nobody else's business.

use std::net::SocketAddr;
use std::sync::Arc;

use policies::Reason;
use prometheus_client::encoding::prometheus_text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

type Labels = Vec<(&'static str, &'static str)>;
type Counters = Family<Labels, Counter>;

/// From a look-up in the cache (microseconds) to a megabyte of SQL (most of a second).
const JUDGE_SECONDS: [f64; 12] =
    [2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 1e-2, 1e-1, 1.0];

/// Everything that is counted, and the registry that prints it.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    statements: Counters,
    rejections: Counters,
    connections: Family<Labels, Gauge>,
    connections_refused: Counters,
    connections_ended: Counters,
    authentication_failures: Counters,
    dial_failures: Counters,
    bytes: Counters,
    judge_seconds: Family<Labels, Histogram, fn() -> Histogram>,
    cache: Counters,
    log_suppressed: Counter,
    reloads: Counters,
    ready: Gauge,
    upstreams_up: Family<Vec<(&'static str, String)>, Gauge>,
}

/// What a reload led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reload {
    /// Everything was read and is in force.
    Complete,
    /// Something could not be used.
    Failed,
}

impl Metrics {
    /// All metrics at zero.
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("partywall");
        let judge: Family<Labels, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(JUDGE_SECONDS));
        let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "Which partywall this is", build);
        registry.register(
            "judge_duration_seconds",
            "Time to frame and judge what one read from a client brought, where that held statements",
            judge.clone(),
        );
        let mut counters = |name: &str, help: &str| {
            let family = Counters::default();
            registry.register(name, help, family.clone());
            family
        };
        let statements = counters("statements", "Statements by verdict");
        let rejections = counters("rejections", "Refused statements by reason");
        let connections_refused =
            counters("connections_refused", "Connections that found the listener full");
        let connections_ended = counters("connections_ended", "Ended connections by cause");
        let authentication_failures =
            counters("authentication_failures", "Clients that could not prove who they are");
        let dial_failures = counters("upstream_dial_failures", "Failed connects to the upstream");
        let bytes = counters("bytes", "Bytes by side and direction, as the proxy sees them");
        let cache = counters("statement_cache", "Look-ups in the statement cache by result");
        let reloads = counters("reloads", "Reloads by result");
        let connections = Family::<Labels, Gauge>::default();
        registry.register("connections", "Open connections by phase", connections.clone());
        let ready = Gauge::default();
        registry.register("ready", "Whether /ready answers 200", ready.clone());
        let upstreams_up = Family::<Vec<(&'static str, String)>, Gauge>::default();
        registry.register(
            "upstream_up",
            "Whether a listener's upstream could be reached when it was last tried",
            upstreams_up.clone(),
        );
        let log_suppressed = Counter::default();
        registry.register(
            "log_lines_suppressed",
            "Log lines that were counted and not written, because one connection caused too many",
            log_suppressed.clone(),
        );
        Self {
            registry,
            statements,
            rejections,
            connections,
            connections_refused,
            connections_ended,
            authentication_failures,
            dial_failures,
            bytes,
            judge_seconds: judge,
            cache,
            log_suppressed,
            reloads,
            ready,
            upstreams_up,
        }
    }

    /// The exposition in Prometheus' text format.
    pub(crate) fn print(&self) -> String {
        let mut text = String::new();
        // INVARIANT: writing to a String does not fail, and no collector of ours does.
        _ = prometheus_text::encode(&mut text, &self.registry);
        text
    }

    /// Counts a reload.
    pub(crate) fn reloaded(&self, result: Reload) {
        let result = match result {
            Reload::Complete => "complete",
            Reload::Failed => "failed",
        };
        self.reloads.get_or_create(&vec![("result", result)]).inc();
    }

    /// Says whether `/ready` answers 200.
    pub(crate) fn set_ready(&self, ready: bool) {
        self.ready.set(ready.into());
    }

    /// Whether the upstream of the listener at `address` could be reached.
    pub(crate) fn upstream_up(&self, protocol: &'static str, address: SocketAddr) -> Gauge {
        let labels = vec![("protocol", protocol.to_owned()), ("listener", address.to_string())];
        self.upstreams_up.get_or_create_owned(&labels)
    }

    /// The metrics of one protocol.
    pub(crate) fn of_protocol(self: &Arc<Self>, protocol: &'static str) -> ProtocolMetrics {
        let labels = || vec![("protocol", protocol)];
        let with = |name, value| vec![("protocol", protocol), (name, value)];
        let statements = |verdict| self.statements.get_or_create_owned(&with("verdict", verdict));
        let bytes = |side, direction| {
            let labels = vec![("protocol", protocol), ("side", side), ("direction", direction)];
            self.bytes.get_or_create_owned(&labels)
        };
        let cache = |result| self.cache.get_or_create_owned(&with("result", result));
        ProtocolMetrics {
            forwarded: statements("forward"),
            rewritten: statements("rewrite"),
            replied: statements("reply"),
            rejected: statements("reject"),
            observed: statements("observe"),
            starting: self.connections.get_or_create_owned(&with("phase", "startup")),
            ready: self.connections.get_or_create_owned(&with("phase", "ready")),
            refused: self.connections_refused.get_or_create_owned(&labels()),
            authentication_failures: self.authentication_failures.get_or_create_owned(&labels()),
            dial_failures: self.dial_failures.get_or_create_owned(&labels()),
            client_read: bytes("client", "read"),
            client_written: bytes("client", "written"),
            upstream_read: bytes("upstream", "read"),
            upstream_written: bytes("upstream", "written"),
            judge_seconds: self.judge_seconds.get_or_create_owned(&labels()),
            cache_hits: cache("hit"),
            cache_misses: cache("miss"),
            log_suppressed: self.log_suppressed.clone(),
            protocol,
            all: Arc::clone(self),
        }
    }
}

/// The metrics of one protocol, looked up once.
#[derive(Debug)]
pub(crate) struct ProtocolMetrics {
    pub(super) forwarded: Counter,
    pub(super) rewritten: Counter,
    pub(super) replied: Counter,
    pub(super) rejected: Counter,
    pub(super) observed: Counter,
    pub(super) starting: Gauge,
    pub(super) ready: Gauge,
    pub(crate) refused: Counter,
    pub(super) authentication_failures: Counter,
    pub(super) dial_failures: Counter,
    pub(super) client_read: Counter,
    pub(super) client_written: Counter,
    pub(super) upstream_read: Counter,
    pub(super) upstream_written: Counter,
    pub(super) judge_seconds: Histogram,
    pub(super) cache_hits: Counter,
    pub(super) cache_misses: Counter,
    pub(super) log_suppressed: Counter,
    protocol: &'static str,
    pub(super) all: Arc<Metrics>,
}

impl ProtocolMetrics {
    /// Counts a refusal. Rare enough to be looked up.
    pub(super) fn reject(&self, reason: Reason) {
        let labels = vec![("protocol", self.protocol), ("reason", reason.code())];
        self.all.rejections.get_or_create(&labels).inc();
    }

    /// Counts the end of a connection.
    pub(super) fn ended(&self, cause: &'static str) {
        let labels = vec![("protocol", self.protocol), ("cause", cause)];
        self.all.connections_ended.get_or_create(&labels).inc();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_page_describes_every_metric_and_no_other() {
        let metrics = Arc::new(Metrics::new());
        let of_protocol = metrics.of_protocol("postgres");
        of_protocol.reject(Reason::Internal);
        of_protocol.ended("closed");
        metrics.reloaded(Reload::Complete);
        metrics.upstream_up("postgres", ([127, 0, 0, 1], 1).into()).set(1);
        let text = metrics.print();
        let typed = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
        let printed: BTreeSet<&str> = typed.filter_map(|line| line.split(' ').next()).collect();
        let page = include_str!("../../../../docs/metrics.md");
        let rows = page.lines().filter_map(|line| line.strip_prefix("| `partywall_"));
        let names: BTreeSet<String> = rows
            .map(|row| format!("partywall_{}", row.split('`').next().unwrap_or_default()))
            .collect();
        assert_eq!(printed, names.iter().map(String::as_str).collect());
    }
}
