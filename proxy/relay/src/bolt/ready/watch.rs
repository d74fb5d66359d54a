//! How long the upstream has said nothing.

use std::time::{Duration, Instant};

/// Since when nothing was heard while a reply is owed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watch {
    patience: Duration,
    deadline: Instant,
    heard: Option<u64>,
}

impl Watch {
    /// For an upstream that is never silent for longer than `patience`.
    pub(super) fn new(now: Instant, patience: Duration) -> Self {
        Self { patience, deadline: now, heard: None }
    }

    /// When to look again.
    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Whether the time is over at `now`, with so much heard until now. It begins again whenever
    /// something was heard.
    pub(super) fn is_over(&mut self, now: Instant, heard: u64) -> bool {
        let was_silent = self.heard == Some(heard);
        self.heard = Some(heard);
        self.deadline = now + self.patience;
        was_silent
    }
}
