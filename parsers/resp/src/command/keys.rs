//! Finding a request's keys by the specifications.

use super::{BadKeys, Begin, Find, KeyFlags, KeySpec};
use crate::number;
use crate::request::Request;

/// The positions of a request's keys, in the order of the specifications, and in each from front
/// to back.
#[derive(Clone, Debug)]
pub struct Keys<'r> {
    specs: &'static [KeySpec],
    request: &'r Request<'r>,
    not_keys: bool,
    /// What is left of the specification at hand.
    run: Run,
}

/// Every `step`th position from `next` up to, and without, `end`.
#[derive(Clone, Copy, Debug, Default)]
struct Run {
    next: usize,
    end: usize,
    step: usize,
}

impl<'r> Keys<'r> {
    pub(super) fn new(
        specs: &'static [KeySpec],
        request: &'r Request<'_>,
        not_keys: bool,
    ) -> Result<Self, BadKeys> {
        // What can fail is tried here, so that walking the keys can not fail half-way.
        for spec in specs {
            if let Find::KeyNumber { .. } = spec.find {
                run(spec, request)?;
            }
        }
        Ok(Self { specs, request, not_keys, run: Run::default() })
    }
}

impl Iterator for Keys<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        loop {
            if self.run.next < self.run.end {
                let position = self.run.next;
                self.run.next += self.run.step;
                return Some(position);
            }
            let (spec, rest) = self.specs.split_first()?;
            self.specs = rest;
            if spec.flags.has(KeyFlags::NOT_KEY) == self.not_keys {
                self.run = run(spec, self.request).unwrap_or_default();
            }
        }
    }
}

/// What `spec` finds in `request`.
fn run(spec: &KeySpec, request: &Request<'_>) -> Result<Run, BadKeys> {
    let Some(begin) = begin(spec.begin, request) else {
        return Ok(Run::default());
    };
    let len = request.len();
    match spec.find {
        Find::Range { last, step, limit } => {
            let ahead = usize::from(last.unsigned_abs());
            let end = if last >= 0 {
                // A last key that is not there would be one that the server does not see either.
                (begin + ahead + 1).min(len)
            } else {
                // -1 is the last of what the limit leaves: all of it, a half, a third.
                let rest = len.saturating_sub(begin) / usize::from(limit.max(1));
                (begin + rest + 1).saturating_sub(ahead)
            };
            Ok(Run { next: begin, end, step: usize::from(step.max(1)) })
        }
        Find::KeyNumber { number_index, first, step } => {
            let text = request.argument(begin + usize::from(number_index)).unwrap_or_default();
            let number = number::integer(text).ok_or(BadKeys::NotAnInteger)?;
            if number < 0 {
                return Err(BadKeys::Negative);
            }
            let step = usize::from(step.max(1));
            let next = begin + usize::from(first);
            let count = usize::try_from(number).map_err(|_| BadKeys::TooMany)?;
            let span = count.checked_mul(step).ok_or(BadKeys::TooMany)?;
            if span > len.saturating_sub(next) {
                return Err(BadKeys::TooMany);
            }
            Ok(Run { next, end: next + span, step })
        }
        Find::Unknown => Ok(Run::default()),
    }
}

fn begin(begin: Begin, request: &Request<'_>) -> Option<usize> {
    match begin {
        Begin::Index(index) => Some(usize::from(index)).filter(|index| *index < request.len()),
        Begin::Keyword { word, start_from } => {
            let is_word = |index: &usize| {
                request.argument(*index).is_some_and(|it| it.eq_ignore_ascii_case(word.as_bytes()))
            };
            let start = usize::from(start_from.unsigned_abs());
            let found = if start_from >= 0 {
                (start..request.len()).find(is_word)
            } else {
                (1..=request.len().saturating_sub(start)).rev().find(is_word)
            };
            found.map(|index| index + 1).filter(|index| *index < request.len())
        }
        Begin::Unknown => None,
    }
}
