//! What all connections of one listener share.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption, Guard};
use bolt_wire::Version;
use identity::Registry;
use policies::Mode;
use policies::bolt::{Plan, Rules, ServerFacts};
use wire::Limits;

use crate::cache::Cache;
use crate::postgres::Password;

/// What the settings say about a listener. Fixed while it listens.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How statements are treated.
    pub mode: Mode,
    /// What one client may make us hold.
    pub limits: Limits,
    /// Our own account at the upstream.
    pub upstream: Upstream,
    /// Where clients come in: what a routing table names for a client that says not whom it called.
    pub listen: SocketAddr,
    /// How long a client may take to prove who it is.
    pub authentication_timeout: Duration,
    /// How long the upstream may take to be ready, after that.
    pub dial_timeout: Duration,
}

/// Our own account at the upstream.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// The user that we log in as, with its password; `None` where the server asks nobody.
    pub account: Option<(String, Password)>,
    /// The only database that is served.
    pub database: String,
}

/// What is known of the server when it was last asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// What the rules depend on.
    pub facts: ServerFacts,
    /// `community` or `enterprise`, as it says itself.
    pub edition: String,
    /// What both it and we speak, newest first. Never empty.
    pub(super) versions: Vec<Version>,
    /// How long it is silent at most while it owes a reply.
    pub(super) silence: Option<Duration>,
}

/// What all connections of one listener share: rules, registry, settings.
pub struct World {
    settings: Settings,
    rules: ArcSwap<Rules>,
    registry: ArcSwap<Registry>,
    server: ArcSwapOption<Server>,
    cache: Cache<Plan>,
    connections: AtomicU64,
}

impl World {
    /// The world of one listener.
    #[must_use]
    pub fn new(settings: Settings, rules: Arc<Rules>, registry: Arc<Registry>) -> Self {
        Self {
            settings,
            rules: ArcSwap::new(rules),
            registry: ArcSwap::new(registry),
            server: ArcSwapOption::empty(),
            cache: Cache::default(),
            connections: AtomicU64::new(0),
        }
    }

    /// Puts other rules in force, for statements that are judged from now on.
    pub fn set_rules(&self, rules: Arc<Rules>) {
        self.rules.store(rules);
    }

    /// Puts another registry in force. Connections ask it again at [`crate::Connection::on_reload`].
    pub fn set_registry(&self, registry: Arc<Registry>) {
        self.registry.store(registry);
    }

    /// The server as a probe has found it: clients that come from now on are offered what it speaks.
    pub fn set_server(&self, server: Arc<Server>) {
        self.server.store(Some(server));
    }

    /// The server as it was last found.
    #[must_use]
    pub fn server(&self) -> Option<Arc<Server>> {
        self.server.load_full()
    }

    /// What the settings say.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn rules(&self) -> Guard<Arc<Rules>> {
        self.rules.load()
    }

    pub(super) fn registry(&self) -> Guard<Arc<Registry>> {
        self.registry.load()
    }

    pub(super) fn cache(&self) -> &Cache<Plan> {
        &self.cache
    }

    /// What a client may speak. Before the server was ever found all that we speak, so that clients
    /// can be told, in their protocol's words, that it is not there.
    pub(super) fn versions(&self) -> Vec<Version> {
        match self.server.load().as_ref() {
            Some(server) => server.versions.clone(),
            None => Version::SPOKEN.to_vec(),
        }
    }

    /// A number that no other connection has.
    pub(super) fn number(&self) -> u64 {
        self.connections.fetch_add(1, Ordering::Relaxed)
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("settings", &self.settings).finish_non_exhaustive()
    }
}
