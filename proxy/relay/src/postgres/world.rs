//! What all connections of one listener share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};
use identity::Registry;
use policies::Mode;
use policies::Rejection;
use policies::postgres::{Plan, Rules};
use wire::Limits;
use zeroize::Zeroizing;

use crate::cache::Cache;
use crate::{Event, Outbox};

/// What the settings say about a listener. Fixed while it listens.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How statements are treated.
    pub mode: Mode,
    /// What one client may make us hold.
    pub limits: Limits,
    /// Where statements go, and as whom.
    pub upstream: Upstream,
    /// How long a client may take to prove who it is.
    pub authentication_timeout: Duration,
    /// How long the upstream may take to be ready, after that.
    pub dial_timeout: Duration,
}

/// The upstream and our own account there.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// The role that we log in as.
    pub user: String,
    /// Its password, where it has one.
    pub password: Option<Password>,
    /// The database that all statements go to.
    pub database: String,
    /// Whether TLS is spoken with it.
    pub ssl_mode: SslMode,
    /// What our connections are called where the client gives them no name of its own.
    pub application_name: Option<String>,
    /// Whether its address is of this machine, so that a password may travel in the clear.
    pub is_loopback: bool,
}

/// `sslmode`, as libpq has it. What is verified is the shell's part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SslMode {
    /// Never.
    Disable,
    /// If it is to be had.
    Prefer,
    /// Or not at all, whoever answers.
    Require,
    /// With a certificate of a known authority.
    VerifyCa,
    /// With one that bears the host's name, too.
    VerifyFull,
}

impl SslMode {
    /// Whether a link without TLS is no link.
    #[must_use]
    pub fn is_required(self) -> bool {
        match self {
            Self::Disable | Self::Prefer => false,
            Self::Require | Self::VerifyCa | Self::VerifyFull => true,
        }
    }
}

/// A password that is not shown, and wiped when dropped.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// The password `text`.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// What is known of one client's link when it comes in.
#[derive(Clone, Debug, Default)]
pub struct Peer {
    /// Whether TLS can be offered.
    pub offers_tls: bool,
    /// The hash of the certificate that TLS shows to this client (RFC 5929 section 4), where it has
    /// one. With it, channel binding is offered.
    pub server_end_point: Option<Vec<u8>>,
    /// Whether the link is inside TLS already.
    pub in_tls: bool,
}

/// What all connections of one listener share: rules, registry, settings and verdicts.
pub struct World {
    settings: Settings,
    rules: ArcSwap<Rules>,
    registry: ArcSwap<Registry>,
    cache: Cache<Plan>,
}

impl World {
    /// The world of one listener.
    #[must_use]
    pub fn new(settings: Settings, rules: Arc<Rules>, registry: Arc<Registry>) -> Self {
        let (rules, registry) = (ArcSwap::new(rules), ArcSwap::new(registry));
        Self { settings, rules, registry, cache: Cache::default() }
    }

    /// Puts other rules in force, for statements that are judged from now on. Their epoch must be
    /// another than that of all rules before them.
    pub fn set_rules(&self, rules: Arc<Rules>) {
        self.rules.store(rules);
    }

    /// Puts another registry in force. Connections ask it again at [`crate::Connection::on_reload`].
    pub fn set_registry(&self, registry: Arc<Registry>) {
        self.registry.store(registry);
    }

    /// What the settings say.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The rules in force.
    pub(super) fn rules(&self) -> Guard<Arc<Rules>> {
        self.rules.load()
    }

    /// The registry in force.
    pub(super) fn registry(&self) -> Guard<Arc<Registry>> {
        self.registry.load()
    }

    /// The verdict on `text` under the rules in force, and these.
    pub(super) fn judge(
        &self,
        text: &str,
        out: &mut Outbox,
    ) -> (Result<Arc<Plan>, Rejection>, Guard<Arc<Rules>>) {
        let rules = self.rules.load();
        let epoch = rules.epoch();
        if let Some(verdict) = self.cache.get(text, epoch) {
            out.events.push(Event::CacheLookup { hit: true });
            return (verdict, rules);
        }
        out.events.push(Event::CacheLookup { hit: false });
        let Settings { mode, limits, .. } = &self.settings;
        let verdict = policies::postgres::judge(text, &rules, *mode, limits).map(Arc::new);
        self.cache.put(text, epoch, verdict.clone());
        (verdict, rules)
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("settings", &self.settings).finish_non_exhaustive()
    }
}
