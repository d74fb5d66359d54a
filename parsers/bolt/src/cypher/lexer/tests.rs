//! Each trap of the server's lexing: where it and a naive reader part, and what is done here.

use crate::cypher::{Dialect, Edits, Fault, Symbol, TokenKind, parse};

const BYTES_MAX: usize = 1 << 16;

/// What the text is printed as.
#[track_caller]
fn printed(text: &str) -> String {
    match parse(text, Dialect::Cypher5, BYTES_MAX) {
        Ok(parsed) => parsed.print(&Edits::new()),
        Err(error) => panic!("{text}: {error}"),
    }
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(printed(text), expected, "{text}");
}

#[track_caller]
fn refused(text: &str) -> Fault {
    match parse(text, Dialect::Cypher5, BYTES_MAX) {
        Ok(_) => panic!("{text} is taken"),
        Err(error) => error.fault,
    }
}

#[test]
fn unicode_escapes_outside_of_strings_are_refused() {
    for text in [
        r"M\u0041TCH (n) RETURN n",
        r"C\u0059PHER 5 RETURN 1",
        r"EXPL\u0041IN RETURN 1",
        r"RETURN 1\u0020AS x",
        r"RETURN \u0031",
        r"RETURN 1 AS `a\u0062`",
        r"RETURN 1 AS `a\u0060 b`",
        r"RETURN 1 AS `a\u0060\u0060b`",
        r"RETURN 1 AS \u0060a\u0060",
        r"RETURN 1 // foo \u000A + 1 AS x",
        r"RETURN 1 /* \u002A */ AS x",
        r"MATCH (n) SET n.`tenant\u005fid` = 5",
    ] {
        assert_eq!(refused(text), Fault::UnicodeEscape, "{text}");
    }
    // An escaped end closes the comment to the server; here it does not, and nothing is sent.
    assert_eq!(refused(r"RETURN 1 /* \u002A\u002F AS x"), Fault::Unclosed("a comment"));
}

#[test]
fn unicode_escapes_in_strings_are_sent_decoded() {
    check(r"RETURN '\u0041'", "RETURN 'A'");
    check(r"RETURN 'caf\u00e9'", "RETURN 'café'");
    check(r"RETURN '\uD83D\uDE00'", "RETURN '😀'");
    check(r"RETURN '\u000A'", r"RETURN '\n'");
    // Two passes: what is behind a decoded backslash would be an escape of the second.
    for text in [
        r"RETURN '\u005Cn'",
        r"RETURN '\u005C'",
        r"RETURN 'a\u005Cu0027b'",
        r"RETURN 'a\u0027b'",
        r"RETURN 'a\u0027 AS x",
        r#"RETURN "a\u0022b""#,
        r"RETURN '\u0060'",
        r"RETURN '\uD83D'",
        r"RETURN '\uDE00\uD83D'",
        r"RETURN '\u00'",
        r"RETURN '\u+041'",
        r"RETURN '\uu0041'",
    ] {
        assert_eq!(refused(text), Fault::UnicodeEscape, "{text}");
    }
}

#[test]
fn a_doubled_backslash_shields_a_u() {
    check(r"RETURN 'a\\u0027b'", r"RETURN 'a\\u0027b'");
    check(r"RETURN '\\\\u0027'", r"RETURN '\\\\u0027'");
    assert_eq!(refused(r"RETURN '\\\u0027'"), Fault::UnicodeEscape);
    check(r"RETURN 1 AS `a\\u0041`", r"RETURN 1 AS `a\\u0041`");
    assert_eq!(refused(r"RETURN 1 AS `a\\\u0041`"), Fault::UnicodeEscape);
    // A capital is none.
    check(r"RETURN '\U0001F600'", r"RETURN '\\U0001F600'");
}

#[test]
fn escapes_in_strings_are_those_of_the_server() {
    check(r#"RETURN '\b\f\n\r\t\'\"\\'"#, r#"RETURN '\b\f\n\r\t\'"\\'"#);
    // Any other stays two characters.
    check(r"RETURN '\x\a\`\/'", r"RETURN '\\x\\a\\`\\/'");
    check("RETURN 'a\nb\0c'", "RETURN 'a\\nb\0c'");
    check(r#"RETURN "it's" + 'say "x"'"#, r#"RETURN 'it\'s' + 'say "x"'"#);
}

#[test]
fn quotes_are_not_doubled() {
    for text in ["RETURN 'it''s'", r#"RETURN "it""s""#] {
        assert_eq!(refused(text), Fault::Expected { expected: "the end of the statement" });
    }
    for text in ["RETURN 'a", "RETURN \"a'", r"RETURN 'a\'", r"RETURN '\\\'"] {
        assert_eq!(refused(text), Fault::Unclosed("a string"), "{text}");
    }
    // Cypher 25 has strings that hold expressions.
    assert_eq!(refused("RETURN s'a'"), Fault::Character('\''));
    assert_eq!(refused("RETURN S\"a\""), Fault::Character('"'));
}

#[test]
fn backticks_are_doubled() {
    check("RETURN 1 AS `a``b`", "RETURN 1 AS `a``b`");
    check("RETURN 1 AS ````", "RETURN 1 AS ````");
    check("RETURN 1 AS ``", "RETURN 1 AS ``");
    check("RETURN 1 AS `/* */ // ' \"`", "RETURN 1 AS `/* */ // ' \"`");
    check("RETURN 1 AS `a\nb\0`", "RETURN 1 AS `a\nb\0`");
    check(r"RETURN 1 AS `a\`", r"RETURN 1 AS `a\`");
    assert_eq!(refused("RETURN 1 AS `a`b`"), Fault::Unclosed("a name in backticks"));
    assert_eq!(refused("RETURN 1 AS `a"), Fault::Unclosed("a name in backticks"));
}

#[test]
fn comments_end_at_a_line_feed_or_carriage_return_and_at_nothing_else() {
    check("RETURN 1 // a\n+ 1", "RETURN 1 + 1");
    check("RETURN 1 // a\r+ 1", "RETURN 1 + 1");
    check("RETURN 1 // a\r\n+ 1", "RETURN 1 + 1");
    for stays in ['\u{B}', '\u{C}', '\u{85}', '\u{2028}', '\u{2029}'] {
        check(&format!("RETURN 1 // a{stays}+ 1"), "RETURN 1");
    }
    check("RETURN/**/1/* // */AS x", "RETURN 1 AS `x`");
    check("RETURN 1 /* * / ** */", "RETURN 1");
    assert!(matches!(refused("RETURN 1 /* /* */ */"), Fault::Expected { .. }));
    assert_eq!(refused("RETURN 1 /*/"), Fault::Unclosed("a comment"));
    // A comment parts tokens, and may not put two together.
    assert!(matches!(refused("RETURN 1 </**/= 2"), Fault::Expected { .. }));
    check("MATCH (a)-/**/-(b) RETURN 1", "MATCH (`a`)- -(`b`) RETURN 1");
}

#[test]
fn space_is_what_both_dialects_take() {
    let spaces = "\t\n\u{B}\u{C}\r\u{1C}\u{1D}\u{1E}\u{1F} \u{A0}\u{1680}\u{2000}\u{2007}\u{200A}\
                  \u{2028}\u{2029}\u{202F}\u{205F}\u{3000}";
    for space in spaces.chars() {
        check(&format!("RETURN{space}1{space}AS{space}x"), "RETURN 1 AS `x`");
    }
    for not in ['\u{85}', '\u{180E}', '\u{200B}', '\u{FEFF}', '\u{2060}', '\0', '\u{7F}'] {
        assert_eq!(refused(&format!("RETURN{not}1")), Fault::Character(not));
    }
}

#[test]
fn names_hold_no_invisible_characters() {
    for hidden in [
        '\0', '\u{8}', '\u{E}', '\u{1B}', '\u{7F}', '\u{80}', '\u{85}', '\u{AD}', '\u{180E}',
        '\u{200B}', '\u{200E}', '\u{202A}', '\u{2060}', '\u{FEFF}', '$',
    ] {
        assert_eq!(refused(&format!("RETURN 1 AS a{hidden}b")), Fault::Character(hidden));
        if hidden != '$' {
            // In backticks the name is what it is.
            check(&format!("RETURN 1 AS `a{hidden}b`"), &format!("RETURN 1 AS `a{hidden}b`"));
        }
    }
    for never in ['\u{FF0E}', '\u{2019}', '\u{FF07}', '\u{1F600}', '²', '½'] {
        assert_eq!(refused(&format!("RETURN 1 AS a{never}")), Fault::Character(never));
    }
    check("RETURN 1 AS \u{203F}a", "RETURN 1 AS `\u{203F}a`");
    check("RETURN 1 AS a\u{300}", "RETURN 1 AS `a\u{300}`");
    assert_eq!(refused("RETURN 1 AS \u{300}a"), Fault::Character('\u{300}'));
    check("RETURN 1 AS \u{FF41}", "RETURN 1 AS `\u{FF41}`");
}

#[test]
fn keywords_are_ascii_alone() {
    // Letters that fold to ASCII ones make a name and no keyword.
    assert!(matches!(refused("MATCH (n) \u{212A}IP RETURN 1"), Fault::Expected { .. }));
    check("RETURN 1 AS \u{17F}et", "RETURN 1 AS `\u{17F}et`");
    check("rEtUrN 1", "rEtUrN 1");
}

#[test]
fn arrows_that_look_alike_are_printed_as_arrows() {
    check("MATCH (a)\u{27E8}-[r]-\u{27E9}(b) RETURN 1", "MATCH (`a`)<-[`r`]->(`b`) RETURN 1");
    check("MATCH (a)\u{FE63}[r]\u{FE63}(b) RETURN 1", "MATCH (`a`)-[`r`]-(`b`) RETURN 1");
    check("MATCH (a)\u{2013}[r]\u{2014}\u{FF1E}(b) RETURN 1", "MATCH (`a`)-[`r`]->(`b`) RETURN 1");
    assert_eq!(refused("MATCH (a)-[r]\u{2212}(b) RETURN 1"), Fault::Character('\u{2212}'));
    assert_eq!(refused("MATCH (a)\u{AD}[r]-(b) RETURN 1"), Fault::Character('\u{AD}'));
    // They subtract and compare nothing.
    assert!(matches!(refused("RETURN 1 \u{2013} 1"), Fault::Expected { .. }));
    assert!(matches!(refused("RETURN 1 \u{FF1C} 1"), Fault::Expected { .. }));
}

#[test]
fn numbers_are_those_of_the_server() {
    for number in [
        "0",
        "1",
        "1_000",
        "0x1F",
        "0x_1",
        "0o17",
        ".5",
        "1.5",
        "1.5e3",
        "1E+3",
        "1.5f",
        "1.5d",
        "1e-3",
        "-9223372036854775808",
        "9223372036854775807",
        "-0x8000000000000000",
        "-0o1",
    ] {
        check(&format!("RETURN {number}"), &format!("RETURN {number}"));
    }
    for number in [
        "0X1F",
        "017",
        "0O17",
        "0b1",
        "0x",
        "0o",
        "0o8",
        "0xg",
        "1_",
        "1__0",
        "1_000_",
        "1f",
        "1d",
        "1L",
        "1e",
        "1e+",
        "1a",
        "1é",
        "9223372036854775808",
        "1e400",
        "0x8000000000000000",
        "1$",
    ] {
        assert_eq!(refused(&format!("RETURN {number}")), Fault::Number, "{number}");
    }
}

#[test]
fn dots_and_digits_make_ranges_before_fractions() {
    check(
        "RETURN [1,2][0..1], [1,2][..1], [1,2][1..-1]",
        "RETURN [1,2][0..1], [1,2][..1], [1,2][1..-1]",
    );
    check("RETURN 1.e3", "RETURN 1.`e3`");
    check("RETURN 1.a", "RETURN 1.`a`");
    for text in ["RETURN 1..3", "RETURN 1.", "MATCH (a)-[*1...3]->(b) RETURN 1"] {
        assert!(matches!(refused(text), Fault::Expected { .. }), "{text}");
    }
    let parsed = parse("MATCH ()-[*1..3]-() RETURN 1", Dialect::Cypher5, BYTES_MAX).unwrap();
    let kinds: Vec<TokenKind> = parsed.tokens()[5..9].iter().map(|token| token.kind).collect();
    let dots = TokenKind::Symbol(Symbol::DotDot);
    let star = TokenKind::Symbol(Symbol::Star);
    assert_eq!(kinds, [star, TokenKind::Integer, dots, TokenKind::Integer]);
    check("MATCH ()-[*1 .. 3]-() RETURN 1", "MATCH ()-[*1 .. 3]-() RETURN 1");
    check("MATCH ()-[*1_0]-() RETURN 1", "MATCH ()-[*1_0]-() RETURN 1");
    for text in ["*0x1..0x3", "*1.5", "*.5", "*-1"] {
        assert!(matches!(
            refused(&format!("MATCH ()-[{text}]-() RETURN 1")),
            Fault::Expected { .. }
        ));
    }
    // A parameter behind a star is a map of properties, and no length.
    check("MATCH ()-[*$x]-() RETURN 1", "MATCH ()-[*$`x`]-() RETURN 1");
}

#[test]
fn parameters_have_names_or_numbers() {
    check("RETURN $a, $`a b`, $1, $ a, $RETURN", "RETURN $`a`, $`a b`, $1, $ `a`, $`RETURN`");
    for text in ["RETURN $", "RETURN $0x", "RETURN $01", "RETURN $1_0", "RETURN $'a'", "RETURN {a}"]
    {
        refused(text);
    }
}

#[test]
fn one_statement_and_no_more() {
    check("RETURN 1;", "RETURN 1");
    check("RETURN 1 ; // end", "RETURN 1");
    for text in ["RETURN 1; RETURN 2", "RETURN 1;;", ";RETURN 1", "", " ", "// a", "/* */", ";"] {
        assert!(matches!(refused(text), Fault::Expected { .. }), "{text}");
    }
}

#[test]
fn lengths_and_nesting_are_bounded_before_anything_is_parsed() {
    let error = parse("RETURN 1", Dialect::Cypher5, 7).unwrap_err();
    assert_eq!(error.fault, Fault::TooLong);
    assert!(parse("RETURN 1", Dialect::Cypher5, 8).is_ok());
    for (opening, closing) in ["()", "[]", "{}"].map(|pair| pair.split_at(1)) {
        let text = format!("RETURN {}{}", opening.repeat(20_000), closing.repeat(20_000));
        assert_eq!(refused(&text), Fault::TooDeep);
        // Not even whether they match is asked.
        assert_eq!(refused(&format!("RETURN {}", opening.repeat(20_000))), Fault::TooDeep);
    }
    for text in ["RETURN (1]", "RETURN [1)", "RETURN {a: (1}", "RETURN 1)", "RETURN ((1))}"] {
        assert_eq!(refused(text), Fault::Unbalanced, "{text}");
    }
    assert_eq!(refused("RETURN ((1)"), Fault::Unclosed("a bracket"));
}
