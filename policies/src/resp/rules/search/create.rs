//! FT.CREATE: an index is over keys that begin with its prefixes. Each is prefixed with the
//! tenant's; an index without one would be over every key of the server, and gets the tenant's.

use resp_wire::command::Command;

use super::draft::Draft;
use super::index::fields;
use super::key_expression::of_own_key;
use super::options::unknown;
use crate::Rejection;
use crate::resp::Tenancy;
use crate::resp::reply::ReplyRule;
use crate::resp::rules::errors;
use crate::resp::rules::options::is;

/// Options without a value.
const FLAGS: &[&str] =
    &["ASYNC", "MAXTEXTFIELDS", "NOFIELDS", "NOFREQS", "NOHL", "NOOFFSETS", "SKIPINITIALSCAN"];
/// Options with one value, which names no key.
const VALUES: &[&str] = &[
    "INDEXALL",
    "LANGUAGE",
    "LANGUAGE_FIELD",
    "ON",
    "PAYLOAD_FIELD",
    "SCORE",
    "SCORE_FIELD",
    "TEMPORARY",
];

/// FT.CREATE index [ON HASH|JSON] [PREFIX count prefix ...] [FILTER expression] ... SCHEMA field ...
pub(super) fn create(
    command: &Command,
    draft: &mut Draft<'_>,
    tenancy: &Tenancy,
) -> Result<ReplyRule, Rejection> {
    if draft.left() < 4 {
        return Err(errors::own("ERR wrong number of arguments for 'FT.CREATE' command"));
    }
    draft.name()?;
    let mut has_prefix = false;
    loop {
        let Some(option) = draft.peek() else {
            return Err(errors::own("No schema found"));
        };
        if is(option, "SCHEMA") {
            break;
        }
        if FLAGS.iter().any(|word| is(option, word)) {
            draft.plain()?;
        } else if VALUES.iter().any(|word| is(option, word)) {
            draft.plains(2)?;
        } else if is(option, "PREFIX") && !has_prefix {
            has_prefix = true;
            draft.plain()?;
            prefixes(draft)?;
        } else if is(option, "FILTER") {
            draft.plain()?;
            let expression = draft.read()?;
            draft.put(of_own_key(expression, tenancy.prefix().len()));
        } else if is(option, "STOPWORDS") {
            draft.plain()?;
            let count = draft.count("STOPWORDS")?;
            draft.plains(count)?;
        } else {
            return Err(unknown(command, option));
        }
    }
    if !has_prefix {
        draft.put(b"PREFIX".to_vec());
        draft.put(b"1".to_vec());
        draft.put_name(b"");
    }
    fields(command, draft)?;
    Ok(ReplyRule::Raw)
}

/// None at all may mean every key.
fn prefixes(draft: &mut Draft<'_>) -> Result<(), Rejection> {
    let count = draft.count("PREFIX")?;
    if count == 0 {
        return Err(errors::own("Bad arguments for PREFIX: Value is outside acceptable bounds"));
    }
    for _ in 0..count {
        draft.name()?;
    }
    Ok(())
}
