//! What `COMMAND` says of a command and of its keys.

/// A set of named bits.
macro_rules! set {
    ($(#[$about:meta])* $set:ident { $($(#[$doc:meta])* $bit:ident = $at:literal $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $set(u16);

        impl $set {
            $($(#[$doc])* pub const $bit: Self = Self(1 << $at);)*

            /// All that have a name, with it: the word that the server uses, in lower case.
            pub const ALL: &'static [(&'static str, Self)] = &[$(($word, Self::$bit),)*];

            /// Nothing.
            #[must_use]
            pub const fn empty() -> Self {
                Self(0)
            }

            /// What is in one of the two.
            #[must_use]
            pub const fn with(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            /// What is in both.
            #[must_use]
            pub const fn and(self, other: Self) -> Self {
                Self(self.0 & other.0)
            }

            /// Whether all of `other` is in it.
            #[must_use]
            pub const fn has(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// What the word stands for; `None` for one that we have no use for.
            #[must_use]
            pub fn named(word: &[u8]) -> Option<Self> {
                let named = Self::ALL.iter().find(|(name, _)| word.eq_ignore_ascii_case(name.as_bytes()));
                named.map(|(_, bit)| *bit)
            }

            /// The words of all that is in it.
            pub fn words(self) -> impl Iterator<Item = &'static str> {
                Self::ALL.iter().filter(move |(_, bit)| self.has(*bit)).map(|(word, _)| *word)
            }
        }
    };
}

set! {
    /// Flags of a command.
    Flags {
        /// May change data.
        WRITE = 0 "write",
        /// Only reads data.
        READONLY = 1 "readonly",
        /// Refused by a server that is out of memory.
        DENYOOM = 2 "denyoom",
        /// For who runs the server.
        ADMIN = 3 "admin",
        /// About channels.
        PUBSUB = 4 "pubsub",
        /// Not to be called by scripts.
        NOSCRIPT = 5 "noscript",
        /// May wait.
        BLOCKING = 6 "blocking",
        /// Takes constant or logarithmic time.
        FAST = 7 "fast",
        /// The first and last position of its keys say less than its specifications.
        MOVABLEKEYS = 8 "movablekeys",
        /// Legal before the login.
        NO_AUTH = 9 "no_auth",
        /// Not legal inside a transaction.
        NO_MULTI = 10 "no_multi",
    }
}

set! {
    /// Flags of a key specification.
    KeyFlags {
        /// Reads the value.
        RO = 0 "ro",
        /// Reads and changes the value.
        RW = 1 "rw",
        /// Overwrites the value.
        OW = 2 "ow",
        /// Removes the key.
        RM = 3 "rm",
        /// Gives the value, or a part of it, to the client.
        ACCESS = 4 "access",
        /// Changes what the value holds.
        UPDATE = 5 "update",
        /// Adds to the value.
        INSERT = 6 "insert",
        /// Takes away from the value.
        DELETE = 7 "delete",
        /// Routed like a key, and none: a channel.
        NOT_KEY = 8 "not_key",
        /// There are keys that it does not find.
        INCOMPLETE = 9 "incomplete",
        /// Other arguments change the access.
        VARIABLE_FLAGS = 10 "variable_flags",
    }
}
