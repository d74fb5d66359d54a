//! How many log lines one connection may cause.

use std::time::{Duration, Instant};

/// Lines that one connection may cause in one second. A person reads no more, and a client that
/// has its statements refused in a loop must not fill a disk.
const LINES_PER_SECOND: u32 = 10;

/// A bound on log lines, renewed every second.
#[derive(Debug)]
pub(super) struct Budget {
    since: Instant,
    used: u32,
    suppressed: u64,
}

impl Budget {
    /// A budget whose first second begins `now`.
    pub(super) fn new(now: Instant) -> Self {
        Self { since: now, used: 0, suppressed: 0 }
    }

    /// Asks for a line. `Some` with the number of lines that were suppressed since the last one;
    /// `None` when this one is to be suppressed too.
    pub(super) fn take(&mut self, now: Instant) -> Option<u64> {
        if now.saturating_duration_since(self.since) >= Duration::from_secs(1) {
            self.since = now;
            self.used = 0;
        }
        if self.used >= LINES_PER_SECOND {
            self.suppressed += 1;
            return None;
        }
        self.used += 1;
        Some(std::mem::take(&mut self.suppressed))
    }

    /// How many lines were suppressed since the last one that was written.
    pub(super) fn suppressed(&self) -> u64 {
        self.suppressed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_cut_and_counted() {
        let start = Instant::now();
        let mut budget = Budget::new(start);
        let written = (0..1_000).filter(|_| budget.take(start).is_some()).count();
        assert_eq!(written, LINES_PER_SECOND as usize);
        assert_eq!(budget.suppressed(), 1_000 - u64::from(LINES_PER_SECOND));
        assert_eq!(budget.take(start + Duration::from_secs(1)), Some(990));
        assert_eq!(budget.suppressed(), 0);
    }
}
