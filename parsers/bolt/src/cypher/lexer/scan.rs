//! How far a token reaches. Each function looks at the start of a text and gives the bytes of the
//! token there, or where in it something is wrong.

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while_m_n, take_while1};
use nom::character::complete::{char, digit1, one_of};
use nom::combinator::{opt, recognize};
use nom::multi::{many0_count, many1_count};
use nom::sequence::pair;
use nom::{IResult, Parser};

use super::escape::{StringEscape, string_escape};
use super::{Fault, Symbol, TokenKind};

/// Where in the token, and what.
pub(super) type Wrong = (usize, Fault);

/// Bytes of white space.
pub(super) fn space(text: &str) -> usize {
    let scanned: IResult<&str, &str> = take_while(is_space).parse(text);
    scanned.map_or(0, |(_, space)| space.len())
}

/// What both dialects take as white space: U+0085 is some to Cypher 25 alone.
fn is_space(character: char) -> bool {
    matches!(
        character,
        '\u{9}'..='\u{D}'
            | '\u{1C}'..='\u{20}'
            | '\u{A0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200A}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202F}'
            | '\u{205F}'
            | '\u{3000}'
    )
}

/// Bytes of a comment, if one begins here. One of a line ends before LF or CR and nothing else.
pub(super) fn comment(text: &str) -> Option<Result<usize, Wrong>> {
    let bytes = if text.starts_with("//") {
        text.find(['\n', '\r']).unwrap_or(text.len())
    } else if let Some(inside) = text.strip_prefix("/*") {
        match inside.find("*/") {
            Some(end) => end + 4,
            None => return Some(Err((0, Fault::Unclosed("a comment")))),
        }
    } else {
        return None;
    };
    let escape = text.get(..bytes).and_then(super::has_open_escape);
    Some(match escape {
        Some(at) => Err((at, Fault::UnicodeEscape)),
        None => Ok(bytes),
    })
}

/// Whether a bare name may begin with it. Beyond ASCII this is less exact than the server's tables:
/// names are sent in backticks, so all that hangs on it is what is refused.
pub(super) fn begins_word(character: char) -> bool {
    match character {
        'a'..='z' | 'A'..='Z' | '_' | '\u{203F}' | '\u{2040}' | '\u{2054}' => true,
        '\0'..='\u{7F}' | '\u{AD}' => false,
        '\u{80}'..='\u{FFFF}' => character.is_alphabetic(),
        _ => false,
    }
}

fn continues_word(character: char) -> bool {
    match character {
        '0'..='9' | '\u{300}'..='\u{36F}' => true,
        _ => begins_word(character),
    }
}

/// Bytes of a word. One that runs into a `$` is a longer name to Cypher 5 and two tokens to
/// Cypher 25.
pub(super) fn word(text: &str) -> Result<usize, Wrong> {
    let scanned: IResult<&str, &str> = take_while1(continues_word).parse(text);
    let bytes = scanned.map_or(0, |(_, word)| word.len());
    match text.get(bytes..).and_then(|rest| rest.chars().next()) {
        Some('$') => Err((bytes, Fault::Character('$'))),
        Some(quote @ ('\'' | '"')) if bytes == 1 && text.starts_with(['s', 'S']) => {
            // Cypher 25 has strings with expressions in them.
            Err((bytes, Fault::Character(quote)))
        }
        _ => Ok(bytes),
    }
}

/// Bytes of a string, its quotes included. The escapes are checked, too.
pub(super) fn string(text: &str, quote: char) -> Result<usize, Wrong> {
    let mut at = 1;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let plain = rest.find([quote, '\\']).ok_or((0, Fault::Unclosed("a string")))?;
        at += plain;
        let rest = rest.get(plain..).unwrap_or_default();
        if rest.starts_with(quote) {
            return Ok(at + 1);
        }
        at += match string_escape(rest) {
            Some(StringEscape { bytes, .. }) => bytes,
            None if rest.len() == 1 => return Err((0, Fault::Unclosed("a string"))),
            None => return Err((at, Fault::UnicodeEscape)),
        };
    }
}

/// Bytes of a name in backticks, which are included. A doubled backtick stands for one.
pub(super) fn quoted_name(text: &str) -> Result<usize, Wrong> {
    let mut at = 1;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let plain = rest.find('`').ok_or((0, Fault::Unclosed("a name in backticks")))?;
        at += plain + 1;
        if text.get(at..).is_some_and(|rest| rest.starts_with('`')) {
            at += 1;
            continue;
        }
        let inside = text.get(..at).unwrap_or_default();
        return match super::has_open_escape(inside) {
            Some(escape) => Err((escape, Fault::UnicodeEscape)),
            None => Ok(at),
        };
    }
}

type Scan<'a> = IResult<&'a str, &'a str>;

/// Digits with single underscores between them.
fn decimal_digits(text: &str) -> Scan<'_> {
    recognize(pair(digit1, many0_count(pair(char('_'), digit1)))).parse(text)
}

fn exponent(text: &str) -> Scan<'_> {
    recognize((one_of("eE"), opt(one_of("+-")), decimal_digits)).parse(text)
}

/// `1.5`, `.5`, with or without an exponent; the suffixes of Java are taken.
fn fraction(text: &str) -> Scan<'_> {
    recognize((opt(decimal_digits), char('.'), decimal_digits, opt(exponent), opt(one_of("fFdD"))))
        .parse(text)
}

fn power(text: &str) -> Scan<'_> {
    recognize(pair(decimal_digits, exponent)).parse(text)
}

fn radix(text: &str) -> Scan<'_> {
    fn digits<'a>(text: &'a str, is_digit: fn(char) -> bool) -> Scan<'a> {
        let one = pair(opt(char('_')), take_while_m_n(1, 1, is_digit));
        recognize(many1_count(one)).parse(text)
    }
    let hexadecimal = |text| digits(text, |digit| digit.is_ascii_hexdigit());
    let octal = |text| digits(text, |digit| digit.is_digit(8));
    alt((recognize(pair(tag("0x"), hexadecimal)), recognize(pair(tag("0o"), octal)))).parse(text)
}

/// A number, if one begins here: `None` where there is no digit.
pub(super) fn number(text: &str) -> Option<Result<(TokenKind, usize), Wrong>> {
    let digits = text.strip_prefix('.').unwrap_or(text);
    if !digits.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let behind = text.trim_start_matches(|digit: char| digit.is_ascii_digit() || digit == '_');
    let scanned = match behind.as_bytes() {
        [b'.', b'0'..=b'9', ..] => fraction(text).map(|(_, number)| (number, TokenKind::Float)),
        [b'e' | b'E', ..] => power(text).map(|(_, number)| (number, TokenKind::Float)),
        [b'x' | b'o', ..] => radix(text).map(|(_, number)| (number, TokenKind::RadixInteger)),
        _ => decimal_digits(text).map(|(_, number)| (number, TokenKind::Integer)),
    };
    let Ok((number, kind)) = scanned else { return Some(Err((0, Fault::Number))) };
    let rest = text.get(number.len()..).unwrap_or_default();
    let is_bad = match kind {
        TokenKind::Integer => number.len() > 1 && number.starts_with('0'),
        TokenKind::Float => {
            let digits = number.trim_end_matches(['f', 'F', 'd', 'D']).replace('_', "");
            digits.parse().is_ok_and(|float: f64| float.is_infinite())
        }
        _ => false,
    };
    // A number runs into no name: `1a`, `0b1`, `1_` and `017` are errors, not two tokens.
    if is_bad || rest.starts_with(|next| continues_word(next) || next == '$') {
        return Some(Err((0, Fault::Number)));
    }
    Some(Ok((kind, number.len())))
}

/// A sign.
pub(super) fn symbol(text: &str) -> Result<(Symbol, usize), Wrong> {
    let two = match text.as_bytes() {
        [b'.', b'.', ..] => Some(Symbol::DotDot),
        [b':', b':', ..] => Some(Symbol::DoubleColon),
        [b'|', b'|', ..] => Some(Symbol::DoubleBar),
        [b'=', b'~', ..] => Some(Symbol::EqualTilde),
        [b'>', b'=', ..] => Some(Symbol::GreaterEqual),
        [b'<', b'=', ..] => Some(Symbol::LessEqual),
        [b'<', b'>', ..] => Some(Symbol::NotEqual),
        [b'+', b'=', ..] => Some(Symbol::PlusEqual),
        _ => None,
    };
    if let Some(symbol) = two {
        return Ok((symbol, 2));
    }
    let first = text.chars().next().unwrap_or_default();
    let symbol = match first {
        '&' => Symbol::Ampersand,
        '|' => Symbol::Bar,
        '^' => Symbol::Caret,
        ':' => Symbol::Colon,
        ',' => Symbol::Comma,
        '$' => Symbol::Dollar,
        '.' => Symbol::Dot,
        '=' => Symbol::Equal,
        // `!=` is a token of the server's that no statement may have.
        '!' if !text.starts_with("!=") => Symbol::Exclamation,
        '>' => Symbol::Greater,
        '{' => Symbol::LeftBrace,
        '[' => Symbol::LeftBracket,
        '(' => Symbol::LeftParen,
        '<' => Symbol::Less,
        '-' => Symbol::Minus,
        '%' => Symbol::Percent,
        '+' => Symbol::Plus,
        '}' => Symbol::RightBrace,
        ']' => Symbol::RightBracket,
        ')' => Symbol::RightParen,
        ';' => Symbol::Semicolon,
        '/' => Symbol::Slash,
        '*' => Symbol::Star,
        '\u{2010}'..='\u{2015}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}' => Symbol::ArrowDash,
        '\u{27E8}' | '\u{3008}' | '\u{FE64}' | '\u{FF1C}' => Symbol::ArrowLeft,
        '\u{27E9}' | '\u{3009}' | '\u{FE65}' | '\u{FF1E}' => Symbol::ArrowRight,
        '\\' if text.starts_with("\\u") => return Err((0, Fault::UnicodeEscape)),
        other => return Err((0, Fault::Character(other))),
    };
    Ok((symbol, first.len_utf8()))
}
