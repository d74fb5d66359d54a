//! Expressions, types and windows.

use super::{At, Query};

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// The leftmost offset that any part of it is known to stand at. Parentheses, NOT and prefix
    /// operators may stand before it.
    pub at: At,
}

/// The kinds of expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExprKind {
    /// `a`, `t.a`, `s.t.a`, and with a star at the end.
    Column(ColumnRef),
    /// `$n`
    Parameter(u16),
    /// A constant.
    Const(Const),
    /// A function call.
    Call(Box<Call>),
    /// An operator.
    Operation(Box<Operation>),
    /// `CAST(x AS t)`, `x::t`, `t 'x'`.
    Cast(Box<Expr>, TypeName),
    /// `x COLLATE c`
    Collate(Box<Expr>, Vec<String>),
    /// `x.f`, `x[i]`, `x.*` on anything but a plain column name.
    Indirection(Box<Expr>, Vec<Indirection>),
    /// A sub-select in an expression.
    SubLink(Box<SubLink>),
    /// Anything that only holds expressions.
    Compound(Box<Compound>),
    /// DEFAULT in VALUES and SET.
    Default,
}

/// A column reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnRef {
    /// The names, one to four; none for a bare star.
    pub names: Vec<String>,
    /// Whether a star follows.
    pub star: bool,
}

/// A constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Const {
    /// NULL
    Null,
    /// An integer that fits 32 bits.
    Integer(i32),
    /// Any other number, as written.
    Number(String),
    /// TRUE, FALSE
    Boolean(bool),
    /// A string's value.
    String(String),
    /// `b…` or `x…`
    Bits(String),
}

/// A function call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The function's name, with its schema where written.
    pub name: Vec<String>,
    /// The arguments; named ones are compounds of [`Form::NamedArgument`].
    pub arguments: Vec<Expr>,
    /// ORDER BY inside an aggregate or WITHIN GROUP.
    pub order_by: Vec<SortKey>,
    /// FILTER (WHERE …)
    pub filter: Option<Expr>,
    /// OVER
    pub over: Option<Window>,
    /// Everything else that was written.
    pub flags: CallFlags,
}

/// The flags of a function call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the grammar's own flags")]
pub struct CallFlags {
    /// WITHIN GROUP
    pub within_group: bool,
    /// `f(*)`
    pub star: bool,
    /// DISTINCT
    pub distinct: bool,
    /// VARIADIC
    pub variadic: bool,
    /// Written in SQL's own syntax: `EXTRACT(…)`, `x AT TIME ZONE y`.
    pub sql_syntax: bool,
}

/// An operator with its operands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// What is done with the operator.
    pub kind: OperationKind,
    /// Its name, with its schema where written `OPERATOR(schema.name)`.
    pub name: Vec<String>,
    /// The left operand; none for a prefix operator.
    pub left: Option<Expr>,
    /// The right operand. A list (`IN`, `BETWEEN`) is a compound of [`Form::List`].
    pub right: Expr,
    /// Where the operator stands.
    pub at: At,
}

/// `A_Expr_Kind`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationKind {
    /// normal
    Plain,
    /// `x op ANY (array)`
    Any,
    /// `x op ALL (array)`
    All,
    /// IS DISTINCT FROM
    Distinct,
    /// IS NOT DISTINCT FROM
    NotDistinct,
    /// NULLIF
    NullIf,
    /// IN (list)
    In,
    /// LIKE
    Like,
    /// ILIKE
    ILike,
    /// SIMILAR TO
    Similar,
    /// BETWEEN
    Between,
    /// NOT BETWEEN
    NotBetween,
    /// BETWEEN SYMMETRIC
    BetweenSymmetric,
    /// NOT BETWEEN SYMMETRIC
    NotBetweenSymmetric,
}

/// A type's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeName {
    /// The name, with its schema where written or implied by the grammar.
    pub names: Vec<String>,
    /// SETOF
    pub set_of: bool,
    /// The modifiers: constants, or names, which the grammar holds as column references.
    pub modifiers: Vec<Expr>,
    /// The array bounds, -1 where empty.
    pub array_bounds: Vec<i32>,
    /// Where it stands.
    pub at: At,
}

/// A step of an indirection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Indirection {
    /// `.name`
    Field(String),
    /// `.*`
    Star,
    /// `[i]`
    Index(Expr),
    /// `[a:b]`
    Slice(Option<Expr>, Option<Expr>),
}

/// A sub-select in an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubLink {
    /// What is done with its rows.
    pub kind: SubLinkKind,
    /// The left side of `x op ANY (…)` and `x IN (…)`.
    pub test: Option<Expr>,
    /// The operator of `x op ANY (…)`; empty for IN.
    pub operator: Vec<String>,
    /// The sub-select.
    pub query: Query,
}

/// `SubLinkType`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubLinkKind {
    /// EXISTS
    Exists,
    /// `op ALL`
    All,
    /// `op ANY`, IN
    Any,
    /// A scalar.
    Scalar,
    /// `ARRAY(…)`
    Array,
}

/// A node that only holds expressions, types and sub-selects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compound {
    /// Which.
    pub form: Form,
    /// Its expressions, in the grammar's order.
    pub parts: Vec<Expr>,
    /// The types that it names.
    pub types: Vec<TypeName>,
}

/// The compounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// AND
    And,
    /// OR
    Or,
    /// NOT
    Not,
    /// CASE; the operand is there when `operand`, then pairs of condition and result, then the
    /// default when `default`.
    Case {
        /// `CASE x`
        operand: bool,
        /// ELSE
        default: bool,
    },
    /// COALESCE
    Coalesce,
    /// GREATEST
    Greatest,
    /// LEAST
    Least,
    /// IS NULL
    IsNull,
    /// IS NOT NULL
    IsNotNull,
    /// IS TRUE and kin, by the grammar's number.
    BooleanTest(u32),
    /// ROW(…) and (a, b); the flag tells which.
    Row {
        /// ROW was written.
        explicit: bool,
    },
    /// ARRAY[…]
    Array,
    /// The right side of IN and BETWEEN.
    List,
    /// `name => x`
    NamedArgument(String),
    /// GROUPING(…)
    Grouping,
    /// (), ROLLUP, CUBE, GROUPING SETS, by the grammar's number.
    GroupingSet(u32),
    /// CURRENT_DATE and kin, by the grammar's number and type modifier.
    SqlValue(u32, i32),
    /// XMLELEMENT and kin, and SQL/JSON: the grammar's own name and everything written that is not
    /// an expression.
    Special(&'static str, Vec<String>),
}

/// A window definition, or a reference to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its name, in WINDOW and in `OVER name`.
    pub name: Option<String>,
    /// The window that it extends.
    pub base: Option<String>,
    /// PARTITION BY
    pub partition_by: Vec<Expr>,
    /// ORDER BY
    pub order_by: Vec<SortKey>,
    /// The frame, as the grammar's bits.
    pub frame: i32,
    /// The frame's start offset.
    pub start: Option<Expr>,
    /// The frame's end offset.
    pub end: Option<Expr>,
}

/// An item of ORDER BY.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// What is sorted by.
    pub value: Expr,
    /// ASC, DESC, USING, by the grammar's number.
    pub direction: u32,
    /// NULLS FIRST, NULLS LAST, by the grammar's number.
    pub nulls: u32,
    /// USING operator
    pub using: Vec<String>,
}
