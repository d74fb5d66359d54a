//! `partywall generate`: the second wall, in the store's own terms.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use identity::RegisteredTenant;
use policies::policy::RedisPolicy;
use policies::resp::user_rules;
use relay::resp::TenantUsers;
use sha2::{Digest, Sha256};

use super::{Documents, Failure};
use crate::protocol;
use crate::settings::{Listener, Protocol, Secret, StoreUrl};

/// Print what has the store itself keep tenants apart, from the same policy.
///
/// `acl`: commands for Redis, a line each: one user for each tenant of the registry, who may touch
/// that tenant's keys and channels only. Feed them to `redis-cli`, logged in as one who may run ACL
/// SETUSER, on every node; in an ACL file, `user` stands in place of `ACL SETUSER`. Run it again when
/// tenants come, go or are suspended.
///
/// `indexes`: for MongoDB commands, a line each, in extended JSON with the database as `$db`: indexes that
/// begin with the tenant field, and validators that take no document without one. For Neo4j statements,
/// a line each: indexes and constraints with which confined statements are as quick as others are with
/// those that there are. The store is asked for the collections and indexes that it has.
///
/// Redis' users are called as the listener's `upstream_user` says, such as `tenant-{tenant}`, and
/// connections of a tenant then log in as its user. A user's password is the HMAC-SHA-256 of its name
/// under the password in `upstream`; only hashes of it are printed, so the output may be kept.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What to print.
    #[arg(value_enum)]
    wall: Wall,
    /// The settings document.
    #[arg(long, value_name = "FILE")]
    settings: PathBuf,
    /// The listener whose upstream is meant, by its address, where there are several.
    #[arg(long, value_name = "ADDRESS")]
    listener: Option<SocketAddr>,
}

/// What a store can keep tenants apart with.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Wall {
    /// Redis' users.
    Acl,
    /// MongoDB's indexes and validators; Neo4j's indexes and constraints.
    Indexes,
}

/// Runs the command.
///
/// # Errors
/// `Failure::Documents` when they cannot be used, `Failure::Failed` when they have no such listener.
pub(crate) fn execute(arguments: &Arguments) -> Result<(), Failure> {
    let documents = Documents::load(&arguments.settings)?;
    let text = match arguments.wall {
        Wall::Acl => acl(&documents, arguments.listener)?,
        Wall::Indexes => indexes(&documents, arguments.listener)?,
    };
    std::io::stdout().write_all(&text).map_err(Failure::failed)
}

/// A line of ACL SETUSER for each tenant.
fn acl(documents: &Documents, listener: Option<SocketAddr>) -> Result<Vec<u8>, Failure> {
    let (_, found) = the_listener(documents, &[Protocol::Resp], "Redis", listener)?;
    let Listener { tenant_users: Some(users), upstream, .. } = found else {
        return Err(Failure::failed(
            "the listener says not how users are called; add `upstream_user = \"tenant-{tenant}\"`",
        ));
    };
    let (Some(secret), Some(policy)) = (&upstream.password, &documents.policy.redis) else {
        return Err(Failure::failed("there is no password to derive others from, or no policy"));
    };
    let mut text = Vec::new();
    for registered in documents.registry.tenants() {
        let name = users.name(&registered.tenant.id);
        let own = matches!(&upstream.store, StoreUrl::Resp { user: Some(user) } if *user == name);
        if own || name == "default" {
            return Err(Failure::failed(format!(
                "the user of tenant {} would be `{name}`, which is another's; change `upstream_user`",
                registered.tenant.slug
            )));
        }
        put_user(registered, &name, users, secret, policy, &mut text);
    }
    Ok(text)
}

/// A line for each command or statement.
fn indexes(documents: &Documents, listener: Option<SocketAddr>) -> Result<Vec<u8>, Failure> {
    let served = [Protocol::Mongo, Protocol::Bolt];
    let (index, found) = the_listener(documents, &served, "MongoDB or Neo4j", listener)?;
    let ways = documents.ways()?;
    let way = ways.get(index).ok_or_else(|| Failure::failed("the listener leads nowhere"))?;
    let Documents { settings, policy, registry } = documents;
    let world = protocol::world(found, &settings.limits, Arc::new(registry.clone()), 0);
    let commands = world.second_wall(policy, registry, &way.upstream);
    let commands = super::on_runtime(commands)?.map_err(Failure::failed)?;
    Ok(commands.iter().flat_map(|command| format!("{command}\n").into_bytes()).collect())
}

/// The listener of one of these protocols that is meant, and where in the settings it stands.
fn the_listener<'d>(
    documents: &'d Documents,
    protocols: &[Protocol],
    name: &str,
    address: Option<SocketAddr>,
) -> Result<(usize, &'d Listener), Failure> {
    let mut meant = documents.settings.listeners.iter().enumerate().filter(|(_, each)| {
        protocols.contains(&each.upstream.protocol())
            && address.is_none_or(|address| address == each.listen)
    });
    let found = meant.next();
    let found = found
        .ok_or_else(|| Failure::failed(format!("the settings have no {name} listener there")))?;
    if meant.next().is_some() {
        let what = format!("there are several {name} listeners; choose with --listener");
        return Err(Failure::failed(what));
    }
    Ok(found)
}

/// A suspended tenant's user has no password, is off, and may do nothing.
fn put_user(
    registered: &RegisteredTenant,
    name: &str,
    users: &TenantUsers,
    secret: &Secret,
    policy: &RedisPolicy,
    text: &mut Vec<u8>,
) {
    text.extend_from_slice(format!("ACL SETUSER {name} reset").as_bytes());
    if registered.active {
        let id = &registered.tenant.id;
        let password = users.password(id, secret.expose());
        let hash: String =
            Sha256::digest(password.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        text.extend_from_slice(format!(" on #{hash}").as_bytes());
        for rule in user_rules(policy, id) {
            text.push(b' ');
            put_word(&rule, text);
        }
    }
    text.push(b'\n');
}

/// A word as redis-cli and inline commands read it.
fn put_word(word: &[u8], text: &mut Vec<u8>) {
    if word.iter().all(|byte| byte.is_ascii_graphic() && !b"\"'\\".contains(byte))
        || word.starts_with(b"(")
    {
        return text.extend_from_slice(word);
    }
    text.push(b'"');
    for byte in word {
        text.extend_from_slice(format!("\\x{byte:02x}").as_bytes());
    }
    text.push(b'"');
}
