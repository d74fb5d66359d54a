//! `policy.toml`: what belongs to a tenant. Document in, resolved policy out, all errors at once.

mod mongo;
mod name;
mod neo4j;
mod postgres;
mod redis;

pub use mongo::{MongoLayout, MongoPolicy, Namespace};
pub use neo4j::{Neo4jPolicy, Neo4jStrategy};
pub use postgres::{PostgresPolicy, TableRule};
pub use redis::RedisPolicy;

use crate::document::{self, DocumentError, Reported, Table, Value};
use crate::tenant::TenantKind;

/// A policy that has been read and resolved.
///
/// A store without a table here is closed: every statement for it is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// `tenant.id`: the kind of tenant id that every store holds.
    pub tenant_kind: TenantKind,
    /// `[postgres]`
    pub postgres: Option<PostgresPolicy>,
    /// `[mongo]`
    pub mongo: Option<MongoPolicy>,
    /// `[neo4j]`
    pub neo4j: Option<Neo4jPolicy>,
    /// `[redis]`
    pub redis: Option<RedisPolicy>,
}

impl Policy {
    /// Reads and resolves a policy document.
    ///
    /// # Errors
    /// Everything that must be mended, in the order of the text.
    pub fn parse(text: &str) -> Result<Self, Vec<DocumentError>> {
        document::read(text, |table| {
            let version = table.require("version").and_then(|value| check_version(&value));
            let tenant_kind = table.require("tenant").and_then(|value| value.table(tenant_kind));
            let postgres = section(table, "postgres", PostgresPolicy::resolve);
            let mongo = section(table, "mongo", MongoPolicy::resolve);
            let neo4j = section(table, "neo4j", Neo4jPolicy::resolve);
            let redis = section(table, "redis", RedisPolicy::resolve);
            version?;
            Ok(Self {
                tenant_kind: tenant_kind?,
                postgres: postgres?,
                mongo: mongo?,
                neo4j: neo4j?,
                redis: redis?,
            })
        })
    }
}

/// The only version of the document that there is.
const VERSION: i64 = 1;

fn check_version(value: &Value<'_>) -> Result<(), Reported> {
    if value.integer(i64::MIN..=i64::MAX)? == VERSION {
        Ok(())
    } else {
        Err(value.refuse(format!("this program reads version {VERSION} only")))
    }
}

fn tenant_kind(table: &mut Table<'_>) -> Result<TenantKind, Reported> {
    let id = table.require("id")?;
    let kinds = [TenantKind::Uuid, TenantKind::Bigint, TenantKind::Text];
    let names = kinds.map(|kind| kind.to_string());
    let choices: Vec<_> = names.iter().map(String::as_str).zip(kinds).collect();
    id.choose(id.text()?, &choices)
}

/// The table of one store, where the policy has it.
fn section<T>(
    table: &mut Table<'_>,
    key: &'static str,
    resolve: impl FnOnce(&mut Table<'_>) -> Result<T, Reported>,
) -> Result<Option<T>, Reported> {
    table.get(key).map(|value| value.table(resolve)).transpose()
}
