//! Clauses.

use wire::Span;

use super::{Expr, Function, Hint, MatchMode, Name, PathPattern, Query, SetQuantifier};

/// A clause.
#[derive(Clone, Debug, PartialEq)]
pub enum Clause {
    /// `CALL procedure(…) YIELD …`
    Call(Call),
    /// `CREATE …`
    Create(Create),
    /// `DELETE …`
    Delete(Delete),
    /// `FILTER condition`, only in Cypher 25
    Filter(Expr),
    /// `FINISH`
    Finish(Span),
    /// `FOR x IN list`, only in Cypher 25
    For(Unwind),
    /// `FOREACH (x IN list | …)`
    Foreach(Foreach),
    /// `INSERT …`
    Insert(Create),
    /// `LET x = 1`, only in Cypher 25
    Let(Vec<Let>),
    /// `LOAD CSV …`
    LoadCsv(LoadCsv),
    /// `MATCH …`
    Match(Box<Match>),
    /// `MERGE …`
    Merge(Merge),
    /// `ORDER BY`, `SKIP`, `LIMIT` that belong to no other clause
    Page(Page),
    /// `REMOVE …`
    Remove(Vec<RemoveItem>),
    /// `RETURN …`
    Return(Box<Projection>),
    /// `SET …`
    Set(Vec<SetItem>),
    /// `CALL { … }`
    Subquery(Box<Subquery>),
    /// `UNWIND list AS x`
    Unwind(Unwind),
    /// `USE graph`
    Use(Use),
    /// `WITH …`
    With(Box<With>),
}

/// `OPTIONAL MATCH patterns hints WHERE condition`
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// Whether nulls stand in for what is not found.
    pub optional: bool,
    /// How the patterns may share relationships.
    pub mode: Option<MatchMode>,
    /// At least one.
    pub patterns: Vec<PathPattern>,
    /// What the planner is told.
    pub hints: Vec<Hint>,
    /// `WHERE`
    pub condition: Option<Expr>,
    /// `SEARCH`, only in Cypher 25
    pub search: Option<Search>,
    /// All of it.
    pub span: Span,
}

/// `SEARCH n IN (VECTOR INDEX i FOR v LIMIT 3) SCORE AS s`
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// A variable of the patterns.
    pub variable: Name,
    /// Which kind of index.
    pub index: SearchIndex,
    /// Its name.
    pub name: super::SchemaName,
    /// What is looked for.
    pub value: Expr,
    /// How a text is taken apart.
    pub analyzer: Option<Expr>,
    /// `WHERE` in the parentheses.
    pub condition: Option<Expr>,
    /// How many are left out.
    pub skip: Option<Expr>,
    /// How many are found.
    pub limit: Expr,
    /// The name of the score.
    pub score: Option<Name>,
    /// All of it.
    pub span: Span,
}

/// A kind of index that is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchIndex {
    /// `FULLTEXT`
    Fulltext,
    /// `VECTOR`
    Vector,
}

/// `CREATE patterns`, `INSERT patterns`
#[derive(Clone, Debug, PartialEq)]
pub struct Create {
    /// At least one.
    pub patterns: Vec<PathPattern>,
    /// All of it.
    pub span: Span,
}

/// `MERGE pattern ON CREATE SET … ON MATCH SET …`
#[derive(Clone, Debug, PartialEq)]
pub struct Merge {
    /// What is found or made.
    pub pattern: PathPattern,
    /// In order.
    pub actions: Vec<MergeAction>,
    /// All of it.
    pub span: Span,
}

/// `ON CREATE SET …`
#[derive(Clone, Debug, PartialEq)]
pub struct MergeAction {
    /// Whether it is `ON CREATE` and not `ON MATCH`.
    pub on_create: bool,
    /// At least one.
    pub items: Vec<SetItem>,
}

/// What SET does.
#[derive(Clone, Debug, PartialEq)]
pub enum SetItem {
    /// `n += {…}`
    Add(Assignment),
    /// `n:A:B`
    Labels(LabelChange),
    /// `n.p = 1`, `n[k] = 1`, `(CASE … END).p = 1`: the last step of the target is what is set
    Property {
        /// A value and steps into it, the last of them a property or an index.
        target: Expr,
        /// What it is set to.
        value: Expr,
        /// All of it.
        span: Span,
    },
    /// `n = {…}`
    Replace(Assignment),
}

/// A variable and a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// Of what.
    pub variable: Name,
    /// What.
    pub value: Expr,
    /// All of it.
    pub span: Span,
}

/// A variable and the labels that it gets or loses.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelChange {
    /// Of what.
    pub variable: Name,
    /// At least one.
    pub labels: Vec<LabelItem>,
    /// All of it.
    pub span: Span,
}

/// A label in SET or REMOVE.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelItem {
    /// Whether it begins with `IS` and not with a colon.
    pub is: bool,
    /// Which.
    pub label: LabelSign,
}

/// A label by name, or one that is computed.
#[derive(Clone, Debug, PartialEq)]
pub enum LabelSign {
    /// `$(expr)`
    Dynamic(Expr),
    /// `A`
    Name(Name),
}

/// What REMOVE does.
#[derive(Clone, Debug, PartialEq)]
pub enum RemoveItem {
    /// `n:A:B`
    Labels(LabelChange),
    /// `n.p`, `n[k]`: a value and steps into it, the last of them what is removed
    Property(Expr),
}

/// `DETACH DELETE a, b`
#[derive(Clone, Debug, PartialEq)]
pub struct Delete {
    /// Whether relationships go, too.
    pub detach: bool,
    /// At least one.
    pub values: Vec<Expr>,
    /// All of it.
    pub span: Span,
}

/// `LET variable = value`
#[derive(Clone, Debug, PartialEq)]
pub struct Let {
    /// The new name.
    pub variable: Name,
    /// What it stands for.
    pub value: Expr,
}

/// `UNWIND list AS variable`, `FOR variable IN list`
#[derive(Clone, Debug, PartialEq)]
pub struct Unwind {
    /// The items.
    pub list: Expr,
    /// Each item's name.
    pub variable: Name,
    /// All of it.
    pub span: Span,
}

/// `FOREACH (variable IN list | clauses)`
#[derive(Clone, Debug, PartialEq)]
pub struct Foreach {
    /// Each item's name, known in the clauses.
    pub variable: Name,
    /// The items.
    pub list: Expr,
    /// At least one, of those that write.
    pub clauses: Vec<Clause>,
    /// All of it.
    pub span: Span,
}

/// `WITH … WHERE …`
#[derive(Clone, Debug, PartialEq)]
pub struct With {
    /// What goes on.
    pub projection: Projection,
    /// `WHERE`
    pub condition: Option<Expr>,
}

/// What RETURN and WITH have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    /// `DISTINCT`
    pub quantifier: SetQuantifier,
    /// `*`, in front of the items
    pub star: Option<Span>,
    /// In order; none only with a star.
    pub items: Vec<Item>,
    /// `GROUP BY`, only in Cypher 25
    pub group_by: Option<GroupBy>,
    /// What follows.
    pub page: Page,
    /// All of it.
    pub span: Span,
}

/// `value AS alias`
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What.
    pub value: Expr,
    /// Under which name; without one the name is the text of the value.
    pub alias: Option<Name>,
}

/// `GROUP BY …`
#[derive(Clone, Debug, PartialEq)]
pub enum GroupBy {
    /// `GROUP BY ALL`
    All,
    /// `GROUP BY a, b`; `()` is none
    Keys(Vec<Expr>),
}

/// `ORDER BY … SKIP … LIMIT …`
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// In order.
    pub order_by: Vec<SortItem>,
    /// How many are left out.
    pub skip: Option<Expr>,
    /// How many there are at most.
    pub limit: Option<Expr>,
}

/// `value DESC`
#[derive(Clone, Debug, PartialEq)]
pub struct SortItem {
    /// By what.
    pub value: Expr,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// `OPTIONAL CALL a.b(c) YIELD d AS e WHERE f`
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Whether nulls stand in for no rows.
    pub optional: bool,
    /// Namespaces and the name: at least one.
    pub procedure: Vec<Name>,
    /// In order; none where there are no parentheses, and then parameters of the arguments' names
    /// are taken.
    pub arguments: Option<Vec<Expr>>,
    /// `YIELD`
    pub yields: Option<Yields>,
    /// All of it.
    pub span: Span,
}

/// `YIELD a AS b, c WHERE d`
#[derive(Clone, Debug, PartialEq)]
pub struct Yields {
    /// `*`
    pub star: bool,
    /// In order; none only with a star.
    pub items: Vec<YieldItem>,
    /// `WHERE`
    pub condition: Option<Expr>,
    /// All of it.
    pub span: Span,
}

/// `column AS alias`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YieldItem {
    /// The procedure's name for it.
    pub column: Name,
    /// Ours, if another.
    pub alias: Option<Name>,
}

/// `OPTIONAL CALL (a) { … } IN TRANSACTIONS`
#[derive(Clone, Debug, PartialEq)]
pub struct Subquery {
    /// Whether nulls stand in for no rows.
    pub optional: bool,
    /// Which variables it sees; without a scope, those of an importing WITH at its start.
    pub scope: Option<SubqueryScope>,
    /// What stands in the braces.
    pub query: Query,
    /// `IN TRANSACTIONS`
    pub in_transactions: Option<InTransactions>,
    /// All of it.
    pub span: Span,
}

/// Which variables a sub-query sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubqueryScope {
    /// `(*)`
    All,
    /// `(a, b)`
    Names(Vec<Name>),
}

/// `IN 3 CONCURRENT TRANSACTIONS OF 10 ROWS ON ERROR CONTINUE REPORT STATUS AS s`
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InTransactions {
    /// Whether several run at once.
    pub concurrent: bool,
    /// How many.
    pub concurrency: Option<Expr>,
    /// Rows in each.
    pub rows: Vec<Expr>,
    /// What happens where one fails.
    pub on_error: Vec<BatchError>,
    /// The name of each one's outcome.
    pub report: Vec<Name>,
    /// `DISJOINT BY`, only in Cypher 25
    pub disjoint: Vec<Disjoint>,
}

/// `ON ERROR …`
#[derive(Clone, Debug, PartialEq)]
pub enum BatchError {
    /// `BREAK`
    Break,
    /// `CONTINUE`
    Continue,
    /// `FAIL`
    Fail,
    /// `RETRY FOR 3 SECONDS THEN …`, only in Cypher 25
    Retry {
        /// For how long.
        seconds: Option<Expr>,
        /// What then.
        then: Option<Box<BatchError>>,
    },
}

/// `DISJOINT BY …`
#[derive(Clone, Debug, PartialEq)]
pub enum Disjoint {
    /// `AUTO`
    Auto,
    /// `(a, b)`
    By(Vec<Expr>),
    /// `NONE`
    None,
}

/// `LOAD CSV WITH HEADERS FROM a AS b FIELDTERMINATOR 'c'`
#[derive(Clone, Debug, PartialEq)]
pub struct LoadCsv {
    /// Whether the first line has names.
    pub headers: bool,
    /// Where it is.
    pub from: Expr,
    /// Each line's name.
    pub variable: Name,
    /// What stands between fields.
    pub terminator: Option<String>,
    /// All of it.
    pub span: Span,
}

/// `USE graph`
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    /// Which.
    pub graph: GraphReference,
    /// All of it.
    pub span: Span,
}

/// A graph.
#[derive(Clone, Debug, PartialEq)]
pub enum GraphReference {
    /// `graph.byName('a')`
    Function(Function),
    /// `a.b`
    Name(Vec<Name>),
}
