//! Statements and queries.

use wire::Span;

use super::{Clause, Command, Dialect, Expr, Name, Use};

/// A whole statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// What stands in front of it.
    pub prefix: StatementPrefix,
    /// What it does.
    pub body: StatementBody,
}

/// `EXPLAIN`, `PROFILE`, `CYPHER 25 runtime=slotted`, as often as they come.
#[derive(Clone, Debug, PartialEq)]
pub struct StatementPrefix {
    /// Whether the plan is wanted and not the result.
    pub explain: bool,
    /// Whether the plan is wanted with the result.
    pub profile: bool,
    /// The version that the statement names.
    pub version: Option<Dialect>,
    /// The version that it is read in: the named one, or the caller's default.
    pub dialect: Dialect,
    /// `name=value`
    pub options: Vec<StatementOption>,
    /// All of it; empty where there is nothing.
    pub span: Span,
}

/// An option of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementOption {
    /// Its name, as written.
    pub name: Name,
    /// Its value, as written: a word or a number.
    pub value: String,
}

/// What a statement does.
#[derive(Clone, Debug, PartialEq)]
pub enum StatementBody {
    /// It reads and writes the graph.
    Query(Query),
    /// It changes or shows something else.
    Command(Box<Command>),
}

/// Queries one after the other, each on the rows of the one before: `… NEXT …`.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// At least one.
    pub steps: Vec<RegularQuery>,
    /// All of it.
    pub span: Span,
}

/// One step of a query.
#[derive(Clone, Debug, PartialEq)]
pub enum RegularQuery {
    /// Single queries and how each is joined to those before it. The first has no quantifier.
    Union(Vec<(SetQuantifier, SingleQuery)>),
    /// `WHEN … THEN … ELSE …`, only in Cypher 25.
    Conditional {
        /// At least one.
        branches: Vec<Branch>,
        /// `ELSE`
        otherwise: Option<SingleQuery>,
    },
}

/// `ALL`, `DISTINCT`, or neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SetQuantifier {
    /// Neither.
    #[default]
    None,
    /// `ALL`
    All,
    /// `DISTINCT`
    Distinct,
}

/// `WHEN condition THEN query`
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// When it is run.
    pub condition: Expr,
    /// What is run.
    pub query: SingleQuery,
}

/// Clauses, or a query in braces.
#[derive(Clone, Debug, PartialEq)]
pub enum SingleQuery {
    /// At least one clause.
    Clauses(Vec<Clause>),
    /// `USE graph { … }`, only in Cypher 25.
    Braced {
        /// `USE graph`
        graph: Option<Use>,
        /// What stands in the braces.
        query: Box<Query>,
    },
}
