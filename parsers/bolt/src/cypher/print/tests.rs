//! What is put between tokens, and in which order.

use super::*;
use crate::cypher::parse;
use crate::cypher::syntax::StatementBody;
use crate::cypher::syntax::{
    Clause, Dialect, Factor, NodePattern, Path, RegularQuery, SingleQuery,
};

fn parsed(text: &str) -> Parsed<'_> {
    parse(text, Dialect::Cypher5, 1 << 16).unwrap()
}

fn nodes(parsed: &Parsed<'_>) -> Vec<NodePattern> {
    let StatementBody::Query(query) = &parsed.statement.body else { panic!("no query") };
    let RegularQuery::Union(parts) = &query.steps[0] else { panic!("no union") };
    let SingleQuery::Clauses(clauses) = &parts[0].1 else { panic!("no clauses") };
    let Clause::Match(found) = &clauses[0] else { panic!("no MATCH") };
    let Path::Factors(factors) = &found.patterns[0].path else { panic!("no factors") };
    let nodes = factors.iter().filter_map(|factor| match factor {
        Factor::Node(node) => Some(node.clone()),
        _ => None,
    });
    nodes.collect()
}

fn span(text: &str, part: &str) -> Span {
    let start = text.find(part).unwrap();
    let offset = |at: usize| u32::try_from(at).unwrap();
    Span::new(offset(start), offset(start + part.len()))
}

#[test]
fn labels_are_joined() {
    let text = "MATCH (a:A|B)-->(b {x: 1})--() RETURN a";
    let parsed = parsed(text);
    let mut edits = Edits::new();
    for node in nodes(&parsed) {
        match (&node.labels, &node.variable) {
            (Some(labels), _) => {
                edits.before(labels.expr.span, "(");
                edits.after(labels.expr.span, ")&`T`");
            }
            (None, Some(variable)) => edits.after(variable.span, ":`T`"),
            (None, None) => {
                edits.after(Span::new(node.span.start, node.span.start + 1), ":`T`");
            }
        }
    }
    let printed = parsed.print(&edits);
    assert_eq!(printed, "MATCH (`a`: ( `A`|`B` )&`T` )-->(`b` :`T` {`x`: 1})--( :`T` ) RETURN `a`");
    assert!(parse(&printed, Dialect::Cypher5, 1 << 16).is_ok());
}

#[test]
fn longer_nodes_stand_outside_and_later_ones_too() {
    let text = "RETURN a + b AS x";
    let parsed = parsed(text);
    let (sum, first, last) = (span(text, "a + b"), span(text, "a"), span(text, "b"));
    let mut edits = Edits::new();
    edits.before(first, "<1");
    edits.before(sum, "<2");
    edits.before(sum, "<3");
    edits.after(sum, "2>");
    edits.after(last, "1>");
    edits.after(sum, "3>");
    assert_eq!(parsed.print(&edits), "RETURN <3 <2 <1 `a` + `b` 1> 2> 3> AS `x`");
}

#[test]
fn what_is_replaced_takes_what_is_inside_with_it() {
    let text = "RETURN a + b AS x, c";
    let parsed = parsed(text);
    let sum = span(text, "a + b");
    let mut edits = Edits::new();
    edits.before(span(text, "a"), "inside");
    edits.after(span(text, "b"), "inside");
    edits.before(span(text, "+"), "inside");
    edits.before(sum, "before");
    edits.replace(sum, "instead");
    edits.replace(span(text, "b"), "inside");
    edits.after(sum, "after");
    edits.after(span(text, "c"), "end");
    assert_eq!(parsed.print(&edits), "RETURN before instead after AS `x`, `c` end");
}

#[test]
fn nothing_is_changed_by_nothing() {
    let text = "MATCH (n) // comment\n RETURN n.x AS `n.x` ;";
    assert!(Edits::new().is_empty());
    assert_eq!(parsed(text).print(&Edits::new()), "MATCH (`n`) RETURN `n`.`x` AS `n.x`");
}

#[test]
fn names_and_strings_are_quoted() {
    assert_eq!(quote_name("a`b"), Ok("`a``b`".to_owned()));
    assert_eq!(quote_name(r"a\\u0041"), Ok(r"`a\\u0041`".to_owned()));
    assert_eq!(quote_name(r"'a\u0041'"), Err(Unprintable));
    assert_eq!(quote_string("a'b\"c\\d\ne"), r#"'a\'b"c\\d\ne'"#);
}
