//! Choices: the one source of chance. Everything generated follows from a list of small numbers, so
//! that a failure is repeated from its list and made smaller by making the list smaller.

/// A stream of choices: drawn from a seed, or played back.
pub(crate) struct Choices {
    state: u64,
    script: Option<Vec<u32>>,
    made: Vec<u32>,
}

impl Choices {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self { state: seed, script: None, made: Vec::new() }
    }

    /// Plays `script`; behind its end every choice is the simplest.
    pub(crate) fn replay(script: Vec<u32>) -> Self {
        Self { state: 0, script: Some(script), made: Vec::new() }
    }

    /// The choices made so far.
    pub(crate) fn made(&self) -> &[u32] {
        &self.made
    }

    /// A number below `bound`. Zero is the simplest.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        let drawn = match &self.script {
            Some(script) => script.get(self.made.len()).copied().unwrap_or(0),
            None => splitmix(&mut self.state),
        };
        let choice = drawn % bound.max(1);
        self.made.push(choice);
        choice
    }

    /// True once in `n` times; false is the simplest.
    pub(crate) fn one_in(&mut self, n: u32) -> bool {
        self.below(n) == n - 1
    }

    /// One of `items`; the first is the simplest. Of nothing, the default.
    pub(crate) fn pick<T: Clone + Default>(&mut self, items: &[T]) -> T {
        let bound = u32::try_from(items.len()).unwrap_or(u32::MAX);
        let index = self.below(bound) as usize;
        items.get(index).cloned().unwrap_or_default()
    }
}

/// `SplitMix64` (Steele, Lea and Flood, 2014), its upper half.
fn splitmix(state: &mut u64) -> u32 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    u32::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap_or(0)
}

/// Makes `script` smaller while `fails` says that it still fails, within `attempts_max` attempts:
/// cuts runs out, then lowers single choices.
pub(crate) fn shrink(
    script: Vec<u32>,
    attempts_max: u32,
    mut fails: impl FnMut(&[u32]) -> bool,
) -> Vec<u32> {
    let mut best = script;
    let mut attempts = 0;
    let mut attempt = |candidate: &[u32]| {
        attempts += 1;
        attempts <= attempts_max && fails(candidate)
    };
    let mut progress = true;
    while progress {
        progress = false;
        let mut run = (best.len() / 2).max(1);
        loop {
            let mut start = 0;
            while start < best.len() {
                let end = (start + run).min(best.len());
                let candidate: Vec<u32> =
                    best.iter().take(start).chain(best.iter().skip(end)).copied().collect();
                if attempt(&candidate) {
                    best = candidate;
                    progress = true;
                } else {
                    start += run;
                }
            }
            if run == 1 {
                break;
            }
            run /= 2;
        }
        progress |= lower(&mut best, &mut attempt);
    }
    best
}

fn lower(best: &mut Vec<u32>, attempt: &mut impl FnMut(&[u32]) -> bool) -> bool {
    let mut progress = false;
    for index in 0..best.len() {
        let Some(&now) = best.get(index) else { break };
        for smaller in [0, now / 2, now.saturating_sub(1)] {
            if smaller >= now {
                continue;
            }
            let mut candidate = best.clone();
            if let Some(place) = candidate.get_mut(index) {
                *place = smaller;
            }
            if attempt(&candidate) {
                *best = candidate;
                progress = true;
                break;
            }
        }
    }
    progress
}
