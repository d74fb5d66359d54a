//! What the server takes, and what it says about the rest.

use wire::Limits;

use super::{Request, RequestLimits, RequestScanner, Violation, put_bulk, put_header};

fn scanner() -> RequestScanner {
    RequestScanner::new(RequestLimits::after_login(&Limits::default()))
}

fn words(request: Request<'_>) -> Vec<Vec<u8>> {
    request.arguments().map(<[u8]>::to_vec).collect()
}

/// All requests in `input`, which ends with the last of them; fed whole and byte by byte.
fn all(input: &[u8]) -> Result<Vec<Vec<Vec<u8>>>, Violation> {
    let whole = feed(input, input.len().max(1));
    assert_eq!(feed(input, 1), whole, "{}", input.escape_ascii());
    whole
}

fn feed(input: &[u8], piece: usize) -> Result<Vec<Vec<Vec<u8>>>, Violation> {
    let mut scanner = scanner();
    let mut found = Vec::new();
    let mut start = 0;
    let mut end = 0;
    while end < input.len() {
        end = (end + piece).min(input.len());
        while let Some((request, bytes)) = scanner.next(&input[start..end])? {
            assert_eq!(request.bytes(), &input[start..start + bytes]);
            found.push(words(request));
            start += bytes;
        }
    }
    assert_eq!(start, end, "{} is left over", input[start..].escape_ascii());
    Ok(found)
}

/// The words of the only request in `input`.
fn one(input: &[u8]) -> Vec<Vec<u8>> {
    let mut found = all(input).unwrap();
    assert_eq!(found.len(), 1, "{}", input.escape_ascii());
    found.remove(0)
}

fn refused(input: &[u8]) -> Violation {
    all(input).expect_err("the input is refused")
}

fn text(violation: Violation) -> String {
    let mut out = Vec::new();
    violation.put(&mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn arrays_of_bulk_strings_are_requests() {
    assert_eq!(one(b"*1\r\n$4\r\nPING\r\n"), [b"PING"]);
    assert_eq!(one(b"*2\r\n$3\r\nGET\r\n$0\r\n\r\n"), [&b"GET"[..], b""]);
    let binary = one(b"*2\r\n$4\r\nECHO\r\n$6\r\n\r\n\0$1\xff\r\n");
    assert_eq!(binary, [&b"ECHO"[..], b"\r\n\0$1\xff"]);
    let two = all(b"*1\r\n$4\r\nPING\r\n*2\r\n$4\r\nECHO\r\n$1\r\nx\r\n").unwrap();
    assert_eq!(two, [vec![b"PING".to_vec()], vec![b"ECHO".to_vec(), b"x".to_vec()]]);
}

#[test]
fn what_the_server_skips_has_no_arguments() {
    for input in ["*0\r\n", "*-1\r\n", "*-7\r\n", "\r\n", "\n", "   \r\n", " \t\x0b\x0c\n"] {
        assert!(one(input.as_bytes()).is_empty(), "{input:?}");
    }
    let mut scanner = scanner();
    let (request, bytes) = scanner.next(b"*0\r\nPING\r\n").unwrap().unwrap();
    assert!(request.is_empty());
    assert_eq!((request.name(), request.len(), bytes), (&b""[..], 0, 4));
}

#[test]
fn arguments_are_found_by_their_place() {
    let mut scanner = scanner();
    let (request, _) = scanner.next(b"*3\r\n$3\r\nset\r\n$1\r\nk\r\n$1\r\nv\r\n").unwrap().unwrap();
    assert_eq!((request.name(), request.len()), (&b"set"[..], 3));
    assert_eq!(request.argument(2), Some(&b"v"[..]));
    assert_eq!(request.argument(3), None);
    assert!(!request.is_inline());
    assert_eq!(request.arguments().next_back(), Some(&b"v"[..]));
}

#[test]
fn inline_words_are_split_and_unquoted() {
    assert_eq!(one(b"PING\r\n"), [b"PING"]);
    assert_eq!(one(b"  SET\tkey  value \n"), [&b"SET"[..], b"key", b"value"]);
    assert_eq!(one(b"a \"b c\" 'd e'\n"), [&b"a"[..], b"b c", b"d e"]);
    assert_eq!(one(b"\"\" ''\n"), [b"", b""]);
    assert_eq!(
        one(b"\"\\x41\\xfF\\xg1\\n\\r\\t\\b\\a\\\\\\\"\\q\"\n"),
        [&b"A\xffxg1\n\r\t\x08\x07\\\"q"[..]]
    );
    // In single quotes only the quote can be escaped.
    assert_eq!(one(b"'a\\'b\\n\\x41\"'\n"), [b"a'b\\n\\x41\""]);
    // A quote may open in the middle of a word; what came before is a part of it.
    assert_eq!(one(b"ab\"c d\" e'f'\n"), [&b"abc d"[..], b"ef"]);
    // These blanks separate words only where one begins.
    assert_eq!(one(b"a\x0bb \x0bc\n"), [&b"a\x0bb"[..], b"c"]);
    // One carriage return belongs to the line's end; another is a blank.
    assert_eq!(one(b"a\r\r\n"), [b"a"]);
    assert_eq!(one(b"a\rb\r\n"), [b"a", b"b"]);
    let mut scanner = scanner();
    let (request, bytes) = scanner.next(b"GET 'a b'\r\n*1\r\n").unwrap().unwrap();
    assert!(request.is_inline());
    assert_eq!((request.argument(1), bytes), (Some(&b"a b"[..]), 11));
}

#[test]
fn quotes_must_close_and_end_the_word() {
    for line in ["\"a", "'a", "a\"", "'a\\'", "\"a\\\"", "\"a\"b", "'a'b", "'a'\"b\"", "\"a\\"] {
        let input = format!("{line}\r\n");
        assert_eq!(refused(input.as_bytes()), Violation::InlineQuotes, "{line}");
    }
    assert_eq!(
        text(Violation::InlineQuotes),
        "-ERR Protocol error: unbalanced quotes in request\r\n"
    );
}

#[test]
fn counts_and_lengths_are_strict() {
    for count in
        ["", " 1", "1 ", "+1", "01", "-0", "1a", "a", "2147483648", "1048577", "1\0", "--1"]
    {
        let input = format!("*{count}\r\n");
        assert_eq!(refused(input.as_bytes()), Violation::CountLength, "{count}");
    }
    for length in ["", "-1", " 1", "+1", "01", "-0", "1a", "536870913", "99999999999999999999"] {
        let input = format!("*1\r\n${length}\r\n");
        assert_eq!(refused(input.as_bytes()), Violation::BulkLength, "{length}");
    }
    assert_eq!(text(Violation::CountLength), "-ERR Protocol error: invalid multibulk length\r\n");
    assert_eq!(text(Violation::BulkLength), "-ERR Protocol error: invalid bulk length\r\n");
}

#[test]
fn an_argument_begins_with_a_dollar() {
    for (input, byte) in
        [("*1\r\n:1\r\n", b':'), ("*1\r\n*1\r\n", b'*'), ("*2\r\n$1\r\na\r\n+x\r\n", b'+')]
    {
        assert_eq!(refused(input.as_bytes()), Violation::ExpectedBulk(byte), "{input:?}");
    }
    assert_eq!(refused(b"*1\r\n\r\n"), Violation::ExpectedBulk(b'\r'));
    assert_eq!(
        text(Violation::ExpectedBulk(b':')),
        "-ERR Protocol error: expected '$', got ':'\r\n"
    );
    assert_eq!(
        text(Violation::ExpectedBulk(b'\n')),
        "-ERR Protocol error: expected '$', got ' '\r\n"
    );
}

#[test]
fn lines_and_arguments_end_with_crlf() {
    assert_eq!(refused(b"*1\rx"), Violation::CountLength);
    assert_eq!(refused(b"*1\r\n$1\rx"), Violation::BulkLength);
    assert_eq!(refused(b"*1\r\n$1\r\nabc"), Violation::Terminator);
    assert_eq!(refused(b"*1\r\n$1\r\na\rb"), Violation::Terminator);
    // A line feed alone ends no count.
    assert_eq!(refused(b"*1\n$4\r\nPING\r\n"), Violation::CountLength);
    // The server would look for the line's end in front of the NUL, in vain.
    assert_eq!(refused(b"PI\0NG\r\n"), Violation::InlineLine);
}

#[test]
fn lines_that_do_not_end_are_not_waited_for() {
    let long = vec![b'1'; (64 << 10) + 1];
    for (start, violation, says) in [
        (&b""[..], Violation::InlineLine, "too big inline request"),
        (b"*", Violation::CountLine, "too big mbulk count string"),
        (b"*1\r\n$", Violation::BulkLine, "too big bulk count string"),
    ] {
        let input = [start, &long].concat();
        assert_eq!(refused(&input), violation);
        assert_eq!(text(violation), format!("-ERR Protocol error: {says}\r\n"));
        // Where the end comes in the same piece, it is the same.
        assert_eq!(refused(&[&input, &b"\r\n"[..]].concat()), violation);
    }
}

#[test]
fn before_the_login_little_is_taken() {
    let mut scanner = RequestScanner::new(RequestLimits::before_login());
    assert!(scanner.next(b"*10\r\n$16384\r\n").unwrap().is_none());
    let mut scanner = RequestScanner::new(RequestLimits::before_login());
    assert_eq!(scanner.next(b"*11\r\n").unwrap_err(), Violation::CountBeforeLogin);
    let mut scanner = RequestScanner::new(RequestLimits::before_login());
    assert_eq!(scanner.next(b"*1\r\n$16385\r\n").unwrap_err(), Violation::BulkBeforeLogin);
    let mut scanner = RequestScanner::new(RequestLimits::before_login());
    assert_eq!(scanner.next(b"*1\r\n$536870913\r\n").unwrap_err(), Violation::BulkLength);
    for (violation, says) in [
        (Violation::CountBeforeLogin, "unauthenticated multibulk length"),
        (Violation::BulkBeforeLogin, "unauthenticated bulk length"),
    ] {
        assert_eq!(text(violation), format!("-ERR Protocol error: {says}\r\n"));
    }
    let mut scanner = RequestScanner::new(RequestLimits::before_login());
    assert!(scanner.next(b"*1\r\n$4\r\nPING\r\n").unwrap().is_some());
    scanner.set_limits(RequestLimits::after_login(&Limits::default()));
    assert!(scanner.next(b"*11\r\n$16385\r\n").unwrap().is_none());
}

#[test]
fn all_arguments_before_the_login_fit_the_limit() {
    let mut request = Vec::new();
    put_header(10, &mut request);
    for _ in 0..10 {
        put_bulk(&[&[b'x'; 16_384]], &mut request);
    }
    let mut scanner = RequestScanner::new(RequestLimits::before_login());
    let (found, bytes) = scanner.next(&request).unwrap().unwrap();
    assert_eq!((found.len(), bytes), (10, request.len()));
}

#[test]
fn a_request_that_would_be_too_long_is_not_waited_for() {
    let limits = Limits { frame_bytes_max: 100, ..Limits::default() };
    let mut scanner = RequestScanner::new(RequestLimits::after_login(&limits));
    assert_eq!(scanner.next(b"*2\r\n$101\r\n").unwrap_err(), Violation::BulkLength);
    let mut scanner = RequestScanner::new(RequestLimits::after_login(&limits));
    let start = b"*2\r\n$3\r\nGET\r\n$90\r\n";
    assert_eq!(scanner.next(start).unwrap_err(), Violation::TooBig);
    // Headers count, too: many empty arguments are long.
    let mut scanner = RequestScanner::new(RequestLimits::after_login(&limits));
    let many = [&b"*1000\r\n"[..], &b"$0\r\n\r\n".repeat(1000)].concat();
    assert_eq!(scanner.next(&many).unwrap_err(), Violation::TooBig);
}

/// A value that arrives in small pieces is not read again for each of them.
#[test]
fn the_place_is_kept_between_pieces() {
    let value = vec![b'\n'; 1 << 20];
    let mut request = Vec::new();
    put_header(3, &mut request);
    put_bulk(&[b"SET"], &mut request);
    put_bulk(&[b"tenant:a:", b"key"], &mut request);
    put_bulk(&[&value], &mut request);
    let mut scanner = scanner();
    for end in (0..request.len()).step_by(7) {
        assert!(scanner.next(&request[..end]).unwrap().is_none());
    }
    let (found, bytes) = scanner.next(&request).unwrap().unwrap();
    assert_eq!(bytes, request.len());
    assert_eq!(found.argument(1), Some(&b"tenant:a:key"[..]));
    assert_eq!(found.argument(2), Some(&value[..]));
}

#[test]
fn requests_are_written_as_they_are_read() {
    let mut out = Vec::new();
    put_header(2, &mut out);
    put_bulk(&[b"get"], &mut out);
    put_bulk(&[b"pre:", b"", b"0123456"], &mut out);
    assert_eq!(out, b"*2\r\n$3\r\nget\r\n$11\r\npre:0123456\r\n");
    put_bulk(&[], &mut out);
    assert!(out.ends_with(b"$0\r\n\r\n"));
}
