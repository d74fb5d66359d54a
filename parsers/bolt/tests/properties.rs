//! What holds of whatever comes: no text and no bytes do harm, and what is read is written alike.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by a panic"
)]

use std::fs;
use std::path::Path;

use bolt_wire::chunk::{self, Frame, Scanner};
use bolt_wire::cypher::syntax::StatementBody;
use bolt_wire::cypher::syntax::{Clause, ExprKind, Literal, RegularQuery, SingleQuery};
use bolt_wire::cypher::{Dialect, Edits, parse, quote_name, quote_string};
use bolt_wire::message::{Request, Response};
use bolt_wire::packstream::{PackError, Reader, Structures, Value};
use bolt_wire::{Version, handshake};
use bytes::BytesMut;
use proptest::prelude::*;

const BYTES_MAX: usize = 1 << 20;

/// What printing may not change: a text that is read prints to one that reads and prints alike.
fn check_print(text: &str, dialect: Dialect) {
    let Ok(parsed) = parse(text, dialect, BYTES_MAX) else { return };
    let printed = parsed.print(&Edits::new());
    match parse(&printed, dialect, BYTES_MAX) {
        Ok(again) => assert_eq!(again.print(&Edits::new()), printed, "{text}"),
        Err(error) => panic!("{text}\n{printed}\n{error}"),
    }
}

fn corpus() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let folders = ["cypher5", "cypher25"].map(|name| folder.join(name));
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let texts = files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let mut statements: Vec<String> = texts
        .flat_map(|text| text.split('\n').map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| !line.is_empty() && !line.starts_with("# "))
        .collect();
    statements.sort();
    statements
}

/// Words and signs, to put statements together of.
const PIECES: &[&str] = &[
    "MATCH",
    "RETURN",
    "WITH",
    "WHERE",
    "CREATE",
    "MERGE",
    "SET",
    "CALL",
    "UNWIND",
    "AS",
    "IN",
    "IS",
    "NOT",
    "NULL",
    "AND",
    "CASE",
    "WHEN",
    "THEN",
    "END",
    "DISTINCT",
    "ORDER BY",
    "EXISTS",
    "COUNT",
    "all",
    "any",
    "SHORTEST",
    "n",
    "`n m`",
    "$p",
    "1",
    "1.5",
    "'a'",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    "|",
    "&",
    "!",
    "%",
    "-",
    "->",
    "<-",
    "--",
    "*",
    "+",
    "=",
    "<",
    ">",
    "..",
    ".",
    ",",
    ";",
    "/",
    "(n)",
    "(n:A)",
    "-[r]->",
    "[x IN xs |",
    "{a: 1}",
    "NEXT",
    "LET",
    "\u{2013}",
];

fn dialects() -> impl Strategy<Value = Dialect> {
    prop_oneof![Just(Dialect::Cypher5), Just(Dialect::Cypher25)]
}

fn values() -> impl Strategy<Value = Owned> {
    let leaf = prop_oneof![
        Just(Owned::Null),
        any::<bool>().prop_map(Owned::Boolean),
        any::<i64>().prop_map(Owned::Integer),
        any::<i16>().prop_map(|number| Owned::Integer(number.into())),
        (-1e9..1e9).prop_map(Owned::Float),
        ".{0,40}".prop_map(Owned::String),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Owned::Bytes),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Owned::List),
            prop::collection::btree_map(".{0,8}", inner.clone(), 0..20)
                .prop_map(|map| Owned::Map(map.into_iter().collect())),
            inner.clone().prop_map(|field| Owned::Structure(b'D', vec![field])),
            prop::collection::vec(inner, 4..=4).prop_map(|fields| Owned::Structure(b'N', fields)),
        ]
    })
}

/// A value that owns its texts.
#[derive(Clone, Debug)]
enum Owned {
    Null,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    Bytes(Vec<u8>),
    String(String),
    List(Vec<Owned>),
    Map(Vec<(String, Owned)>),
    Structure(u8, Vec<Owned>),
}

impl Owned {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(truth) => Value::Boolean(*truth),
            Self::Integer(number) => Value::Integer(*number),
            Self::Float(number) => Value::Float(*number),
            Self::Bytes(bytes) => Value::Bytes(bytes),
            Self::String(text) => Value::String(text),
            Self::List(values) => Value::List(values.iter().map(Self::value).collect()),
            Self::Map(entries) => Value::Map(
                entries.iter().map(|(key, value)| (key.as_str(), value.value())).collect(),
            ),
            Self::Structure(tag, fields) => {
                Value::Structure { tag: *tag, fields: fields.iter().map(Self::value).collect() }
            }
        }
    }
}

fn returned_literal(text: &str) -> Option<String> {
    let parsed = parse(text, Dialect::Cypher5, BYTES_MAX).unwrap();
    let StatementBody::Query(query) = &parsed.statement.body else { return None };
    let [RegularQuery::Union(parts)] = query.steps.as_slice() else { return None };
    let [(_, SingleQuery::Clauses(clauses))] = parts.as_slice() else { return None };
    let [Clause::Return(projection)] = clauses.as_slice() else { return None };
    match &projection.items[0].value.kind {
        ExprKind::Literal(Literal::String(text)) => Some(text.clone()),
        _ => None,
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}", dialect in dialects()) {
        check_print(&text, dialect);
    }

    #[test]
    fn any_pieces_are_read_or_refused(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..30),
        spaced in any::<bool>(),
        dialect in dialects(),
    ) {
        let between = if spaced { " " } else { "" };
        check_print(&pieces.join(between), dialect);
        check_print(&format!("RETURN {}", pieces.join(" ")), dialect);
    }

    #[test]
    fn statements_with_a_change(
        statement in prop::sample::select(corpus()),
        at in any::<prop::sample::Index>(),
        cut in 0_usize..8,
        piece in prop::sample::select(PIECES),
        dialect in dialects(),
    ) {
        let characters: Vec<char> = statement.chars().collect();
        let at = at.index(characters.len());
        let end = (at + cut).min(characters.len());
        let before: String = characters[..at].iter().collect();
        let behind: String = characters[end..].iter().collect();
        check_print(&format!("{before}{piece}{behind}"), dialect);
        check_print(&format!("{before} {piece} {behind}"), dialect);
        check_print(&format!("{before}{behind}"), dialect);
    }

    #[test]
    fn strings_are_quoted(text in any::<String>()) {
        let statement = format!("RETURN {}", quote_string(&text));
        prop_assert_eq!(returned_literal(&statement), Some(text));
    }

    #[test]
    fn names_are_quoted(name in any::<String>()) {
        let Ok(quoted) = quote_name(&name) else { return Ok(()) };
        let statement = format!("WITH 1 AS {quoted} RETURN *");
        let parsed = parse(&statement, Dialect::Cypher5, BYTES_MAX).unwrap();
        let printed = parsed.print(&Edits::new());
        prop_assert_eq!(&printed, &statement);
        let expected = format!("text: {name:?}");
        let tree = format!("{:?}", parsed.statement);
        prop_assert!(tree.contains(&expected));
    }

    #[test]
    fn values_go_there_and_back(owned in values()) {
        let value = owned.value();
        let mut out = BytesMut::new();
        value.write(&mut out);
        let mut reader = Reader::new(&out, Structures::All);
        prop_assert_eq!(Value::read(&mut reader), Ok(value));
        prop_assert_eq!(reader.finish(), Ok(()));
        for end in 0..out.len() {
            let cut = Reader::new(&out[..end], Structures::All).value();
            prop_assert!(matches!(cut, Err(PackError::Truncated | PackError::Oversized)));
        }
    }

    #[test]
    fn any_bytes_are_a_value_or_none(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let mut reader = Reader::new(&bytes, Structures::All);
        if let Ok(value) = Value::read(&mut reader) {
            let mut out = BytesMut::new();
            value.write(&mut out);
            let again = Value::read(&mut Reader::new(&out, Structures::All)).unwrap();
            prop_assert_eq!(format!("{again:?}"), format!("{value:?}"));
        }
        let _ = Request::read(&bytes, Version::new(6, 1));
        let _ = Response::read(&bytes);
        let _ = handshake::Offer::read(&bytes);
        let _ = handshake::read_manifest(&bytes);
        let _ = Scanner::default().scan(&bytes, 64);
    }

    #[test]
    fn chunks_may_be_of_any_size(
        chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..20), 1..10),
        split in any::<prop::sample::Index>(),
    ) {
        let body: Vec<u8> = chunks.concat();
        let mut wire = Vec::new();
        for chunk in &chunks {
            wire.extend(u16::try_from(chunk.len()).unwrap().to_be_bytes());
            wire.extend(chunk);
        }
        wire.extend([0, 0]);
        let whole = wire.len();
        wire.extend([0, 0, 0]);
        // At once, in two parts, and a byte at a time.
        let split = split.index(whole);
        for ends in [vec![whole], vec![split, whole], (0..=whole).collect::<Vec<_>>()] {
            let mut scanner = Scanner::default();
            let mut found = None;
            for end in ends {
                prop_assert_eq!(found, None);
                found = scanner.scan(&wire[..end], body.len()).unwrap();
            }
            let Some(Frame::Message(extent)) = found else { panic!("no message") };
            prop_assert_eq!(extent.wire_bytes, whole);
            prop_assert_eq!(&*extent.body(&wire), &body);
            prop_assert_eq!(extent.head(&wire), body.first_chunk().copied());
        }
        let mut out = BytesMut::new();
        chunk::write(&body, &mut out);
        let Ok(Some(Frame::Message(extent))) = Scanner::default().scan(&out, body.len()) else {
            panic!("no message")
        };
        prop_assert_eq!(&*extent.body(&out), &body);
    }
}
