//! What the connections of one tenant share.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use policies::TenantId;
use policies::resp::{Clients, Script};

/// All tenants that have connections.
#[derive(Debug, Default)]
pub(super) struct Tenants(Mutex<HashMap<TenantId, Weak<Shared>>>);

/// What the connections of one tenant share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// By server: each numbers its clients by itself.
    clients: Mutex<HashMap<Arc<str>, BTreeMap<u64, Entry>>>,
    scripts: Mutex<Scripts>,
    /// Cursors of search indexes, the oldest first.
    cursors: Mutex<VecDeque<u64>>,
}

/// A tenant's connections to one server.
#[derive(Clone, Debug)]
pub(super) struct OwnClients {
    shared: Arc<Shared>,
    server: Arc<str>,
}

/// The scripts that a tenant has loaded or run, by the names that it calls them.
#[derive(Debug, Default)]
struct Scripts {
    by_name: HashMap<[u8; 40], Arc<Script>>,
    bytes: usize,
}

/// Bytes of all scripts of one tenant, as they are sent. Those of an application are some dozen.
const SCRIPTS_BYTES_MAX: usize = 32 << 20;

/// Cursors of one tenant. A server keeps 128 for an index and ends those that idle; of one that is
/// forgotten here the client hears that it was not found.
const CURSORS_MAX: usize = 4096;

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

impl OwnClients {
    pub(super) fn new(shared: Arc<Shared>, server: Arc<str>) -> Self {
        Self { shared, server }
    }

    pub(super) fn register(&self, id: u64, address: SocketAddr) {
        let mut servers = lock(&self.shared.clients);
        let clients = servers.entry(Arc::clone(&self.server)).or_default();
        clients.insert(id, Entry { address, patterns: 0 });
    }

    pub(super) fn leave(&self, id: u64) {
        let mut servers = lock(&self.shared.clients);
        let Some(clients) = servers.get_mut(&self.server) else { return };
        clients.remove(&id);
        if clients.is_empty() {
            servers.remove(&self.server);
        }
    }

    pub(super) fn set_patterns(&self, id: u64, patterns: u32) {
        let mut servers = lock(&self.shared.clients);
        let entry = servers.get_mut(&self.server).and_then(|clients| clients.get_mut(&id));
        if let Some(entry) = entry {
            entry.patterns = patterns;
        }
    }
}

impl Shared {
    /// The script that the tenant calls `name`.
    pub(super) fn script(&self, name: &[u8]) -> Option<Arc<Script>> {
        let name = <[u8; 40]>::try_from(name.to_ascii_lowercase()).ok()?;
        lock(&self.scripts).by_name.get(&name).cloned()
    }

    /// Keeps a script; `None` when the tenant has too many.
    pub(super) fn keep(&self, script: Script) -> Option<Arc<Script>> {
        let mut scripts = lock(&self.scripts);
        let known = scripts.by_name.get(script.client());
        if let Some(known) = known.filter(|known| known.upstream() == script.upstream()) {
            return Some(Arc::clone(known));
        }
        let bytes = scripts.bytes + script.bytes();
        if bytes > SCRIPTS_BYTES_MAX {
            return None;
        }
        let script = Arc::new(script);
        if let Some(old) = scripts.by_name.insert(*script.client(), Arc::clone(&script)) {
            scripts.bytes -= old.bytes();
        }
        scripts.bytes += script.bytes();
        Some(script)
    }

    /// Forgets all scripts.
    pub(super) fn forget_scripts(&self) {
        *lock(&self.scripts) = Scripts::default();
    }
}

impl Clients for OwnClients {
    fn address(&self, id: u64) -> Option<SocketAddr> {
        let servers = lock(&self.shared.clients);
        servers.get(&self.server)?.get(&id).map(|entry| entry.address)
    }

    fn at(&self, address: &str) -> Option<u64> {
        let servers = lock(&self.shared.clients);
        let mut clients = servers.get(&self.server)?.iter();
        clients.find(|(_, entry)| entry.address.to_string() == address).map(|(id, _)| *id)
    }

    fn patterns(&self) -> u64 {
        let servers = lock(&self.shared.clients);
        let clients = servers.values().flat_map(BTreeMap::values);
        clients.map(|entry| u64::from(entry.patterns)).sum()
    }

    fn has_cursor(&self, cursor: u64) -> bool {
        lock(&self.shared.cursors).contains(&cursor)
    }

    fn keep_cursor(&self, cursor: u64) {
        let mut cursors = lock(&self.shared.cursors);
        if cursors.contains(&cursor) {
            return;
        }
        if cursors.len() >= CURSORS_MAX {
            cursors.pop_front();
        }
        cursors.push_back(cursor);
    }

    fn forget_cursor(&self, cursor: u64) {
        lock(&self.shared.cursors).retain(|known| *known != cursor);
    }
}

/// Nothing that is done under these locks can panic half-way.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
