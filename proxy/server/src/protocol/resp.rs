//! Redis: the server's own word on its commands is what its rules depend on.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use arc_swap::ArcSwapOption;
use bytes::BytesMut;
use identity::{RegisteredTenant, Registry};
use policies::policy::{Policy, RedisPolicy};
use policies::resp::{Rules, ServerFacts};
use policies::{RulesError, TenantId, TenantKind};
use relay::Outbox;
use relay::postgres::Password;
use relay::resp as relayed;
use relay::resp::cluster::Node;

use super::{Peer, Reading, World};
use crate::cluster::{Cluster, ask, converse};
use crate::settings::{Limits, Listener};
use crate::upstream::Upstream;

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
            let facts = survey(self.world.settings(), upstream).await.map_err(|error| {
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
        let is_cluster = facts.as_ref().is_some_and(|facts| facts.is_cluster);
        let spread = policy.redis.as_ref().filter(|redis| is_cluster && !redis.has_hash_tag());
        let spread = spread.map(|_| {
            "redis.prefix: has no literal braces, so that a tenant's keys are on several nodes, and \
             what needs them on one is refused; `{{tenant}}:` puts them on one"
                .to_owned()
        });
        disagreements.chain(prefix).chain(spread).collect()
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
            let nodes = upstream.cluster.load_full().map(|cluster| cluster.nodes());
            let nodes = nodes.unwrap_or_else(|| vec![Arc::new(upstream.node())]);
            for RegisteredTenant { tenant, .. } in registry.tenants().filter(|each| each.active) {
                for node in &nodes {
                    if let Err(error) = try_user(&self.world, &tenant.id, node, upstream).await {
                        problems.push(format!(
                            "the upstream's user of tenant {} at {node}: {error}; run what \
                             `partywall generate acl` prints",
                            tenant.slug
                        ));
                    }
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

/// Asks the upstream what it is, and all nodes where it is one of a cluster. There, any node that is
/// known does as well.
async fn survey(settings: &relayed::Settings, upstream: &Upstream) -> io::Result<ServerFacts> {
    let mut seed = upstream.node();
    let mut facts = ask(settings, &seed, upstream).await;
    for node in upstream.cluster.load_full().iter().flat_map(|cluster| cluster.nodes()) {
        if facts.is_err() {
            facts = ask(settings, &node, upstream).await;
            seed = (*node).clone();
        }
    }
    let facts = facts?;
    if !facts.is_cluster {
        upstream.cluster.store(None);
        return Ok(facts);
    }
    let cluster = Arc::new(Cluster::survey(settings, (&seed, facts), upstream).await?);
    let facts = cluster.facts().clone();
    upstream.cluster.store(Some(cluster));
    Ok(facts)
}

/// Logs in at `node` as a tenant's user, as its connections will.
async fn try_user(
    world: &relayed::World,
    tenant: &TenantId,
    node: &Node,
    upstream: &Upstream,
) -> io::Result<()> {
    let mut out = Outbox::default();
    let mut trial = relayed::Trial::begin(world, tenant, &mut out);
    let hear = |input: &mut BytesMut, _: &mut Outbox| Ok(trial.on_upstream(input)?.then_some(()));
    converse(out, node, upstream, hear).await
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
