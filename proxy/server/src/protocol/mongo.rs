//! MongoDB: the server's version is what its rules depend on.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use arc_swap::ArcSwapOption;
use identity::Registry;
use policies::RulesError;
use policies::mongo::{Rules, ServerFacts};
use policies::policy::Policy;
use relay::Outbox;
use relay::mongo as relayed;
use relay::postgres::Password;

use super::converse::{converse, told};
use super::{Peer, Reading, World};
use crate::settings::{Limits, Listener, MongoUrl};
use crate::upstream::{Upstream, within};

/// How long the server may take to describe itself.
const PROBE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long it may take to look at all collections: each may be read to its end.
const INSPECT_TIMEOUT: Duration = Duration::from_secs(600);

/// The shell's side of a listener for MongoDB.
#[derive(Debug)]
pub(super) struct Mongo {
    world: Arc<relayed::World>,
    facts: ArcSwapOption<ServerFacts>,
}

impl Mongo {
    pub(super) fn new(
        account: &MongoUrl,
        listener: &Listener,
        limits: &Limits,
        registry: Arc<Registry>,
        epoch: u64,
    ) -> Self {
        let rules = Arc::new(Rules::deny_all(epoch));
        let settings = settings(account, listener, limits);
        let world = Arc::new(relayed::World::new(settings, rules, registry));
        Self { world, facts: ArcSwapOption::empty() }
    }
}

fn settings(account: &MongoUrl, listener: &Listener, limits: &Limits) -> relayed::Settings {
    let login = account.user.as_ref().zip(listener.upstream.password.as_ref());
    relayed::Settings {
        mode: listener.mode,
        limits: limits.wire,
        account: login.map(|(user, password)| relayed::Account {
            user: user.clone(),
            password: Password::new(password.expose().to_owned()),
            database: account.auth_source.clone(),
        }),
        face: listener.face.clone(),
        clock: milliseconds,
        authentication_timeout: limits.handshake,
        dial_timeout: limits.dial,
    }
}

impl World for Mongo {
    fn read<'r>(&'r self, upstream: &'r Upstream) -> Reading<'r> {
        Box::pin(async {
            let asked = within(PROBE_TIMEOUT, ask(self.world.settings(), upstream));
            let relayed::Probed { facts, wire_version_max } = asked.await.map_err(|error| {
                format!("{} cannot be asked what it is: {error}", upstream.name)
            })?;
            self.world.set_wire_version_max(wire_version_max);
            let changed = self.facts.load().as_deref() != Some(&facts);
            self.facts.store(Some(Arc::new(facts)));
            Ok(changed)
        })
    }

    fn store(&self) -> Option<String> {
        self.facts.load().as_ref().map(|facts| format!("MongoDB {}", facts.version))
    }

    fn apply(&self, policy: &Policy, epoch: u64) -> Result<(), Vec<RulesError>> {
        let Some(facts) = self.facts.load_full() else { return Ok(()) };
        self.world.set_rules(Arc::new(Rules::new(policy, &facts, epoch)?));
        Ok(())
    }

    fn deny_all(&self, epoch: u64) {
        self.world.set_rules(Arc::new(Rules::deny_all(epoch)));
    }

    fn drift(&self, _policy: &Policy) -> Vec<String> {
        Vec::new()
    }

    fn inspect<'t>(
        &'t self,
        policy: &'t Policy,
        upstream: &'t Upstream,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<String>, String>> + Send + 't>> {
        Box::pin(async {
            let inspected = inspect(self.world.settings(), policy, upstream).await;
            Ok(inspected?.map(|inspected| inspected.warnings()).unwrap_or_default())
        })
    }

    fn second_wall<'t>(
        &'t self,
        policy: &'t Policy,
        _registry: &'t Registry,
        upstream: &'t Upstream,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<String>, String>> + Send + 't>> {
        Box::pin(async {
            let inspected = inspect(self.world.settings(), policy, upstream).await;
            Ok(inspected?.map(|inspected| inspected.commands()).unwrap_or_default())
        })
    }

    fn set_registry(&self, registry: Arc<Registry>) {
        self.world.set_registry(registry);
    }

    fn connect(&self, peer: Peer, now: Instant) -> Box<dyn relay::Connection> {
        let Peer { address, in_tls, .. } = peer;
        let peer = relayed::Peer { address, in_tls };
        Box::new(relayed::Connection::new(Arc::clone(&self.world), peer, now))
    }
}

/// Has the probe talk with the server until it knows enough.
async fn ask(settings: &relayed::Settings, upstream: &Upstream) -> io::Result<relayed::Probed> {
    let mut out = Outbox::default();
    let mut probe = relayed::Probe::begin(settings, &mut out).map_err(told)?;
    converse(out, upstream, |input, out| probe.on_upstream(input, out)).await
}

/// Looks at what the store holds; there is nothing to be looked at without a policy for it.
async fn inspect(
    settings: &relayed::Settings,
    policy: &Policy,
    upstream: &Upstream,
) -> Result<Option<relayed::Inspected>, String> {
    let Some(mongo) = &policy.mongo else { return Ok(None) };
    let look = async {
        let mut out = Outbox::default();
        let begun = relayed::Inspection::begin(settings, mongo, policy.tenant_kind, &mut out);
        let mut inspection = begun.map_err(told)?;
        converse(out, upstream, |input, out| inspection.on_upstream(input, out)).await
    };
    let looked = within(INSPECT_TIMEOUT, look).await;
    looked
        .map(Some)
        .map_err(|error| format!("what {} holds cannot be looked at: {error}", upstream.name))
}

/// What time it is, in milliseconds since 1970.
fn milliseconds() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
