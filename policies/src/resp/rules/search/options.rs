//! Options that take a number of words with them.

use resp_wire::command::Command;

use super::draft::Draft;
use crate::resp::rules::options::is;
use crate::{Reason, Rejection};

/// Options, and how many values each has.
pub(super) type Fixed = &'static [(&'static str, usize)];

/// Reads the next argument as one of `options`, with its values; `false` when it is none of them.
pub(super) fn fixed(draft: &mut Draft<'_>, options: Fixed) -> Result<bool, Rejection> {
    let Some(next) = draft.peek() else { return Ok(false) };
    let Some((_, values)) = options.iter().find(|(word, _)| is(next, word)) else {
        return Ok(false);
    };
    draft.plains(1 + values)?;
    Ok(true)
}

/// As [`fixed`], for options whose first value is the number of the others.
pub(super) fn counted(draft: &mut Draft<'_>, options: &[&str]) -> Result<bool, Rejection> {
    let Some(option) = options.iter().find(|word| draft.has(word)) else { return Ok(false) };
    let count = draft.count(option)?;
    draft.plains(count)?;
    Ok(true)
}

/// INKEYS count key ...: documents among which to look.
pub(super) fn in_keys(draft: &mut Draft<'_>) -> Result<bool, Rejection> {
    if !draft.has("INKEYS") {
        return Ok(false);
    }
    let count = draft.count("INKEYS")?;
    draft.keys(count)?;
    Ok(true)
}

/// The refusal of an option that may name a key, or change the form of the reply.
pub(super) fn unknown(command: &Command, option: &[u8]) -> Rejection {
    let option = option.escape_ascii();
    let what = format!("option \"{option}\" of \"{}\" is not open to tenants", command.name);
    Rejection::new(Reason::CommandNotAllowed, what)
}
