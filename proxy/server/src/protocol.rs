//! What differs between the protocols, as far as the shell has to know: one file each, which hands
//! settings to the protocol's state machines and asks its store for what its rules depend on.
//!
//! Another protocol is another file, and another arm wherever [`Protocol`] is matched.

mod bolt;
mod converse;
mod mongo;
mod postgres;
mod resp;

use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use identity::Registry;
use policies::RulesError;
use policies::policy::Policy;
use relay::Connection;

use crate::settings::{Limits, Listener, Protocol, StoreUrl};
use crate::tls::TlsStart;
use crate::upstream::Upstream;

pub(crate) use converse::converse_over;
pub(crate) use postgres::read_catalog;

/// Whether what was read is other than what was known, or why it cannot be read, as a sentence that
/// names the upstream.
pub(crate) type Reading<'r> = Pin<Box<dyn Future<Output = Result<bool, String>> + Send + 'r>>;

/// What all connections of one listener share, and the rules that they are judged by.
pub(crate) trait World: fmt::Debug + Send + Sync {
    /// Asks the store for what the rules depend on, and keeps that.
    fn read<'r>(&'r self, upstream: &'r Upstream) -> Reading<'r>;

    /// What answered, when it was last read: the store's name and version. None before that.
    fn store(&self) -> Option<String>;

    /// Puts `policy` in force, for the store as it was last read. Does nothing before that.
    ///
    /// # Errors
    /// Every contradiction between policy and store. Then nothing has changed.
    fn apply(&self, policy: &Policy, epoch: u64) -> Result<(), Vec<RulesError>>;

    /// Refuses every statement.
    fn deny_all(&self, epoch: u64);

    /// What works under `policy`, but maybe not as its owner thinks, for the store as it was last
    /// read.
    fn drift(&self, policy: &Policy) -> Vec<String>;

    /// What the store holds that goes not well with `policy`: for stores in which that must be looked
    /// for. An error says why it cannot be looked at.
    fn inspect<'t>(
        &'t self,
        _policy: &'t Policy,
        _upstream: &'t Upstream,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<String>, String>> + Send + 't>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    /// What is wrong at the store with the tenants of `registry`, for the rules in force: for stores
    /// that know tenants by themselves.
    fn try_tenants<'t>(
        &'t self,
        _registry: &'t Registry,
        _upstream: &'t Upstream,
    ) -> Pin<Box<dyn Future<Output = Vec<String>> + Send + 't>> {
        Box::pin(std::future::ready(Vec::new()))
    }

    /// Lines that have the store itself keep the tenants of `registry` apart, or serve them well, for
    /// what is in it. An error says why it cannot be looked at.
    fn second_wall<'t>(
        &'t self,
        _policy: &'t Policy,
        _registry: &'t Registry,
        _upstream: &'t Upstream,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<String>, String>> + Send + 't>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    /// Puts another registry in force.
    fn set_registry(&self, registry: Arc<Registry>);

    /// Makes the state machine of a client that has just connected.
    fn connect(&self, peer: Peer, now: Instant) -> Box<dyn Connection>;
}

/// What is known of a client when it comes in.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    /// Where it is.
    pub(crate) address: SocketAddr,
    /// Whether its link is inside TLS already.
    pub(crate) in_tls: bool,
    /// Whether it can have TLS.
    pub(crate) offers_tls: bool,
    /// The channel-binding data of RFC 5929, where it can have TLS and our certificate has one.
    pub(crate) server_end_point: Option<Vec<u8>>,
}

/// The world of `listener`. It refuses everything until a policy is applied.
pub(crate) fn world(
    listener: &Listener,
    limits: &Limits,
    registry: Arc<Registry>,
    epoch: u64,
) -> Arc<dyn World> {
    let url = &listener.upstream;
    match &url.store {
        StoreUrl::Postgres(account) => {
            Arc::new(postgres::Postgres::new(account, listener, limits, registry, epoch))
        }
        StoreUrl::Resp { user } => {
            Arc::new(resp::Resp::new(user.clone(), listener, limits, registry, epoch))
        }
        StoreUrl::Mongo(account) => {
            Arc::new(mongo::Mongo::new(account, listener, limits, registry, epoch))
        }
        StoreUrl::Bolt(account) => {
            Arc::new(bolt::Bolt::new(account, listener, limits, registry, epoch))
        }
    }
}

/// When TLS begins.
pub(crate) fn tls_start(protocol: Protocol) -> TlsStart {
    match protocol {
        Protocol::Postgres => TlsStart::InBand { alpn: b"postgresql" },
        Protocol::Resp | Protocol::Mongo | Protocol::Bolt => TlsStart::FirstByte,
    }
}

/// What is wrong with a policy that says nothing of the store that `protocol` leads to.
///
/// # Errors
/// The table that is missing.
pub(crate) fn require_section(protocol: Protocol, policy: &Policy) -> Result<(), RulesError> {
    let (path, example, is_there) = match protocol {
        Protocol::Postgres => ("postgres", "column = \"tenant_id\"", policy.postgres.is_some()),
        Protocol::Resp => ("redis", "prefix = \"tenant:{tenant}:\"", policy.redis.is_some()),
        Protocol::Bolt => ("neo4j", "strategy = \"label\"", policy.neo4j.is_some()),
        Protocol::Mongo => ("mongo", "field = \"tenant_id\"", policy.mongo.is_some()),
    };
    if is_there {
        return Ok(());
    }
    let protocol = protocol.name();
    Err(RulesError {
        path: path.to_owned(),
        what: format!(
            "is missing, so that every statement would be refused on the listener with protocol = \
             \"{protocol}\"; add `[{path}]` with `{example}`, or remove the listener"
        ),
    })
}
