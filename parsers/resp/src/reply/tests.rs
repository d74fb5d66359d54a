//! How replies are followed, read and rewritten.

use std::borrow::Cow;

use super::*;

/// Where each reply of `input` ends, fed in pieces of so many bytes, and what type it is.
fn ends(input: &[u8], piece: usize) -> Result<Vec<(usize, Kind)>, Violation> {
    let mut scanner = ReplyScanner::new();
    let mut found = Vec::new();
    let (mut start, mut end) = (0, 0);
    while end < input.len() {
        end = (end + piece).min(input.len());
        loop {
            let progress = scanner.scan(&input[start..end])?;
            start += progress.bytes;
            if !progress.complete {
                break;
            }
            assert!(scanner.is_between());
            found.push((start, scanner.kind().expect("a whole reply has a type")));
        }
    }
    Ok(found)
}

/// As `ends`, whole and in pieces of every size up to seven.
fn all(input: &[u8]) -> Result<Vec<(usize, Kind)>, Violation> {
    let whole = ends(input, input.len().max(1));
    for piece in 1..8 {
        assert_eq!(ends(input, piece), whole, "{} by {piece}", input.escape_ascii());
    }
    whole
}

fn is_one(input: &[u8], kind: Kind) {
    assert_eq!(all(input), Ok(vec![(input.len(), kind)]), "{}", input.escape_ascii());
    assert!(Value::read(input).is_ok(), "{}", input.escape_ascii());
    let mut copy = Vec::new();
    edit(input, &mut copy, |_, _, _| Edit::Keep).unwrap();
    assert_eq!(copy, input);
    for end in 0..input.len() {
        assert_eq!(all(&input[..end]), Ok(vec![]));
        assert!(Value::read(&input[..end]).is_err());
    }
}

fn refused(input: &[u8], violation: Violation) {
    assert_eq!(all(input), Err(violation), "{}", input.escape_ascii());
    assert!(Value::read(input).is_err(), "{}", input.escape_ascii());
}

#[test]
fn every_type_has_an_end() {
    is_one(b"+OK\r\n", Kind::Simple);
    is_one(b"+\r\n", Kind::Simple);
    is_one(b"-ERR no\r\n", Kind::Error);
    is_one(b":-12\r\n", Kind::Integer);
    is_one(b"$3\r\na\r\n\r\n", Kind::Bulk);
    is_one(b"$0\r\n\r\n", Kind::Bulk);
    is_one(b"$-1\r\n", Kind::Bulk);
    is_one(b"*-1\r\n", Kind::Array);
    is_one(b"*0\r\n", Kind::Array);
    is_one(b"*2\r\n$1\r\na\r\n:1\r\n", Kind::Array);
    is_one(b"_\r\n", Kind::Null);
    is_one(b"#t\r\n", Kind::Boolean);
    is_one(b",-1.5e3\r\n", Kind::Double);
    is_one(b",inf\r\n", Kind::Double);
    is_one(b"(3492890328409238509324850943850943825024385\r\n", Kind::BigNumber);
    is_one(b"!8\r\nERR a\r\nb\r\n", Kind::BulkError);
    is_one(b"=6\r\ntxt:ab\r\n", Kind::Verbatim);
    is_one(b"%1\r\n+a\r\n*1\r\n:1\r\n", Kind::Map);
    is_one(b"%0\r\n", Kind::Map);
    is_one(b"~2\r\n:1\r\n:2\r\n", Kind::Set);
    is_one(b">2\r\n+a\r\n+b\r\n", Kind::Push);
}

#[test]
fn aggregates_lie_in_one_another() {
    is_one(b"*2\r\n*2\r\n*0\r\n*-1\r\n*1\r\n%1\r\n~0\r\n*1\r\n_\r\n", Kind::Array);
    let deep = [&b"*1\r\n".repeat(DEPTH_MAX)[..], b":1\r\n"].concat();
    assert_eq!(ends(&deep, 4096), Ok(vec![(deep.len(), Kind::Array)]));
    assert!(Value::read(&deep).is_ok());
    let deeper = b"*1\r\n".repeat(DEPTH_MAX + 1);
    assert_eq!(ends(&deeper, 4096), Err(Violation::TooDeep));
    assert_eq!(Value::read(&deeper), Err(Violation::TooDeep));
}

#[test]
fn an_attribute_belongs_to_what_follows() {
    is_one(b"|1\r\n+ttl\r\n:3\r\n$1\r\nv\r\n", Kind::Bulk);
    is_one(b"|0\r\n|1\r\n+a\r\n*1\r\n:1\r\n+OK\r\n", Kind::Simple);
    is_one(b"*2\r\n:1\r\n|1\r\n+ttl\r\n:3\r\n:2\r\n", Kind::Array);
    let mut scanner = ReplyScanner::new();
    let progress = scanner.scan(b"|1\r\n+a\r\n+b\r\n").unwrap();
    assert_eq!(progress, Progress { bytes: 12, complete: false });
    assert_eq!(scanner.kind(), None);
    assert!(!scanner.is_between());
    let value = Value::read(b"*2\r\n:1\r\n|1\r\n+ttl\r\n:3\r\n:2\r\n").unwrap();
    assert_eq!(value.items().len(), 2);
}

#[test]
fn streams_end_where_they_say() {
    is_one(b"*?\r\n:1\r\n*?\r\n.\r\n.\r\n", Kind::Array);
    is_one(b"%?\r\n+a\r\n:1\r\n.\r\n", Kind::Map);
    is_one(b"~?\r\n.\r\n", Kind::Set);
    let string = b"$?\r\n;4\r\nHell\r\n;1\r\no\r\n;0\r\n";
    assert_eq!(all(string), Ok(vec![(string.len(), Kind::Bulk)]));
    assert_eq!(Value::read(string), Err(Violation::StreamedString));
    let inside = b"*2\r\n$?\r\n;1\r\na\r\n;0\r\n:1\r\n";
    assert_eq!(all(inside), Ok(vec![(inside.len(), Kind::Array)]));
    refused(b"%?\r\n+a\r\n.\r\n", Violation::HalfPair);
    refused(b"*1\r\n.\r\n", Violation::OutOfPlace);
    refused(b".\r\n", Violation::OutOfPlace);
    refused(b";1\r\na\r\n", Violation::OutOfPlace);
    refused(b"*?\r\n;0\r\n", Violation::OutOfPlace);
    assert_eq!(all(b"$?\r\n+a\r\n"), Err(Violation::OutOfPlace));
}

#[test]
fn pushes_come_between_replies() {
    let input = b">1\r\n+a\r\n+OK\r\n>0\r\n:1\r\n";
    let kinds = [(8, Kind::Push), (13, Kind::Simple), (17, Kind::Push), (21, Kind::Integer)];
    assert_eq!(all(input), Ok(kinds.to_vec()));
    refused(b"*2\r\n>1\r\n+a\r\n:1\r\n", Violation::OutOfPlace);
}

#[test]
fn what_is_no_reply_is_refused() {
    for input in ["x\r\n", "PING\r\n", "\0", " +OK\r\n", "@1\r\n"] {
        refused(input.as_bytes(), Violation::UnknownType(input.as_bytes()[0]));
    }
    refused(b"\r\n", Violation::UnknownType(b'\r'));
    for input in [
        "$a\r\n",
        "$-2\r\n",
        "*-2\r\n",
        "%-1\r\n",
        "~-1\r\n",
        "$+1\r\n",
        "$01\r\n",
        "*\r\n",
        "=3\r\nabc\r\n",
        "!-1\r\n",
        "|?\r\n",
        ">?\r\n",
        "=?\r\n",
    ] {
        refused(input.as_bytes(), Violation::Length);
    }
    // Twice these, or their sum with another, would not fit.
    for input in
        ["*9223372036854775807\r\n", "%4611686018427387904\r\n", "$18446744073709551615\r\n"]
    {
        refused(input.as_bytes(), Violation::Length);
    }
    for input in ["_x\r\n", "#x\r\n", "#\r\n", ":\r\n", ":1.0\r\n", ":+1\r\n", ",\r\n", "(\r\n"] {
        refused(input.as_bytes(), Violation::Malformed);
    }
    refused(b"$1\r\nabc", Violation::Line);
    refused(b"+a\nb\r\n", Violation::Line);
    refused(b"+a\rb\r\n", Violation::Line);
}

#[test]
fn lines_that_do_not_end_are_not_waited_for() {
    let long = [&b"+"[..], &vec![b'a'; LINE_BYTES_MAX]].concat();
    assert_eq!(ends(&long, 1000), Err(Violation::Line));
    assert_eq!(ends(&long, long.len()), Err(Violation::Line));
}

#[test]
fn values_stream_through() {
    let mut scanner = ReplyScanner::new();
    let start = scanner.scan(b"*2\r\n$1000000000\r\nabc").unwrap();
    assert_eq!(start, Progress { bytes: 20, complete: false });
    let piece = vec![b'x'; 1 << 16];
    let mut missing = 1_000_000_000 - 3;
    while missing > 0 {
        let size = missing.min(piece.len());
        let progress = scanner.scan(&piece[..size]).unwrap();
        assert_eq!(progress, Progress { bytes: size, complete: false });
        missing -= size;
    }
    // A line is handed on whole, or not yet.
    assert_eq!(scanner.scan(b"\r").unwrap().bytes, 0);
    assert_eq!(scanner.scan(b"\r\n:1").unwrap().bytes, 2);
    assert_eq!(scanner.scan(b":12\r\n+").unwrap(), Progress { bytes: 5, complete: true });
}

#[test]
fn kinds_and_bytes_are_one_to_one() {
    let kinds: Vec<Kind> = (0..=u8::MAX).filter_map(kind).collect();
    assert_eq!(kinds.len(), 15);
    for each in kinds {
        assert_eq!(kind(each.byte()), Some(each));
    }
}

#[test]
fn a_cursor_walks_a_reply() {
    let mut cursor = Cursor::new(b"*2\r\n%1\r\n$1\r\nk\r\n_\r\n$-1\r\n");
    let mut events = Vec::new();
    while let Some(event) = cursor.next_event().unwrap() {
        events.push(event);
    }
    assert_eq!(
        events,
        [
            Event::Open { kind: Kind::Array, elements: Some(2) },
            Event::Open { kind: Kind::Map, elements: Some(2) },
            Event::Text { kind: Kind::Bulk, text: b"k" },
            Event::Null(Kind::Null),
            Event::Close(Kind::Map),
            Event::Null(Kind::Bulk),
            Event::Close(Kind::Array),
        ]
    );
    assert_eq!(cursor.next_event(), Ok(None));
    let mut two = Cursor::new(b":1\r\n:2\r\n");
    assert!(two.next_event().unwrap().is_some());
    assert_eq!(two.next_event(), Err(Violation::NotOneReply));
    assert_eq!(Cursor::new(b"").next_event(), Err(Violation::NotOneReply));
}

#[test]
fn a_cursor_skips_whole_values() {
    let mut cursor = Cursor::new(b"*3\r\n*1\r\n:1\r\n|1\r\n+a\r\n*0\r\n$1\r\nx\r\n*0\r\n");
    assert_eq!(cursor.next_event(), Ok(Some(Event::Open { kind: Kind::Array, elements: Some(3) })));
    assert_eq!(cursor.skip(), Ok(Some(&b"*1\r\n:1\r\n"[..])));
    assert_eq!(cursor.skip(), Ok(Some(&b"|1\r\n+a\r\n*0\r\n$1\r\nx\r\n"[..])));
    assert_eq!(cursor.skip(), Ok(Some(&b"*0\r\n"[..])));
    assert_eq!(cursor.skip(), Ok(None));
    assert_eq!(cursor.next_event(), Ok(Some(Event::Close(Kind::Array))));
    assert_eq!(cursor.next_event(), Ok(None));
    assert_eq!(cursor.skip(), Ok(None));
    let mut stream = Cursor::new(b"*?\r\n:1\r\n.\r\n");
    stream.next_event().unwrap();
    assert_eq!(stream.skip(), Ok(Some(&b":1\r\n"[..])));
    assert_eq!(stream.skip(), Ok(None));
    assert_eq!(stream.next_event(), Ok(Some(Event::Close(Kind::Array))));
    let mut cut = Cursor::new(b"*2\r\n*2\r\n:1\r\n");
    cut.next_event().unwrap();
    assert_eq!(cut.skip(), Err(Violation::NotOneReply));
}

const PREFIX: &[u8] = b"t:";

/// The reply with the prefix off wherever `is_key` says so.
fn stripped(reply: &[u8], is_key: impl Fn(Place<'_>) -> bool) -> String {
    let mut out = Vec::new();
    edit(
        reply,
        &mut out,
        |place, _, text| {
            if is_key(place) { Edit::strip(text, PREFIX) } else { Edit::Keep }
        },
    )
    .unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_key_at_one_place_is_stripped_and_values_are_not() {
    let blpop = b"*2\r\n$3\r\nt:k\r\n$3\r\nt:v\r\n";
    assert_eq!(stripped(blpop, |place| place.is(&[0])), "*2\r\n$1\r\nk\r\n$3\r\nt:v\r\n");
    assert_eq!(stripped(b"*-1\r\n", |place| place.is(&[0])), "*-1\r\n");
    let lmpop = b"*2\r\n$3\r\nt:k\r\n*1\r\n$3\r\nt:v\r\n";
    assert_eq!(stripped(lmpop, |place| place.is(&[0])), "*2\r\n$1\r\nk\r\n*1\r\n$3\r\nt:v\r\n");
}

#[test]
fn keys_of_all_elements_are_stripped() {
    let keys = b"*2\r\n$12\r\nt:0123456789\r\n$2\r\nt:\r\n";
    assert_eq!(stripped(keys, |place| place.depth() == 1), "*2\r\n$10\r\n0123456789\r\n$0\r\n\r\n");
    let scan = b"*2\r\n$3\r\nt:1\r\n*2\r\n$3\r\nt:a\r\n$3\r\nt:b\r\n";
    assert_eq!(
        stripped(scan, |place| place.is_in(2, 0, 1)),
        "*2\r\n$3\r\nt:1\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n"
    );
}

#[test]
fn keys_of_pairs_are_stripped_in_resp2_and_resp3() {
    let arrays = b"*2\r\n*2\r\n$3\r\nt:a\r\n*1\r\n$3\r\nt:v\r\n*2\r\n$3\r\nt:b\r\n*0\r\n";
    assert_eq!(
        stripped(arrays, |place| place.is_first_of_pair(0, false)),
        "*2\r\n*2\r\n$1\r\na\r\n*1\r\n$3\r\nt:v\r\n*2\r\n$1\r\nb\r\n*0\r\n"
    );
    let map = b"%2\r\n$3\r\nt:a\r\n*1\r\n$3\r\nt:v\r\n$3\r\nt:b\r\n*0\r\n";
    assert_eq!(
        stripped(map, |place| place.is_first_of_pair(0, false)),
        "%2\r\n$1\r\na\r\n*1\r\n$3\r\nt:v\r\n$1\r\nb\r\n*0\r\n"
    );
    let flat = b"*4\r\n$3\r\nt:a\r\n:1\r\n$3\r\nt:b\r\n$3\r\nt:c\r\n";
    assert_eq!(
        stripped(flat, |place| place.is_first_of_pair(0, true)),
        "*4\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n$3\r\nt:c\r\n"
    );
}

#[test]
fn attributes_are_not_places() {
    let reply = b"|1\r\n$3\r\nt:x\r\n:1\r\n*2\r\n|1\r\n$3\r\nt:y\r\n:1\r\n$3\r\nt:k\r\n:1\r\n";
    assert_eq!(
        stripped(reply, |place| place.is(&[0])),
        "|1\r\n$3\r\nt:x\r\n:1\r\n*2\r\n|1\r\n$3\r\nt:y\r\n:1\r\n$1\r\nk\r\n:1\r\n"
    );
}

#[test]
fn values_are_replaced_in_their_type() {
    let mut out = Vec::new();
    let reply = b"*4\r\n+a\r\n$1\r\na\r\n=5\r\ntxt:a\r\n-a\r\n";
    edit(reply, &mut out, |_, _, _| Edit::Replace(Cow::Borrowed(b"x\r\ny"))).unwrap();
    assert_eq!(out, b"*4\r\n+x  y\r\n$4\r\nx\r\ny\r\n=4\r\nx\r\ny\r\n-x  y\r\n");
    let mut out = Vec::new();
    edit(b"+a\r\n", &mut out, |place, kind, text| {
        assert_eq!((place.depth(), kind, text), (0, Kind::Simple, &b"a"[..]));
        Edit::Strip(9)
    })
    .unwrap();
    assert_eq!(out, b"+\r\n");
}

#[test]
fn values_are_read_by_name() {
    for reply in
        [&b"*4\r\n+a\r\n:-1\r\n+b\r\n*1\r\n_\r\n"[..], b"%2\r\n+a\r\n:-1\r\n+b\r\n*1\r\n_\r\n"]
    {
        let value = Value::read(reply).unwrap();
        assert_eq!(value.get(b"a").and_then(Value::integer), Some(-1));
        assert_eq!(value.get(b"b").map(Value::items), Some(&[Value::Null][..]));
        assert_eq!((value.get(b"c"), value.text(), value.error()), (None, None, None));
    }
    assert_eq!(Value::read(b"-ERR x\r\n").unwrap().error(), Some(&b"ERR x"[..]));
    assert_eq!(Value::read(b"!5\r\nERR x\r\n").unwrap().error(), Some(&b"ERR x"[..]));
}

#[test]
fn replies_are_written() {
    let mut out = Vec::new();
    put_aggregate(Kind::Map, 2, &mut out);
    put_bulk(b"k", &mut out);
    put_integer(i64::MIN, &mut out);
    put_aggregate(Kind::Array, 12, &mut out);
    put_null(Kind::Null, &mut out);
    put_null(Kind::Bulk, &mut out);
    put_null(Kind::Array, &mut out);
    put_error(b"ERR a\r\nb", &mut out);
    put_simple(b"OK", &mut out);
    assert_eq!(
        out,
        b"%1\r\n$1\r\nk\r\n:-9223372036854775808\r\n*12\r\n_\r\n$-1\r\n*-1\r\n-ERR a  b\r\n+OK\r\n"
    );
}
