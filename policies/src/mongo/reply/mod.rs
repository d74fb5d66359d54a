//! What the upstream answers, as the client may see it.
//!
//! Most replies travel as they came, and no document in them is looked at. Where names are the
//! tenant's own, their prefix is taken off wherever the server names them; where a reply tells of
//! the server, or of others, that is left out.

mod explain;
mod indexes;
mod listing;
mod names;

use bytes::BytesMut;
use mongo_wire::bson::{DocumentWriter, RawElement, Shallow};
use mongo_wire::frame::Frame;
use mongo_wire::message;
use mongo_wire::reply::Reply;
use mongo_wire::{Defect, bson};

pub use self::indexes::WantedIndex;
use super::Tenancy;
use crate::Rejection;

/// The server's number for a collection that is there already.
const NAMESPACE_EXISTS: i64 = 48;
/// The server's number for a cursor that is not there.
const CURSOR_NOT_FOUND: i64 = 43;

/// How the reply to a command reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplyRule {
    /// As it came.
    Raw,
    /// With a cursor.
    Cursor {
        /// The cursor that was asked for more; `None` where one may begin.
        asked: Option<i64>,
    },
    /// A plan, without what it tells of the server.
    Explain,
    /// Cursors were killed.
    Killed {
        /// Those that were asked for at the upstream.
        own: Vec<i64>,
        /// Those that were not, as they are not the tenant's: they were not found.
        others: Vec<i64>,
    },
    /// Collections, in a cursor.
    Collections {
        /// As in [`ReplyRule::Cursor`].
        asked: Option<i64>,
    },
    /// Databases.
    Databases,
    /// To a `create`: that the collection is there already is a success.
    Created,
    /// Indexes, in place of what says that those which are wanted exist.
    IndexesExist {
        /// The indexes that the client would create.
        wanted: Vec<WantedIndex>,
        /// The tenant field, which their keys may have in front.
        field: Option<String>,
    },
}

impl ReplyRule {
    /// Whether a reply that succeeds travels as it came, so that its batch may pass before its end is
    /// there.
    #[must_use]
    pub fn passes(&self, tenancy: &Tenancy) -> bool {
        match self {
            Self::Raw | Self::Cursor { .. } => tenancy.prefix().is_empty(),
            Self::Explain
            | Self::Killed { .. }
            | Self::Collections { .. }
            | Self::Databases
            | Self::Created
            | Self::IndexesExist { .. } => false,
        }
    }

    /// The rule for the same command when the client's own words travel.
    pub(super) fn observed(self) -> Self {
        match self {
            rule @ (Self::Cursor { .. } | Self::Killed { .. }) => rule,
            Self::Collections { asked } => Self::Cursor { asked },
            Self::Raw
            | Self::Explain
            | Self::Databases
            | Self::Created
            | Self::IndexesExist { .. } => Self::Raw,
        }
    }
}

/// A cursor that the upstream holds open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCursor {
    /// Its number.
    pub id: i64,
    /// The database that it reads, by the upstream's name.
    pub database: String,
    /// The collection that it reads, by the upstream's name.
    pub collection: String,
}

/// What a reply told besides what the client is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answered {
    /// The cursor that is open from here on.
    pub opened: Option<OpenCursor>,
    /// The cursors that are no more.
    pub closed: Vec<i64>,
    /// Whether another reply follows unasked.
    pub more_to_come: bool,
    /// The refusal that the client is told, where only the reply shows that there is one.
    pub refused: Option<Rejection>,
}

/// Appends to `out` the reply in `frame` as the client may see it.
///
/// # Errors
/// `Defect` when it is not a reply of the kind that is due: then the upstream is not understood, and
/// nothing was appended.
pub fn rewrite_reply(
    rule: &ReplyRule,
    tenancy: &Tenancy,
    frame: Frame<'_>,
    out: &mut BytesMut,
) -> Result<Answered, Defect> {
    let start = out.len();
    let reply = Reply::read(frame)?;
    let mut answered = told(rule, &reply);
    let written = match rule {
        ReplyRule::Created if !reply.ok && reply.code == Some(NAMESPACE_EXISTS) => {
            put(&reply, out, |out| {
                out.value("ok", bson::Value::Double(1.0));
                copy_times(reply.body, out)
            })
        }
        ReplyRule::IndexesExist { wanted, field } => {
            indexes::put_existence(wanted, field.as_deref(), &reply, &mut answered.refused, out)
        }
        ReplyRule::Explain if reply.ok => {
            put(&reply, out, |out| explain::put_plan(reply.body, tenancy, out))
        }
        ReplyRule::Collections { .. } if reply.ok => {
            put(&reply, out, |out| listing::put_collections(&reply, tenancy, out))
        }
        ReplyRule::Databases if reply.ok => {
            put(&reply, out, |out| listing::put_databases(reply.body, tenancy, out))
        }
        ReplyRule::Killed { others, .. } if reply.ok && !others.is_empty() => {
            put(&reply, out, |out| put_not_found(reply.body, others, out))
        }
        ReplyRule::Raw
        | ReplyRule::Cursor { .. }
        | ReplyRule::Explain
        | ReplyRule::Collections { .. }
        | ReplyRule::Databases
        | ReplyRule::Killed { .. }
        | ReplyRule::Created => {
            if tenancy.prefix().is_empty() {
                out.extend_from_slice(frame.bytes);
                Ok(())
            } else {
                put(&reply, out, |out| names::put_own_names(&reply, tenancy, out))
            }
        }
    };
    match written {
        Ok(()) => Ok(answered),
        Err(defect) => {
            out.truncate(start);
            Err(defect)
        }
    }
}

/// What a reply tells of cursors and of what follows.
fn told(rule: &ReplyRule, reply: &Reply<'_>) -> Answered {
    let mut answered = Answered { more_to_come: reply.flags.more_to_come, ..Answered::default() };
    match rule {
        ReplyRule::Cursor { asked } | ReplyRule::Collections { asked } => {
            let id = reply.cursor.map(|cursor| cursor.id);
            if let Some(cursor) = reply.cursor.filter(|cursor| cursor.id != 0) {
                let (database, collection) = cursor.ns.split_once('.').unwrap_or((cursor.ns, ""));
                answered.opened = Some(OpenCursor {
                    id: cursor.id,
                    database: database.to_owned(),
                    collection: collection.to_owned(),
                });
            }
            let ended = id == Some(0) || reply.code == Some(CURSOR_NOT_FOUND);
            answered.closed.extend(asked.filter(|_| ended));
        }
        ReplyRule::Killed { own, .. } if reply.ok => answered.closed.clone_from(own),
        ReplyRule::Killed { .. }
        | ReplyRule::Raw
        | ReplyRule::Explain
        | ReplyRule::Databases
        | ReplyRule::Created
        | ReplyRule::IndexesExist { .. } => {}
    }
    answered
}

/// Appends a reply with the numbers of `reply`, whose elements `fill` writes.
fn put(
    reply: &Reply<'_>,
    out: &mut BytesMut,
    fill: impl FnOnce(&mut DocumentWriter<'_>) -> Result<(), Defect>,
) -> Result<(), Defect> {
    let mut result = Ok(());
    message::op_msg([reply.request_id, reply.response_to], reply.flags, out, |out| {
        result = fill(out);
    });
    result
}

/// Copies what every reply of a cluster has.
fn copy_times(body: Shallow<'_>, out: &mut DocumentWriter<'_>) -> Result<(), Defect> {
    for element in body.elements() {
        let element = element?;
        if matches!(element.name, b"$clusterTime" | b"operationTime") {
            out.copy(element);
        }
    }
    Ok(())
}

/// Copies a reply to `killCursors`, with others that were not found.
fn put_not_found(
    body: Shallow<'_>,
    others: &[i64],
    out: &mut DocumentWriter<'_>,
) -> Result<(), Defect> {
    for element in body.elements() {
        let element = element?;
        if element.name == b"cursorsNotFound" {
            let ids: Vec<RawElement<'_>> =
                element.nested()?.elements().collect::<Result<_, _>>()?;
            out.array("cursorsNotFound", |out| {
                ids.iter().for_each(|id| out.copy(*id));
                others.iter().for_each(|id| out.value(bson::Value::Int64(*id)));
            });
        } else {
            out.copy(element);
        }
    }
    Ok(())
}
