//! INSERT, UPDATE and DELETE.

use super::{At, Expr, FromItem, Indirection, Query, Range, Target, With};

/// INSERT
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insert {
    /// WITH
    pub with: Option<With>,
    /// INTO
    pub into: Range,
    /// The column list; empty when there is none.
    pub columns: Vec<Assignee>,
    /// OVERRIDING
    pub overriding: Overriding,
    /// Where the rows come from; `None` is DEFAULT VALUES.
    pub source: Option<Box<Query>>,
    /// ON CONFLICT
    pub on_conflict: Option<OnConflict>,
    /// RETURNING
    pub returning: Option<Returning>,
}

/// OVERRIDING … VALUE
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overriding {
    /// absent
    No,
    /// OVERRIDING USER VALUE
    User,
    /// OVERRIDING SYSTEM VALUE
    System,
}

/// A column that a write assigns to, perhaps only a part of it: `name`, `name[1]`, `name.field`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignee {
    /// The column.
    pub column: String,
    /// Subscripts and fields.
    pub indirection: Vec<Indirection>,
    /// Where it stands.
    pub at: At,
}

/// ON CONFLICT
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnConflict {
    /// The arbiter.
    pub target: Option<ConflictTarget>,
    /// DO UPDATE; `None` is DO NOTHING.
    pub update: Option<ConflictUpdate>,
    /// Where the clause begins.
    pub at: At,
}

/// The arbiter of ON CONFLICT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConflictTarget {
    /// ON CONSTRAINT name
    Constraint(String),
    /// (elements) [WHERE …]
    Index {
        /// The elements.
        elements: Vec<IndexElement>,
        /// WHERE
        filter: Option<Expr>,
        /// Where the target begins.
        at: At,
    },
}

/// An element of an ON CONFLICT target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexElement {
    /// A column's name, or an expression.
    pub key: IndexKey,
    /// COLLATE
    pub collation: Vec<String>,
    /// The operator class.
    pub operator_class: Vec<String>,
}

/// The key of an [`IndexElement`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexKey {
    /// A column.
    Column(String),
    /// An expression.
    Expression(Expr),
}

/// DO UPDATE SET … [WHERE …]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictUpdate {
    /// SET
    pub assignments: Vec<Assignment>,
    /// WHERE
    pub filter: Option<Expr>,
}

/// One assignment of UPDATE or DO UPDATE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// What is assigned to; several for `(a, b) = …`.
    pub targets: Vec<Assignee>,
    /// The value.
    pub value: Expr,
}

/// RETURNING
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returning {
    /// WITH (OLD AS …, NEW AS …)
    pub options: Vec<(bool, String)>,
    /// The items.
    pub targets: Vec<Target>,
}

/// UPDATE
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// WITH
    pub with: Option<With>,
    /// The target.
    pub table: Range,
    /// SET
    pub assignments: Vec<Assignment>,
    /// FROM
    pub from: Vec<FromItem>,
    /// WHERE
    pub filter: Option<Expr>,
    /// RETURNING
    pub returning: Option<Returning>,
}

/// DELETE
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delete {
    /// WITH
    pub with: Option<With>,
    /// The target.
    pub table: Range,
    /// USING
    pub using: Vec<FromItem>,
    /// WHERE
    pub filter: Option<Expr>,
    /// RETURNING
    pub returning: Option<Returning>,
}
