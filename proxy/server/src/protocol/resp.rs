//! Redis: the server's own word on its commands is what its rules depend on.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use bytes::BytesMut;
use identity::Registry;
use policies::policy::{Policy, RedisPolicy};
use policies::resp::{Rules, ServerFacts};
use policies::{RulesError, TenantId, TenantKind};
use relay::postgres::Password;
use relay::resp as relayed;
use relay::{Fatal, Outbox};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Peer, Reading, World};
use crate::settings::{Limits, Listener};
use crate::upstream::{Upstream, within};

/// How long the server may take to describe itself: a few hundred kilobytes.
const PROBE_TIMEOUT: Duration = Duration::from_secs(10);
/// How much is read at a time.
const READ_BYTES: usize = 64 << 10;

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
    let mut stream = upstream.connect().await?;
    let (mut out, mut input) = (Outbox::default(), BytesMut::new());
    probe.begin(&mut out);
    loop {
        stream.write_all_buf(&mut out.to_upstream).await?;
        stream.flush().await?;
        input.reserve(READ_BYTES);
        if stream.read_buf(&mut input).await? == 0 {
            return Err(io::Error::other("it closed the connection"));
        }
        let told = |fatal: Fatal| io::Error::other(fatal.to_string());
        if let Some(facts) = probe.on_upstream(&mut input, &mut out).map_err(told)? {
            return Ok(facts);
        }
    }
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
