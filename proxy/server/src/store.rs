//! What the statements for one upstream are judged by: the policy in force, applied to the store as
//! it was when it last could be read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use policies::RulesError;
use policies::policy::Policy;
use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::watch;

use crate::drive::Signals;
use crate::health::Health;
use crate::protocol::{self, World};
use crate::settings::Protocol;
use crate::upstream::Upstream;

/// How long to wait before an upstream that could not be read is asked again: at first, and at most
/// after doubling. It must be ready soon after its store is, and not knock all the time.
const RETRY_FIRST: Duration = Duration::from_millis(200);
const RETRY_MOST: Duration = Duration::from_secs(5);

/// How often a store that is there is looked for: half of what platforms usually wait between two
/// questions whether we are ready.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Numbers the rules of the whole process, so that no two are taken for the same.
static EPOCHS: AtomicU64 = AtomicU64::new(1);

/// A number that no other rules have.
pub(crate) fn next_epoch() -> u64 {
    EPOCHS.fetch_add(1, Ordering::Relaxed)
}

/// The policy in force; None when the document cannot be used.
pub(crate) type PolicyInForce = Option<Arc<Policy>>;

/// One listener's upstream, and the rules for what is sent to it.
#[derive(Debug)]
pub(crate) struct Store {
    /// The listener's name in logs and in `/ready`.
    pub(crate) name: String,
    /// What its clients speak.
    pub(crate) protocol: Protocol,
    /// Where the store is asked for what the rules depend on.
    pub(crate) upstream: Arc<Upstream>,
    /// What connections judge by.
    pub(crate) world: Arc<dyn World>,
    /// Where it says that it is not ready.
    pub(crate) health: Arc<Health>,
    /// Whether the upstream could be reached when it was last tried.
    pub(crate) up: Gauge,
    /// How connections hear of new rules.
    pub(crate) signals: watch::Sender<Signals>,
    /// How often a store that is there is looked for.
    pub(crate) look_every: Duration,
    /// Why every statement is refused, where it is.
    pub(crate) denied: Option<&'static str>,
}

impl Store {
    /// Asks the store once and puts `policy` in force. Whether it answers is no error at this time:
    /// [`Store::keep`] goes on trying.
    ///
    /// # Errors
    /// Every contradiction between policy and store.
    pub(crate) async fn begin(&mut self, policy: &Policy) -> Result<(), Vec<RulesError>> {
        match self.world.read(&self.upstream).await {
            Ok(_) => {
                self.put(policy)?;
                self.announce(None);
            }
            Err(why) => {
                tracing::warn!(listener = self.name, why, "clients are refused until it is there");
                self.close(&why);
            }
        }
        Ok(())
    }

    /// Applies each new policy as soon as it comes, and again when the store was found changed:
    /// it is asked with every policy, and when it was lost and is back. Ends with the process.
    pub(crate) async fn keep(mut self, mut policies: watch::Receiver<PolicyInForce>) {
        let mut current = self.world.store().is_some();
        loop {
            let changed = if current {
                tokio::select! {
                    changed = policies.changed() => Some(changed),
                    () = self.until_lost() => None,
                }
            } else {
                tokio::select! {
                    changed = policies.changed() => Some(changed),
                    changed = self.read() => {
                        current = true;
                        let policy = policies.borrow().clone();
                        if changed {
                            self.apply(policy.as_deref());
                        } else {
                            self.announce(self.denied);
                        }
                        continue;
                    }
                }
            };
            current = false;
            match changed {
                Some(Ok(())) => {
                    let policy = policies.borrow_and_update().clone();
                    self.apply(policy.as_deref());
                }
                Some(Err(_)) => return,
                None => {}
            }
        }
    }

    /// Asks the store, as often as it takes. Gives whether it is other than before.
    async fn read(&self) -> bool {
        let mut pause = RETRY_FIRST;
        loop {
            match self.world.read(&self.upstream).await {
                Ok(changed) => return changed,
                Err(why) => {
                    tracing::info!(listener = self.name, why, retry_in = ?pause, "not ready");
                    self.close(&why);
                    tokio::time::sleep(pause).await;
                    pause = RETRY_MOST.min(pause * 2);
                }
            }
        }
    }

    /// Connects now and then, says nothing, and leaves; until that fails. What a lost store needs
    /// is known when it is asked again.
    async fn until_lost(&self) {
        loop {
            tokio::time::sleep(self.look_every).await;
            if let Err(error) = self.upstream.reach().await {
                tracing::warn!(listener = self.name, %error, "the upstream cannot be reached");
                return;
            }
        }
    }

    /// Puts `policy` in force for the store as it was last read. What cannot be used refuses
    /// everything.
    fn apply(&mut self, policy: Option<&Policy>) {
        if self.world.store().is_none() {
            return;
        }
        let denied = match policy.map(|policy| self.put(policy)) {
            Some(Ok(())) => None,
            Some(Err(errors)) => {
                for error in errors {
                    let listener = &self.name;
                    tracing::error!(listener, %error, "the policy contradicts the store");
                }
                Some("the policy contradicts the store: every statement is refused")
            }
            None => Some("the policy document cannot be used: every statement is refused"),
        };
        if let Some(why) = denied {
            let (listener, epoch) = (&self.name, next_epoch());
            self.world.deny_all(epoch);
            tracing::error!(listener, epoch, why, "rules in force: deny all");
        }
        self.denied = denied;
        self.announce(denied);
        self.signals.send_modify(|signals| signals.reloads += 1);
    }

    fn put(&self, policy: &Policy) -> Result<(), Vec<RulesError>> {
        protocol::require_section(self.protocol, policy).map_err(|missing| vec![missing])?;
        let (listener, epoch) = (&self.name, next_epoch());
        self.world.apply(policy, epoch)?;
        tracing::info!(listener, epoch, store = self.world.store(), "rules in force");
        Ok(())
    }

    /// The store is there; clients are let through. What is `denied` keeps it from being ready.
    fn announce(&self, denied: Option<&str>) {
        self.up.set(1);
        self.health.set(&self.name, denied);
        self.upstream.closed.store(None);
    }

    /// The store is not there, because `why`. Clients are let through only where there are rules:
    /// they then find out by themselves.
    fn close(&self, why: &str) {
        self.up.set(0);
        self.health.set(&self.name, Some(why));
        if self.world.store().is_none() {
            // Clients hear that the store is not there, and no more of it.
            let told = "the store is not ready".to_owned();
            self.upstream.closed.store(Some(Arc::new(told)));
        }
    }
}

#[cfg(test)]
mod tests;
