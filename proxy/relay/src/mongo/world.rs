//! What all connections of one listener share.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};
use identity::Registry;
use mongo_wire::Bounds;
use policies::Mode;
use policies::mongo::Rules;
use wire::Limits;

use super::tenants::Tenants;
use crate::postgres::Password;

/// What the settings say about a listener. Fixed while it listens.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How commands are treated.
    pub mode: Mode,
    /// What one client may make us hold.
    pub limits: Limits,
    /// Our own account at the upstream; `None` where the server asks for none.
    pub account: Option<Account>,
    /// What we say that we are.
    pub face: Face,
    /// What time it is, in milliseconds since 1970: a hello tells it.
    pub clock: fn() -> i64,
    /// How long a client may take to prove who it is, once it has begun.
    pub authentication_timeout: Duration,
    /// How long the upstream may take to be ready, after that.
    pub dial_timeout: Duration,
}

/// Our own account at the upstream.
#[derive(Clone, Debug)]
pub struct Account {
    /// The user that we log in as.
    pub user: String,
    /// Its password.
    pub password: Password,
    /// `authSource`: the database that knows the user.
    pub database: String,
}

/// What a hello says that we are. It never names the upstream: a driver that knew the address would
/// connect to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Face {
    /// A mongos: drivers ask it for nothing about others, and connect to the address that they have.
    /// One that says `loadBalanced` is answered as by a load balancer.
    Mongos,
    /// The only member of a replica set: for clients that name one in their URI.
    Set {
        /// The set's name.
        name: String,
        /// Host and port, as clients write them: drivers leave a server that calls itself otherwise.
        address: String,
    },
}

/// What is known of one client's link when it comes in.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Where the client is.
    pub address: SocketAddr,
    /// Whether the link is inside TLS.
    pub in_tls: bool,
}

impl Peer {
    /// Whether nobody on the way can read what the client sends.
    pub(super) fn is_private(&self) -> bool {
        self.in_tls || self.address.ip().to_canonical().is_loopback()
    }
}

/// What all connections of one listener share: rules, registry, settings.
pub struct World {
    settings: Settings,
    bounds: Bounds,
    rules: ArcSwap<Rules>,
    registry: ArcSwap<Registry>,
    tenants: Tenants,
    wire_version_max: AtomicI32,
    connections: AtomicI32,
    /// Tells this process from others behind the same load balancer.
    service: [u8; 12],
}

impl World {
    /// The world of one listener.
    #[must_use]
    pub fn new(settings: Settings, rules: Arc<Rules>, registry: Arc<Registry>) -> Self {
        let mut service = [0; 12];
        // Without randomness all processes look alike, and a driver that loses one loses all: so what.
        let _ = getrandom::fill(&mut service);
        let secret = settings.account.as_ref().map(|account| account.password.clone());
        Self {
            bounds: Bounds::from(&settings.limits),
            rules: ArcSwap::new(rules),
            registry: ArcSwap::new(registry),
            tenants: Tenants::new(secret),
            wire_version_max: AtomicI32::new(Self::WIRE_VERSION_MAX),
            connections: AtomicI32::new(0),
            service,
            settings,
        }
    }

    /// The newest version of the wire of which we know what its commands do: MongoDB 8.2's.
    pub const WIRE_VERSION_MAX: i32 = 27;

    /// Puts other rules in force, for commands that are judged from now on.
    pub fn set_rules(&self, rules: Arc<Rules>) {
        self.rules.store(rules);
    }

    /// Puts another registry in force. Connections ask it again at [`crate::Connection::on_reload`].
    pub fn set_registry(&self, registry: Arc<Registry>) {
        self.registry.store(registry);
    }

    /// Notes the newest version of the wire that the upstream speaks: a hello promises no more.
    pub fn set_wire_version_max(&self, version: i32) {
        self.wire_version_max.store(version.min(Self::WIRE_VERSION_MAX), Ordering::Relaxed);
    }

    /// What the settings say.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    pub(super) fn rules(&self) -> Guard<Arc<Rules>> {
        self.rules.load()
    }

    pub(super) fn registry(&self) -> Guard<Arc<Registry>> {
        self.registry.load()
    }

    pub(super) fn tenants(&self) -> &Tenants {
        &self.tenants
    }

    pub(super) fn wire_version_max(&self) -> i32 {
        self.wire_version_max.load(Ordering::Relaxed)
    }

    pub(super) fn service(&self) -> [u8; 12] {
        self.service
    }

    /// A number for a connection: each gets another.
    pub(super) fn next_connection(&self) -> i32 {
        self.connections.fetch_add(1, Ordering::Relaxed) & i32::MAX
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("settings", &self.settings).finish_non_exhaustive()
    }
}
