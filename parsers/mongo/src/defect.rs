//! What is wrong with a client's message, and how the server would say so.

use wire::Malformed;

use crate::bson::Fault;

/// Why a message is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    /// Its fields do not add up.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// Its CRC-32C is not that of its bytes.
    #[error("the message's checksum is wrong")]
    Checksum,
    /// A flag that must be understood is not: one of bits 0 to 15 (OP_MSG, "Flag Bits").
    #[error("a required flag of the message is not known")]
    Flag,
    /// An operation other than OP_MSG and, for a hello, OP_QUERY.
    #[error("the operation is not served")]
    OpCode,
    /// OP_COMPRESSED, though no compressor was agreed upon.
    #[error("no compression was agreed upon")]
    Compressed,
    /// An OP_QUERY that is not a hello.
    #[error("an OP_QUERY may only be a hello on admin.$cmd")]
    NotHello,
    /// A section that is neither the body nor a sequence of documents.
    #[error("a section of the message is of an unknown kind")]
    SectionKind,
    /// More than one body.
    #[error("the message has more than one body")]
    SecondBody,
    /// No body.
    #[error("the message has no body")]
    NoBody,
    /// Two sequences with one identifier.
    #[error("two document sequences have the same identifier")]
    SequenceTwice,
    /// A sequence whose identifier is also an argument in the body.
    #[error("a document sequence has the name of an argument in the body")]
    SequenceInBody,
    /// A sequence that the command does not take, or more of them than any command takes.
    #[error("the command takes no such document sequence")]
    Sequence,
    /// A document that is not sound.
    #[error(transparent)]
    Bson(#[from] Fault),
    /// A body without a first element: there is no command.
    #[error("the body names no command")]
    NoCommand,
    /// `$db` is absent or no string.
    #[error("the command has no `$db`")]
    NoDatabase,
    /// `$db` is not the name of a database.
    #[error("`$db` is not the name of a database")]
    Database,
    /// An argument that all commands share has not the type that it must have.
    #[error("a general argument of the command has the wrong type")]
    Argument,
}

impl Defect {
    /// Whether the connection has to end: the server ends it, or nobody can say what the sender
    /// meant. Any other defect is answered, and the connection goes on.
    #[must_use]
    pub fn is_fatal(self) -> bool {
        match self {
            Self::Malformed(_)
            | Self::Checksum
            | Self::Flag
            | Self::OpCode
            | Self::Compressed
            | Self::NotHello
            | Self::SectionKind => true,
            Self::SecondBody
            | Self::NoBody
            | Self::SequenceTwice
            | Self::SequenceInBody
            | Self::Sequence
            | Self::Bson(_)
            | Self::NoCommand
            | Self::NoDatabase
            | Self::Database
            | Self::Argument => false,
        }
    }

    /// The server's own error code for it.
    #[must_use]
    pub fn code(self) -> i32 {
        match self {
            Self::Malformed(_) | Self::NoCommand | Self::Checksum => 9,
            Self::Flag => 40_429,
            Self::SecondBody => 40_430,
            Self::SequenceTwice => 40_431,
            Self::SectionKind => 40_432,
            Self::SequenceInBody => 40_433,
            Self::NoBody => 40_587,
            Self::NoDatabase => 40_571,
            Self::Sequence => 40_415,
            Self::OpCode | Self::NotHello => 352,
            Self::Compressed => 20,
            Self::Database => 73,
            Self::Argument => 14,
            Self::Bson(fault) => fault.code(),
        }
    }
}
