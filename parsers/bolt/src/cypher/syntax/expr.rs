//! Expressions.

use wire::Span;

use super::{
    Factor, LabelExpr, MatchMode, Name, PathPattern, Query, ScalarType, SetQuantifier,
    ShortestPath, Type,
};

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// All of it.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `a.b[0]`: a value and at least one step into it
    Access(Box<Expr>, Vec<Access>),
    /// `allReduce(a = 0, x IN xs | a + x, a < 9)`, only in Cypher 25
    AllReduce(Box<AllReduce>),
    /// `a AND b AND c`
    And(Vec<Expr>),
    /// `a + b - c`: one level of precedence
    Arithmetic(Box<Expr>, Vec<(Arithmetic, Expr)>),
    /// `CASE … END`
    Case(Box<Case>),
    /// `COLLECT { … }`
    Collect(Box<Query>),
    /// `a < b <= c`
    Comparison(Box<Expr>, Vec<(Comparison, Expr)>),
    /// `COUNT { … }`
    Count(Box<SubqueryBody>),
    /// `count(*)`
    CountStar,
    /// `EXISTS { … }`
    Exists(Box<SubqueryBody>),
    /// `f(a, b)`
    Function(Box<Function>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `[x IN xs WHERE p | y]`
    ListComprehension(Box<ListComprehension>),
    /// `all(x IN xs WHERE p)`
    ListPredicate(Box<ListPredicate>),
    /// `1`, `'a'`, `true`
    Literal(Literal),
    /// `{a: 1}`
    Map(Map),
    /// `n {.a, b: 1}`
    MapProjection(Box<MapProjection>),
    /// `normalize(s, NFC)`
    Normalize(Box<Normalize>),
    /// `NOT a`
    Not(Box<Expr>),
    /// `a OR b OR c`
    Or(Vec<Expr>),
    /// `$p`
    Parameter(Parameter),
    /// `(a)`
    Parenthesized(Box<Expr>),
    /// `(a)-->(b)`, where a truth is wanted: nodes with relationships between them
    Pattern(Vec<Factor>),
    /// `[p = (a)-->(b) WHERE c | d]`
    PatternComprehension(Box<PatternComprehension>),
    /// `property_exists(n, key)`, only in Cypher 25
    PropertyExists(Box<PropertyExists>),
    /// `reduce(a = 0, x IN xs | a + x)`
    Reduce(Box<Reduce>),
    /// `shortestPath((a)-[*]-(b))`
    ShortestPath(Box<ShortestPath>),
    /// `-a`, or `+a` if not `true`
    Sign {
        /// Whether it is a minus.
        negative: bool,
        /// Of what.
        value: Box<Expr>,
    },
    /// `a STARTS WITH b`, `a IS NULL`
    Test(Box<Expr>, Box<Test>),
    /// `trim(BOTH 'x' FROM s)`
    Trim(Box<Trim>),
    /// `n`
    Variable(Name),
    /// `vector([1, 2], 2, INTEGER)`, only in Cypher 25
    VectorValue(Box<VectorValue>),
    /// `vector_distance(a, b, EUCLIDEAN)`, `vector_norm(a, EUCLIDEAN)`, only in Cypher 25
    VectorDistance(Box<VectorDistance>),
    /// `a XOR b`
    Xor(Vec<Expr>),
}

/// A literal.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `true`, `false`
    Boolean(bool),
    /// A number with a fraction or an exponent, as written.
    Float(String),
    /// A whole number, as written, with its minus.
    Integer(String),
    /// `INF`, `INFINITY`
    Infinity,
    /// `NaN`
    NotANumber,
    /// `NULL`
    Null,
    /// What the string stands for.
    String(String),
}

/// `$name`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, without the sign.
    pub name: String,
    /// Both.
    pub span: Span,
}

/// `{key: value}`. A key that stands twice has its last value.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    /// In order.
    pub entries: Vec<(Name, Expr)>,
    /// Both braces and what is in them.
    pub span: Span,
}

/// A step into a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Access {
    /// `[i]`
    Index(Expr),
    /// `:A`, `IS A`: in Cypher 5 this binds as tightly as the others
    Labels(LabelExpr),
    /// `.key`
    Property(Name),
    /// `[a..b]`
    Slice(Slice),
}

/// `a..b`
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// The first.
    pub from: Option<Expr>,
    /// The one behind the last.
    pub to: Option<Expr>,
}

/// An operator on numbers, strings and lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `||`
    Concatenate,
    /// `/`
    Divide,
    /// `*`
    Multiply,
    /// `^`
    Power,
    /// `%`
    Remainder,
    /// `-`
    Subtract,
}

/// An operator that compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `<>`
    NotEqual,
}

/// What a value is tested for.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// `CONTAINS a`
    Contains(Expr),
    /// `ENDS WITH a`
    EndsWith(Expr),
    /// `IN a`
    In(Expr),
    /// `:A`, `IS NOT LABELED A`, in Cypher 25
    Labels {
        /// Whether it is negated.
        not: bool,
        /// The labels.
        labels: LabelExpr,
    },
    /// `=~ a`
    Matches(Expr),
    /// `IS NORMALIZED`; whether it is negated
    Normalized {
        /// Whether it is negated.
        not: bool,
    },
    /// `IS NULL`
    Null {
        /// Whether it is negated.
        not: bool,
    },
    /// `STARTS WITH a`
    StartsWith(Expr),
    /// `IS :: INTEGER`
    Typed {
        /// Whether it is negated.
        not: bool,
        /// The type.
        of: Type,
    },
}

/// `CASE a WHEN b THEN c ELSE d END`
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// What is compared; none where each branch has a condition of its own.
    pub value: Option<Expr>,
    /// At least one.
    pub branches: Vec<CaseBranch>,
    /// `ELSE`
    pub otherwise: Option<Expr>,
}

/// `WHEN a, b THEN c`
#[derive(Clone, Debug, PartialEq)]
pub struct CaseBranch {
    /// Any of them.
    pub when: Vec<WhenTest>,
    /// What then.
    pub then: Expr,
}

/// What a branch compares with.
#[derive(Clone, Debug, PartialEq)]
pub enum WhenTest {
    /// `WHEN < 3`
    Comparison(Comparison, Expr),
    /// `WHEN 3`; a condition where nothing is compared
    Equals(Expr),
    /// `WHEN IS NULL`
    Test(Test),
}

/// `n {.a, .*, b, c: 1}`
#[derive(Clone, Debug, PartialEq)]
pub struct MapProjection {
    /// Of what.
    pub variable: Name,
    /// What is taken.
    pub items: Vec<ProjectionItem>,
}

/// What a map projection takes.
#[derive(Clone, Debug, PartialEq)]
pub enum ProjectionItem {
    /// `.*`
    All(Span),
    /// `key: value`
    Entry(Name, Expr),
    /// `.key`
    Property(Name),
    /// `variable`
    Variable(Name),
}

/// `f(DISTINCT a, b)`
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Namespaces and the name: at least one.
    pub name: Vec<Name>,
    /// `DISTINCT`
    pub quantifier: SetQuantifier,
    /// In order.
    pub arguments: Vec<Expr>,
}

/// `[variable IN list WHERE condition | value]`
#[derive(Clone, Debug, PartialEq)]
pub struct ListComprehension {
    /// Each item's name, known in the rest of the brackets.
    pub variable: Name,
    /// The items.
    pub list: Expr,
    /// Which of them.
    pub condition: Option<Expr>,
    /// What becomes of each.
    pub value: Option<Expr>,
}

/// `[path = pattern WHERE condition | value]`
#[derive(Clone, Debug, PartialEq)]
pub struct PatternComprehension {
    /// The path's name, known in the rest of the brackets.
    pub variable: Option<Name>,
    /// Nodes with relationships between them.
    pub factors: Vec<Factor>,
    /// Where the pattern stands, without the name.
    pub pattern_span: Span,
    /// Which of the matches.
    pub condition: Option<Expr>,
    /// What becomes of each.
    pub value: Expr,
}

/// `all(variable IN list WHERE condition)`
#[derive(Clone, Debug, PartialEq)]
pub struct ListPredicate {
    /// How many.
    pub quantifier: ListQuantifier,
    /// Each item's name, known in the condition.
    pub variable: Name,
    /// The items.
    pub list: Expr,
    /// What is asked of each.
    pub condition: Option<Expr>,
}

/// How many items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListQuantifier {
    /// `all`
    All,
    /// `any`
    Any,
    /// `none`
    None,
    /// `single`
    Single,
}

/// `reduce(accumulator = start, variable IN list | step)`
#[derive(Clone, Debug, PartialEq)]
pub struct Reduce {
    /// Known in the step.
    pub accumulator: Name,
    /// What it begins with.
    pub start: Expr,
    /// Each item's name, known in the step.
    pub variable: Name,
    /// The items.
    pub list: Expr,
    /// What it becomes with each.
    pub step: Expr,
}

/// `allReduce(…, condition)`
#[derive(Clone, Debug, PartialEq)]
pub struct AllReduce {
    /// All but the last argument.
    pub reduce: Reduce,
    /// What must hold at each step.
    pub condition: Expr,
}

/// `normalize(value, NFC)`
#[derive(Clone, Debug, PartialEq)]
pub struct Normalize {
    /// What.
    pub value: Expr,
    /// Whether a form is named.
    pub form: Option<Span>,
}

/// `trim(side characters FROM value)`
#[derive(Clone, Debug, PartialEq)]
pub struct Trim {
    /// Where.
    pub side: Option<TrimSide>,
    /// Which characters.
    pub characters: Option<Expr>,
    /// Of what.
    pub value: Expr,
}

/// Where a string is trimmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrimSide {
    /// `BOTH`
    Both,
    /// `LEADING`
    Leading,
    /// `TRAILING`
    Trailing,
}

/// `property_exists(variable, property)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyExists {
    /// Of what.
    pub variable: Name,
    /// Which.
    pub property: Name,
}

/// `vector(value, dimension, type)`
#[derive(Clone, Debug, PartialEq)]
pub struct VectorValue {
    /// The elements.
    pub value: Expr,
    /// How many.
    pub dimension: Expr,
    /// Of which type.
    pub coordinate: ScalarType,
}

/// `vector_distance(a, b, metric)`, or `vector_norm(a, metric)` without the second
#[derive(Clone, Debug, PartialEq)]
pub struct VectorDistance {
    /// The one.
    pub first: Expr,
    /// The other.
    pub second: Option<Expr>,
    /// How it is measured, as written.
    pub metric: Span,
}

/// What stands in the braces of EXISTS and COUNT.
#[derive(Clone, Debug, PartialEq)]
pub enum SubqueryBody {
    /// Patterns alone.
    Patterns {
        /// How they may share relationships.
        mode: Option<MatchMode>,
        /// At least one.
        patterns: Vec<PathPattern>,
        /// `WHERE`
        condition: Option<Expr>,
    },
    /// A query.
    Query(Query),
}
