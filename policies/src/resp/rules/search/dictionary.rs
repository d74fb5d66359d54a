//! FT.SPELLCHECK: dictionaries are named as indexes are.

use super::draft::Draft;
use crate::Rejection;
use crate::resp::reply::ReplyRule;

/// FT.SPELLCHECK index query [DISTANCE n] [TERMS INCLUDE|EXCLUDE dictionary] ... The server takes the
/// word TERMS for the option wherever it stands, even as the query.
pub(super) fn spellcheck(draft: &mut Draft<'_>) -> Result<ReplyRule, Rejection> {
    super::index::named(draft, ReplyRule::Raw)?;
    while draft.left() > 0 {
        if draft.has("TERMS") && draft.left() >= 2 {
            draft.plain()?;
            draft.name()?;
        } else if draft.left() > 0 {
            draft.plain()?;
        } else {
            break;
        }
    }
    Ok(ReplyRule::Raw)
}
