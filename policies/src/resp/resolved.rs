//! The policy, applied to one server.

use std::collections::BTreeSet;

use resp_wire::command::Command;

use super::script::{Globals, Wrapper};
use super::{Script, Tenancy};
use crate::policy::{Policy, RedisPolicy};
use crate::{RulesError, TenantId};

/// What is known of a server when it was last asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerFacts {
    /// `redis_version` as INFO says it: for people.
    pub version: String,
    /// Commands of which the server says otherwise than our table: they are refused.
    pub disagreements: BTreeSet<&'static str>,
    /// What its Lua shows to scripts; `None` when scripts cannot be confined, and are refused.
    pub globals: Option<Globals>,
    /// Whether it is a node of a cluster.
    pub is_cluster: bool,
}

impl ServerFacts {
    /// Adds what is known of another node of the same cluster: tenants get what all nodes allow.
    pub fn merge(&mut self, other: &Self) {
        self.disagreements.extend(&other.disagreements);
        if self.globals != other.globals {
            self.globals = None;
        }
    }
}

/// Why a script is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unwrapped {
    /// The server's scripts cannot be confined.
    Closed,
    /// The server would not compile it.
    NotAChunk,
}

/// What judging a request needs to know: the policy, applied to one server.
#[derive(Clone, Debug)]
pub struct Rules {
    epoch: u64,
    resolved: Option<Resolved>,
}

/// The usable part of [`Rules`].
#[derive(Clone, Debug)]
struct Resolved {
    policy: RedisPolicy,
    off: BTreeSet<&'static str>,
    wrapper: Option<Wrapper>,
    is_cluster: bool,
    is_spread: bool,
}

/// Commands that look at all keys. A script runs on one node, and would take its keys for all.
const WHOLE: &[&str] = &["dbsize", "flushall", "flushdb", "keys", "randomkey", "scan"];

impl Rules {
    /// Applies `policy` to the server of `facts`. `epoch` tells these rules from those before and
    /// after them. A policy without `[redis]` refuses everything.
    ///
    /// # Errors
    /// Every contradiction, at once.
    pub fn new(policy: &Policy, facts: &ServerFacts, epoch: u64) -> Result<Self, Vec<RulesError>> {
        let resolved = policy.redis.as_ref().map(|policy| {
            let is_spread = facts.is_cluster && !policy.has_hash_tag();
            let is_off = |command: &Command| {
                facts.disagreements.contains(command.name)
                    || (is_spread && WHOLE.contains(&command.name))
            };
            Resolved {
                policy: policy.clone(),
                off: facts.disagreements.clone(),
                wrapper: facts
                    .globals
                    .clone()
                    .map(|globals| Wrapper::new(globals, |command| !is_off(command))),
                is_cluster: facts.is_cluster,
                is_spread,
            }
        });
        Ok(Self { epoch, resolved })
    }

    /// Rules that refuse everything.
    #[must_use]
    pub fn deny_all(epoch: u64) -> Self {
        Self { epoch, resolved: None }
    }

    /// Tells these rules from all others.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The tenant's part of the key space; `None` when no usable policy is in force.
    #[must_use]
    pub fn tenancy(&self, tenant: &TenantId) -> Option<Tenancy> {
        Some(Tenancy::new(self.resolved.as_ref()?.policy.prefix(tenant)))
    }

    /// The script `text` of a client, as it is sent to the store.
    ///
    /// # Errors
    /// Why it is not sent.
    pub fn wrap(&self, text: &[u8]) -> Result<Script, Unwrapped> {
        let wrapper = self.resolved.as_ref().and_then(|resolved| resolved.wrapper.as_ref());
        let wrapper = wrapper.ok_or(Unwrapped::Closed)?;
        wrapper
            .wrap(text)
            .map(|wrapped| Script::new(text, wrapped))
            .map_err(|_| Unwrapped::NotAChunk)
    }

    /// Whether the store is a cluster, which clients see as one server.
    pub(super) fn is_cluster(&self) -> bool {
        self.resolved.as_ref().is_some_and(|resolved| resolved.is_cluster)
    }

    /// Whether a tenant's keys lie on several nodes.
    pub(super) fn is_spread(&self) -> bool {
        self.resolved.as_ref().is_some_and(|resolved| resolved.is_spread)
    }

    /// Whether the server agrees with our table about the command of this name.
    pub(super) fn is_on(&self, command: &str) -> bool {
        self.resolved.as_ref().is_some_and(|resolved| !resolved.off.contains(command))
    }
}
