//! Neo4j: the server's version, its language and its indexes are what its rules depend on.

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use identity::Registry;
use policies::RulesError;
use policies::bolt::{Rules, index_statements, oddities, searches};
use policies::policy::Policy;
use relay::Outbox;
use relay::bolt as relayed;
use relay::postgres::Password;

use super::converse::converse;
use super::{Peer, Reading, World};
use crate::settings::{BoltUrl, Limits, Listener};
use crate::upstream::{Upstream, within};

/// How long the server may take to describe itself: its first statements after a start are slow.
const PROBE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long it may take to look at every node and relationship.
const INSPECT_TIMEOUT: Duration = Duration::from_secs(600);

/// The shell's side of a listener for Neo4j.
#[derive(Debug)]
pub(super) struct Bolt {
    world: Arc<relayed::World>,
}

impl Bolt {
    pub(super) fn new(
        account: &BoltUrl,
        listener: &Listener,
        limits: &Limits,
        registry: Arc<Registry>,
        epoch: u64,
    ) -> Self {
        let password = listener.upstream.password.as_ref();
        let password = password.map(|text| Password::new(text.expose().to_owned()));
        let settings = relayed::Settings {
            mode: listener.mode,
            limits: limits.wire,
            upstream: relayed::Upstream {
                account: account.user.clone().zip(password),
                database: account.database.clone(),
            },
            listen: listener.listen,
            authentication_timeout: limits.handshake,
            dial_timeout: limits.dial,
        };
        let rules = Arc::new(Rules::deny_all(epoch));
        Self { world: Arc::new(relayed::World::new(settings, rules, registry)) }
    }
}

impl World for Bolt {
    fn read<'r>(&'r self, upstream: &'r Upstream) -> Reading<'r> {
        Box::pin(async {
            let mut probe = relayed::Probe::new(self.world.settings());
            let mut out = Outbox::default();
            probe.begin(&mut out);
            let asked = converse(out, upstream, |input, out| probe.on_upstream(input, out));
            let server = within(PROBE_TIMEOUT, asked).await.map_err(|error| {
                format!("the version of {} cannot be read: {error}", upstream.name)
            })?;
            let changed = self.world.server().as_deref() != Some(&server);
            self.world.set_server(Arc::new(server));
            Ok(changed)
        })
    }

    fn store(&self) -> Option<String> {
        let server = self.world.server()?;
        Some(format!("{} ({})", server.facts.version, server.edition))
    }

    fn apply(&self, policy: &Policy, epoch: u64) -> Result<(), Vec<RulesError>> {
        let Some(server) = self.world.server() else { return Ok(()) };
        self.world.set_rules(Arc::new(Rules::new(policy, &server.facts, epoch)?));
        Ok(())
    }

    fn deny_all(&self, epoch: u64) {
        self.world.set_rules(Arc::new(Rules::deny_all(epoch)));
    }

    fn drift(&self, policy: &Policy) -> Vec<String> {
        match (&policy.neo4j, self.world.server()) {
            (Some(policy), Some(server)) => oddities(policy, &server.facts),
            _ => Vec::new(),
        }
    }

    fn inspect<'t>(
        &'t self,
        policy: &'t Policy,
        upstream: &'t Upstream,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<String>, String>> + Send + 't>> {
        Box::pin(async {
            let Some(policy) = &policy.neo4j else { return Ok(Vec::new()) };
            let searches = searches(policy);
            let statements = searches.iter().map(|search| search.statement.clone()).collect();
            let mut inquiry = relayed::Inquiry::new(self.world.settings(), statements);
            let mut out = Outbox::default();
            inquiry.begin(&mut out);
            let asked = converse(out, upstream, |input, out| inquiry.on_upstream(input, out));
            let failed = |why: &dyn ToString| {
                format!("what {} holds cannot be looked at: {}", upstream.name, why.to_string())
            };
            let heard = within(INSPECT_TIMEOUT, asked).await.map_err(|error| failed(&error))?;
            let mut found = Vec::new();
            for (search, number) in searches.iter().zip(heard.numbers()) {
                match number.map_err(|code| failed(&code))? {
                    0 => {}
                    number => found.push(format!("{number} {}", search.counts)),
                }
            }
            Ok(found)
        })
    }

    fn second_wall<'t>(
        &'t self,
        policy: &'t Policy,
        registry: &'t Registry,
        upstream: &'t Upstream,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<String>, String>> + Send + 't>> {
        Box::pin(async {
            self.read(upstream).await?;
            let (Some(policy), Some(server)) = (&policy.neo4j, self.world.server()) else {
                return Ok(Vec::new());
            };
            let active = registry.tenants().filter(|registered| registered.active);
            let tenants: Vec<_> = active.map(|registered| registered.tenant.id.clone()).collect();
            Ok(index_statements(policy, &server.facts, &tenants))
        })
    }

    fn set_registry(&self, registry: Arc<Registry>) {
        self.world.set_registry(registry);
    }

    fn connect(&self, _peer: Peer, now: Instant) -> Box<dyn relay::Connection> {
        Box::new(relayed::Connection::new(Arc::clone(&self.world), now))
    }
}
