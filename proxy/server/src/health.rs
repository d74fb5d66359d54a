//! What keeps the process from being ready.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::telemetry::Metrics;

/// The parts of the process that are not ready, each with its reason. `/ready` and the metric
/// `partywall_ready` tell the same.
#[derive(Debug)]
pub(crate) struct Health {
    obstacles: Mutex<BTreeMap<String, String>>,
    metrics: Arc<Metrics>,
}

impl Health {
    /// Nothing stands in the way.
    pub(crate) fn new(metrics: Arc<Metrics>) -> Self {
        metrics.set_ready(true);
        Self { obstacles: Mutex::default(), metrics }
    }

    /// Says why `part` is not ready, or that it is.
    pub(crate) fn set(&self, part: &str, obstacle: Option<&str>) {
        let mut obstacles = self.obstacles.lock().unwrap_or_else(PoisonError::into_inner);
        match obstacle {
            Some(obstacle) => _ = obstacles.insert(part.to_owned(), obstacle.to_owned()),
            None => _ = obstacles.remove(part),
        }
        self.metrics.set_ready(obstacles.is_empty());
    }

    /// All that stands in the way, one line each.
    pub(crate) fn obstacles(&self) -> Vec<String> {
        let obstacles = self.obstacles.lock().unwrap_or_else(PoisonError::into_inner);
        obstacles.iter().map(|(part, why)| format!("{part}: {why}")).collect()
    }
}
