//! What the connections of one tenant share.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use policies::TenantId;
use policies::resp::Clients;

/// All tenants that have connections.
#[derive(Debug, Default)]
pub(super) struct Tenants(Mutex<HashMap<TenantId, Weak<Shared>>>);

/// What the connections of one tenant share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    clients: Mutex<BTreeMap<u64, Entry>>,
}

/// One connection.
#[derive(Clone, Copy, Debug)]
struct Entry {
    address: SocketAddr,
    patterns: u32,
}

impl Tenants {
    /// The tenant's share, made when its first connection comes.
    pub(super) fn enter(&self, tenant: &TenantId) -> Arc<Shared> {
        let mut tenants = lock(&self.0);
        if let Some(shared) = tenants.get(tenant).and_then(Weak::upgrade) {
            return shared;
        }
        tenants.retain(|_, shared| shared.strong_count() > 0);
        let shared = Arc::new(Shared::default());
        tenants.insert(tenant.clone(), Arc::downgrade(&shared));
        shared
    }
}

impl Shared {
    pub(super) fn register(&self, id: u64, address: SocketAddr) {
        lock(&self.clients).insert(id, Entry { address, patterns: 0 });
    }

    pub(super) fn leave(&self, id: u64) {
        lock(&self.clients).remove(&id);
    }

    pub(super) fn set_patterns(&self, id: u64, patterns: u32) {
        if let Some(entry) = lock(&self.clients).get_mut(&id) {
            entry.patterns = patterns;
        }
    }
}

impl Clients for Shared {
    fn address(&self, id: u64) -> Option<SocketAddr> {
        lock(&self.clients).get(&id).map(|entry| entry.address)
    }

    fn at(&self, address: &str) -> Option<u64> {
        let clients = lock(&self.clients);
        let found = clients.iter().find(|(_, entry)| entry.address.to_string() == address);
        found.map(|(id, _)| *id)
    }

    fn patterns(&self) -> u64 {
        lock(&self.clients).values().map(|entry| u64::from(entry.patterns)).sum()
    }
}

/// Nothing that is done under these locks can panic half-way.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
