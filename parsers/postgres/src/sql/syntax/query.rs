//! Queries and the items of FROM.

use super::{At, Expr, SortKey, StatementKind, TypeName, Window};

/// A query expression: `[WITH …] body [ORDER BY …] [LIMIT …] [FOR UPDATE …]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// WITH
    pub with: Option<With>,
    /// What yields the rows.
    pub body: Body,
    /// ORDER BY
    pub order_by: Vec<SortKey>,
    /// LIMIT or FETCH FIRST; `LIMIT ALL` is a null constant.
    pub limit: Option<Expr>,
    /// FETCH FIRST … WITH TIES
    pub with_ties: bool,
    /// OFFSET
    pub offset: Option<Expr>,
    /// FOR UPDATE, FOR SHARE and kin
    pub locking: Vec<Locking>,
}

/// What yields a query's rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// SELECT, and `TABLE name`, which the grammar reads as `SELECT * FROM name`.
    Select(Box<Select>),
    /// VALUES
    Values(Vec<Vec<Expr>>),
    /// UNION, INTERSECT, EXCEPT
    SetOperation {
        /// Which.
        operation: SetOperation,
        /// ALL
        all: bool,
        /// The left side.
        left: Box<Query>,
        /// The right side.
        right: Box<Query>,
    },
}

/// A set operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetOperation {
    /// UNION
    Union,
    /// INTERSECT
    Intersect,
    /// EXCEPT
    Except,
}

/// A simple SELECT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Select {
    /// DISTINCT
    pub distinct: Distinct,
    /// The target list.
    pub targets: Vec<Target>,
    /// FROM
    pub from: Vec<FromItem>,
    /// WHERE
    pub filter: Option<Expr>,
    /// GROUP BY
    pub group_by: Vec<Expr>,
    /// GROUP BY DISTINCT
    pub group_distinct: bool,
    /// HAVING
    pub having: Option<Expr>,
    /// WINDOW
    pub windows: Vec<Window>,
}

/// DISTINCT
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Distinct {
    /// absent
    No,
    /// DISTINCT
    Yes,
    /// DISTINCT ON (…)
    On(Vec<Expr>),
}

/// An item of a target list or of RETURNING.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The value.
    pub value: Expr,
    /// AS name
    pub name: Option<String>,
    /// Where the item begins.
    pub at: At,
}

/// WITH
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct With {
    /// RECURSIVE
    pub recursive: bool,
    /// The common table expressions, in order.
    pub ctes: Vec<Cte>,
}

/// A common table expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cte {
    /// Its name.
    pub name: String,
    /// Its column aliases.
    pub columns: Vec<String>,
    /// AS MATERIALIZED / NOT MATERIALIZED
    pub materialized: Option<bool>,
    /// What it holds.
    pub statement: StatementKind,
    /// SEARCH
    pub search: Option<Search>,
    /// CYCLE
    pub cycle: Option<Cycle>,
    /// Where its name stands.
    pub at: At,
}

/// SEARCH … BY … SET …
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// The columns.
    pub columns: Vec<String>,
    /// BREADTH FIRST, else DEPTH FIRST
    pub breadth_first: bool,
    /// SET name
    pub sequence: String,
}

/// CYCLE … SET … USING …
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// The columns.
    pub columns: Vec<String>,
    /// SET name
    pub mark: String,
    /// TO value
    pub value: Option<Expr>,
    /// DEFAULT value
    pub default: Option<Expr>,
    /// USING name
    pub path: String,
}

/// An item of FROM or USING.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FromItem {
    /// A relation, or a common table expression, by name.
    Relation(Box<Range>),
    /// A sub-select.
    Query {
        /// LATERAL
        lateral: bool,
        /// The sub-select.
        query: Box<Query>,
        /// AS
        alias: Option<Alias>,
    },
    /// Function calls: `f(…)` or `ROWS FROM (…)`.
    Functions(Box<Functions>),
    /// XMLTABLE or JSON_TABLE.
    Table {
        /// LATERAL
        lateral: bool,
        /// The call, with all its expressions and types as a compound.
        table: Box<Expr>,
        /// AS
        alias: Option<Alias>,
    },
    /// A join.
    Join(Box<Join>),
}

/// A relation in FROM, or the target of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The relation's name.
    pub name: RelationName,
    /// ONLY
    pub only: bool,
    /// AS
    pub alias: Option<Alias>,
    /// TABLESAMPLE
    pub sample: Option<Sample>,
    /// Where the name begins.
    pub at: At,
}

/// A relation's name as written, with the grammar's folding applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelationName {
    /// `database.` of a three-part name
    pub catalog: Option<String>,
    /// `schema.`
    pub schema: Option<String>,
    /// the name
    pub name: String,
}

/// TABLESAMPLE method (…) [REPEATABLE (…)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The method's name, with its schema where written.
    pub method: Vec<String>,
    /// Its arguments.
    pub arguments: Vec<Expr>,
    /// REPEATABLE
    pub repeatable: Option<Expr>,
}

/// `[AS] name [(columns)]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The name.
    pub name: String,
    /// The column aliases.
    pub columns: Vec<String>,
}

/// Function calls in FROM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Functions {
    /// LATERAL
    pub lateral: bool,
    /// WITH ORDINALITY
    pub ordinality: bool,
    /// ROWS FROM
    pub rows_from: bool,
    /// The calls, each with its column definition list.
    pub calls: Vec<(Expr, Vec<ColumnDefinition>)>,
    /// AS
    pub alias: Option<Alias>,
    /// The column definition list behind the alias.
    pub columns: Vec<ColumnDefinition>,
}

/// An item of a column definition list: `name type [COLLATE …]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnDefinition {
    /// The column's name.
    pub name: String,
    /// Its type.
    pub type_name: TypeName,
    /// COLLATE
    pub collation: Vec<String>,
}

/// A join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Join {
    /// INNER (also CROSS), LEFT, RIGHT or FULL.
    pub kind: JoinKind,
    /// NATURAL
    pub natural: bool,
    /// The left side.
    pub left: FromItem,
    /// The right side.
    pub right: FromItem,
    /// USING (…)
    pub using: Vec<String>,
    /// USING (…) AS name
    pub using_alias: Option<Alias>,
    /// ON
    pub on: Option<Expr>,
    /// The alias of a join in parentheses; it hides the names inside.
    pub alias: Option<Alias>,
}

/// A kind of join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinKind {
    /// INNER and CROSS
    Inner,
    /// LEFT
    Left,
    /// RIGHT
    Right,
    /// FULL
    Full,
}

/// FOR UPDATE and kin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locking {
    /// The strength.
    pub strength: LockStrength,
    /// OF names
    pub of: Vec<RelationName>,
    /// NOWAIT or SKIP LOCKED
    pub wait: LockWait,
}

/// The strength of a row lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockStrength {
    /// FOR KEY SHARE
    KeyShare,
    /// FOR SHARE
    Share,
    /// FOR NO KEY UPDATE
    NoKeyUpdate,
    /// FOR UPDATE
    Update,
}

/// What a row lock does when it cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockWait {
    /// wait
    Block,
    /// SKIP LOCKED
    Skip,
    /// NOWAIT
    Error,
}
