//! The tree of a statement.
//!
//! Every node is a type of its own or a variant of a closed enumeration, so that code which judges
//! statements has to say something about each of them. Chains (`a.b.c`, `1 + 2 + 3`, `a AND b`) are
//! lists and not nested pairs: the depth of the tree is the nesting of the text, which is bounded.

mod clause;
mod command;
mod expr;
mod pattern;
mod query;
mod types;

pub use clause::{
    Assignment, BatchError, Call, Clause, Create, Delete, Disjoint, Foreach, GraphReference,
    GroupBy, InTransactions, Item, LabelChange, LabelItem, LabelSign, Let, LoadCsv, Match, Merge,
    MergeAction, Page, Projection, RemoveItem, Search, SearchIndex, SetItem, SortItem, Subquery,
    SubqueryScope, Unwind, Use, With, YieldItem, Yields,
};
pub use command::{
    Command, Constraint, CreateConstraint, CreateIndex, DropSchema, IndexKind, IndexProperties,
    OtherCommand, SchemaEntity, SchemaName, Show, Shown,
};
pub use expr::{
    Access, AllReduce, Arithmetic, Case, CaseBranch, Comparison, Expr, ExprKind, Function,
    ListComprehension, ListPredicate, ListQuantifier, Literal, Map, MapProjection, Normalize,
    Parameter, PatternComprehension, ProjectionItem, PropertyExists, Reduce, Slice, SubqueryBody,
    Test, Trim, TrimSide, VectorDistance, VectorValue, WhenTest,
};
pub use pattern::{
    Conjunction, DynamicLabels, Factor, Hint, HintKind, HintStep, LabelExpr, LabelExprKind, Labels,
    Length, MatchMode, NodePattern, ParenthesizedPath, Path, PathMode, PathPattern, Properties,
    Quantifier, RelationshipBody, RelationshipPattern, Repetition, Selector, SelectorKind,
    ShortestPath, WholeNumber,
};
pub use query::{
    Branch, Query, RegularQuery, SetQuantifier, SingleQuery, Statement, StatementBody,
    StatementOption, StatementPrefix,
};
pub use types::{ScalarType, Type, TypeName, TypePart};

use wire::Span;

/// A version of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `CYPHER 5`
    Cypher5,
    /// `CYPHER 25`
    Cypher25,
}

/// A name: of a variable, label, type, property, function, procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// What it is, without backticks and escapes. Compared exactly.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}
