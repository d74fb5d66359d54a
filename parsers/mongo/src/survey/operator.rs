//! Stages of pipelines, and operators of filters, updates, projections and expressions.

use std::sync::LazyLock;

use super::class::{Names, classes};

classes! {
    /// What a stage's value holds, and what it reads or writes besides the documents before it.
    StageClass {
        /// A filter.
        Match = "match",
        /// A document whose values are expressions.
        Fields = "fields",
        /// An expression.
        Expression = "expression",
        /// Expressions and accumulators.
        Group = "group",
        /// Expressions, a sort, and window functions.
        Window = "window",
        /// Names of fields, and expressions to partition by.
        Fill = "fill",
        /// Nothing that is evaluated.
        Plain = "plain",
        /// Must stand first: a place, and a filter.
        GeoNear = "geo-near",
        /// Must stand first: a search in the collection's search index.
        Search = "search",
        /// Must stand first: counts of such a search.
        SearchMeta = "search-meta",
        /// Must stand first: a search for the nearest vectors, with a filter.
        VectorSearch = "vector-search",
        /// Must stand first: changes instead of documents.
        ChangeStream = "change-stream",
        /// Must stand first: documents that stand in the stage itself.
        Documents = "documents",
        /// Must stand first: figures of the whole collection.
        CollStats = "coll-stats",
        /// Pipelines over the same documents.
        Facet = "facet",
        /// Pipelines over the same collection, their results ranked.
        Fusion = "fusion",
        /// A collection, and a pipeline over it.
        Lookup = "lookup",
        /// A collection, and a filter for each hop.
        GraphLookup = "graph-lookup",
        /// A collection, and a pipeline over it.
        UnionWith = "union-with",
        /// Writes to a collection.
        Merge = "merge",
        /// Replaces a collection.
        Out = "out",
        /// Must stand last: cuts large changes.
        ChangeStreamSplit = "change-stream-split",
        /// No tenant's business.
        Refused = "refused",
    }
}

classes! {
    /// Where an operator stands in a filter, and what its value holds.
    QueryClass {
        /// In the place of a field: filters.
        Logical = "logical",
        /// In the place of a field: an expression.
        Expression = "expression",
        /// In the place of a field: a full-text search.
        Text = "text",
        /// In the place of a field: a schema.
        JsonSchema = "json-schema",
        /// In either place: a value for the log.
        Comment = "comment",
        /// In the place of a field: nothing.
        Constant = "constant",
        /// Below a field: a value as it is, or several.
        Value = "value",
        /// Below a field: operators, or a regular expression.
        Not = "not",
        /// Below a field: a filter, or operators.
        ElemMatch = "elem-match",
        /// Below a field: values, or documents of `$elemMatch`.
        All = "all",
        /// Below a field: a regular expression, or its options.
        Regex = "regex",
        /// Below a field: shapes and distances.
        Geo = "geo",
        /// No tenant's business.
        Refused = "refused",
    }
}

classes! {
    /// What an update operator's value holds.
    UpdateClass {
        /// Paths and values.
        Paths = "paths",
        /// Paths and values of a document that is inserted.
        SetOnInsert = "set-on-insert",
        /// Paths and paths.
        Rename = "rename",
        /// Paths and values, or modifiers.
        Push = "push",
        /// Paths and values, or conditions.
        Pull = "pull",
        /// Stands below a path of [`UpdateClass::Push`].
        Modifier = "modifier",
        /// No tenant's business.
        Refused = "refused",
    }
}

classes! {
    /// What an operator of a find's projection holds.
    ProjectionClass {
        /// A filter, or operators.
        ElemMatch = "elem-match",
        /// Numbers.
        Slice = "slice",
        /// A keyword.
        Meta = "meta",
    }
}

classes! {
    /// What an operator of an expression holds.
    ExpressionClass {
        /// A value that is no expression.
        Literal = "literal",
        /// A keyword.
        Meta = "meta",
        /// Named expressions, of which some are evaluated with variables that others bind.
        Variables = "variables",
        /// Expressions.
        Operands = "operands",
        /// Expressions; fails with none of their values, unless they do.
        Total = "total",
        /// No tenant's business.
        Refused = "refused",
    }
}

classes! {
    /// Where an accumulator may stand. Its value holds expressions.
    AccumulatorClass {
        /// In `$group` and `$bucket`.
        Group = "group",
        /// There and in `$setWindowFields`.
        Both = "both",
        /// In `$setWindowFields`.
        Window = "window",
        /// No tenant's business.
        Refused = "refused",
    }
}

classes! {
    /// What a variable of the server's holds.
    VariableClass {
        /// The document, the time, or a keyword.
        Plain = "plain",
        /// No tenant's business.
        Refused = "refused",
    }
}

const STAGE_LIST: &str = include_str!("stage.txt");
const QUERY_LIST: &str = include_str!("query.txt");
const UPDATE_LIST: &str = include_str!("update.txt");
const PROJECTION_LIST: &str = include_str!("projection.txt");
const EXPRESSION_LIST: &str = include_str!("expression.txt");
const ACCUMULATOR_LIST: &str = include_str!("accumulator.txt");
const VARIABLE_LIST: &str = include_str!("variable.txt");

/// The class of the stage of this name, dollar sign included; `None` for an unknown one.
#[must_use]
pub fn stage(name: &str) -> Option<StageClass> {
    static STAGES: LazyLock<Names<StageClass>> = LazyLock::new(|| Names::read(STAGE_LIST));
    STAGES.class(name)
}

/// The class of the query operator of this name, dollar sign included; `None` for an unknown one.
#[must_use]
pub fn query_operator(name: &str) -> Option<QueryClass> {
    static OPERATORS: LazyLock<Names<QueryClass>> = LazyLock::new(|| Names::read(QUERY_LIST));
    OPERATORS.class(name)
}

/// The class of the update operator of this name, dollar sign included; `None` for an unknown one.
#[must_use]
pub fn update_operator(name: &str) -> Option<UpdateClass> {
    static OPERATORS: LazyLock<Names<UpdateClass>> = LazyLock::new(|| Names::read(UPDATE_LIST));
    OPERATORS.class(name)
}

/// The class of the operator of this name in a find's projection, dollar sign included; `None` for
/// one that can only be an expression's.
#[must_use]
pub fn projection_operator(name: &str) -> Option<ProjectionClass> {
    static OPERATORS: LazyLock<Names<ProjectionClass>> =
        LazyLock::new(|| Names::read(PROJECTION_LIST));
    OPERATORS.class(name)
}

/// The class of the operator of this name in an expression, dollar sign included; `None` for an
/// unknown one.
#[must_use]
pub fn expression(name: &str) -> Option<ExpressionClass> {
    static OPERATORS: LazyLock<Names<ExpressionClass>> =
        LazyLock::new(|| Names::read(EXPRESSION_LIST));
    OPERATORS.class(name)
}

/// The class of the accumulator or window function of this name, dollar sign included; `None` for an
/// unknown one.
#[must_use]
pub fn accumulator(name: &str) -> Option<AccumulatorClass> {
    static OPERATORS: LazyLock<Names<AccumulatorClass>> =
        LazyLock::new(|| Names::read(ACCUMULATOR_LIST));
    OPERATORS.class(name)
}

/// The class of the server's variable of this name, without dollar signs; `None` for one that is not
/// the server's.
#[must_use]
pub fn variable(name: &str) -> Option<VariableClass> {
    static VARIABLES: LazyLock<Names<VariableClass>> = LazyLock::new(|| Names::read(VARIABLE_LIST));
    VARIABLES.class(name)
}

#[cfg(test)]
mod tests {
    use super::super::class::tests::is_sound;
    use super::*;

    #[test]
    fn the_lists_are_sound() {
        is_sound::<StageClass>("stage.txt", STAGE_LIST, StageClass::ALL.len());
        is_sound::<QueryClass>("query.txt", QUERY_LIST, QueryClass::ALL.len());
        is_sound::<UpdateClass>("update.txt", UPDATE_LIST, UpdateClass::ALL.len());
        is_sound::<ProjectionClass>("projection.txt", PROJECTION_LIST, ProjectionClass::ALL.len());
        is_sound::<ExpressionClass>("expression.txt", EXPRESSION_LIST, ExpressionClass::ALL.len());
        let all = AccumulatorClass::ALL.len();
        is_sound::<AccumulatorClass>("accumulator.txt", ACCUMULATOR_LIST, all);
        is_sound::<VariableClass>("variable.txt", VARIABLE_LIST, VariableClass::ALL.len());
    }

    #[test]
    fn operators_begin_with_a_dollar_sign_and_variables_do_not() {
        for list in [
            STAGE_LIST,
            QUERY_LIST,
            UPDATE_LIST,
            PROJECTION_LIST,
            EXPRESSION_LIST,
            ACCUMULATOR_LIST,
        ] {
            for line in super::super::class::lines(list) {
                for name in line.split(' ').skip(1) {
                    assert!(name.starts_with('$') && name.len() > 1, "{line}");
                }
            }
        }
        for line in super::super::class::lines(VARIABLE_LIST) {
            assert!(!line.contains('$'), "{line}");
        }
    }

    #[test]
    fn javascript_is_refused_wherever_it_stands() {
        assert_eq!(query_operator("$where"), Some(QueryClass::Refused));
        assert_eq!(expression("$function"), Some(ExpressionClass::Refused));
        assert_eq!(accumulator("$accumulator"), Some(AccumulatorClass::Refused));
        assert_eq!(expression("$accumulator"), None);
    }

    #[test]
    fn the_servers_own_is_refused_or_unknown() {
        for name in ["$_internalSearchIdLookup", "$currentOp", "$listSessions", "$mergeCursors"] {
            assert_eq!(stage(name), Some(StageClass::Refused), "{name}");
        }
        for name in ["$_internalOfTomorrow", "$Match", "match", "", "$", "# ", "refused:"] {
            assert_eq!(stage(name), None, "{name}");
        }
        assert_eq!(query_operator("$_internalExprEq"), Some(QueryClass::Refused));
        assert_eq!(variable("USER_ROLES"), Some(VariableClass::Refused));
        assert_eq!(variable("$USER_ROLES"), None);
        assert_eq!(variable("NOW"), Some(VariableClass::Plain));
    }

    #[test]
    fn what_reads_or_writes_elsewhere_has_a_class_of_its_own() {
        for (name, class) in [
            ("$lookup", StageClass::Lookup),
            ("$graphLookup", StageClass::GraphLookup),
            ("$unionWith", StageClass::UnionWith),
            ("$facet", StageClass::Facet),
            ("$rankFusion", StageClass::Fusion),
            ("$merge", StageClass::Merge),
            ("$out", StageClass::Out),
            ("$changeStream", StageClass::ChangeStream),
            ("$documents", StageClass::Documents),
            ("$geoNear", StageClass::GeoNear),
        ] {
            assert_eq!(stage(name), Some(class));
        }
    }

    #[test]
    fn an_accumulator_that_may_stand_anywhere_is_no_expression_by_that() {
        assert_eq!(accumulator("$sum"), Some(AccumulatorClass::Both));
        assert_eq!(expression("$sum"), Some(ExpressionClass::Operands));
        assert_eq!(accumulator("$addToSet"), Some(AccumulatorClass::Both));
        assert_eq!(expression("$addToSet"), None);
        assert_eq!(accumulator("$rank"), Some(AccumulatorClass::Window));
        assert_eq!(accumulator("$mergeObjects"), Some(AccumulatorClass::Group));
        assert_eq!(accumulator("$add"), None);
    }
}
