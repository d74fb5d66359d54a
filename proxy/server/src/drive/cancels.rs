//! The cancel keys that clients were given, and what each sets off.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use crate::upstream::Upstream;

/// The cancel keys of all living connections. Keys are secrets, so whoever shows one may use it.
#[derive(Debug, Default)]
pub(crate) struct Cancels {
    targets: Mutex<HashMap<Bytes, Target>>,
}

/// What a key sets off.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) upstream: Arc<Upstream>,
    pub(super) request: Bytes,
}

impl Cancels {
    /// Remembers `key` until the registration is dropped. A key that is already known keeps its
    /// first meaning, so that no client can take over another's.
    pub(super) fn register(self: &Arc<Self>, key: Bytes, target: Target) -> Option<Registration> {
        use std::collections::hash_map::Entry;
        match self.lock().entry(key.clone()) {
            Entry::Occupied(_) => None,
            Entry::Vacant(vacant) => {
                vacant.insert(target);
                Some(Registration { key, cancels: Arc::clone(self) })
            }
        }
    }

    /// What `key` sets off, if it is known.
    pub(super) fn find(&self, key: &[u8]) -> Option<Target> {
        self.lock().get(key).cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Bytes, Target>> {
        // No code that holds the lock can panic half-way through a change.
        self.targets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A key that is known as long as this lives.
#[derive(Debug)]
pub(super) struct Registration {
    key: Bytes,
    cancels: Arc<Cancels>,
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.cancels.lock().remove(&self.key);
    }
}
