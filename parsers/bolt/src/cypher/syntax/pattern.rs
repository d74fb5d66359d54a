//! Patterns: what is looked for, or made, in a graph.

use wire::Span;

use super::{Expr, Map, Name, Parameter};

/// `p = SHORTEST 2 (a)-->(b)`
#[derive(Clone, Debug, PartialEq)]
pub struct PathPattern {
    /// The path's name.
    pub variable: Option<Name>,
    /// Which of the paths.
    pub selector: Option<Selector>,
    /// The pattern.
    pub path: Path,
    /// All of it.
    pub span: Span,
}

/// A pattern without name and selector.
#[derive(Clone, Debug, PartialEq)]
pub enum Path {
    /// Nodes and relationships.
    Factors(Vec<Factor>),
    /// `shortestPath(…)`
    Shortest(ShortestPath),
}

/// A part of a path. A relationship stands between two nodes; nodes and parentheses may follow each
/// other, which makes their ends one node.
#[derive(Clone, Debug, PartialEq)]
pub enum Factor {
    /// `(n:Person {name: $n})`
    Node(NodePattern),
    /// `-[r:KNOWS]->`
    Relationship(RelationshipPattern),
    /// `((a)-->(b) WHERE a.x < b.x){1,3}`
    Parenthesized(Box<ParenthesizedPath>),
}

/// `shortestPath((a)-[*]-(b))`
#[derive(Clone, Debug, PartialEq)]
pub struct ShortestPath {
    /// Whether it is `allShortestPaths`.
    pub all: bool,
    /// What stands in the parentheses.
    pub factors: Vec<Factor>,
    /// All of it.
    pub span: Span,
}

/// A pattern in parentheses, perhaps repeated.
#[derive(Clone, Debug, PartialEq)]
pub struct ParenthesizedPath {
    /// What stands in the parentheses.
    pub pattern: PathPattern,
    /// `WHERE`
    pub condition: Option<Expr>,
    /// How often.
    pub quantifier: Option<Quantifier>,
    /// All of it.
    pub span: Span,
}

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub struct NodePattern {
    /// Its name.
    pub variable: Option<Name>,
    /// Its labels.
    pub labels: Option<Labels>,
    /// Its properties.
    pub properties: Option<Properties>,
    /// `WHERE`
    pub condition: Option<Box<Expr>>,
    /// Both parentheses and what is in them.
    pub span: Span,
}

/// A relationship.
#[derive(Clone, Debug, PartialEq)]
pub struct RelationshipPattern {
    /// Whether it points to the node before it.
    pub left: bool,
    /// Whether it points to the node behind it. Neither and both mean either.
    pub right: bool,
    /// What stands in the brackets, if there are any.
    pub body: Option<Box<RelationshipBody>>,
    /// How often, only in `-->{1,3}` and kin.
    pub quantifier: Option<Quantifier>,
    /// All of it.
    pub span: Span,
}

/// What stands in a relationship's brackets.
#[derive(Clone, Debug, PartialEq)]
pub struct RelationshipBody {
    /// Its name.
    pub variable: Option<Name>,
    /// Its types.
    pub types: Option<Labels>,
    /// `*1..3`
    pub length: Option<Length>,
    /// Its properties.
    pub properties: Option<Properties>,
    /// `WHERE`
    pub condition: Option<Expr>,
    /// Both brackets and what is in them.
    pub span: Span,
}

/// Properties in a pattern.
#[derive(Clone, Debug, PartialEq)]
pub enum Properties {
    /// `{key: value}`
    Map(Map),
    /// `$map`
    Parameter(Parameter),
}

/// A number in a pattern, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholeNumber {
    /// Its value.
    pub value: u64,
    /// Where it stands.
    pub span: Span,
}

/// How many relationships.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Length {
    /// Which numbers.
    pub bounds: Repetition,
    /// The star and the numbers.
    pub span: Span,
}

/// How often a part of a path is repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantifier {
    /// Which numbers.
    pub bounds: Repetition,
    /// All of it.
    pub span: Span,
}

/// A number of repetitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repetition {
    /// `*` of a quantifier: any number, none included.
    Star,
    /// `+`, and `*` alone of a length: at least one.
    Plus,
    /// One number.
    Exactly(WholeNumber),
    /// From one number to another.
    Between(Option<WholeNumber>, Option<WholeNumber>),
}

/// Which of the paths that a pattern finds.
#[derive(Clone, Debug, PartialEq)]
pub struct Selector {
    /// Which.
    pub kind: SelectorKind,
    /// How they may cross themselves.
    pub mode: Option<PathMode>,
    /// All of it.
    pub span: Span,
}

/// Which of the paths.
#[derive(Clone, Debug, PartialEq)]
pub enum SelectorKind {
    /// `ALL`, or a mode alone
    All,
    /// `ALL SHORTEST`
    AllShortest,
    /// `ANY`, `ANY 3`
    Any(Option<Expr>),
    /// `ANY SHORTEST`
    AnyShortest,
    /// `SHORTEST 3`
    Shortest(Expr),
    /// `SHORTEST GROUPS`, `SHORTEST 3 GROUPS`
    ShortestGroups(Option<Expr>),
}

/// How a path may cross itself, only in Cypher 25.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathMode {
    /// `ACYCLIC`
    Acyclic,
    /// `TRAIL`
    Trail,
    /// `WALK`
    Walk,
}

/// How the patterns of one MATCH may share relationships.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchMode {
    /// `DIFFERENT RELATIONSHIPS`
    DifferentRelationships,
    /// `REPEATABLE ELEMENTS`
    RepeatableElements,
}

/// `:A|B`, `IS A`
#[derive(Clone, Debug, PartialEq)]
pub struct Labels {
    /// Whether it begins with `IS` and not with a colon.
    pub is: bool,
    /// The labels or types.
    pub expr: LabelExpr,
    /// All of it.
    pub span: Span,
}

/// An expression of labels or types.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelExpr {
    /// What it is.
    pub kind: LabelExprKind,
    /// All of it.
    pub span: Span,
}

/// An expression of labels or types.
#[derive(Clone, Debug, PartialEq)]
pub enum LabelExprKind {
    /// `A & B`, or `A : B`; the server allows no mixture.
    And(Conjunction, Vec<LabelExpr>),
    /// `%`
    Any,
    /// `$(expr)`
    Dynamic(DynamicLabels),
    /// `A`
    Name(Name),
    /// `!A`
    Not(Box<LabelExpr>),
    /// `A | B`; `|:` is the same
    Or(Vec<LabelExpr>),
    /// `(A)`
    Parenthesized(Box<LabelExpr>),
}

/// How labels are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conjunction {
    /// `&`
    Ampersand,
    /// `:`
    Colon,
}

/// `$(expr)`, `$all(expr)`, `$any(expr)`
#[derive(Clone, Debug, PartialEq)]
pub struct DynamicLabels {
    /// Whether any of several is enough.
    pub any: bool,
    /// Whether `all` is written.
    pub all: bool,
    /// A name or a list of names.
    pub value: Box<Expr>,
}

/// `USING …`
#[derive(Clone, Debug, PartialEq)]
pub struct Hint {
    /// What the planner is told.
    pub kind: HintKind,
    /// All of it.
    pub span: Span,
}

/// What the planner is told.
#[derive(Clone, Debug, PartialEq)]
pub enum HintKind {
    /// `EXPAND …`, only in Cypher 25
    Expand(Vec<HintStep>),
    /// `INDEX n:L(p)`, `TEXT INDEX SEEK n:L(p)`
    Index {
        /// Whether to seek only.
        seek: bool,
        /// Of what.
        variable: Name,
        /// Its label or type.
        label: Name,
        /// The properties.
        properties: Vec<Name>,
    },
    /// `JOIN ON a, b`
    Join(Vec<Name>),
    /// `SCAN n:L`
    Scan {
        /// Of what.
        variable: Name,
        /// Its label or type.
        label: Name,
    },
}

/// `ALL FROM a TO b VIA r`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HintStep {
    /// From where and to where.
    pub ends: Option<(Name, Name)>,
    /// Over what.
    pub via: Option<Name>,
}
