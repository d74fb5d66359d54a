//! The life of the serving process: bind, serve, reload, drain.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use identity::Registry;
use policies::{Mode, TenantKind};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Semaphore, watch};

use crate::command::{
    Documents, Failure, Way, read_policy, read_registry, server_tls, upstream_tls,
};
use crate::drive::{Cancels, Signals, Surroundings};
use crate::health::Health;
use crate::listener::{LOBBY_PLACES, Listener, bind};
use crate::protocol::{self, World};
use crate::settings::{self, Settings};
use crate::store::{LOOK_EVERY, PolicyInForce, Store, next_epoch};
use crate::telemetry::{Metrics, Observed, Reload};

/// How long a connection that ends waits for its client to take the last bytes.
const LINGER: Duration = Duration::from_secs(2);

/// Serves until a signal ends it.
///
/// # Errors
/// `Failure::Documents`, or `Failure::Listen` with every address that cannot be had.
pub(crate) async fn serve(documents: Documents) -> Result<(), Failure> {
    let cannot = |error| Failure::failed(format!("signals cannot be heard: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(cannot)?;
    let mut hangup = signal(SignalKind::hangup()).map_err(cannot)?;

    let ways = documents.ways()?;
    let (sockets, admin) = bind_all(&documents.settings)?;
    let metrics = Arc::new(Metrics::new());
    let health = Arc::new(Health::new(Arc::clone(&metrics)));
    health.set("process", Some("it is starting"));
    if let Some(socket) = admin {
        tracing::info!(address = %local(&socket), "admin listener");
        tokio::spawn(crate::admin::serve(socket, Arc::clone(&metrics), Arc::clone(&health)));
    }
    let server = Server::new(documents, metrics, health)?;
    let begun = tokio::select! {
        begun = server.begin(ways, sockets) => begun?,
        () = either(&mut terminate, &mut interrupt) => return Ok(()),
    };
    let mut kind = server.kind;
    loop {
        tokio::select! {
            _ = hangup.recv() => kind = server.reload(kind, &begun),
            () = either(&mut terminate, &mut interrupt) => break,
        }
    }
    tokio::select! {
        () = server.drain(&begun) => Ok(()),
        () = either(&mut terminate, &mut interrupt) => {
            Err(Failure::failed("a second signal ended the drain"))
        }
    }
}

async fn either(first: &mut Signal, second: &mut Signal) {
    tokio::select! {
        _ = first.recv() => {}
        _ = second.recv() => {}
    }
}

/// Listens on every address of the settings.
fn bind_all(settings: &Settings) -> Result<(Vec<TcpListener>, Option<TcpListener>), Failure> {
    let mut problems = Vec::new();
    let mut listen = |address: SocketAddr, whose: String| match bind(address) {
        Ok(socket) => Some(socket),
        Err(error) => {
            let mend = match error.kind() {
                std::io::ErrorKind::AddrInUse => {
                    "; something else listens there: stop it, or change `listen`"
                }
                std::io::ErrorKind::PermissionDenied => "; ports below 1024 need a privilege",
                std::io::ErrorKind::AddrNotAvailable => "; this machine has no such address",
                _ => "",
            };
            problems.push(format!("{whose} cannot listen on {address}: {error}{mend}"));
            None
        }
    };
    let sockets = settings.listeners.iter().enumerate().filter_map(|(index, listener)| {
        listen(
            listener.listen,
            format!("listener[{index}] ({})", listener.upstream.protocol().name()),
        )
    });
    let sockets = sockets.collect();
    let admin = settings.admin.and_then(|address| listen(address, "the admin listener".into()));
    if problems.is_empty() {
        Ok((sockets, admin))
    } else {
        Err(Failure::Listen(problems.join("\npartywall: ")))
    }
}

/// What the whole process has once.
struct Server {
    documents: Documents,
    /// The kind of tenant ids at start.
    kind: TenantKind,
    metrics: Arc<Metrics>,
    health: Arc<Health>,
    cancels: Arc<Cancels>,
    policies: watch::Sender<PolicyInForce>,
    signals: watch::Sender<Signals>,
}

/// What a running listener can be told.
struct Begun {
    settings: settings::Listener,
    world: Arc<dyn World>,
    surroundings: Arc<Surroundings>,
    places: Arc<Semaphore>,
}

impl Server {
    fn new(
        documents: Documents,
        metrics: Arc<Metrics>,
        health: Arc<Health>,
    ) -> Result<Self, Failure> {
        let policy: PolicyInForce = Some(Arc::new(documents.policy.clone()));
        Ok(Self {
            kind: documents.policy.tenant_kind,
            documents,
            metrics,
            health,
            cancels: Arc::default(),
            policies: watch::Sender::new(policy),
            signals: watch::Sender::new(Signals::default()),
        })
    }

    /// Asks every store once, then accepts clients.
    async fn begin(
        &self,
        ways: Vec<Way>,
        sockets: Vec<TcpListener>,
    ) -> Result<Vec<Begun>, Failure> {
        let mut problems = Vec::new();
        let mut begun = Vec::new();
        for ((way, socket), settings) in
            ways.into_iter().zip(sockets).zip(&self.documents.settings.listeners)
        {
            let (listener, mut store, part) = self.listener(settings, way, socket);
            if let Err(errors) = store.begin(&self.documents.policy).await {
                let policy = self.documents.settings.policy.display();
                problems.extend(errors.iter().map(|error| format!("{policy}: {error}")));
            }
            begun.push((listener, store, part));
        }
        if !problems.is_empty() {
            return Err(Failure::Documents(problems));
        }
        let start = |(listener, store, part): (Listener, Store, Begun)| {
            tracing::info!(
                protocol = part.settings.upstream.protocol().name(),
                address = %listener.observed.listener,
                upstream = store.upstream.name,
                mode = listener.observed.mode,
                "listening"
            );
            tokio::spawn(store.keep(self.policies.subscribe()));
            tokio::spawn(listener.serve());
            part
        };
        let begun = begun.into_iter().map(start).collect();
        self.health.set("process", None);
        Ok(begun)
    }

    fn listener(
        &self,
        settings: &settings::Listener,
        way: Way,
        socket: TcpListener,
    ) -> (Listener, Store, Begun) {
        let limits = &self.documents.settings.limits;
        let address = local(&socket);
        let registry = Arc::new(self.documents.registry.clone());
        let world = protocol::world(settings, limits, registry, next_epoch());
        let surroundings = Arc::new(Surroundings {
            upstream: Arc::clone(&way.upstream),
            tls: way.tls.map(ArcSwap::from_pointee),
            cancels: Arc::clone(&self.cancels),
            handshake_timeout: limits.handshake,
            linger_timeout: LINGER,
            outbox_bytes_max: limits.wire.outbox_bytes_max,
        });
        let protocol = settings.upstream.protocol();
        let observed = Observed {
            protocol: protocol.name(),
            mode: mode_name(settings.mode),
            listener: address,
            metrics: self.metrics.of_protocol(protocol.name()),
        };
        let places = Arc::new(Semaphore::new(limits.connections_max));
        let listener = Listener {
            socket,
            world: Arc::clone(&world),
            surroundings: Arc::clone(&surroundings),
            observed: Arc::new(observed),
            places: Arc::clone(&places),
            lobby: Arc::new(Semaphore::new(LOBBY_PLACES)),
            signals: self.signals.subscribe(),
        };
        let store = Store {
            name: format!("{} on {address}", protocol.name()),
            protocol,
            upstream: way.upstream,
            world: Arc::clone(&world),
            health: Arc::clone(&self.health),
            up: self.metrics.upstream_up(protocol.name(), address),
            signals: self.signals.clone(),
            look_every: LOOK_EVERY,
            denied: None,
        };
        (listener, store, Begun { settings: settings.clone(), world, surroundings, places })
    }

    /// Reads policy, registry and certificates again, and has every store asked again. What cannot
    /// be used is closed, not kept: an unusable policy refuses every statement, an unusable registry
    /// every login. Only a certificate is kept, as it decides nothing. Returns the kind of tenant
    /// ids in force.
    fn reload(&self, kind: TenantKind, begun: &[Begun]) -> TenantKind {
        tracing::info!("reading the documents again");
        let Settings { policy, tenants, .. } = &self.documents.settings;
        let mut result = Reload::Complete;
        let mut complain = |what: &'static str, problems: Vec<String>| {
            result = Reload::Failed;
            for problem in problems {
                tracing::error!(problem, "{what}");
            }
        };
        let policy = read_policy(policy);
        let kind = policy.as_ref().map_or(kind, |policy| policy.tenant_kind);
        let policy = policy
            .map_err(|problems| complain("every statement is refused until it is mended", problems))
            .ok()
            .map(Arc::new);
        let registry = match read_registry(tenants, kind) {
            Ok(registry) => {
                self.health.set("tenants", None);
                registry
            }
            Err(problems) => {
                complain("every login is refused until it is mended", problems);
                self.health.set("tenants", Some("the tenants document cannot be used"));
                Registry::default()
            }
        };
        for part in begun {
            for problem in part.reload_tls() {
                complain("the old certificate stays in use", vec![problem]);
            }
        }
        let registry = Arc::new(registry);
        for part in begun {
            part.world.set_registry(Arc::clone(&registry));
        }
        self.policies.send_replace(policy);
        self.signals.send_modify(|signals| signals.reloads += 1);
        self.metrics.reloaded(result);
        kind
    }

    /// Ends every connection at its next idle moment, or after the time that the settings give.
    async fn drain(&self, begun: &[Begun]) {
        let Settings { drain, limits, .. } = &self.documents.settings;
        tracing::info!(seconds = drain.as_secs(), "draining");
        self.health.set("process", Some("it is draining"));
        self.signals.send_modify(|signals| signals.draining = true);
        let all_back = async {
            for part in begun {
                let places = u32::try_from(limits.connections_max).unwrap_or(u32::MAX);
                _ = part.places.acquire_many(places).await;
            }
        };
        if tokio::time::timeout(*drain, all_back).await.is_ok() {
            tracing::info!("drained");
        } else {
            let open = begun
                .iter()
                .map(|part| limits.connections_max.saturating_sub(part.places.available_permits()));
            tracing::warn!(connections = open.sum::<usize>(), "the time to drain is over");
        }
    }
}

impl Begun {
    /// Reads the certificates and keys again. Returns what cannot be used.
    fn reload_tls(&self) -> Vec<String> {
        let mut problems = Vec::new();
        match server_tls(&self.settings) {
            Ok(tls) => {
                if let (Some(place), Some(tls)) = (&self.surroundings.tls, tls) {
                    place.store(Arc::new(tls));
                }
            }
            Err(problem) => problems.push(problem),
        }
        match upstream_tls(&self.settings.upstream) {
            Ok(tls) => {
                if let (Some((place, _)), Some(tls)) = (&self.surroundings.upstream.tls, tls) {
                    place.store(Arc::new(tls));
                }
            }
            Err(problem) => problems.push(problem),
        }
        problems
    }
}

fn local(socket: &TcpListener) -> SocketAddr {
    // INVARIANT: a bound socket has an address; if the system denies it, the log says port 0.
    socket.local_addr().unwrap_or(SocketAddr::from(([0, 0, 0, 0], 0)))
}

fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Inject => "inject",
        Mode::Validate => "validate",
        Mode::Observe => "observe",
    }
}
