//! The classes of commands.

/// How a command is handled. Every command has exactly one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// About the client's own connection: logging in, naming, tracking, pinging.
    Connection,
    /// Names nothing by itself: a subcommand has to follow.
    Container,
    /// About the whole keyspace, or about a choice of it: counting, walking, emptying, selecting.
    Database,
    /// The key specifications say all: prefix those, and pass the reply untouched.
    Keys,
    /// As `Keys`, and the reply holds keys.
    KeysInReply,
    /// Has keys, or a database, that the key specifications do not tell.
    Parsed,
    /// Channels and patterns.
    PubSub,
    /// Never travels: it would show or change what belongs to everyone.
    Refused,
    /// Runs, loads or names scripts and functions.
    Script,
    /// Names a search index, a dictionary or an alias.
    Search,
    /// About the server and not about data: answered here, or passed with care.
    Server,
    /// Opens, runs or drops a transaction.
    Transaction,
}
