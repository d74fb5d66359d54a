//! What the statements for one upstream are judged by: the policy in force, applied to the newest
//! catalog that could be read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use policies::RulesError;
use policies::policy::Policy;
use policies::postgres::{Catalog, Rules};
use relay::postgres::World;
use tokio::sync::watch;

use crate::drive::Signals;
use crate::health::Health;
use crate::snapshot;
use crate::upstream::Upstream;

/// How long to wait before an upstream that could not be read is asked again: at first, and at most
/// after doubling. It must be ready soon after its store is, and not knock all the time.
const RETRY_FIRST: Duration = Duration::from_millis(200);
const RETRY_MOST: Duration = Duration::from_secs(5);

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
    /// Where the catalog is read.
    pub(crate) upstream: Arc<Upstream>,
    /// What connections judge by.
    pub(crate) world: Arc<World>,
    /// Where it says that it is not ready.
    pub(crate) health: Arc<Health>,
    /// How connections hear of new rules.
    pub(crate) signals: watch::Sender<Signals>,
    /// The newest catalog that could be read.
    pub(crate) catalog: Option<Catalog>,
}

impl Store {
    /// Reads the catalog once and puts `policy` in force. Whether the upstream can be read is no
    /// error at this time: [`Store::keep`] goes on trying.
    ///
    /// # Errors
    /// Every contradiction between policy and catalog.
    pub(crate) async fn begin(&mut self, policy: &Policy) -> Result<(), Vec<RulesError>> {
        match snapshot::read(&self.upstream).await {
            Ok(catalog) => {
                let rules = Rules::new(policy, &catalog, next_epoch())?;
                self.catalog = Some(catalog);
                self.put_in_force(rules, None);
            }
            Err(why) => {
                tracing::warn!(listener = self.name, why, "clients are refused until it is there");
                self.close(why);
            }
        }
        Ok(())
    }

    /// Applies each new policy as soon as it comes, and again when the catalog has been read anew.
    /// Ends with the process.
    pub(crate) async fn keep(mut self, mut policies: watch::Receiver<PolicyInForce>) {
        let mut current = self.catalog.is_some();
        loop {
            if current && policies.changed().await.is_err() {
                return;
            }
            let policy = policies.borrow_and_update().clone();
            self.apply(policy.as_deref());
            tokio::select! {
                catalog = self.read() => {
                    current = true;
                    if self.catalog.as_ref() != Some(&catalog) {
                        self.catalog = Some(catalog);
                        self.apply(policy.as_deref());
                    }
                }
                changed = policies.changed() => {
                    // The next round reads the catalog for the newer policy.
                    policies.mark_changed();
                    if changed.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// Reads the catalog, as often as it takes.
    async fn read(&self) -> Catalog {
        let mut pause = RETRY_FIRST;
        loop {
            match snapshot::read(&self.upstream).await {
                Ok(catalog) => return catalog,
                Err(why) => {
                    tracing::info!(listener = self.name, why, retry_in = ?pause, "not ready");
                    if self.catalog.is_none() {
                        self.close(why);
                    }
                    tokio::time::sleep(pause).await;
                    pause = RETRY_MOST.min(pause * 2);
                }
            }
        }
    }

    /// Puts `policy` in force for the catalog that is known. What cannot be used refuses everything.
    fn apply(&self, policy: Option<&Policy>) {
        let Some(catalog) = &self.catalog else { return };
        let Some(policy) = policy else {
            let why = "the policy document cannot be used: every statement is refused";
            return self.put_in_force(Rules::deny_all(next_epoch()), Some(why));
        };
        match Rules::new(policy, catalog, next_epoch()) {
            Ok(rules) => self.put_in_force(rules, None),
            Err(errors) => {
                for error in errors {
                    let listener = &self.name;
                    tracing::error!(listener, %error, "the policy contradicts the database");
                }
                let why = "the policy contradicts the database: every statement is refused";
                self.put_in_force(Rules::deny_all(next_epoch()), Some(why));
            }
        }
    }

    fn put_in_force(&self, rules: Rules, obstacle: Option<&str>) {
        let (listener, epoch) = (&self.name, rules.epoch());
        match obstacle {
            Some(why) => tracing::error!(listener, epoch, why, "rules in force: deny all"),
            None => tracing::info!(listener, epoch, "rules in force"),
        }
        self.world.set_rules(Arc::new(rules));
        self.health.set(&self.name, obstacle);
        self.upstream.closed.store(None);
        self.signals.send_modify(|signals| signals.reloads += 1);
    }

    /// Lets no client through, because `why`.
    fn close(&self, why: String) {
        self.health.set(&self.name, Some(&why));
        // Clients hear that the store is not there, and no more of it.
        let told = "the store is not ready".to_owned();
        self.upstream.closed.store(Some(Arc::new(told)));
    }
}
