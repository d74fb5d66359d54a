//! Every statement of the corpus is read, printed, and read again to an equal tree; every text that
//! is refused is refused at its place and for its reason.
//!
//! `corpus/<dialect>/*.cypher` has one statement a line; `corpus/refused/<dialect>.txt` has one text
//! a line with `‸` in front of what does not fit, and behind `==>` what is said of it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

use std::fs;
use std::path::Path;

use bolt_wire::cypher::syntax::{StatementBody, StatementPrefix};
use bolt_wire::cypher::{Dialect, Edits, Parsed, parse};

const BYTES_MAX: usize = 1 << 20;

fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.split('\n').filter(|line| !line.is_empty() && !line.starts_with("# "));
    lines.map(str::to_owned).collect()
}

fn corpus(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(folder);
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.iter().flat_map(|file| lines(file)).collect()
}

/// A tree in words, without its places.
fn shape(parsed: &Parsed<'_>) -> String {
    let StatementPrefix { explain, profile, version, dialect, .. } = &parsed.statement.prefix;
    let mut text = format!(
        "{explain} {profile} {version:?} {dialect:?} {:?} {:?}",
        parsed.statement.prefix.options, parsed.statement.body
    );
    while let Some(start) = text.find("Span {") {
        let end = start + text[start..].find('}').unwrap() + 1;
        text.replace_range(start..end, "_");
    }
    text
}

#[track_caller]
fn check(text: &str, dialect: Dialect) {
    let first = parse(text, dialect, BYTES_MAX).unwrap_or_else(|error| panic!("{text}: {error}"));
    let printed = first.print(&Edits::new());
    let again =
        parse(&printed, dialect, BYTES_MAX).unwrap_or_else(|error| panic!("{printed}: {error}"));
    assert_eq!(shape(&first), shape(&again), "{text}\n{printed}");
    assert_eq!(again.print(&Edits::new()), printed, "{text}");
    assert_eq!(first.text(), text);
}

#[test]
fn statements_of_cypher_5() {
    let corpus = corpus("cypher5");
    assert!(corpus.len() > 500, "only {} statements", corpus.len());
    corpus.iter().for_each(|text| check(text, Dialect::Cypher5));
}

#[test]
fn statements_of_cypher_25() {
    let corpus = corpus("cypher25");
    assert!(corpus.len() > 50, "only {} statements", corpus.len());
    corpus.iter().for_each(|text| check(text, Dialect::Cypher25));
}

/// What only Cypher 5 takes of its corpus.
const ONLY_CYPHER_5: &[&str] = &["MATCH (n) RETURN (n:A) AS a, n:A IS NOT NULL"];

#[test]
fn statements_of_cypher_5_are_those_of_cypher_25() {
    for text in corpus("cypher5") {
        if ONLY_CYPHER_5.contains(&text.as_str()) {
            assert!(parse(&text, Dialect::Cypher25, BYTES_MAX).is_err(), "{text}");
        } else {
            check(&text, Dialect::Cypher25);
        }
    }
}

fn check_refused(file: &str, dialect: Dialect) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/refused");
    let cases = lines(&folder.join(file));
    for case in &cases {
        let (marked, expected) = case.split_once(" ==> ").unwrap();
        let (before, behind) = marked.split_once('‸').unwrap();
        let text = format!("{before}{behind}");
        let Err(error) = parse(&text, dialect, BYTES_MAX) else { panic!("{text} is taken") };
        assert_eq!(error.fault.to_string(), expected, "{text}");
        assert_eq!(error.span.start as usize, before.len(), "{text}");
        assert!(error.span.of(&text).is_some(), "{text}");
    }
    cases.len()
}

#[test]
fn what_is_refused_in_cypher_5() {
    assert!(check_refused("cypher5.txt", Dialect::Cypher5) > 500);
}

#[test]
fn what_is_refused_in_cypher_25() {
    assert!(check_refused("cypher25.txt", Dialect::Cypher25) > 40);
}

#[test]
fn a_beginning_of_a_statement_does_no_harm() {
    for (text, dialect) in corpus("cypher5")
        .into_iter()
        .map(|text| (text, Dialect::Cypher5))
        .chain(corpus("cypher25").into_iter().map(|text| (text, Dialect::Cypher25)))
    {
        for (end, _) in text.char_indices() {
            // Most are refused; what is taken must be printable.
            if let Ok(parsed) = parse(&text[..end], dialect, BYTES_MAX)
                && matches!(parsed.statement.body, StatementBody::Query(_))
            {
                check(&text[..end], dialect);
            }
        }
    }
}
