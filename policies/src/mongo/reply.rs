//! What the upstream answers, as the client may see it.

use bytes::BytesMut;
use mongo_wire::Defect;
use mongo_wire::frame::Frame;

use super::Tenancy;

/// How the reply to a command reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplyRule {
    /// As it came.
    Raw,
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
}

/// Appends to `out` the reply in `frame` as the client may see it.
///
/// # Errors
/// `Defect` when it is not a reply of the kind that is due: then the upstream is not understood, and
/// nothing was appended.
pub fn rewrite_reply(
    _rule: &ReplyRule,
    _tenancy: &Tenancy,
    frame: Frame<'_>,
    out: &mut BytesMut,
) -> Result<Answered, Defect> {
    out.extend_from_slice(frame.bytes);
    Ok(Answered::default())
}
