//! Search indexes (RediSearch). The names of indexes, aliases and dictionaries are prefixed as keys
//! are, and an index is over the tenant's keys only: whatever a query asks of it is answered out of
//! these.
//!
//! Of a query the options are read word by word, since some name keys and some decide on the form
//! of the reply. An option that is not known is refused.

mod aggregate;
mod create;
mod cursor;
mod dictionary;
mod draft;
mod index;
mod key_expression;
mod options;
mod profile;
mod query;

use bytes::{Bytes, BytesMut};
use resp_wire::command::Command;
use resp_wire::request::Request;

use self::draft::Draft;
pub(in crate::resp) use self::key_expression::{KEY, own_key, prefixed_key};
use super::errors;
use crate::Rejection;
use crate::resp::judge::Context;
use crate::resp::outgoing::copy;
use crate::resp::reply::ReplyRule;

pub(in crate::resp) fn search(
    command: &Command,
    request: &Request<'_>,
    context: &Context<'_>,
    out: &mut BytesMut,
) -> Result<ReplyRule, Rejection> {
    if context.rules.is_spread() {
        // Each node has indexes of its own, over its own keys.
        return Err(errors::spread(command));
    }
    let mut draft = Draft::of(request);
    let rule = match command.name {
        "ft._list" => {
            copy(request, out);
            return Ok(ReplyRule::Indexes(Bytes::copy_from_slice(context.tenancy.prefix())));
        }
        "ft.cursor" => return cursor::cursor(command, request, context, out),
        "ft.create" => create::create(command, &mut draft, context.tenancy)?,
        "ft.alter" => index::alter(command, &mut draft)?,
        "ft.info" => index::named(&mut draft, ReplyRule::IndexInfo)?,
        "ft.dropindex" | "ft.syndump" | "ft.synupdate" | "ft.tagvals" => {
            index::named(&mut draft, ReplyRule::Raw)?
        }
        "ft.aliasadd" | "ft.aliasupdate" | "ft.aliasdel" => index::aliased(&mut draft)?,
        "ft.dictadd" | "ft.dictdel" | "ft.dictdump" => index::named(&mut draft, ReplyRule::Raw)?,
        "ft.spellcheck" => dictionary::spellcheck(&mut draft)?,
        "ft.search" => query::search(command, &mut draft)?,
        "ft.explain" | "ft.explaincli" => query::explain(command, &mut draft)?,
        "ft.aggregate" => aggregate::aggregate(command, &mut draft, context.tenancy)?,
        "ft.profile" => profile::profile(command, &mut draft, context.tenancy)?,
        _ => return Err(errors::refused(command)),
    };
    draft.write(context.tenancy, out);
    Ok(rule)
}
