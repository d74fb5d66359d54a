//! Commands: statements that are no queries.
//!
//! Those that make, drop and show indexes and constraints are read in full, since one that changes
//! nothing can be answered, and indexes can be listed. All others are known by their first words, and the rest is not looked at.

use wire::Span;

use super::{Expr, Name, Parameter, Projection, Type, Use};

/// A command.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// `CREATE CONSTRAINT …`
    CreateConstraint(CreateConstraint),
    /// `CREATE INDEX …`
    CreateIndex(CreateIndex),
    /// `DROP CONSTRAINT …`
    DropConstraint(DropSchema),
    /// `DROP INDEX …`
    DropIndex(DropSchema),
    /// Any other.
    Other(OtherCommand),
    /// `SHOW INDEXES …`, `SHOW CONSTRAINTS …`
    Show(Box<Show>),
}

/// A command that is known by name only.
#[derive(Clone, Debug, PartialEq)]
pub struct OtherCommand {
    /// Its first words in upper case, such as `SHOW INDEXES`.
    pub words: &'static str,
    /// `USE graph` in front of it.
    pub graph: Option<Use>,
    /// All of it.
    pub span: Span,
}

/// `SHOW RANGE INDEXES YIELD a, b WHERE c RETURN d`
#[derive(Clone, Debug, PartialEq)]
pub struct Show {
    /// `USE graph` in front of it.
    pub graph: Option<Use>,
    /// What it shows, with the word that says which of them in upper case.
    pub shown: Shown,
    /// As far as what is shown.
    pub head: Span,
    /// `YIELD`, and its place.
    pub yields: Option<(Span, Projection)>,
    /// `WHERE`
    pub condition: Option<Expr>,
    /// `RETURN`
    pub returned: Option<Projection>,
    /// All of it.
    pub span: Span,
}

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Constraints.
    Constraints,
    /// Indexes, perhaps of one kind.
    Indexes(Option<IndexKind>),
}

/// The name of an index or a constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaName {
    /// As written.
    Name(Name),
    /// `$name`
    Parameter(Parameter),
}

/// `CREATE OR REPLACE VECTOR INDEX name IF NOT EXISTS FOR (n:L) ON (n.p) OPTIONS {…}`
#[derive(Clone, Debug, PartialEq)]
pub struct CreateIndex {
    /// `USE graph` in front of it.
    pub graph: Option<Use>,
    /// `OR REPLACE`, which the server refuses.
    pub or_replace: bool,
    /// Which kind.
    pub kind: IndexKind,
    /// Its name.
    pub name: Option<SchemaName>,
    /// `IF NOT EXISTS`
    pub if_not_exists: bool,
    /// Of what.
    pub entity: SchemaEntity,
    /// Of which properties.
    pub properties: IndexProperties,
    /// `OPTIONS`
    pub options: Option<super::Properties>,
    /// All of it.
    pub span: Span,
}

/// A kind of index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexKind {
    /// `FULLTEXT`
    Fulltext,
    /// `LOOKUP`
    Lookup,
    /// `POINT`
    Point,
    /// `RANGE`, or none named
    Range,
    /// `TEXT`
    Text,
    /// `VECTOR`
    Vector,
}

/// What an index or a constraint is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaEntity {
    /// `(n:A|B)`; a lookup index has no labels
    Node {
        /// The name in the properties.
        variable: Name,
        /// The labels.
        labels: Vec<Name>,
    },
    /// `()-[r:A|B]-()`; a lookup index has no types
    Relationship {
        /// The name in the properties.
        variable: Name,
        /// The types.
        types: Vec<Name>,
    },
}

/// What an index is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexProperties {
    /// `ON EACH labels(n)`: all of a lookup index
    Lookup {
        /// `labels` or `type`
        function: &'static str,
        /// The variable.
        argument: Name,
    },
    /// `ON (n.a, n.b)`
    Properties {
        /// Variable and property, at least one.
        properties: Vec<(Name, Name)>,
        /// `WITH [n.c]`, only in Cypher 25
        with: Vec<(Name, Name)>,
    },
}

/// `CREATE CONSTRAINT name IF NOT EXISTS FOR (n:L) REQUIRE n.p IS UNIQUE OPTIONS {…}`
#[derive(Clone, Debug, PartialEq)]
pub struct CreateConstraint {
    /// `USE graph` in front of it.
    pub graph: Option<Use>,
    /// `OR REPLACE`, which the server refuses.
    pub or_replace: bool,
    /// Its name.
    pub name: Option<SchemaName>,
    /// `IF NOT EXISTS`
    pub if_not_exists: bool,
    /// Of what.
    pub entity: SchemaEntity,
    /// Variable and property, at least one.
    pub properties: Vec<(Name, Name)>,
    /// What is required of them.
    pub constraint: Constraint,
    /// `OPTIONS`
    pub options: Option<super::Properties>,
    /// All of it.
    pub span: Span,
}

/// What a constraint requires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// `IS NODE KEY`, `IS RELATIONSHIP KEY`, `IS KEY`
    Key,
    /// `IS NOT NULL`
    NotNull,
    /// `IS :: type`
    Typed(Type),
    /// `IS UNIQUE`
    Unique,
}

/// `DROP INDEX name IF EXISTS`
#[derive(Clone, Debug, PartialEq)]
pub struct DropSchema {
    /// `USE graph` in front of it.
    pub graph: Option<Use>,
    /// Its name.
    pub name: SchemaName,
    /// `IF EXISTS`
    pub if_exists: bool,
    /// All of it.
    pub span: Span,
}
