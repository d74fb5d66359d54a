//! Redis: the server's own word on its commands is what its rules depend on.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use identity::{RegisteredTenant, Registry};
use policies::policy::{Policy, RedisPolicy};
use policies::resp::{Rules, ServerFacts};
use policies::{RulesError, TenantId, TenantKind};
use relay::Outbox;
use relay::postgres::Password;
use relay::resp as relayed;

use super::converse::converse;
use super::{Peer, Reading, World};
use crate::settings::{Limits, Listener};
use crate::upstream::{Upstream, within};

/// How long the server may take to describe itself: a few hundred kilobytes.
const PROBE_TIMEOUT: Duration = Duration::from_secs(10);

/// The shell's side of a listener for Redis.
#[derive(Debug)]
pub(super) struct Resp {
    world: Arc<relayed::World>,
    facts: ArcSwapOption<ServerFacts>,
}

impl Resp {
    pub(super) fn new(
        user: Option<String>,
        listener: &Listener,
        limits: &Limits,
        registry: Arc<Registry>,
        epoch: u64,
    ) -> Self {
        let url = &listener.upstream;
        let password = url.password.as_ref();
        let settings = relayed::Settings {
            mode: listener.mode,
            limits: limits.wire,
            upstream: relayed::Upstream {
                user,
                password: password.map(|text| Password::new(text.expose().to_owned())),
                is_loopback: url.is_loopback(),
                tenant_users: listener.tenant_users.clone(),
            },
            authentication_timeout: limits.handshake,
            dial_timeout: limits.dial,
        };
        let rules = Arc::new(Rules::deny_all(epoch));
        let world = Arc::new(relayed::World::new(settings, rules, registry));
        Self { world, facts: ArcSwapOption::empty() }
    }
}

impl World for Resp {
    fn read<'r>(&'r self, upstream: &'r Upstream) -> Reading<'r> {
        Box::pin(async {
            let probe = relayed::Probe::new(self.world.settings());
            let facts = within(PROBE_TIMEOUT, ask(probe, upstream)).await.map_err(|error| {
                format!("the commands of {} cannot be read: {error}", upstream.name)
            })?;
            let changed = self.facts.load().as_deref() != Some(&facts);
            self.facts.store(Some(Arc::new(facts)));
            Ok(changed)
        })
    }

    fn store(&self) -> Option<String> {
        self.facts.load().as_ref().map(|facts| facts.version.clone())
    }

    fn apply(&self, policy: &Policy, epoch: u64) -> Result<(), Vec<RulesError>> {
        let Some(facts) = self.facts.load_full() else { return Ok(()) };
        self.world.set_rules(Arc::new(Rules::new(policy, &facts, epoch)?));
        if !facts.disagreements.is_empty() {
            let commands = facts.disagreements.iter().copied().collect::<Vec<_>>().join(" ");
            tracing::warn!(
                commands,
                "refused: the server says otherwise of them than is known here"
            );
        }
        Ok(())
    }

    fn deny_all(&self, epoch: u64) {
        self.world.set_rules(Arc::new(Rules::deny_all(epoch)));
    }

    fn drift(&self, policy: &Policy) -> Vec<String> {
        let facts = self.facts.load();
        let disagreements = facts.iter().flat_map(|facts| &facts.disagreements).map(|command| {
            format!(
                "{command}: the server says otherwise of this command than is known here, so \
                 tenants are refused it"
            )
        });
        let prefix = policy.redis.as_ref().and_then(|redis| prefix(redis, policy.tenant_kind));
        disagreements.chain(prefix).collect()
    }

    fn try_tenants<'t>(
        &'t self,
        registry: &'t Registry,
        upstream: &'t Upstream,
    ) -> Pin<Box<dyn Future<Output = Vec<String>> + Send + 't>> {
        Box::pin(async {
            let mut problems = Vec::new();
            if self.world.settings().upstream.tenant_users.is_none() {
                return problems;
            }
            for RegisteredTenant { tenant, .. } in registry.tenants().filter(|each| each.active) {
                let tried = within(PROBE_TIMEOUT, try_user(&self.world, &tenant.id, upstream));
                if let Err(error) = tried.await {
                    problems.push(format!(
                        "the upstream's user of tenant {}: {error}; run what `partywall generate \
                         acl` prints",
                        tenant.slug
                    ));
                }
            }
            problems
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
async fn ask(mut probe: relayed::Probe, upstream: &Upstream) -> io::Result<ServerFacts> {
    let mut out = Outbox::default();
    probe.begin(&mut out);
    converse(out, upstream, |input, out| probe.on_upstream(input, out)).await
}

/// Logs in as a tenant's user, as its connections will.
async fn try_user(
    world: &relayed::World,
    tenant: &TenantId,
    upstream: &Upstream,
) -> io::Result<()> {
    let mut out = Outbox::default();
    let mut trial = relayed::Trial::begin(world, tenant, &mut out);
    converse(out, upstream, |input, _| Ok(trial.on_upstream(input)?.then_some(()))).await
}

/// What is odd about the prefix of tenants whose ids are of `kind`.
fn prefix(redis: &RedisPolicy, kind: TenantKind) -> Option<String> {
    let text = match kind {
        TenantKind::Uuid => "00000000-0000-0000-0000-000000000001",
        TenantKind::Bigint => "1",
        TenantKind::Text => "a",
    };
    let id = TenantId::parse(kind, text).ok()?;
    redis.prefix(&id).starts_with(text).then(|| {
        "redis.prefix: begins with the tenant's id, so that keys which something else keeps in this \
         database may look like a tenant's; begin it with a word, as `tenant:{tenant}:` does"
            .to_owned()
    })
}
