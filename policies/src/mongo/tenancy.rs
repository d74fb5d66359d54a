//! One tenant's part of the store.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use mongo_wire::bson::{Binary, Value};

use crate::policy::{MongoLayout, MongoPolicy, Namespace};
use crate::{Reason, Rejection, TenantId};

/// The subtype of a UUID (bsonspec.org).
const UUID: u8 = 4;
/// Between a tenant's id and a name of its own. No id holds it, so that the first one ends the id.
const SEPARATOR: char = '~';
/// Databases that are the server's own.
pub(super) const SERVER_OWN: [&str; 3] = ["admin", "config", "local"];
/// Most bytes of a database's name (manual, "Naming Restrictions").
const DATABASE_BYTES_MAX: usize = 63;
/// Most bytes of a namespace (manual, "Limits and Thresholds").
const NAMESPACE_BYTES_MAX: usize = 255;

/// What a tenant's documents bear, or what its names begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenancy {
    policy: Arc<MongoPolicy>,
    /// Collections that are none: their documents are made by pipelines that nobody confines.
    views: Arc<BTreeSet<Namespace>>,
    id: TenantId,
    /// What the tenant's own names begin with, in the layouts by name.
    prefix: String,
}

/// A collection, by the upstream's names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place<'n> {
    pub(super) database: Cow<'n, str>,
    pub(super) collection: Cow<'n, str>,
    pub(super) owner: Owner,
}

/// Whose a collection's documents are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// Those of every tenant: each has the tenant's id in the tenant field.
    Each,
    /// The tenant's alone, by the collection's or the database's name.
    Tenant,
    /// Nobody's: every tenant reads them and none writes them.
    Shared,
}

/// The tenant field and the tenant's id in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guard<'t> {
    pub(super) field: &'t str,
    pub(super) value: Value<'t>,
}

impl Guard<'_> {
    /// Whether a client's value is the tenant's id: an integer of any type that is the same number,
    /// anything else exactly. What is stored has one type.
    pub(super) fn is_own(&self, value: Value<'_>) -> bool {
        match (self.value.as_i64(), value.as_i64()) {
            (Some(own), Some(other)) => own == other,
            (None, None) => self.value == value,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    /// Whether `path` is the tenant field, or a path into it.
    pub(super) fn is_at(&self, path: &str) -> bool {
        path.strip_prefix(self.field).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

impl Tenancy {
    /// Whether `other` is the same part of a store, whatever else is open to the tenant: cursors and
    /// transactions of the one go on in the other.
    #[must_use]
    pub fn is_same_part(&self, other: &Self) -> bool {
        let layouts = (&self.policy.layout, &other.policy.layout);
        layouts.0 == layouts.1 && self.id == other.id && self.prefix == other.prefix
    }

    pub(super) fn new(
        policy: Arc<MongoPolicy>,
        views: Arc<BTreeSet<Namespace>>,
        id: &TenantId,
    ) -> Self {
        Self { policy, views, id: id.clone(), prefix: format!("{id}{SEPARATOR}") }
    }

    /// The field and the id that the tenant's documents bear; `None` in the layouts by name.
    pub(super) fn guard(&self) -> Option<Guard<'_>> {
        match &self.policy.layout {
            MongoLayout::Field(field) => Some(Guard { field, value: self.value() }),
            MongoLayout::Database | MongoLayout::Collection => None,
        }
    }

    fn value(&self) -> Value<'_> {
        match &self.id {
            TenantId::Uuid(id) => Value::Binary(Binary { subtype: UUID, bytes: id.as_bytes() }),
            TenantId::Bigint(id) => Value::Int64(*id),
            TenantId::Text(id) => Value::String(id.as_str()),
        }
    }

    /// Whether comparing texts in another way than byte for byte could take another tenant's
    /// document for the tenant's.
    pub(super) fn can_be_folded(&self) -> bool {
        match (&self.policy.layout, &self.id) {
            (MongoLayout::Field(_), TenantId::Text(_)) => true,
            (MongoLayout::Field(_), TenantId::Uuid(_) | TenantId::Bigint(_)) => false,
            (MongoLayout::Database | MongoLayout::Collection, _) => false,
        }
    }

    /// Whether collections are the tenant's own, by name.
    pub(super) fn owns_collections(&self) -> bool {
        match self.policy.layout {
            MongoLayout::Field(_) => false,
            MongoLayout::Database | MongoLayout::Collection => true,
        }
    }

    /// Whether databases are the tenant's own, by name.
    pub(super) fn owns_databases(&self) -> bool {
        match self.policy.layout {
            MongoLayout::Database => true,
            MongoLayout::Field(_) | MongoLayout::Collection => false,
        }
    }

    /// The upstream's name of the client's `database`.
    ///
    /// # Errors
    /// When it is not open to tenants, or the upstream's name would be too long.
    pub(super) fn database<'n>(&self, database: &'n str) -> Result<Cow<'n, str>, Rejection> {
        let open = self.policy.databases.as_ref();
        if is_server_own(database) || open.is_some_and(|open| !open.iter().any(|o| o == database)) {
            let what = format!("database \"{database}\" is not open to tenants");
            return Err(Rejection::new(Reason::DatabaseNotAllowed, what));
        }
        if !self.owns_databases() {
            return Ok(Cow::Borrowed(database));
        }
        let name = format!("{}{database}", self.prefix);
        if name.len() > DATABASE_BYTES_MAX {
            let room = DATABASE_BYTES_MAX - self.prefix.len();
            let what = format!("database \"{database}\" has a name of more than {room} bytes");
            return Err(Rejection::new(Reason::DatabaseNotAllowed, what));
        }
        Ok(Cow::Owned(name))
    }

    /// Where the client's collection is.
    ///
    /// # Errors
    /// When it is not open to tenants, or is no collection's name.
    pub(super) fn place<'n>(
        &self,
        database: &'n str,
        collection: &'n str,
    ) -> Result<Place<'n>, Rejection> {
        let is_name = !collection.is_empty()
            && !collection.starts_with("system.")
            && !collection.contains(['$', '\0']);
        if !is_name {
            let what = format!("collection \"{collection}\" is not open to tenants");
            return Err(Rejection::new(Reason::CollectionNotAllowed, what));
        }
        let upstream = self.database(database)?;
        let here =
            |Namespace { database: d, collection: c }: &Namespace| d == database && c == collection;
        if self.policy.shared.iter().any(here) {
            let (database, collection) = (Cow::Borrowed(database), Cow::Borrowed(collection));
            return Ok(Place { database, collection, owner: Owner::Shared });
        }
        let (collection, owner) = match self.policy.layout {
            MongoLayout::Field(_) if self.views.iter().any(here) => {
                let what = format!("collection \"{collection}\" is a view");
                return Err(Rejection::new(Reason::CollectionNotAllowed, what).hint(
                    "Its pipeline may join other tenants' documents; or list it as shared.",
                ));
            }
            MongoLayout::Field(_) => (Cow::Borrowed(collection), Owner::Each),
            MongoLayout::Database => (Cow::Borrowed(collection), Owner::Tenant),
            MongoLayout::Collection => {
                (Cow::Owned(format!("{}{collection}", self.prefix)), Owner::Tenant)
            }
        };
        if upstream.len() + 1 + collection.len() > NAMESPACE_BYTES_MAX {
            let what = "the collection's name is too long";
            return Err(Rejection::new(Reason::CollectionNotAllowed, what));
        }
        Ok(Place { database: upstream, collection, owner })
    }

    /// Whose a collection of the upstream's is; `None` when it is not for this tenant. The opposite
    /// of [`Tenancy::place`], for the proof.
    pub(super) fn owner(&self, database: &str, collection: &str) -> Option<Owner> {
        let here = |n: &Namespace| n.database == database && n.collection == collection;
        if collection.is_empty() || collection.starts_with("system.") || is_server_own(database) {
            return None;
        }
        if self.policy.shared.iter().any(here) {
            return Some(Owner::Shared);
        }
        self.own_database(database)?;
        match self.policy.layout {
            MongoLayout::Field(_) if self.views.iter().any(here) => None,
            MongoLayout::Field(_) => Some(Owner::Each),
            MongoLayout::Database => Some(Owner::Tenant),
            MongoLayout::Collection => self.own_name(collection).map(|_| Owner::Tenant),
        }
    }

    /// The client's name of a database of the upstream's; `None` for one that is not for it.
    pub(super) fn own_database<'n>(&self, database: &'n str) -> Option<&'n str> {
        let own = if self.owns_databases() { self.own_name(database)? } else { database };
        let open = self.policy.databases.as_ref();
        let is_open = open.is_none_or(|open| open.iter().any(|open| open == own));
        (is_open && !is_server_own(own)).then_some(own)
    }

    /// The client's name of a collection of the upstream's; `None` for one that is not for it.
    pub(super) fn own_collection<'n>(
        &self,
        database: &str,
        collection: &'n str,
    ) -> Option<&'n str> {
        match (self.owner(database, collection)?, &self.policy.layout) {
            (Owner::Tenant, MongoLayout::Collection) => self.own_name(collection),
            (Owner::Each | Owner::Tenant | Owner::Shared, _) => Some(collection),
        }
    }

    /// The databases that the policy opens; `None` for all but the server's own.
    pub(super) fn open_databases(&self) -> Option<&[String]> {
        self.policy.databases.as_deref()
    }

    /// What the tenant's own names begin with; empty when they begin with nothing.
    pub(super) fn prefix(&self) -> &str {
        if self.owns_collections() { &self.prefix } else { "" }
    }

    fn own_name<'n>(&self, name: &'n str) -> Option<&'n str> {
        name.strip_prefix(self.prefix.as_str())
    }
}

/// Whether a database is the server's own, in any spelling.
pub(super) fn is_server_own(database: &str) -> bool {
    database == "$external" || SERVER_OWN.iter().any(|own| own.eq_ignore_ascii_case(database))
}
