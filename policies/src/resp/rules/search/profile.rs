//! FT.PROFILE: a search or a pipeline, with how long its parts took.

use resp_wire::command::Command;

use super::aggregate::pipeline;
use super::draft::Draft;
use super::index::named;
use super::query::query;
use crate::Rejection;
use crate::resp::Tenancy;
use crate::resp::reply::{Found, ReplyRule};
use crate::resp::rules::errors;

/// FT.PROFILE index SEARCH|AGGREGATE [LIMITED] QUERY query [option ...]
pub(super) fn profile(
    command: &Command,
    draft: &mut Draft<'_>,
    tenancy: &Tenancy,
) -> Result<ReplyRule, Rejection> {
    if draft.left() < 4 {
        return named(draft, ReplyRule::Raw);
    }
    draft.name()?;
    let is_search = draft.has("SEARCH");
    if !is_search && !draft.has("AGGREGATE") {
        return Err(errors::own("No `SEARCH` or `AGGREGATE` provided"));
    }
    draft.has("LIMITED");
    if !draft.has("QUERY") {
        return Err(errors::own("The QUERY keyword is expected"));
    }
    if is_search {
        let found = Found { is_profile: true, ..query(command, draft)? };
        return Ok(ReplyRule::Found(Box::new(found)));
    }
    if pipeline(command, draft, tenancy)? {
        return Err(errors::own("FT.PROFILE does not support cursor"));
    }
    Ok(ReplyRule::Raw)
}
