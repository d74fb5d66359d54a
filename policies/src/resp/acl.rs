//! The second wall: what the server's own access control lets one tenant's user do.
//!
//! The rules open what [`Judge`](super::Judge) sends for a tenant, and keep it to the tenant's keys
//! and channels whatever is sent. Three things the server cannot confine. Names: SCAN, RANDOMKEY and
//! the notifications of events know no tenants, and the scripts of ours that stand in for KEYS or
//! FLUSHDB need SCAN. Pattern subscriptions: a pattern is compared with the allowed ones letter by
//! letter. And SORT with BY or GET, which the server refuses to whom not every key is open.

use super::Tenancy;
use super::push::{INVALIDATE, KEYEVENT, KEYSPACE};
use crate::TenantId;
use crate::policy::RedisPolicy;

/// Whole categories, in the server's order: a later rule wins.
const CATEGORIES: &[&str] = &[
    "-@all",
    "+@read",
    "+@write",
    "+@pubsub",
    "+@transaction",
    "+@connection",
    "-@admin",
    "-@dangerous",
];

/// What is in those categories and never sent for a tenant.
const CLOSED: &[&str] = &["-dbsize", "-function", "-move", "-select"];

/// What is sent for tenants, and in none of those categories, or closed with one.
const OPEN: &[&str] = &[
    "+acl|cat",
    "+acl|dryrun",
    "+acl|genpass",
    "+client|kill",
    "+client|list",
    "+client|unblock",
    "+config|get",
    "+eval",
    "+eval_ro",
    "+evalsha",
    "+evalsha_ro",
    "+info",
    "+lastsave",
    "+restore",
    "+script|exists",
    "+script|load",
    "+sort",
    "+sort_ro",
    "+time",
];

/// Help texts are no part of their commands' categories.
const HELP: &[&str] = &[
    "+acl|help",
    "+cluster|help",
    "+config|help",
    "+function|help",
    "+latency|help",
    "+memory|help",
    "+module|help",
    "+object|help",
    "+pubsub|help",
    "+script|help",
    "+slowlog|help",
    "+xgroup|help",
    "+xinfo|help",
];

/// The rules of ACL SETUSER for the user of `tenant`, behind its password. They need Redis 7.0, and
/// name no command that came later.
#[must_use]
pub fn user_rules(policy: &RedisPolicy, tenant: &TenantId) -> Vec<Vec<u8>> {
    let tenancy = Tenancy::new(policy.prefix(tenant));
    let own = |head: &[u8]| [head, tenancy.pattern(), b"*"].concat();
    let mut rules = vec![
        own(b"~"),
        b"resetchannels".to_vec(),
        own(b"&"),
        own(&[b"&", KEYSPACE].concat()),
        [b"&", KEYEVENT, b"*"].concat(),
        [b"&", INVALIDATE].concat(),
    ];
    let commands = [CATEGORIES, CLOSED, OPEN, HELP].concat();
    rules.extend(commands.iter().map(|rule| rule.as_bytes().to_vec()));
    rules.push(b"(+psubscribe &*)".to_vec());
    rules
}

/// A key that is not the tenant's, as close to its own as can be: its prefix without the last byte.
/// With no policy in force, that without a name.
#[must_use]
pub fn foreign_key(tenancy: Option<&Tenancy>) -> &[u8] {
    let prefix = tenancy.map_or(b"".as_slice(), Tenancy::prefix);
    prefix.split_last().map_or(prefix, |(_, key)| key)
}
