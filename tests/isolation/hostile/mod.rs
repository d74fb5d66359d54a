//! Statements of an attacker, each with what must hold of it besides that nothing leaks.
//!
//! They are the known ways round a wall that edits SQL: forgotten places, other roads to the same
//! rows, text that two parsers read differently, functions that read by name, errors that tell.

mod lexing;
mod places;
mod roads;
mod session;
mod writes;

use crate::runner::Must;

/// What must hold, and of which text.
pub(crate) type Attack = (Must, &'static str);

pub(crate) fn attacks() -> impl Iterator<Item = &'static Attack> {
    [places::ATTACKS, roads::ATTACKS, writes::ATTACKS, lexing::ATTACKS, session::ATTACKS]
        .into_iter()
        .flatten()
}
