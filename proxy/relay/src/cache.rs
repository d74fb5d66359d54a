//! Verdicts that were reached before, shared by all connections of a listener.
//!
//! A verdict holds for every tenant, so a text is judged once. The cache keeps two generations:
//! what was used lately, and what was used before that. When the first is full it becomes the
//! second, and what the second held is forgotten. So whatever is in use stays, everything is
//! bounded, and a lookup costs one hash under a lock that is held for no longer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use policies::Rejection;

/// Most texts of one generation.
const ENTRIES_MAX: usize = 4_096;
/// Most bytes of texts of one generation. Plans are of their texts' order of size.
const BYTES_MAX: usize = 8 << 20;
/// Longest text that is kept: longer ones are bulk loads, which do not come twice.
const TEXT_BYTES_MAX: usize = 64 << 10;

/// A text as a plan that serves all tenants, or why none may send it.
type Verdict<P> = Result<Arc<P>, Rejection>;

/// Verdicts by text, under one epoch of the rules.
pub(crate) struct Cache<P>(Mutex<Generations<P>>);

struct Generations<P> {
    epoch: u64,
    young: HashMap<Box<str>, Verdict<P>>,
    /// Bytes of the texts in `young`.
    bytes: usize,
    old: HashMap<Box<str>, Verdict<P>>,
}

impl<P> Default for Cache<P> {
    fn default() -> Self {
        Self(Mutex::new(Generations::of(0)))
    }
}

impl<P> Cache<P> {
    pub(crate) fn get(&self, text: &str, epoch: u64) -> Option<Verdict<P>> {
        if text.len() > TEXT_BYTES_MAX {
            return None;
        }
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if generations.epoch != epoch {
            return None;
        }
        if let Some(verdict) = generations.young.get(text) {
            return Some(verdict.clone());
        }
        let (text, verdict) = generations.old.remove_entry(text)?;
        generations.put(text, verdict.clone());
        Some(verdict)
    }

    pub(crate) fn put(&self, text: &str, epoch: u64, verdict: Verdict<P>) {
        if text.len() > TEXT_BYTES_MAX {
            return;
        }
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if generations.epoch != epoch {
            *generations = Generations::of(epoch);
        }
        generations.put(text.into(), verdict);
    }
}

impl<P> Generations<P> {
    fn of(epoch: u64) -> Self {
        Self { epoch, young: HashMap::new(), bytes: 0, old: HashMap::new() }
    }

    fn put(&mut self, text: Box<str>, verdict: Verdict<P>) {
        if self.young.len() >= ENTRIES_MAX || self.bytes + text.len() > BYTES_MAX {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        self.bytes += text.len();
        self.young.insert(text, verdict);
    }
}

#[cfg(test)]
mod tests {
    use policies::Reason;

    use super::*;

    fn verdict(what: &str) -> Verdict<()> {
        Err(Rejection::new(Reason::SyntaxError, what.to_owned()))
    }

    fn what(verdict: Option<Verdict<()>>) -> Option<String> {
        verdict.and_then(Result::err).map(|rejection| rejection.what.into_owned())
    }

    #[test]
    fn verdicts_hold_for_their_epoch_only() {
        let cache = Cache::default();
        cache.put("a", 1, verdict("first"));
        assert_eq!(what(cache.get("a", 1)).as_deref(), Some("first"));
        assert_eq!(what(cache.get("a", 2)), None);
        cache.put("b", 2, verdict("second"));
        assert_eq!(what(cache.get("a", 2)), None);
        assert_eq!(what(cache.get("a", 1)), None);
        assert_eq!(what(cache.get("b", 2)).as_deref(), Some("second"));
    }

    #[test]
    fn what_is_used_stays_and_the_rest_is_forgotten() {
        let cache = Cache::default();
        cache.put("used", 0, verdict("used"));
        cache.put("unused", 0, verdict("unused"));
        for number in 0..3 * ENTRIES_MAX {
            cache.put(&number.to_string(), 0, verdict(""));
            assert!(cache.get("used", 0).is_some(), "{number}");
        }
        assert!(cache.get("unused", 0).is_none());
        let generations = cache.0.lock().unwrap();
        assert!(generations.young.len() <= ENTRIES_MAX && generations.old.len() <= ENTRIES_MAX);
    }

    #[test]
    fn bytes_are_bounded() {
        let cache = Cache::default();
        for number in 0..(3 * BYTES_MAX / TEXT_BYTES_MAX) {
            let text = format!("{number:08}{}", "x".repeat(TEXT_BYTES_MAX - 8));
            cache.put(&text, 0, verdict(""));
        }
        let generations = cache.0.lock().unwrap();
        assert!(generations.bytes <= BYTES_MAX);
        drop(generations);
        let long = "x".repeat(TEXT_BYTES_MAX + 1);
        cache.put(&long, 0, verdict(""));
        assert!(cache.get(&long, 0).is_none());
    }
}
