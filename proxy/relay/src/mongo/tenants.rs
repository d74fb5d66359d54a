//! What the connections of one tenant share: drivers go on with a cursor, a session or a transaction on
//! any connection of their pool.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use identity::derived_id;
use policies::TenantId;
use policies::mongo::{OpenCursor, Owned};

use crate::postgres::Password;

/// Cursors of one tenant. A server ends those that idle for ten minutes; of one that is forgotten
/// here the client hears that it was not found.
const CURSORS_MAX: usize = 10_000;

/// What numbers of sessions are derived with where there is no password. They need be no secret: what
/// a client sends is derived again, and no two tenants' numbers can be equal.
const NO_SECRET: &[u8] = b"partywall";

/// All tenants that have connections, or cursors that outlived theirs.
#[derive(Debug)]
pub(super) struct Tenants {
    secret: Option<Password>,
    tenants: Mutex<HashMap<TenantId, Arc<Shared>>>,
}

/// What the connections of one tenant share.
#[derive(Debug)]
pub(super) struct Shared {
    /// The tenant's id as text.
    tenant: String,
    secret: Option<Password>,
    cursors: Mutex<Cursors>,
}

/// The cursors that a tenant was given.
#[derive(Debug, Default)]
struct Cursors {
    by_number: HashMap<i64, Namespace>,
    /// Their numbers, the oldest first; also of some that are no more.
    order: VecDeque<i64>,
}

#[derive(Debug, PartialEq, Eq)]
struct Namespace {
    database: String,
    collection: String,
}

impl Tenants {
    /// `secret` is what numbers of sessions are derived with: the same in every replica.
    pub(super) fn new(secret: Option<Password>) -> Self {
        Self { secret, tenants: Mutex::default() }
    }

    /// The tenant's share, made when its first connection comes.
    pub(super) fn enter(&self, tenant: &TenantId) -> Arc<Shared> {
        let mut tenants = lock(&self.tenants);
        if let Some(shared) = tenants.get(tenant) {
            return Arc::clone(shared);
        }
        tenants.retain(|_, shared| Arc::strong_count(shared) > 1 || shared.has_cursors());
        let shared = Arc::new(Shared {
            tenant: tenant.to_string(),
            secret: self.secret.clone(),
            cursors: Mutex::default(),
        });
        tenants.insert(tenant.clone(), Arc::clone(&shared));
        shared
    }
}

impl Shared {
    fn has_cursors(&self) -> bool {
        !lock(&self.cursors).by_number.is_empty()
    }

    /// Notes a cursor that the tenant was given.
    pub(super) fn open(&self, cursor: OpenCursor) {
        let OpenCursor { id, database, collection } = cursor;
        let mut cursors = lock(&self.cursors);
        if cursors.by_number.insert(id, Namespace { database, collection }).is_none() {
            cursors.order.push_back(id);
        }
        while cursors.by_number.len() > CURSORS_MAX {
            let Some(oldest) = cursors.order.pop_front() else { return };
            cursors.by_number.remove(&oldest);
        }
        // Those that are no more are left out now and then, not each time.
        if cursors.order.len() > 2 * CURSORS_MAX {
            let Cursors { by_number, order } = &mut *cursors;
            order.retain(|id| by_number.contains_key(id));
        }
    }

    /// Forgets cursors that are no more.
    pub(super) fn close(&self, ids: &[i64]) {
        if ids.is_empty() {
            return;
        }
        let mut cursors = lock(&self.cursors);
        for id in ids {
            cursors.by_number.remove(id);
        }
    }
}

impl Owned for Shared {
    fn session(&self, client: [u8; 16]) -> [u8; 16] {
        let secret = self.secret.as_ref().map_or(NO_SECRET, |secret| secret.text().as_bytes());
        derived_id(secret, &self.tenant, client)
    }

    fn has_cursor(&self, id: i64, database: &str, collection: &str) -> bool {
        lock(&self.cursors)
            .by_number
            .get(&id)
            .is_some_and(|known| known.database == database && known.collection == collection)
    }
}

/// Nothing that is done under these locks can panic half-way.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenants() -> Tenants {
        Tenants::new(None)
    }

    fn cursor(id: i64, collection: &str) -> OpenCursor {
        OpenCursor { id, database: "app".to_owned(), collection: collection.to_owned() }
    }

    #[test]
    fn cursors_are_their_tenants_and_their_collections() {
        let tenants = tenants();
        let (acme, globex) = (TenantId::Bigint(1), TenantId::Bigint(2));
        tenants.enter(&acme).open(cursor(7, "c"));
        // The connection is gone; the cursor is not.
        tenants.enter(&globex);
        let acme = tenants.enter(&acme);
        assert!(acme.has_cursor(7, "app", "c"));
        assert!(!acme.has_cursor(7, "app", "d") && !acme.has_cursor(7, "other", "c"));
        assert!(!acme.has_cursor(8, "app", "c"));
        assert!(!tenants.enter(&globex).has_cursor(7, "app", "c"));
        acme.close(&[7]);
        assert!(!acme.has_cursor(7, "app", "c"));
    }

    #[test]
    fn the_oldest_cursors_are_forgotten() {
        let shared = tenants().enter(&TenantId::Bigint(1));
        for id in 0..=i64::try_from(CURSORS_MAX).unwrap() {
            shared.open(cursor(id, "c"));
        }
        assert!(!shared.has_cursor(0, "app", "c") && shared.has_cursor(1, "app", "c"));
        for id in 0..i64::try_from(3 * CURSORS_MAX).unwrap() {
            shared.open(cursor(id, "c"));
            shared.close(&[id]);
        }
        let cursors = lock(&shared.cursors);
        assert!(cursors.order.len() <= 2 * CURSORS_MAX && cursors.by_number.len() <= CURSORS_MAX);
    }

    #[test]
    fn sessions_are_the_same_everywhere_and_no_other_tenants() {
        let session = |tenant, secret: Option<&str>| {
            let secret = secret.map(|text| Password::new(text.to_owned()));
            Tenants::new(secret).enter(&TenantId::Bigint(tenant)).session([5; 16])
        };
        assert_eq!(session(1, Some("s")), session(1, Some("s")));
        assert_ne!(session(1, Some("s")), session(2, Some("s")));
        assert_ne!(session(1, Some("s")), session(1, Some("t")));
        assert_ne!(session(1, None), [5; 16]);
    }
}
