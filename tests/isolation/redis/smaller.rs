//! Makes a failing sequence small: leaves items out, then single commands.

use crate::generate::{Item, Step};
use crate::runner::{Failure, Runner};
use crate::session::Outcome;

const ATTEMPTS_MAX: u32 = 300;

/// The smallest sequence that fails in the same way, and how it fails.
pub(crate) fn smallest(
    runner: &mut Runner,
    items: Vec<Item>,
    failure: Failure,
) -> Outcome<(Vec<Item>, Failure)> {
    let mut search = Search { runner, best: items, failure, attempts: 0 };
    let mut run = (search.best.len() / 2).max(1);
    loop {
        let mut start = 0;
        while start < search.best.len() {
            let end = (start + run).min(search.best.len());
            let mut candidate = search.best.clone();
            candidate.drain(start..end);
            if !search.fails(candidate)? {
                start += run;
            }
        }
        if run == 1 {
            break;
        }
        run /= 2;
    }
    let mut place = 0;
    while let Some(item) = search.best.get(place) {
        if !item.fixed {
            search.commands_of(place)?;
        }
        place += 1;
    }
    Ok((search.best, search.failure))
}

struct Search<'r> {
    runner: &'r mut Runner,
    best: Vec<Item>,
    failure: Failure,
    attempts: u32,
}

impl Search<'_> {
    fn fails(&mut self, candidate: Vec<Item>) -> Outcome<bool> {
        self.attempts += 1;
        if self.attempts > ATTEMPTS_MAX {
            return Ok(false);
        }
        let found = self.runner.sequence(&candidate)?;
        match found.filter(|found| found.sign == self.failure.sign) {
            Some(found) => {
                self.best = candidate;
                self.failure = found;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    fn commands_of(&mut self, place: usize) -> Outcome<()> {
        let mut index = 0;
        loop {
            let mut candidate = self.best.clone();
            let Some(Step::Pipeline(_, commands)) =
                candidate.get_mut(place).and_then(|item| item.steps.first_mut())
            else {
                return Ok(());
            };
            if index >= commands.len() {
                return Ok(());
            }
            commands.remove(index);
            if !self.fails(candidate)? {
                index += 1;
            }
        }
    }
}
