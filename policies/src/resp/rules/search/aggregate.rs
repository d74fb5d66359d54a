//! FT.AGGREGATE: a pipeline over documents. One that loads the key gets a step which takes the
//! prefix off it, so that all behind it deals with the tenant's own names.

use resp_wire::command::Command;

use super::draft::Draft;
use super::options::{Fixed, counted, fixed, in_keys, unknown};
use super::{KEY, own_key};
use crate::resp::Tenancy;
use crate::resp::reply::ReplyRule;
use crate::resp::rules::errors;
use crate::resp::rules::options::is;
use crate::{Reason, Rejection};

const OPTIONS: Fixed = &[
    ("ADDSCORES", 0),
    ("DIALECT", 1),
    ("EXPANDER", 1),
    ("FILTER", 1),
    ("FORMAT", 1),
    ("INORDER", 0),
    ("LANGUAGE", 1),
    ("LIMIT", 2),
    ("MAX", 1),
    ("NOSTOPWORDS", 0),
    ("SCORER", 1),
    ("SLOP", 1),
    ("TIMEOUT", 1),
    ("VERBATIM", 0),
    ("WITHCOUNT", 0),
    ("WITHOUTCOUNT", 0),
    ("WITHSCORES", 0),
];

/// FT.AGGREGATE index query [step ...]
pub(super) fn aggregate(
    command: &Command,
    draft: &mut Draft<'_>,
    tenancy: &Tenancy,
) -> Result<ReplyRule, Rejection> {
    if draft.left() < 2 {
        return super::index::named(draft, ReplyRule::Raw);
    }
    draft.name()?;
    let opens_cursor = pipeline(command, draft, tenancy)?;
    Ok(if opens_cursor { ReplyRule::Cursor(None) } else { ReplyRule::Raw })
}

/// A query and its steps. Whether the reply has a cursor.
pub(super) fn pipeline(
    command: &Command,
    draft: &mut Draft<'_>,
    tenancy: &Tenancy,
) -> Result<bool, Rejection> {
    draft.plain()?;
    let (mut opens_cursor, mut columns) = (false, Vec::new());
    while let Some(step) = draft.peek() {
        if fixed(draft, OPTIONS)?
            || counted(draft, &["GROUPBY", "INFIELDS", "PARAMS", "SORTBY"])?
            || in_keys(draft)?
        {
            continue;
        }
        if is(step, "APPLY") {
            draft.plains(2)?;
            named(draft)?;
        } else if is(step, "REDUCE") {
            draft.plains(2)?;
            let count = draft.count("REDUCE")?;
            draft.plains(count)?;
            named(draft)?;
        } else if is(step, "LOAD") {
            load(draft, tenancy, &mut columns)?;
        } else if is(step, "WITHCURSOR") {
            opens_cursor = true;
            draft.plain()?;
            while fixed(draft, &[("COUNT", 1), ("MAXIDLE", 1)])? {}
        } else {
            return Err(unknown(command, step));
        }
    }
    Ok(opens_cursor)
}

/// What a step makes may have a name.
fn named(draft: &mut Draft<'_>) -> Result<(), Rejection> {
    if draft.has("AS") {
        draft.plain()?;
    }
    Ok(())
}

/// LOAD * | LOAD count field [AS name] ... `columns` are those that were loaded already: a column that
/// is loaded again stays as it is.
fn load<'b>(
    draft: &mut Draft<'b>,
    tenancy: &Tenancy,
    columns: &mut Vec<&'b [u8]>,
) -> Result<(), Rejection> {
    draft.plain()?;
    if draft.has("*") {
        return Ok(());
    }
    let count = draft.count("LOAD")?;
    let (mut keys, end) = (Vec::new(), draft.left().saturating_sub(count));
    while draft.left() > end {
        let field = draft.plain()?;
        let field = field.strip_prefix(b"@").unwrap_or(field);
        let is_renamed = draft.left() > end && draft.has("AS");
        if is_renamed && draft.left() == end {
            return Err(errors::own("LOAD path AS name - must be accompanied with NAME"));
        }
        let column = if is_renamed { draft.plain()? } else { field };
        if field == KEY && !columns.contains(&column) {
            keys.push(column);
        }
        columns.push(column);
    }
    for column in keys {
        strip(draft, tenancy, column)?;
    }
    Ok(())
}

/// A step that takes the prefix off what is in `column`.
fn strip(draft: &mut Draft<'_>, tenancy: &Tenancy, column: &[u8]) -> Result<(), Rejection> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let column = std::str::from_utf8(column)
        .ok()
        .filter(|name| name.bytes().all(|byte| is_word(&byte)) && !name.is_empty())
        .ok_or_else(|| {
            let what = "a column that holds keys has a name which no expression can have";
            Rejection::new(Reason::CommandNotAllowed, what)
        })?;
    draft.put(b"APPLY".to_vec());
    draft.put(own_key(column, tenancy.prefix().len()).into_bytes());
    draft.put(b"AS".to_vec());
    draft.put(column.as_bytes().to_vec());
    Ok(())
}
