//! FT.SEARCH, and FT.EXPLAIN of one: the reply names documents by their keys.

use resp_wire::command::Command;

use super::KEY;
use super::draft::Draft;
use super::options::{Fixed, counted, fixed, in_keys, unknown};
use crate::Rejection;
use crate::resp::reply::{Found, ReplyRule};
use crate::resp::rules::options::is;

const OPTIONS: Fixed = &[
    ("DIALECT", 1),
    ("EXPANDER", 1),
    ("EXPLAINSCORE", 0),
    ("FILTER", 3),
    ("FORMAT", 1),
    ("GEOFILTER", 5),
    ("INORDER", 0),
    ("LANGUAGE", 1),
    ("LIMIT", 2),
    ("NOSTOPWORDS", 0),
    ("PAYLOAD", 1),
    ("SCORER", 1),
    ("SLOP", 1),
    ("TIMEOUT", 1),
    ("VERBATIM", 0),
];

/// What the options say of the reply.
#[derive(Default)]
struct Shown {
    no_content: bool,
    scores: bool,
    payloads: bool,
    sort_keys: bool,
    /// RETURN 0: the same as NOCONTENT, unless another RETURN follows.
    no_fields: bool,
    key_fields: Vec<Vec<u8>>,
}

/// FT.SEARCH index query [option ...]
pub(super) fn search(command: &Command, draft: &mut Draft<'_>) -> Result<ReplyRule, Rejection> {
    if draft.left() < 2 {
        // The server says what is wrong.
        return super::index::named(draft, ReplyRule::Raw);
    }
    draft.name()?;
    Ok(ReplyRule::Found(Box::new(query(command, draft)?)))
}

/// FT.EXPLAIN index query [option ...]
pub(super) fn explain(command: &Command, draft: &mut Draft<'_>) -> Result<ReplyRule, Rejection> {
    search(command, draft).map(|_| ReplyRule::Raw)
}

/// A query and its options.
pub(super) fn query(command: &Command, draft: &mut Draft<'_>) -> Result<Found, Rejection> {
    draft.plain()?;
    let mut shown = Shown::default();
    while let Some(option) = draft.peek() {
        if fixed(draft, OPTIONS)? || counted(draft, &["INFIELDS", "PARAMS"])? || in_keys(draft)? {
            continue;
        }
        if is(option, "RETURN") {
            returned(draft, &mut shown)?;
        } else if is(option, "SORTBY") {
            draft.plains(2)?;
            let _ = draft.has("ASC") || draft.has("DESC");
            let _ = draft.has("WITHCOUNT") || draft.has("WITHOUTCOUNT");
        } else if is(option, "SUMMARIZE") {
            draft.plain()?;
            while counted(draft, &["FIELDS"])?
                || fixed(draft, &[("FRAGS", 1), ("LEN", 1), ("SEPARATOR", 1)])?
            {}
        } else if is(option, "HIGHLIGHT") {
            draft.plain()?;
            while counted(draft, &["FIELDS"])? || fixed(draft, &[("TAGS", 2)])? {}
        } else {
            let flag = match option.to_ascii_uppercase().as_slice() {
                b"NOCONTENT" => &mut shown.no_content,
                b"WITHSCORES" => &mut shown.scores,
                b"WITHPAYLOADS" => &mut shown.payloads,
                b"WITHSORTKEYS" => &mut shown.sort_keys,
                _ => return Err(unknown(command, option)),
            };
            *flag = true;
            draft.plain()?;
        }
    }
    let has_fields = !shown.no_content && !shown.no_fields;
    let beside = [shown.scores, shown.payloads, shown.sort_keys];
    let beside = beside.iter().filter(|shown| **shown).count();
    Ok(Found { beside, has_fields, key_fields: shown.key_fields, is_profile: false })
}

/// RETURN count field [AS name] ...: the last one holds, and in it the first field of a name.
fn returned(draft: &mut Draft<'_>, shown: &mut Shown) -> Result<(), Rejection> {
    draft.plain()?;
    let count = draft.count("RETURN")?;
    shown.no_fields = count == 0;
    shown.key_fields.clear();
    let (mut names, end) = (Vec::new(), draft.left().saturating_sub(count));
    while draft.left() > end {
        let field = draft.plain()?;
        let is_renamed = draft.left() > end && draft.has("AS");
        let name = if is_renamed && draft.left() > end { draft.plain()? } else { field };
        if field == KEY && !names.contains(&name) {
            shown.key_fields.push(name.to_vec());
        }
        names.push(name);
    }
    Ok(())
}
