//! What PostgreSQL's scanner makes of the texts that are easily read wrongly.

use super::{LexErrorKind, TokenKind, Tokens};

/// The tokens of `text`, each with a letter for its kind: `w:select s:'a'`.
fn tokens(text: &str) -> String {
    let tokens = Tokens::lex(text).unwrap();
    let shown = tokens.as_slice().iter().map(|token| {
        let kind = match token.kind {
            TokenKind::Word => 'w',
            TokenKind::QuotedIdentifier => 'q',
            TokenKind::UnicodeIdentifier => 'u',
            TokenKind::String => 's',
            TokenKind::Number => 'n',
            TokenKind::Parameter => '$',
            TokenKind::Operator => 'o',
            TokenKind::Typecast => 't',
            TokenKind::ColonEquals => 'c',
            TokenKind::Arrow => 'a',
            TokenKind::DotDot => 'd',
            TokenKind::Punct(byte) => {
                assert_eq!(token.span.of(text), Some(char::from(byte).to_string().as_str()));
                'p'
            }
        };
        format!("{kind}:{}", token.span.of(text).unwrap())
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn refused(text: &str, kind: LexErrorKind, at: usize) {
    let error = Tokens::lex(text).unwrap_err();
    assert_eq!((error.kind, error.at), (kind, at), "{text}");
}

/// PostgreSQL's message about `text`.
fn message(text: &str) -> String {
    Tokens::lex(text).unwrap_err().message(text)
}

#[test]
fn errors_quote_what_the_scanner_has_read() {
    for (text, kind, near) in [
        ("a 'b c", "unterminated quoted string", "'b c"),
        ("'a'\n'b", "unterminated quoted string", "'a'\n'b"),
        ("a /* b */ /* c", "unterminated /* comment", "/* c"),
        ("$a$ b", "unterminated dollar-quoted string", "$a$ b"),
        ("x U&\"\" y", "zero-length delimited identifier", "U&\"\""),
        ("1abc + 2", "trailing junk after numeric literal", "1abc"),
        ("1e+x", "trailing junk after numeric literal", "1e+"),
        ("1e+1x", "trailing junk after numeric literal", "1e+1x"),
        ("0xgh", "trailing junk after numeric literal", "0xgh"),
        ("0x_ 1", "invalid hexadecimal integer", "0x_"),
        ("$1ab 2", "trailing junk after parameter", "$1ab"),
        ("$99999999999 ", "parameter number too large", "$99999999999"),
        (r"E'\u0000 '", "invalid Unicode escape value", r"\u0000"),
        (r"E'\uD83Dab'", "invalid Unicode surrogate pair", "a"),
        (r"E'\uD83D\u0041'", "invalid Unicode surrogate pair", r"\u0041"),
    ] {
        assert_eq!(message(text), format!("{kind} at or near \"{near}\""), "{text}");
    }
    assert_eq!(message(r"E'\uD83D"), "invalid Unicode surrogate pair at end of input");
    assert_eq!(message(r"E'\u00'"), "invalid Unicode escape");
    assert_eq!(message("a\0"), "the statement contains a NUL byte");
}

#[test]
fn words_and_identifiers() {
    assert_eq!(
        tokens("SELECT é$1 \"a\"\"b\" U&\"d\\0061\""),
        "w:SELECT w:é$1 q:\"a\"\"b\" u:U&\"d\\0061\""
    );
    assert_eq!(tokens("u&x uu&\"a\""), "w:u o:& w:x w:uu o:& q:\"a\"");
    assert_eq!(tokens("n'x' N'y'"), "w:n s:'x' w:N s:'y'");
    assert_eq!(tokens("\"\"\"\""), "q:\"\"\"\"");
    refused("a \"\"", LexErrorKind::EmptyIdentifier, 2);
    refused("a U&\"\"", LexErrorKind::EmptyIdentifier, 2);
    refused("a \"b", LexErrorKind::UnterminatedIdentifier, 2);
}

#[test]
fn white_space_is_six_characters() {
    assert_eq!(tokens("a\u{b}b\u{c}c\td\re\nf"), "w:a w:b w:c w:d w:e w:f");
    // A no-break space is a letter like any other character outside ASCII.
    assert_eq!(tokens("a\u{a0}b"), "w:a\u{a0}b");
}

#[test]
fn a_backslash_ends_no_standard_string() {
    assert_eq!(tokens(r"'ab\' 'c'"), r"s:'ab\' s:'c'");
    assert_eq!(tokens(r"'ab\''cd'"), r"s:'ab\''cd'");
    assert_eq!(tokens(r"E'ab\'cd' x"), r"s:E'ab\'cd' w:x");
    assert_eq!(tokens(r"e'\\' x"), r"s:e'\\' w:x");
    assert_eq!(tokens("E'\\é' x"), "s:E'\\é' w:x");
    refused(r"E'a\'", LexErrorKind::UnterminatedString, 0);
    refused("1, E'a\\", LexErrorKind::UnterminatedString, 3);
}

#[test]
fn unicode_escapes_are_checked_where_the_scanner_checks_them() {
    assert_eq!(tokens(r"E'\u0041\U00000041\uD83D\uDE00'"), r"s:E'\u0041\U00000041\uD83D\uDE00'");
    refused(r"E'a\u004'", LexErrorKind::InvalidUnicodeEscape, 3);
    refused(r"E'a\u0000'", LexErrorKind::InvalidUnicodeValue, 3);
    refused(r"E'a\U00110000'", LexErrorKind::InvalidUnicodeValue, 3);
    refused(r"E'\uDE00'", LexErrorKind::InvalidSurrogatePair, 2);
    refused(r"E'\uD83D'", LexErrorKind::InvalidSurrogatePair, 8);
    refused(r"E'\uD83D\u0041'", LexErrorKind::InvalidSurrogatePair, 8);
    // Those of U&'' are the parser's business.
    assert_eq!(tokens(r"U&'\' UESCAPE '!'"), r"s:U&'\' w:UESCAPE s:'!'");
}

#[test]
fn a_string_continues_across_a_line_end_only() {
    assert_eq!(tokens("'a'\n'b' x"), "s:'a'\n'b' w:x");
    assert_eq!(tokens("'a' 'b'"), "s:'a' s:'b'");
    assert_eq!(tokens("'a' -- c'\n \r'b' x"), "s:'a' -- c'\n \r'b' w:x");
    assert_eq!(tokens("'a' /* c */\n'b'"), "s:'a' s:'b'");
    assert_eq!(tokens("E'a'\n'\\'' x"), "s:E'a'\n'\\'' w:x");
    assert_eq!(tokens("'a'\nE'b'"), "s:'a' s:E'b'");
    assert_eq!(tokens("'a' -- c"), "s:'a'");
    assert_eq!(tokens("'a'\n"), "s:'a'");
    refused("'a'\n'b", LexErrorKind::UnterminatedString, 0);
}

#[test]
fn an_apostrophe_is_not_doubled_in_bit_strings() {
    assert_eq!(tokens("B'1''0' x'f'\n'0'"), "s:B'1' s:'0' s:x'f'\n'0'");
    refused("B'1", LexErrorKind::UnterminatedBitString, 0);
    refused("X'1", LexErrorKind::UnterminatedHexString, 0);
}

#[test]
fn dollar_quotes() {
    assert_eq!(tokens("$$a'$$ $é1$ $$ $e$ $é1$ x"), "s:$$a'$$ s:$é1$ $$ $e$ $é1$ w:x");
    assert_eq!(tokens("$a$ $b$a$ x"), "s:$a$ $b$a$ w:x");
    assert_eq!(tokens("$a b$"), "p:$ w:a w:b$");
    assert_eq!(tokens("a$b$c$b$"), "w:a$b$c$b$");
    refused("x $a$ $A$", LexErrorKind::UnterminatedDollarString, 2);
}

#[test]
fn parameters() {
    assert_eq!(tokens("$1$2 $1.5 a=$1"), "$:$1 $:$2 $:$1 n:.5 w:a p:= $:$1");
    assert_eq!(tokens("$2147483647"), "$:$2147483647");
    refused("a $1a", LexErrorKind::JunkAfterParameter, 2);
    refused("$1_000", LexErrorKind::JunkAfterParameter, 0);
    refused("$2147483648", LexErrorKind::ParameterTooLarge, 0);
}

#[test]
fn numbers() {
    assert_eq!(tokens("1..10 1...2"), "n:1 d:.. n:10 n:1 d:.. n:.2");
    assert_eq!(tokens("1. .5 1.5.5 1.e5"), "n:1. n:.5 n:1.5 n:.5 n:1.e5");
    assert_eq!(
        tokens("1_000 0x_1F 0o7 0B1 1_0.0_1e+1_0"),
        "n:1_000 n:0x_1F n:0o7 n:0B1 n:1_0.0_1e+1_0"
    );
    assert_eq!(tokens("1e+5$ 0x1F.5 1$1 1_0.5$"), "n:1e+5 p:$ n:0x1F n:.5 n:1 $:$1 n:1_0.5 p:$");
    for junk in [
        "1a", "1_", "1__0", "1e", "1e+", "1.5e-x", "1_0$", "1.5_0$", "1e-5_0$", "1e5$", "1.a",
        "1._5", "1é", "0b12", "0x1g", "0xg",
    ] {
        refused(&format!("  {junk}"), LexErrorKind::JunkAfterNumber, 2);
    }
    refused("0x_", LexErrorKind::InvalidHexInteger, 0);
    refused("0o", LexErrorKind::InvalidOctalInteger, 0);
    refused("0b.", LexErrorKind::InvalidBinaryInteger, 0);
}

#[test]
fn comments_inside_operators() {
    assert_eq!(tokens("1 <>/* 2, '*/ 3"), "n:1 o:<> n:3");
    assert_eq!(tokens("a*/*b*/c"), "w:a p:* w:c");
    assert_eq!(tokens("a+--b\nc"), "w:a p:+ w:c");
    assert_eq!(tokens("a/* /* */ ' */b"), "w:a w:b");
    assert_eq!(tokens("a--b\rc"), "w:a w:c");
    refused("a /* /* */", LexErrorKind::UnterminatedComment, 2);
    refused("/*/", LexErrorKind::UnterminatedComment, 0);
}

#[test]
fn plus_and_minus_end_an_operator_only_behind_certain_characters() {
    assert_eq!(tokens("a=-1"), "w:a p:= p:- n:1");
    assert_eq!(tokens("a@-1 a<?+b"), "w:a o:@- n:1 w:a o:<?+ w:b");
    assert_eq!(tokens("a+-+b"), "w:a p:+ p:- p:+ w:b");
    assert_eq!(tokens("a<=-+1 a=>-1"), "w:a o:<= p:- p:+ n:1 w:a a:=> p:- n:1");
    assert_eq!(tokens("a<-b a->b a->>b"), "w:a p:< p:- w:b w:a o:-> w:b w:a o:->> w:b");
    assert_eq!(tokens("a!=b a<=>b ! #"), "w:a o:!= w:b w:a o:<=> w:b o:! o:#");
    assert_eq!(tokens("a::b:=c:d"), "w:a t::: w:b c::= w:c p:: w:d");
    refused(&format!("a {}", "~".repeat(64)), LexErrorKind::OperatorTooLong, 2);
    assert!(Tokens::lex(&"~".repeat(63)).is_ok());
}

#[test]
fn a_nul_byte_is_refused_wherever_it_stands() {
    for text in ["a\0", "'\0'", "/*\0*/", "--\0"] {
        refused(text, LexErrorKind::Nul, text.find('\0').unwrap());
    }
}

#[test]
fn brackets_pair_in_both_directions() {
    let tokens = Tokens::lex("(a[1](b) ] )").unwrap();
    let pairs: Vec<_> = (0..tokens.len()).map(|index| tokens.matching(index)).collect();
    // The stray bracket has no partner and leaves the others theirs.
    let stray = None;
    let expected = [Some(9), None, Some(4), None, Some(2), Some(7), None, Some(5), stray, Some(0)];
    assert_eq!(pairs, expected);
}

#[test]
fn tokens_are_found_by_offset_and_by_word() {
    let tokens = Tokens::lex("ab \"where\" WHERE").unwrap();
    assert_eq!(
        [0, 1, 3, 4, 16].map(|at| tokens.at_or_after(at)),
        [Some(0), Some(1), Some(1), Some(2), None]
    );
    assert!(tokens.is_keyword(2, "where") && !tokens.is_keyword(1, "where"));
    assert!(!tokens.is_keyword(3, "where"));
}

#[test]
fn blanked_comments_keep_every_offset() {
    let blank = |text: &str| Tokens::lex(text).unwrap().without_comments().into_owned();
    let comment = "/* /* ' */ */";
    let spaces = " ".repeat(comment.len());
    assert_eq!(blank(&format!("a -- é\nb {comment} c")), format!("a      \nb {spaces} c"));
    assert_eq!(blank("'a' -- x\n 'b'"), "'a'     \n 'b'");
    assert_eq!(blank("'/*' \"--\" $$ -- $$"), "'/*' \"--\" $$ -- $$");
    // These are two strings, and stay two.
    assert_eq!(blank("'a' /* x\n */\n'b'"), format!("'a'{}'b'", " ".repeat(10)));
}

#[test]
fn long_and_deep_texts_take_no_stack() {
    assert_eq!(Tokens::lex(&"(".repeat(200_000)).unwrap().matching(0), None);
    let nested = "/*".repeat(100_000) + &"*/".repeat(100_000);
    assert_eq!(Tokens::lex(&nested).unwrap().comments().len(), 1);
    assert_eq!(Tokens::lex(&"+-".repeat(32)).unwrap().len(), 64);
    refused(&"+-".repeat(100_000), LexErrorKind::TooManySigns, 0);
}
