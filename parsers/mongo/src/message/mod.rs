//! What a client sends: OP_MSG, and before it an OP_QUERY at most. One file for each operation.

mod flags;
mod op_compressed;
mod op_msg;
mod op_query;
mod op_reply;
mod sequence;
#[cfg(test)]
mod tests;
mod write;

pub use flags::Flags;
pub(crate) use flags::open;
pub use op_compressed::OpCompressed;
pub use op_msg::OpMsg;
pub(crate) use op_msg::body_bytes;
pub use op_query::OpQuery;
pub use op_reply::op_reply;
pub use sequence::{Documents, Sequence};
pub use write::{MessageWriter, SequenceWriter, op_msg};

use crate::frame::{Frame, OP_COMPRESSED, OP_MSG, OP_QUERY};
use crate::{Bounds, Defect};

/// A client's message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request<'b> {
    /// A command.
    Msg(OpMsg<'b>),
    /// A hello in the legacy form.
    Query(OpQuery<'b>),
}

impl<'b> Request<'b> {
    /// Reads a whole frame.
    ///
    /// # Errors
    /// `Defect`; OP_COMPRESSED is refused, as we agree upon no compression.
    pub fn read(frame: Frame<'b>, bounds: &Bounds) -> Result<Self, Defect> {
        match frame.header.op_code {
            OP_MSG => OpMsg::read(frame, bounds).map(Self::Msg),
            OP_QUERY => OpQuery::read(frame, bounds).map(Self::Query),
            OP_COMPRESSED => Err(Defect::Compressed),
            _ => Err(Defect::OpCode),
        }
    }
}
