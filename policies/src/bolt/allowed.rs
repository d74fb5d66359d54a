//! What statements may call, and how they may be prefixed. Everything else is refused.

/// Functions that compute from what they are given, in lower case: the server does not tell cases
/// apart. What they are given is the tenant's own, so what they read of it is as well.
const FUNCTIONS: &[&str] = &[
    "abs",
    "acos",
    "all",
    "allreduce",
    "any",
    "asin",
    "atan",
    "atan2",
    "avg",
    "btrim",
    "cardinality",
    "ceil",
    "ceiling",
    "char_length",
    "character_length",
    "coalesce",
    "coll.distinct",
    "coll.flatten",
    "coll.indexof",
    "coll.insert",
    "coll.max",
    "coll.min",
    "coll.remove",
    "coll.sort",
    "collect",
    "collect_list",
    "cos",
    "cosh",
    "cot",
    "coth",
    "count",
    "date",
    "date.realtime",
    "date.statement",
    "date.transaction",
    "date.truncate",
    "datetime",
    "datetime.fromepoch",
    "datetime.fromepochmillis",
    "datetime.realtime",
    "datetime.statement",
    "datetime.transaction",
    "datetime.truncate",
    "degrees",
    "duration",
    "duration.between",
    "duration.indays",
    "duration.inmonths",
    "duration.inseconds",
    "duration_between",
    "e",
    "elementid",
    "endnode",
    "exists",
    "exp",
    "floor",
    "format",
    "haversin",
    "head",
    "id",
    "isempty",
    "isnan",
    "keys",
    "labels",
    "last",
    "left",
    "length",
    "ln",
    "local_datetime",
    "local_time",
    "localdatetime",
    "localdatetime.realtime",
    "localdatetime.statement",
    "localdatetime.transaction",
    "localdatetime.truncate",
    "localtime",
    "localtime.realtime",
    "localtime.statement",
    "localtime.transaction",
    "localtime.truncate",
    "log",
    "log10",
    "lower",
    "ltrim",
    "max",
    "min",
    "nodes",
    "none",
    "normalize",
    "nullif",
    "path_length",
    "percentile_cont",
    "percentile_disc",
    "percentilecont",
    "percentiledisc",
    "pi",
    "point",
    "point.distance",
    "point.withinbbox",
    "properties",
    "property_exists",
    "radians",
    "rand",
    "randomuuid",
    "range",
    "reduce",
    "relationships",
    "replace",
    "reverse",
    "right",
    "round",
    "rtrim",
    "sign",
    "sin",
    "single",
    "sinh",
    "size",
    "split",
    "sqrt",
    "startnode",
    "stdev",
    "stdev_pop",
    "stdev_samp",
    "stdevp",
    "string.indexof",
    "string.join",
    "string.regexreplace",
    "substring",
    "sum",
    "tail",
    "tan",
    "tanh",
    "time",
    "time.realtime",
    "time.statement",
    "time.transaction",
    "time.truncate",
    "timestamp",
    "toboolean",
    "tobooleanlist",
    "tobooleanornull",
    "tofloat",
    "tofloatlist",
    "tofloatornull",
    "tointeger",
    "tointegerlist",
    "tointegerornull",
    "tolower",
    "tostring",
    "tostringlist",
    "tostringornull",
    "toupper",
    "trim",
    "type",
    "upper",
    "uuid",
    "uuid.leastsignificantbits",
    "uuid.mostsignificantbits",
    "valuetype",
    "vector",
    "vector.similarity.cosine",
    "vector.similarity.euclidean",
    "vector_dimension_count",
    "vector_distance",
    "vector_norm",
    "zoned_datetime",
    "zoned_time",
];

/// Whether the function of this dotted name is open to tenants, by the list or by the policy.
pub(super) fn is_function(name: &str, opened: &[String]) -> bool {
    let name = name.to_ascii_lowercase();
    FUNCTIONS.binary_search(&name.as_str()).is_ok()
        || opened.iter().any(|opened| opened.eq_ignore_ascii_case(&name))
}

/// Procedures that neither read nor change what is in the graph. The server tells cases apart.
pub(super) const HARMLESS_PROCEDURES: &[&str] = &["db.ping", "dbms.components"];

/// Procedures that find nodes or relationships in an index of everybody's: what they yield must be
/// asked for its tenant. With the name of what they yield, and whether it is a node.
pub(super) const SEARCHES: &[(&str, &str, bool)] = &[
    ("db.index.fulltext.queryNodes", "node", true),
    ("db.index.fulltext.queryRelationships", "relationship", false),
    ("db.index.vector.queryNodes", "node", true),
    ("db.index.vector.queryRelationships", "relationship", false),
];

/// Procedures that set a property, named by the second argument, of the first.
pub(super) const SETTERS: &[&str] = &[
    "db.create.setNodeVectorProperty",
    "db.create.setRelationshipVectorProperty",
    "db.create.setVectorProperty",
];

/// Options that choose how a statement is run and not what it shows, in lower case.
const OPTIONS: &[&str] = &[
    "connectcomponentsplanner",
    "eagerness",
    "eageranalyzer",
    "expressionengine",
    "inferschemaparts",
    "interpretedpipesfallback",
    "operatorengine",
    "parallelruntimesupport",
    "planner",
    "replan",
    "runtime",
    "updatestrategy",
];

/// Whether a statement may be prefixed by this option. Its values are words of the server's.
pub(super) fn is_option(name: &str) -> bool {
    OPTIONS.contains(&name.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_in_lower_case() {
        assert!(FUNCTIONS.is_sorted());
        assert!(FUNCTIONS.iter().all(|name| *name == name.to_ascii_lowercase()));
    }

    #[test]
    fn functions_are_found_in_any_case_and_procedures_are_no_functions() {
        assert!(is_function("toUpper", &[]) && is_function("DATETIME.fromEpoch", &[]));
        assert!(!is_function("graph.byName", &[]) && !is_function("apoc.text.join", &[]));
        assert!(is_function("apoc.text.JOIN", &["apoc.text.join".to_owned()]));
        assert!(!is_function("db.labels", &[]));
    }
}
