//! What comes back, and what of it the client sees.

mod answer;
mod error_line;
mod page;
mod rewrite;
mod search;
mod show;

use bytes::Bytes;

pub use answer::{Answer, Protocol};
pub(super) use answer::{answer, put_answered};
pub use error_line::error_line;
pub(super) use page::read_page;
pub use rewrite::{Surroundings, rewrite_reply};
pub use search::Found;

use super::{Subscription, Sweep};

/// How the reply of a request reads, and what it means for those behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplyRule {
    /// It names no key; only an error may.
    Raw,
    /// An error, in whose place goes this line.
    Refusal(Bytes),
    /// Whatever it is, the answer goes in its place.
    Answer(Box<Answered>),
    /// The first element is a key (BLPOP, LMPOP).
    FirstIsKey,
    /// The source and the rules of a time series are named by keys (TS.INFO).
    SeriesInfo,
    /// Pairs of a key and its entries (XREAD).
    Streams,
    /// Every element is a key or channel.
    Names,
    /// Every other element is a channel (PUBSUB NUMSUB).
    NamesAndCounts,
    /// Documents, by their keys (FT.SEARCH).
    Found(Box<Found>),
    /// Rows and a cursor, after those of the cursor that was read or ended.
    Cursor(Option<u64>),
    /// The names of all indexes, of which those that begin so are the tenant's.
    Indexes(Bytes),
    /// What FT.INFO says of an index.
    IndexInfo,
    /// A script of ours has taken the prefixes off.
    Scanned,
    /// The reply of one run of a sweep, which may have to go on.
    Sweep(Box<Sweep>),
    /// The reply of a client's script: its errors name it by the hash of what was sent.
    Script(Box<ScriptNames>),
    /// The name of a script of ours, where the client expects its own.
    Loaded(Box<ScriptNames>),
    /// A number of clients ended, where the client expects OK.
    CountAsOk,
    /// Lines about clients, of which the tenant's stay.
    Clients,
    /// Prefixes in the reply of CLIENT TRACKINGINFO.
    TrackingInfo,
    /// Lines about the server, of which the harmless stay.
    Info,
    /// Pairs of a setting and its value, of which the harmless stay.
    ConfigGet,
    /// The protocol changes to this version, unless it is an error.
    Hello(Option<Protocol>),
    /// A transaction begins.
    Multi,
    /// The transaction's replies, each by its own rule.
    Exec,
    /// The transaction ends.
    Discard,
    /// A confirmation for each name, or, with none named, for each that there is.
    Confirmations {
        /// Of what.
        kind: Subscription,
        /// Whether subscriptions begin; else they end.
        begins: bool,
        /// How many the request named.
        names: u32,
    },
    /// The connection is as new.
    Reset,
    /// The connection ends.
    Quit,
    /// Nobody waits for it.
    Swallow,
}

/// An answer of ours, and the command that it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The command's name, as an error about it would have it.
    pub command: String,
    /// The answer.
    pub answer: Answer,
}

/// A script's two hashes, in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptNames {
    /// Of what the client sent.
    pub client: [u8; 40],
    /// Of what was sent to the store.
    pub upstream: [u8; 40],
}

impl ReplyRule {
    /// Whether the request that it belongs to was our own and not the client's.
    pub(super) fn is_our_own(&self) -> bool {
        match self {
            Self::Refusal(_)
            | Self::Answer(_)
            | Self::Scanned
            | Self::Sweep(_)
            | Self::Script(_)
            | Self::Loaded(_)
            | Self::CountAsOk
            | Self::Indexes(_)
            | Self::Swallow => true,
            Self::Raw
            | Self::FirstIsKey
            | Self::SeriesInfo
            | Self::Streams
            | Self::Names
            | Self::NamesAndCounts
            | Self::Found(_)
            | Self::Cursor(_)
            | Self::IndexInfo
            | Self::Clients
            | Self::TrackingInfo
            | Self::Info
            | Self::ConfigGet
            | Self::Hello(_)
            | Self::Multi
            | Self::Exec
            | Self::Discard
            | Self::Confirmations { .. }
            | Self::Reset
            | Self::Quit => false,
        }
    }
}
