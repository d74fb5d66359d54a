//! Commands about one index, and its other names.

use resp_wire::command::Command;

use super::KEY;
use super::draft::Draft;
use crate::resp::reply::ReplyRule;
use crate::{Reason, Rejection};

/// The first argument is the name; what follows is about fields and words.
pub(super) fn named(draft: &mut Draft<'_>, rule: ReplyRule) -> Result<ReplyRule, Rejection> {
    // Without a name the server says what is wrong.
    if draft.left() > 0 {
        draft.name()?;
    }
    Ok(rule)
}

/// FT.ALIASADD alias index and kin: every argument is a name.
pub(super) fn aliased(draft: &mut Draft<'_>) -> Result<ReplyRule, Rejection> {
    while draft.left() > 0 {
        draft.name()?;
    }
    Ok(ReplyRule::Raw)
}

/// FT.ALTER index [SKIPINITIALSCAN] SCHEMA ADD field options ...
pub(super) fn alter(command: &Command, draft: &mut Draft<'_>) -> Result<ReplyRule, Rejection> {
    named(draft, ReplyRule::Raw)?;
    fields(command, draft)?;
    Ok(ReplyRule::Raw)
}

/// The fields of an index: everything to the end. One that is called as the field which shows the
/// key would show it in places where nobody looks for a key.
pub(super) fn fields(command: &Command, draft: &mut Draft<'_>) -> Result<(), Rejection> {
    while draft.left() > 0 {
        let word = draft.plain()?;
        if word == KEY {
            let name = command.name;
            let what = format!("command \"{name}\" may not make a field \"__key\"");
            return Err(Rejection::new(Reason::CommandNotAllowed, what));
        }
    }
    Ok(())
}
