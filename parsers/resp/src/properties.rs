//! What must hold of any input, made up by `proptest`, and what another reader of RESP says of it.

use crate::reply::{Cursor, Edit, Kind, ReplyScanner, Value, edit};
use crate::request::{RequestLimits, RequestScanner, Violation, put_bulk, put_header};
use proptest::collection::vec;
use proptest::prelude::*;
use redis_protocol::resp2::decode::decode as decode2;
use redis_protocol::resp2::types::{OwnedFrame as Frame2, Resp2Frame as _};
use redis_protocol::resp3::decode::complete::decode as decode3;
use wire::Limits;

type Words = Vec<Vec<u8>>;

/// All requests of `input`, how many bytes they take, and what stops the reading.
fn requests(input: &[u8], pieces: &[usize]) -> (Vec<Words>, usize, Option<Violation>) {
    let limits = Limits { frame_bytes_max: 4_096, ..Limits::default() };
    let mut scanner = RequestScanner::new(RequestLimits::after_login(&limits));
    let mut found = Vec::new();
    let (mut start, mut end) = (0, 0);
    let mut pieces = pieces.iter().copied().cycle();
    while end < input.len() {
        end = (end + pieces.next().unwrap_or(usize::MAX).max(1)).min(input.len());
        loop {
            match scanner.next(&input[start..end]) {
                Ok(None) => break,
                Ok(Some((request, bytes))) => {
                    assert!(bytes > 0);
                    found.push(request.arguments().map(<[u8]>::to_vec).collect());
                    start += bytes;
                }
                Err(violation) => return (found, start, Some(violation)),
            }
        }
    }
    (found, start, None)
}

/// Where the replies of `input` end, and whether it can not be read to its end.
fn replies(input: &[u8], pieces: &[usize]) -> (Vec<usize>, bool) {
    let mut scanner = ReplyScanner::new();
    let mut found = Vec::new();
    let (mut start, mut end) = (0, 0);
    let mut pieces = pieces.iter().copied().cycle();
    while end < input.len() {
        end = (end + pieces.next().unwrap_or(usize::MAX).max(1)).min(input.len());
        loop {
            let Ok(progress) = scanner.scan(&input[start..end]) else {
                return (found, true);
            };
            start += progress.bytes;
            if !progress.complete {
                break;
            }
            found.push(start);
        }
    }
    (found, false)
}

/// A part of a request that is nearly right.
fn fragment() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(b"\r\n".to_vec()),
        Just(b"*".to_vec()),
        Just(b"$".to_vec()),
        Just(b"\"".to_vec()),
        Just(b"'".to_vec()),
        Just(b"\\".to_vec()),
        Just(b" ".to_vec()),
        Just(b"*2\r\n$1\r\na\r\n".to_vec()),
        Just(b"$3\r\nkey\r\n".to_vec()),
        (-3_i64..40).prop_map(|number| number.to_string().into_bytes()),
        vec(any::<u8>(), 0..6),
        "[a-z]{1,5}".prop_map(String::into_bytes),
    ]
}

/// A value of RESP3, attributes, streams and all, as bytes.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let line = |byte: char, text: &'static str| {
        text.prop_map(move |text: String| format!("{byte}{text}\r\n").into_bytes())
    };
    let bulk = |byte: char| {
        vec(any::<u8>(), 0..20).prop_map(move |text| {
            let text = if byte == '=' { [b"txt:", &text[..]].concat() } else { text };
            [format!("{byte}{}\r\n", text.len()).as_bytes(), &text, b"\r\n"].concat()
        })
    };
    let leaf = prop_oneof![
        line('+', "[a-z ]{0,8}"),
        line('-', "ERR [a-z ]{0,8}"),
        line('(', "-?[1-9][0-9]{20,30}"),
        line('#', "[tf]"),
        any::<i64>().prop_map(|number| format!(":{number}\r\n").into_bytes()),
        (-1e6_f64..1e6).prop_map(|number| format!(",{number}\r\n").into_bytes()),
        Just(b"_\r\n".to_vec()),
        Just(b"$-1\r\n".to_vec()),
        Just(b"*-1\r\n".to_vec()),
        bulk('$'),
        bulk('$'),
        bulk('!'),
        bulk('='),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let attribute = (inner.clone(), inner.clone(), inner.clone())
            .prop_map(|(name, about, value)| [&b"|1\r\n"[..], &name, &about, &value].concat());
        let aggregate = |byte: char, each: usize| {
            vec(vec(inner.clone(), each), 0..5).prop_map(move |items| {
                let header = format!("{byte}{}\r\n", items.len()).into_bytes();
                [header, items.concat().concat()].concat()
            })
        };
        let stream = vec(inner.clone(), 0..4)
            .prop_map(|items| [&b"*?\r\n"[..], &items.concat(), b".\r\n"].concat());
        prop_oneof![
            4 => aggregate('*', 1),
            2 => aggregate('%', 2),
            2 => aggregate('~', 1),
            1 => attribute,
            1 => stream,
        ]
    })
}

/// A value of RESP2, as another library's tree.
fn value2() -> impl Strategy<Value = Frame2> {
    let leaf = prop_oneof![
        "[a-z ]{0,8}".prop_map(|text| Frame2::SimpleString(text.into_bytes())),
        "ERR [a-z ]{0,8}".prop_map(Frame2::Error),
        any::<i64>().prop_map(Frame2::Integer),
        vec(any::<u8>(), 0..20).prop_map(Frame2::BulkString),
        Just(Frame2::Null),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| vec(inner, 0..6).prop_map(Frame2::Array))
}

/// Whether both trees are the same.
fn same(ours: &Value<'_>, theirs: &Frame2) -> bool {
    match (ours, theirs) {
        (Value::Null, Frame2::Null) => true,
        (Value::Text(Kind::Integer, _), Frame2::Integer(number)) => ours.integer() == Some(*number),
        (Value::Text(Kind::Simple, text), Frame2::SimpleString(other))
        | (Value::Text(Kind::Bulk, text), Frame2::BulkString(other)) => text == other,
        (Value::Text(Kind::Error, text), Frame2::Error(other)) => *text == other.as_bytes(),
        (Value::Aggregate(Kind::Array, items), Frame2::Array(others)) => {
            items.len() == others.len()
                && items.iter().zip(others).all(|(item, other)| same(item, other))
        }
        _ => false,
    }
}

fn encoded(frame: &Frame2) -> Vec<u8> {
    let mut buffer = vec![0; frame.encode_len(false)];
    let bytes = redis_protocol::resp2::encode::encode(&mut buffer, frame, false).unwrap();
    buffer.truncate(bytes);
    buffer
}

proptest! {
    #[test]
    fn requests_do_not_depend_on_how_they_are_cut(
        parts in vec(fragment(), 0..24),
        pieces in vec(1_usize..9, 1..8),
    ) {
        let input = parts.concat();
        prop_assert_eq!(requests(&input, &pieces), requests(&input, &[usize::MAX]));
    }

    #[test]
    fn what_is_written_as_a_request_is_read_as_it(
        wanted in vec(vec(vec(any::<u8>(), 0..30), 1..6), 1..4),
        pieces in vec(1_usize..50, 1..8),
    ) {
        let mut input = Vec::new();
        for words in &wanted {
            put_header(words.len(), &mut input);
            for word in words {
                let (front, back) = word.split_at(word.len() / 2);
                put_bulk(&[front, back], &mut input);
            }
        }
        prop_assert_eq!(requests(&input, &pieces), (wanted.clone(), input.len(), None));
        // A request is a reply, too: an array of bulk strings.
        prop_assert_eq!(replies(&input, &pieces).0.len(), wanted.len());
        let (theirs, bytes) = decode2(&input).unwrap().unwrap();
        prop_assert_eq!(replies(&input, &pieces).0[0], bytes);
        let words = wanted[0].iter().map(|word| Frame2::BulkString(word.clone())).collect();
        prop_assert_eq!(theirs, Frame2::Array(words));
    }

    #[test]
    fn inline_words_can_be_quoted(words in vec(vec(any::<u8>(), 0..12), 1..5)) {
        let quote = |word: &Vec<u8>| {
            let bytes: String = word.iter().map(|byte| format!("\\x{byte:02X}")).collect();
            format!("\"{bytes}\"")
        };
        let line = words.iter().map(quote).collect::<Vec<_>>().join(" ") + "\r\n";
        prop_assert_eq!(requests(line.as_bytes(), &[1]), (vec![words], line.len(), None));
    }

    #[test]
    fn replies_do_not_depend_on_how_they_are_cut(
        values in vec(value(), 1..4),
        noise in vec(any::<u8>(), 0..8),
        pieces in vec(1_usize..9, 1..8),
    ) {
        let mut input = values.concat();
        let ends: Vec<usize> = values.iter().scan(0, |end, value| {
            *end += value.len();
            Some(*end)
        }).collect();
        prop_assert_eq!(replies(&input, &pieces), (ends.clone(), false));
        input.extend(noise);
        let (found, broken) = replies(&input, &pieces);
        prop_assert!(found.starts_with(&ends));
        prop_assert_eq!(replies(&input, &[usize::MAX]), (found, broken));
    }

    #[test]
    fn noise_is_read_in_the_same_way_however_it_is_cut(
        parts in vec(fragment(), 0..24),
        pieces in vec(1_usize..9, 1..8),
    ) {
        let input = parts.concat();
        prop_assert_eq!(replies(&input, &pieces), replies(&input, &[usize::MAX]));
    }

    #[test]
    fn a_cursor_and_a_scanner_see_the_same(value in value(), cut in any::<prop::sample::Index>()) {
        let mut cursor = Cursor::new(&value);
        while cursor.next_event().unwrap().is_some() {}
        prop_assert_eq!(cursor.position(), value.len());
        prop_assert_eq!(Cursor::new(&value).skip(), Ok(Some(&value[..])));
        let cut = &value[..cut.index(value.len())];
        prop_assert!(Value::read(cut).is_err());
        prop_assert_eq!(replies(cut, &[1]), (vec![], false));
    }

    #[test]
    fn an_edit_that_is_undone_changes_nothing(value in value()) {
        let (mut kept, mut longer, mut back) = (Vec::new(), Vec::new(), Vec::new());
        edit(&value, &mut kept, |_, _, _| Edit::Keep).unwrap();
        prop_assert_eq!(&kept, &value);
        let is_text = |kind| matches!(kind, Kind::Bulk | Kind::BulkError | Kind::Simple);
        edit(&value, &mut longer, |_, kind, text| {
            if is_text(kind) {
                Edit::Replace([b"prefix:", text].concat().into())
            } else {
                Edit::Keep
            }
        }).unwrap();
        edit(&longer, &mut back, |_, kind, text| {
            if is_text(kind) { Edit::strip(text, b"prefix:") } else { Edit::Keep }
        }).unwrap();
        prop_assert_eq!(back, value);
    }

    #[test]
    fn another_reader_sees_the_same_in_resp2(frame in value2(), pieces in vec(1_usize..9, 1..8)) {
        let bytes = encoded(&frame);
        prop_assert_eq!(replies(&bytes, &pieces), (vec![bytes.len()], false));
        prop_assert!(same(&Value::read(&bytes).unwrap(), &frame), "{}", bytes.escape_ascii());
    }

    /// It reads no streams and no nested attributes, and has its own rules for what a set may hold:
    /// where it finds an end, it is ours.
    #[test]
    fn another_reader_finds_the_same_end_in_resp3(value in value()) {
        let streams = memchr::memmem::find(&value, b"*?\r\n").is_some();
        if let (Ok(Some((_, bytes))), false) = (decode3(&value), streams) {
            prop_assert_eq!(bytes, value.len(), "{}", value.escape_ascii());
        }
    }
}
