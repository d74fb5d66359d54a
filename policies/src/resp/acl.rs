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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TenantKind;
    use crate::policy::Policy;

    fn rules(prefix: &str) -> Vec<String> {
        let text = format!("version = 1\ntenant.id = 'text'\nredis.prefix = '{prefix}'");
        let policy = Policy::parse(&text).unwrap().redis.unwrap();
        let tenant = TenantId::parse(TenantKind::Text, "acme").unwrap();
        let rules = user_rules(&policy, &tenant);
        rules.into_iter().map(|rule| String::from_utf8(rule).unwrap()).collect()
    }

    #[test]
    fn keys_and_channels_are_the_tenants() {
        let rules = rules("tenant:{tenant}:");
        let keys: Vec<_> = rules.iter().filter(|rule| rule.starts_with(['~', '%'])).collect();
        assert_eq!(keys, ["~tenant:acme:*"]);
        let channels: Vec<_> = rules.iter().filter(|rule| rule.starts_with('&')).collect();
        assert_eq!(
            channels,
            [
                "&tenant:acme:*",
                "&__keyspace@0__:tenant:acme:*",
                "&__keyevent@0__:*",
                "&__redis__:invalidate"
            ]
        );
    }

    #[test]
    fn what_is_open_is_said_behind_what_is_closed() {
        let rules = rules("{{tenant}}:");
        let at = |wanted: &str| rules.iter().position(|rule| rule == wanted).unwrap();
        assert!(at("-@all") < at("+@read") && at("+@connection") < at("-@dangerous"));
        assert!(at("+@write") < at("-function") && at("-@dangerous") < at("+sort"));
        assert!(rules.iter().all(|rule| rule != "+@all" && rule != "+@admin" && rule != "~*"));
    }

    #[test]
    fn the_foreign_key_is_next_to_the_tenants() {
        let tenancy = Tenancy::new("tenant:acme:".to_owned());
        assert_eq!(foreign_key(Some(&tenancy)), b"tenant:acme");
        assert_eq!(tenancy.own(foreign_key(Some(&tenancy))), None);
        assert_eq!(foreign_key(None), b"");
    }
}
