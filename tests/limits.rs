//! Deep, long and wide statements: refused with their reason or judged, never a stack overflow.

use policies::Mode;
use policies::policy::Policy;
use policies::postgres::{Catalog, Rules, judge};
use policies::{Reason, Rejection};
use wire::Limits;

/// The stack that the server gives its workers.
const STACK_BYTES: usize = 16 << 20;

/// Judges on a thread of its own, so that an overflow ends this test alone with a clear name.
fn verdict(text: String) -> Result<(), Rejection> {
    std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(move || {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/postgres");
            let read = |name: &str| std::fs::read_to_string(format!("{folder}/{name}")).unwrap();
            let policy = Policy::parse(&read("shop.toml")).unwrap();
            let catalog: Catalog = serde_json::from_str(&read("shop.json")).unwrap();
            let rules = Rules::new(&policy, &catalog, 1).unwrap();
            judge(&text, &rules, Mode::Inject, &Limits::default()).map(|_| ())
        })
        .unwrap()
        .join()
        .unwrap()
}

fn reason(text: String) -> Option<Reason> {
    verdict(text).err().map(|rejection| rejection.reason)
}

fn nested(depth: usize, open: &str, core: &str, close: &str) -> String {
    format!("SELECT {}{core}{} FROM orders", open.repeat(depth), close.repeat(depth))
}

#[test]
fn twenty_thousand_parentheses_are_too_deep() {
    assert_eq!(reason(nested(20_000, "(", "1", ")")), Some(Reason::TooDeep));
}

#[test]
fn deep_trees_of_every_shape_are_too_deep() {
    let shapes = [
        nested(3_000, "NOT ", "true", ""),
        nested(3_000, "- - ", "id", ""),
        nested(2_000, "abs(", "1", ")"),
        nested(2_000, "ARRAY[", "1", "]"),
        nested(2_000, "CASE WHEN true THEN ", "1", " END"),
        format!("SELECT 1{}", " + 1".repeat(5_000)),
        format!("SELECT id FROM orders{}", " UNION ALL SELECT id FROM orders".repeat(3_000)),
        format!("SELECT 1 FROM orders{}", " CROSS JOIN orders".repeat(3_000)),
        format!("SELECT '1'{}", "::text".repeat(5_000)),
    ];
    for shape in shapes {
        let head: String = shape.chars().take(60).collect();
        assert_eq!(reason(shape), Some(Reason::TooDeep), "{head}");
    }
}

#[test]
fn generated_statements_of_ordinary_size_pass() {
    let ids: Vec<String> = (0..5_000).map(|id| id.to_string()).collect();
    let conditions: Vec<String> = (0..2_000).map(|id| format!("id = {id}")).collect();
    let rows: Vec<String> = (0..5_000).map(|id| format!("({id}, 'x')")).collect();
    let shapes = [
        nested(200, "(", "1", ")"),
        format!("SELECT 1{}", " + 1".repeat(300)),
        format!("SELECT 'x'{} FROM orders", " || note".repeat(300)),
        format!("SELECT id FROM orders{}", " UNION ALL SELECT id FROM orders".repeat(200)),
        format!("SELECT * FROM orders WHERE id IN ({})", ids.join(", ")),
        format!("SELECT * FROM orders WHERE {}", conditions.join(" OR ")),
        format!("INSERT INTO orders (id, note) VALUES {}", rows.join(", ")),
        nested(100, "(SELECT ", "max(id) FROM orders", ")").replace(" FROM orders FROM", " FROM"),
    ];
    for shape in shapes {
        let head: String = shape.chars().take(60).collect();
        assert_eq!(verdict(shape), Ok(()), "{head}");
    }
}

#[test]
fn a_statement_of_ten_megabytes_is_too_large() {
    let text = format!("SELECT '{}'", "x".repeat(10 << 20));
    assert_eq!(reason(text), Some(Reason::StatementTooLarge));
}

#[test]
fn many_statements_in_one_text_pass() {
    assert_eq!(verdict("SELECT 1;".repeat(10_000)), Ok(()));
}

#[test]
fn without_a_policy_everything_is_refused() {
    let limits = Limits::default();
    let refused = judge("SELECT 1", &Rules::deny_all(1), Mode::Inject, &limits);
    assert_eq!(refused.map(|_| ()).unwrap_err().reason, Reason::PolicyUnusable);
}
