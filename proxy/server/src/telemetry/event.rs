//! Events of one connection, turned into log lines and metrics.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use policies::{Reason, Rejection};
use prometheus_client::metrics::gauge::Gauge;
use relay::{Event, Fatal};

use super::budget::Budget;
use super::metrics::ProtocolMetrics;

/// What the log says about every connection of one listener.
#[derive(Debug)]
pub(crate) struct Observed {
    /// `postgres`, `bolt`, `mongo`, `resp`.
    pub(crate) protocol: &'static str,
    /// `inject`, `validate`, `observe`.
    pub(crate) mode: &'static str,
    /// The address that clients connect to.
    pub(crate) listener: SocketAddr,
    /// What is counted.
    pub(crate) metrics: ProtocolMetrics,
}

#[cfg(test)]
impl Observed {
    /// The exposition that these metrics are part of.
    pub(crate) fn metrics_text(&self) -> String {
        self.metrics.all.print()
    }
}

/// Watches one connection. Its place in the gauge of connections ends with it.
#[derive(Debug)]
pub(crate) struct Observer {
    observed: Arc<Observed>,
    peer: SocketAddr,
    login: String,
    tenant: String,
    begun: Instant,
    phase: Phase,
    budget: Budget,
}

#[derive(Debug)]
struct Phase(Gauge);

impl Phase {
    fn enter(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Phase {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Observer {
    /// An observer of the connection that `peer` made.
    pub(crate) fn new(observed: Arc<Observed>, peer: SocketAddr) -> Self {
        let begun = Instant::now();
        Self {
            peer,
            login: String::new(),
            tenant: String::new(),
            begun,
            phase: Phase::enter(&observed.metrics.starting),
            budget: Budget::new(begun),
            observed,
        }
    }

    /// Takes all of `events`.
    pub(crate) fn observe(&mut self, events: &mut Vec<Event>) {
        for event in events.drain(..) {
            self.observe_one(event);
        }
    }

    fn observe_one(&mut self, event: Event) {
        let metrics = &self.observed.metrics;
        match event {
            Event::Authenticated { login, tenant } => (self.login, self.tenant) = (login, tenant),
            Event::AuthenticationFailed { login, why } => {
                metrics.authentication_failures.inc();
                self.authentication_failed(&login, why);
            }
            Event::Ready => {
                self.phase = Phase::enter(&metrics.ready);
                let (login, tenant) = (&self.login, &self.tenant);
                tracing::debug!(login, tenant, peer = %self.peer, "connection ready");
            }
            Event::StatementForwarded => _ = metrics.forwarded.inc(),
            Event::StatementRewritten => _ = metrics.rewritten.inc(),
            Event::StatementReplied => _ = metrics.replied.inc(),
            Event::StatementRejected { rejection, fingerprint, observed } => {
                let verdict = if observed { &metrics.observed } else { &metrics.rejected };
                verdict.inc();
                metrics.reject(rejection.reason);
                self.rejected(&rejection, fingerprint, observed);
            }
            Event::CacheLookup { hit: true } => _ = metrics.cache_hits.inc(),
            Event::CacheLookup { hit: false } => _ = metrics.cache_misses.inc(),
        }
    }

    fn rejected(&mut self, rejection: &Rejection, fingerprint: u64, observed: bool) {
        let Some(suppressed) = self.take_line() else { return };
        let Observed { protocol, mode, listener, .. } = *self.observed;
        let Self { login, tenant, peer, .. } = self;
        let (reason, position) = (rejection.reason.code(), rejection.span.map(|span| span.start));
        let fingerprint = format!("{fingerprint:016x}");
        macro_rules! line {
            ($level:ident, $text:literal) => {
                tracing::$level!(
                    tenant, login, protocol, fingerprint, reason, position, mode, %listener,
                    %peer, suppressed, $text
                )
            };
        }
        if rejection.reason == Reason::Internal {
            line!(error, "statement refused: the wall could not prove its own rewrite");
        } else if observed {
            line!(warn, "statement would be refused");
        } else {
            line!(warn, "statement refused");
        }
    }

    fn authentication_failed(&mut self, login: &str, why: &'static str) {
        let Some(suppressed) = self.take_line() else { return };
        let Observed { protocol, listener, .. } = *self.observed;
        let peer = self.peer;
        // The one name that anybody may choose.
        let login = login.escape_debug().to_string();
        tracing::warn!(login, protocol, why, %listener, %peer, suppressed, "login refused");
    }

    /// The connection ended.
    pub(crate) fn ended(&self, fatal: &Fatal) {
        let (cause, quiet) = match fatal {
            Fatal::Closed => ("closed", true),
            Fatal::ClientMisbehaved(_) => ("client-misbehaved", false),
            // Its own event has been logged.
            Fatal::AuthenticationFailed(_) => ("authentication-failed", true),
            Fatal::UpstreamMisbehaved(_) => ("upstream-misbehaved", false),
            Fatal::Unavailable(_) => ("upstream-unavailable", false),
            Fatal::Withdrawn(_) => ("withdrawn", false),
            Fatal::TimedOut(_) => ("timed-out", false),
        };
        self.observed.metrics.ended(cause);
        let Observed { protocol, listener, .. } = *self.observed;
        let suppressed = self.budget.suppressed();
        let seconds = self.begun.elapsed().as_secs();
        let Self { login, tenant, peer, .. } = self;
        if quiet && suppressed == 0 {
            tracing::debug!(
                cause, tenant, login, protocol, %listener, %peer, seconds, "connection ended"
            );
        } else {
            let why = fatal.to_string();
            tracing::info!(
                cause, why, tenant, login, protocol, %listener, %peer, seconds, suppressed,
                "connection ended"
            );
        }
    }

    /// The upstream could not be reached, or TLS with it could not be agreed.
    pub(crate) fn dial_failed(&mut self, error: &std::io::Error) {
        self.observed.metrics.dial_failures.inc();
        let Some(suppressed) = self.take_line() else { return };
        let Observed { protocol, listener, .. } = *self.observed;
        tracing::warn!(%error, protocol, %listener, suppressed, "the upstream cannot be reached");
    }

    /// One call judged what `events` tells of, and took `time`.
    pub(crate) fn judged(&self, time: Duration, events: &[Event]) {
        let statement = |event: &Event| {
            matches!(
                event,
                Event::StatementForwarded
                    | Event::StatementRewritten
                    | Event::StatementReplied
                    | Event::StatementRejected { .. }
                    // A text that was prepared only.
                    | Event::CacheLookup { .. }
            )
        };
        if events.iter().any(statement) {
            self.observed.metrics.judge_seconds.observe(time.as_secs_f64());
        }
    }

    /// Bytes came from the client.
    pub(crate) fn read_client(&self, bytes: usize) {
        self.observed.metrics.client_read.inc_by(bytes as u64);
    }

    /// Bytes came from the upstream.
    pub(crate) fn read_upstream(&self, bytes: usize) {
        self.observed.metrics.upstream_read.inc_by(bytes as u64);
    }

    /// Bytes went out to both sides.
    pub(crate) fn wrote(&self, to_client: usize, to_upstream: usize) {
        if to_client > 0 {
            self.observed.metrics.client_written.inc_by(to_client as u64);
        }
        if to_upstream > 0 {
            self.observed.metrics.upstream_written.inc_by(to_upstream as u64);
        }
    }

    fn take_line(&mut self) -> Option<u64> {
        let line = self.budget.take(Instant::now());
        if line.is_none() {
            self.observed.metrics.log_suppressed.inc();
        }
        line
    }
}
