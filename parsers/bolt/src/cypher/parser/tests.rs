//! How words, brackets and operators are read, and how deep.

use super::{DEPTH_MAX, SUBQUERIES_MAX, parse};
use crate::cypher::syntax::*;
use crate::cypher::{Edits, Fault};

const BYTES_MAX: usize = 1 << 20;

fn query(text: &str, dialect: Dialect) -> Vec<Clause> {
    let parsed = parse(text, dialect, BYTES_MAX).unwrap_or_else(|error| panic!("{text}: {error}"));
    let StatementBody::Query(query) = parsed.statement.body else { panic!("no query: {text}") };
    let [RegularQuery::Union(parts)] = query.steps.as_slice() else { panic!("no union: {text}") };
    let [(_, SingleQuery::Clauses(clauses))] = parts.as_slice() else { panic!("no clauses") };
    clauses.clone()
}

/// The expression in `RETURN expr`.
#[track_caller]
fn expr_of(text: &str, dialect: Dialect) -> ExprKind {
    let mut clauses = query(&format!("RETURN {text}"), dialect);
    let Some(Clause::Return(projection)) = clauses.pop() else { panic!("no RETURN: {text}") };
    let [item] = projection.items.as_slice() else { panic!("not one item: {text}") };
    item.value.kind.clone()
}

#[track_caller]
fn expr(text: &str) -> ExprKind {
    expr_of(text, Dialect::Cypher5)
}

/// An expression with parentheses wherever something binds.
fn bound(kind: &ExprKind) -> String {
    let all = |all: &[Expr], word: &str| {
        let all: Vec<String> = all.iter().map(|expr| bound(&expr.kind)).collect();
        format!("({})", all.join(word))
    };
    match kind {
        ExprKind::Variable(name) => name.text.clone(),
        ExprKind::Literal(Literal::Integer(text)) => text.clone(),
        ExprKind::Parenthesized(inner) => bound(&inner.kind),
        ExprKind::Or(exprs) => all(exprs, " OR "),
        ExprKind::Xor(exprs) => all(exprs, " XOR "),
        ExprKind::And(exprs) => all(exprs, " AND "),
        ExprKind::Not(inner) => format!("NOT {}", bound(&inner.kind)),
        ExprKind::Sign { negative, value } => {
            format!("({}{})", if *negative { "-" } else { "+" }, bound(&value.kind))
        }
        ExprKind::Arithmetic(first, rest) => {
            let rest =
                rest.iter().map(|(operator, expr)| format!(" {operator:?} {}", bound(&expr.kind)));
            format!("({}{})", bound(&first.kind), rest.collect::<String>())
        }
        ExprKind::Comparison(first, rest) => {
            let rest =
                rest.iter().map(|(operator, expr)| format!(" {operator:?} {}", bound(&expr.kind)));
            format!("({}{})", bound(&first.kind), rest.collect::<String>())
        }
        ExprKind::Test(value, test) => format!("({} {})", bound(&value.kind), test_name(test)),
        ExprKind::Access(value, steps) => format!("{}[{}]", bound(&value.kind), steps.len()),
        other => format!("{other:?}"),
    }
}

fn test_name(test: &Test) -> &'static str {
    match test {
        Test::Contains(_) => "CONTAINS",
        Test::EndsWith(_) => "ENDS WITH",
        Test::In(_) => "IN",
        Test::Labels { .. } => "LABELS",
        Test::Matches(_) => "=~",
        Test::Normalized { .. } => "NORMALIZED",
        Test::Null { .. } => "NULL",
        Test::StartsWith(_) => "STARTS WITH",
        Test::Typed { .. } => "TYPED",
    }
}

#[test]
fn operators_bind_as_the_grammar_says() {
    for (text, expected) in [
        ("a OR b XOR c AND NOT d", "(a OR (b XOR (c AND NOT d)))"),
        ("a AND b AND c OR d", "((a AND b AND c) OR d)"),
        ("NOT a = b", "NOT (a Equal b)"),
        ("NOT NOT a AND b", "(NOT NOT a AND b)"),
        ("a < b <= c", "(a Less b LessEqual c)"),
        ("a + b * c ^ d", "(a Add (b Multiply (c Power d)))"),
        ("a * b + c", "((a Multiply b) Add c)"),
        ("a - b + c || d", "(a Subtract b Add c Concatenate d)"),
        ("a ^ b ^ c", "(a Power b Power c)"),
        ("-a ^ b", "((-a) Power b)"),
        ("a--1", "(a Subtract -1)"),
        ("a - -b", "(a Subtract (-b))"),
        ("-1", "-1"),
        ("- 1", "- 1"),
        ("a = b IS NULL", "(a Equal (b NULL))"),
        ("a + b IN c AND d", "(((a Add b) IN) AND d)"),
        ("a IN b + c", "(a IN)"),
        ("a.b.c[0] + 1", "(a[3] Add 1)"),
        ("(a + b) * c", "((a Add b) Multiply c)"),
    ] {
        // The minus of a literal stands as it was written.
        assert_eq!(
            bound(&expr(text)).replace("- 1", "-1"),
            expected.replace("- 1", "-1"),
            "{text}"
        );
    }
}

#[test]
fn labels_of_a_value_bind_by_dialect() {
    let tight = expr("n.x = m:A");
    assert!(matches!(&tight, ExprKind::Comparison(_, rest)
        if matches!(&rest[0].1.kind, ExprKind::Access(_, steps)
            if matches!(steps[0], Access::Labels(_)))));
    let loose = expr_of("n.x = m:A", Dialect::Cypher25);
    assert!(matches!(&loose, ExprKind::Comparison(_, rest)
        if matches!(&rest[0].1.kind, ExprKind::Test(_, test)
            if matches!(**test, Test::Labels { not: false, .. }))));
}

#[test]
fn parentheses_open_a_pattern_or_an_expression() {
    for text in [
        "(a)-->(b)",
        "(a)--(b)",
        "(a)<--(b)",
        "(a)-[r]-(b)",
        "(:A)-[:R]->({x: 1})",
        "()--()",
        "(a)-[b]-(c)",
        "(a)--(b)--(c)",
        "(a IS A)--(b)",
        "(a WHERE a.x)--(b)",
    ] {
        assert!(matches!(expr(text), ExprKind::Pattern(_)), "{text}");
    }
    for text in [
        "(a)-(b)",
        "(a)<(b)",
        "(a)<-(b)",
        "(a)-b",
        "(a)-[b]",
        "(1)-(2)",
        "(a)-[b]-(c + 1)",
        "(a.x)--(b)",
        "(a)-[b]-c",
        "(a)--b",
    ] {
        assert!(!matches!(expr(text), ExprKind::Pattern(_)), "{text}");
    }
    assert!(matches!(expr("(a)--(b) AND c"), ExprKind::And(_)));
}

#[test]
fn brackets_open_a_list_or_a_comprehension() {
    for text in ["[x IN xs]", "[x IN xs WHERE x]", "[x IN xs | x]", "[in IN in | in]"] {
        assert!(matches!(expr(text), ExprKind::ListComprehension(_)), "{text}");
    }
    for text in ["[x IN xs, y]", "[]", "[x]", "[(x IN xs)]", "[(a)-->(b), 1]", "[(a)-->(b)]"] {
        assert!(matches!(expr(text), ExprKind::List(_)), "{text}");
    }
    for text in ["[(a)-->(b) | 1]", "[p = (a)-->(b) WHERE c | p]"] {
        assert!(matches!(expr(text), ExprKind::PatternComprehension(_)), "{text}");
    }
    let case = "[x IN CASE y WHEN 1, 2 THEN xs END | x]";
    assert!(matches!(expr(case), ExprKind::ListComprehension(_)));
}

#[test]
fn the_last_bar_is_the_comprehensions() {
    let parts = |text: &str| match expr(text) {
        ExprKind::ListComprehension(comprehension) => {
            (comprehension.condition.is_some(), comprehension.value.is_some())
        }
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(parts("[n IN ns WHERE n:A|B]"), (true, true));
    assert_eq!(parts("[n IN ns WHERE n:A|B|C]"), (true, true));
    assert_eq!(parts("[n IN ns WHERE n:A|B | n.x]"), (true, true));
    assert_eq!(parts("[n IN ns WHERE n.x > 1 | n:A|B]"), (true, true));
    assert_eq!(parts("[n IN ns WHERE (n:A|B)]"), (true, false));
    assert_eq!(parts("[n IN ns WHERE n IS A]"), (true, false));
}

#[test]
fn words_mean_what_their_place_makes_of_them() {
    let node = |text: &str| {
        let clauses = query(&format!("MATCH {text} RETURN 1"), Dialect::Cypher5);
        let Some(Clause::Match(found)) = clauses.into_iter().next() else { panic!("{text}") };
        let Path::Factors(factors) = &found.patterns[0].path else { panic!("{text}") };
        let Factor::Node(node) = &factors[0] else { panic!("{text}") };
        let variable = node.variable.as_ref().map(|name| name.text.clone());
        (variable, node.labels.is_some(), node.condition.is_some())
    };
    let named = |name: &str| Some(name.to_owned());
    assert_eq!(node("(WHERE WHERE WHERE.id = 1)"), (named("WHERE"), false, true));
    assert_eq!(node("(WHERE WHERE.id = 1)"), (None, false, true));
    assert_eq!(node("(WHERE)"), (named("WHERE"), false, false));
    assert_eq!(node("(WHERE:A)"), (named("WHERE"), true, false));
    assert_eq!(node("(is IS T)"), (named("is"), true, false));
    assert_eq!(node("(IS T)"), (None, true, false));
    assert_eq!(node("(IS)"), (named("IS"), false, false));
    assert_eq!(node("(`IS` IS T)"), (named("IS"), true, false));
    assert_eq!(node("(match)"), (named("match"), false, false));
    assert_eq!(node("(n:WHERE)"), (named("n"), true, false));
    assert!(matches!(expr("distinct"), ExprKind::Variable(_)));
    assert!(matches!(expr("count"), ExprKind::Variable(_)));
    assert!(matches!(expr("count {.a}"), ExprKind::MapProjection(_)));
    assert!(matches!(expr("count {(a)--(b)}"), ExprKind::Count(_)));
    assert!(matches!(expr("`count`(x)"), ExprKind::Function(_)));
    assert!(matches!(expr("all(x IN xs WHERE x)"), ExprKind::ListPredicate(_)));
    assert!(matches!(expr("all(x)"), ExprKind::Function(_)));
    assert!(matches!(expr("null"), ExprKind::Literal(Literal::Null)));
    assert!(matches!(expr("`null`"), ExprKind::Variable(_)));
}

#[test]
fn commands_are_known_by_name() {
    for (text, expected) in [
        ("SHOW RELATIONSHIP PROPERTY EXISTENCE CONSTRAINTS", "SHOW CONSTRAINTS"),
        ("show current user", "SHOW CURRENT USER"),
        ("SHOW USER neo4j PRIVILEGES", "SHOW USERS"),
        ("USE system SHOW USERS", "SHOW USERS"),
        ("USE GRAPH system SHOW USERS", "SHOW USERS"),
        ("CREATE USER a SET PASSWORD 'b'", "CREATE USER"),
        ("CREATE OR REPLACE USER a SET PASSWORD 'b'", "CREATE USER"),
        ("CREATE DATABASE a", "CREATE DATABASE"),
        ("ALTER CURRENT USER SET PASSWORD FROM 'a' TO 'b'", "ALTER CURRENT USER"),
        ("GRANT ROLE a TO b", "GRANT"),
        ("DENY READ {*} ON GRAPH * TO a", "DENY"),
        ("REVOKE ROLE a FROM b", "REVOKE"),
        ("DROP USER a", "DROP USER"),
        ("START DATABASE a", "START DATABASE"),
        ("TERMINATE TRANSACTIONS 'a'", "TERMINATE TRANSACTIONS"),
        ("EXPLAIN SHOW USERS", "SHOW USERS"),
        ("USING PERIODIC COMMIT LOAD CSV FROM 'a' AS b RETURN b", "USING PERIODIC COMMIT"),
        ("DEFINE FUNCTION f() = 1 RETURN f()", "DEFINE FUNCTION"),
    ] {
        let parsed = parse(text, Dialect::Cypher5, BYTES_MAX).unwrap();
        let StatementBody::Command(command) = parsed.statement.body else { panic!("{text}") };
        let Command::Other(other) = *command else { panic!("{text}") };
        assert_eq!(other.words, expected, "{text}");
        assert_eq!(other.graph.is_some(), text.starts_with("USE"));
    }
    assert!(parse("CREATE (user)", Dialect::Cypher5, BYTES_MAX).is_ok());
    assert!(parse("CREATE index = (a)-[:R]->(b)", Dialect::Cypher5, BYTES_MAX).is_ok());
}

#[test]
fn indexes_and_constraints_are_shown_in_full() {
    let shown = |text: &str| {
        let parsed = parse(text, Dialect::Cypher5, BYTES_MAX).unwrap();
        let StatementBody::Command(command) = parsed.statement.body else { panic!("{text}") };
        let Command::Show(show) = *command else { panic!("{text}") };
        *show
    };
    assert_eq!(shown("SHOW INDEXES").shown, Shown::Indexes(None));
    assert_eq!(shown("show all index").shown, Shown::Indexes(None));
    assert_eq!(shown("SHOW CONSTRAINTS").shown, Shown::Constraints);
    let show = shown(
        "SHOW VECTOR INDEXES YIELD name AS n, type ORDER BY n LIMIT 1 WHERE n = 'a' RETURN n",
    );
    assert_eq!(show.shown, Shown::Indexes(Some(IndexKind::Vector)));
    assert_eq!(show.yields.unwrap().1.items.len(), 2);
    assert!(show.condition.is_some() && show.returned.is_some());
    assert!(shown("SHOW INDEXES WHERE name = 'a'").condition.is_some());
    assert!(parse("SHOW INDEXES RETURN 1", Dialect::Cypher5, BYTES_MAX).is_err());
    assert!(
        parse("SHOW INDEXES YIELD name MATCH (n) RETURN n", Dialect::Cypher5, BYTES_MAX).is_err()
    );
}

/// Each opens one level, and closes it.
const NESTS: &[(&str, &str, &str)] = &[
    ("(", "1", ")"),
    ("[", "1", "]"),
    ("{a: ", "1", "}"),
    ("NOT ", "true", ""),
    ("f(", "1", ")"),
    ("n {a: ", "1", "}"),
    ("xs[", "1", "]"),
    ("[x IN ", "xs", " | x]"),
    ("[x IN xs WHERE ", "x", " | x]"),
    ("[x IN xs | ", "x", "]"),
    ("all(x IN ", "xs", " WHERE x)"),
    ("reduce(a = 0, x IN xs | ", "a", ")"),
    ("CASE WHEN ", "true", " THEN 1 END"),
    ("CASE ", "1", " WHEN 2 THEN 3 END"),
    ("(n {a: ", "1", "})--(m)"),
    ("(n WHERE ", "1", ")--(m)"),
    ("[(n)-[{a: ", "1", "}]-(m) | 1]"),
    ("(n {a: ", "1", "})-[b]-(m + 1)"),
    ("1 + (", "1", ")"),
    ("1 OR 2 XOR 3 AND NOT 4 = 5 + 6 * 7 ^ -(", "1", ")"),
    ("trim(BOTH ", "'a'", " FROM 'b')"),
    ("n:$(", "1", ")"),
];

#[test]
fn nesting_is_bounded_and_the_bound_is_within_reach() {
    // A thread with less stack than any that runs this: the bound must hold with room to spare, in
    // a build without optimisation, too.
    let small = std::thread::Builder::new().stack_size(3 << 19);
    let work = || {
        for (opening, middle, closing) in NESTS {
            let fits = |depth: usize| {
                let text =
                    format!("RETURN {}{middle}{}", opening.repeat(depth), closing.repeat(depth));
                match parse(&text, Dialect::Cypher5, BYTES_MAX) {
                    Ok(_) => true,
                    Err(error) => {
                        assert_eq!(error.fault, Fault::TooDeep, "{opening} {depth}");
                        false
                    }
                }
            };
            // Each operator within which another stands counts.
            let least = if opening.starts_with("1 OR") { 10 } else { 30 };
            assert!(fits(least), "{opening}");
            let most = (least..=DEPTH_MAX).find(|depth| !fits(*depth)).unwrap();
            for depth in [most + 1, DEPTH_MAX, 1_000, 20_000] {
                assert!(!fits(depth), "{opening} {depth}");
            }
        }
        let deepest = format!("RETURN {}1{}", "(".repeat(98), ")".repeat(98));
        let deepest = parse(&deepest, Dialect::Cypher5, BYTES_MAX).unwrap();
        assert_eq!(deepest.print(&Edits::new()), deepest.text());
    };
    small.spawn(work).unwrap().join().unwrap();
}

#[test]
fn other_nests_are_bounded_too() {
    for (opening, middle, closing) in [("!", "A", ""), ("(", "A", ")"), ("!(", "A", ")")] {
        let labels = |depth: usize| {
            format!("MATCH (n:{}{middle}{}) RETURN n", opening.repeat(depth), closing.repeat(depth))
        };
        assert!(parse(&labels(20), Dialect::Cypher5, BYTES_MAX).is_ok());
        let error = parse(&labels(20_000), Dialect::Cypher5, BYTES_MAX).unwrap_err();
        assert_eq!(error.fault, Fault::TooDeep, "{opening}");
    }
    let types =
        |depth: usize| format!("RETURN 1 IS :: {}INT{}", "LIST<".repeat(depth), ">".repeat(depth));
    assert!(parse(&types(50), Dialect::Cypher5, BYTES_MAX).is_ok());
    let error = parse(&types(20_000), Dialect::Cypher5, BYTES_MAX).unwrap_err();
    assert_eq!(error.fault, Fault::TooDeep);
    let paths = |depth: usize| {
        format!("MATCH {}(a)-->(b){} RETURN 1", "(".repeat(depth), ")".repeat(depth))
    };
    assert!(parse(&paths(50), Dialect::Cypher5, BYTES_MAX).is_ok());
    let error = parse(&paths(20_000), Dialect::Cypher5, BYTES_MAX).unwrap_err();
    assert_eq!(error.fault, Fault::TooDeep);
    let foreach = |depth: usize| {
        let opening = "FOREACH (x IN [1] | ".repeat(depth);
        format!("{opening}CREATE (n){}", ")".repeat(depth))
    };
    assert!(parse(&foreach(50), Dialect::Cypher5, BYTES_MAX).is_ok());
    let error = parse(&foreach(20_000), Dialect::Cypher5, BYTES_MAX).unwrap_err();
    assert_eq!(error.fault, Fault::TooDeep);
}

#[test]
fn subqueries_nest_eight_deep() {
    for (opening, middle, closing) in [
        ("RETURN EXISTS { ", "RETURN 1", " }"),
        ("RETURN 1 + COUNT { ", "RETURN 1", " }"),
        ("RETURN COLLECT { ", "RETURN 1", " }"),
        ("CALL { ", "RETURN 1 AS x", " } RETURN x"),
        ("MATCH (n) CALL (n) { ", "RETURN 1 AS x", " } RETURN x"),
        ("{ ", "RETURN 1 AS x", " }"),
    ] {
        let nested =
            |depth: usize| format!("{}{middle}{}", opening.repeat(depth), closing.repeat(depth));
        let within = nested(SUBQUERIES_MAX);
        assert!(parse(&within, Dialect::Cypher25, BYTES_MAX).is_ok(), "{within}");
        let beyond = nested(SUBQUERIES_MAX + 1);
        let beyond = parse(&beyond, Dialect::Cypher25, BYTES_MAX);
        assert_eq!(beyond.unwrap_err().fault, Fault::TooManySubqueries, "{opening}");
    }
}

#[test]
fn chains_are_lists_and_may_be_long() {
    let small = std::thread::Builder::new().stack_size(1 << 18);
    let work = || {
        for (first, next) in [
            ("1", " + 1"),
            ("a", " AND a"),
            ("a", " OR a"),
            ("1", " < 1"),
            ("a", ".b"),
            ("a", "[0]"),
            ("2", " ^ 2"),
            ("[1", ", 1"),
        ] {
            let closing = if first.starts_with('[') { "]" } else { "" };
            let text = format!("RETURN {first}{}{closing}", next.repeat(5_000));
            let parsed = parse(&text, Dialect::Cypher5, BYTES_MAX).unwrap();
            assert!(parsed.print(&Edits::new()).len() >= text.len());
        }
    };
    small.spawn(work).unwrap().join().unwrap();
}
