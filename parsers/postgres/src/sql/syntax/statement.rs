//! Statements, and those that are neither queries nor writes.

use super::{At, Const, Delete, Insert, Query, Update};

/// One statement of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Where its text begins.
    pub at: At,
    /// Where its text ends: the offset of its semicolon or the end of the text.
    pub end: At,
    /// What it says.
    pub kind: StatementKind,
}

/// The kinds of statement that a policy can judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatementKind {
    /// SELECT, VALUES, TABLE and their set operations.
    Query(Box<Query>),
    /// INSERT
    Insert(Box<Insert>),
    /// UPDATE
    Update(Box<Update>),
    /// DELETE
    Delete(Box<Delete>),
    /// BEGIN, COMMIT, ROLLBACK and savepoints.
    Transaction(Transaction),
    /// SET, RESET
    Set(SetSetting),
    /// SHOW name
    Show(String),
    /// SET CONSTRAINTS ALL
    SetAllConstraints {
        /// DEFERRED or IMMEDIATE
        deferred: bool,
    },
    /// DISCARD ALL, PLANS, SEQUENCES, TEMP
    Discard(Discard),
    /// DEALLOCATE name; `None` is ALL.
    Deallocate(Option<String>),
    /// CLOSE ALL
    CloseAll,
    /// UNLISTEN *
    UnlistenAll,
    /// A text without a statement.
    Empty,
}

/// What DISCARD discards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discard {
    /// ALL
    All,
    /// PLANS
    Plans,
    /// SEQUENCES
    Sequences,
    /// TEMP
    Temp,
}

/// Transaction control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transaction {
    /// BEGIN or START TRANSACTION with its modes.
    Begin(Vec<TransactionMode>),
    /// COMMIT [AND CHAIN]
    Commit {
        /// AND CHAIN
        chain: bool,
    },
    /// ROLLBACK [AND CHAIN]
    Rollback {
        /// AND CHAIN
        chain: bool,
    },
    /// SAVEPOINT name
    Savepoint(String),
    /// RELEASE name
    Release(String),
    /// ROLLBACK TO name
    RollbackTo(String),
}

/// One mode of BEGIN or SET TRANSACTION: `transaction_isolation`, `transaction_read_only`,
/// `transaction_deferrable`, with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionMode {
    /// The setting that the mode sets.
    pub name: String,
    /// Its value.
    pub value: Const,
}

/// SET or RESET.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetSetting {
    /// SET [LOCAL] name = values
    Value {
        /// The setting, as written.
        name: String,
        /// Its values; more than one for lists.
        values: Vec<Const>,
        /// SET LOCAL
        local: bool,
    },
    /// SET [LOCAL] name TO DEFAULT
    Default {
        /// The setting, as written.
        name: String,
    },
    /// SET TRANSACTION or SET SESSION CHARACTERISTICS AS TRANSACTION
    Transaction {
        /// The modes.
        modes: Vec<TransactionMode>,
        /// SESSION CHARACTERISTICS
        session: bool,
    },
    /// RESET name
    Reset {
        /// The setting, as written.
        name: String,
    },
    /// RESET ALL
    ResetAll,
}
