//! Our scanner against pg_query's.

use differential::{corpus, hostile, reference};
use proptest::test_runner::{Config, TestRunner};

/// A runner that leaves no files behind.
fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() })
}

#[test]
fn the_corpus_is_scanned_alike() {
    let texts = corpus::files().into_iter().chain(corpus::statements());
    let disagreements: Vec<String> =
        texts.filter_map(|text| reference::compare(&text).err()).collect();
    let shown = disagreements.iter().take(5).cloned().collect::<Vec<_>>().join("\n");
    assert!(disagreements.is_empty(), "{} disagreements:\n{shown}", disagreements.len());
}

#[test]
fn hostile_texts_are_scanned_alike() {
    let check = |text: String| {
        reference::compare(&text).map_err(proptest::test_runner::TestCaseError::fail)
    };
    runner(20_000).run(&hostile::text(), check).unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn mutated_statements_are_scanned_alike() {
    let statements: Vec<String> =
        corpus::statements().into_iter().filter(|text| text.len() < 2_000).collect();
    let check = |text: String| {
        reference::compare(&text).map_err(proptest::test_runner::TestCaseError::fail)
    };
    let strategy = hostile::mutated(statements);
    runner(20_000).run(&strategy, check).unwrap_or_else(|failure| panic!("{failure}"));
}
