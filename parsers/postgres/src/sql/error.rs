//! Where in a text a syntax error is, and under which code PostgreSQL reports it.
//!
//! The binding of libpg_query hands on the error's message, not its place. But the message quotes
//! the token at which the grammar gave up, and that token is the first at which the text up to and
//! including it is refused: text before it is still a possible beginning.

use wire::Span;

use super::grammar;
use super::lexer::{TokenKind, Tokens};

/// Above this length a place that needs parsing to find is not looked for: the search parses the
/// text some sixteen times at most, which must stay cheaper than a round trip.
const SEARCHED_BYTES_MAX: usize = 64 << 10;

/// The byte offset that PostgreSQL would report with `message`, which its grammar gave for `text`.
///
/// `None` where the message tells no place, or the text is too long to search. That is the case for
/// most of the grammar's messages that do not say "at or near".
#[must_use]
pub fn error_offset(text: &str, message: &str) -> Option<usize> {
    let (tokens, failure) = Tokens::lex_until_error(text);
    if let Some(failure) = failure
        && message.strip_prefix(&failure.to_string()).is_some_and(|rest| {
            rest.is_empty() || rest.starts_with(" at or near") || rest.starts_with(" at end of")
        })
    {
        return Some(failure.at);
    }
    if message.ends_with(" at end of input") {
        return Some(text.len());
    }
    let (_, near) = message.split_once(" at or near \"")?;
    let near = near.strip_suffix('"')?;
    let blanked = tokens.without_comments();
    let quoted = |index: &usize| {
        // UESCAPE is quoted with the string that it belongs to.
        [*index, last_read_with(&tokens, *index)]
            .iter()
            .any(|last| stretch(&tokens, *index, *last).of(&blanked) == Some(near))
    };
    let places: Vec<usize> = (0..tokens.len()).filter(quoted).collect();
    let refused = match places.as_slice() {
        [only] => *only,
        _ if text.len() > SEARCHED_BYTES_MAX => return None,
        _ => {
            let viable = |index: &usize| !is_refused_at(&tokens, &blanked, *index, near);
            *places.get(places.partition_point(viable))?
        }
    };
    tokens.get(refused).map(|token| token.span.start as usize)
}

/// The SQLSTATE that PostgreSQL sends with `message`, one of its scanner's or grammar's.
#[must_use]
pub fn sqlstate(message: &str) -> &'static str {
    /// How the messages begin that are not plain syntax errors.
    const BEGINNINGS: &[(&str, &str)] = &[
        ("invalid byte sequence for encoding", "22021"),
        ("column number must be in range", "22023"),
        ("precision for type float must be", "22023"),
        ("unrecognized JSON encoding", "22023"),
        ("frame ", "42P20"),
        ("role name \"", "42939"),
        ("modulus for hash partition provided more", "42710"),
        ("remainder for hash partition provided more", "42710"),
        ("a column list with ", "0A000"),
        ("aggregates cannot have output arguments", "0A000"),
        ("constraints cannot be altered to be", "0A000"),
        ("current database cannot be changed", "0A000"),
        ("dropping an enum value is not implemented", "0A000"),
        ("only string constants are supported in JSON_TABLE", "0A000"),
        ("CREATE OR REPLACE CONSTRAINT TRIGGER is not supported", "0A000"),
        ("CREATE SCHEMA IF NOT EXISTS cannot include", "0A000"),
        ("WITH CHECK OPTION not supported on recursive views", "0A000"),
    ];
    /// And how some of them end.
    const ENDINGS: &[(&str, &str)] = &[
        (" cannot be used as a role name here", "42939"),
        (" not yet implemented", "0A000"),
        (" is no longer supported", "0A000"),
    ];
    let begins = BEGINNINGS.iter().find(|(beginning, _)| message.starts_with(beginning));
    let ends = || ENDINGS.iter().find(|(ending, _)| message.ends_with(ending));
    begins.or_else(ends).map_or("42601", |(_, code)| code)
}

/// From the beginning of one token to the end of another.
fn stretch(tokens: &Tokens<'_>, first: usize, last: usize) -> Span {
    match (tokens.get(first), tokens.get(last)) {
        (Some(first), Some(last)) => Span::new(first.span.start, last.span.end),
        _ => Span::default(),
    }
}

/// Whether the grammar gives up at the token `index` or before it, quoting `near`.
fn is_refused_at(tokens: &Tokens<'_>, blanked: &str, index: usize, near: &str) -> bool {
    let end = stretch(tokens, index, last_read_with(tokens, index)).end;
    let prefix = blanked.get(..end as usize).unwrap_or_default();
    let Err(error) = pg_raw_parse::parse(prefix) else { return false };
    grammar::message(&error)
        .split_once(" at or near \"")
        .is_some_and(|(_, rest)| rest.strip_suffix('"') == Some(near))
}

/// The last token that the grammar takes together with the one at `index`.
///
/// PostgreSQL looks one token ahead to tell `NOT IN` from another NOT, and two for UESCAPE; cut off
/// between them, a text means something else.
fn last_read_with(tokens: &Tokens<'_>, index: usize) -> usize {
    const PAIRS: &[(&str, &[&str])] = &[
        ("format", &["json"]),
        ("not", &["between", "in", "like", "ilike", "similar"]),
        ("nulls", &["first", "last"]),
        ("with", &["time", "ordinality"]),
        ("without", &["time"]),
    ];
    let begins_unicode = tokens.get(index).is_some_and(|token| match token.kind {
        TokenKind::UnicodeIdentifier => true,
        TokenKind::String => tokens.text(index).is_some_and(|text| text.starts_with(['u', 'U'])),
        _ => false,
    });
    if begins_unicode && tokens.is_keyword(index + 1, "uescape") {
        return (index + 2).min(tokens.len() - 1);
    }
    let pairs = PAIRS.iter().any(|(word, followers)| {
        tokens.is_keyword(index, word)
            && followers.iter().any(|follower| tokens.is_keyword(index + 1, follower))
    });
    if pairs { index + 1 } else { index }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parses `text`, whose wrong place is marked by `^` in front of it, or which has none.
    #[track_caller]
    fn check(marked: &str) {
        let (text, expected) = match marked.split_once('^') {
            Some((before, behind)) => (format!("{before}{behind}"), Some(before.len())),
            None => (marked.to_owned(), None),
        };
        let message = grammar::tree(&text).map(|_| ()).expect_err("the text is wrong");
        assert_eq!(error_offset(&text, &message), expected, "{text}: {message}");
    }

    #[test]
    fn the_token_is_found_among_its_equals() {
        check("SELECT FROM ^FROM t");
        check("SELECT a, b, ^FROM t");
        check("SELECT (a), (b), (c^;");
        check("SELECT a a ^a");
        check("SELECT 1;\nSELECT é, 1 ^1 1");
        check("SELECT (a) /* ) */ FROM (SELECT b) c ^)");
    }

    #[test]
    fn the_end_of_the_text_is_its_length() {
        check("SELECT (a  ^");
        check("SELECT /* */ FROM --  ^");
    }

    #[test]
    fn pairs_of_keywords_are_taken_together() {
        check("SELECT 1 WHERE a NOT IN (1) AND NOT ^IN (2)");
        check("SELECT 1 WHERE a NOT /* */ IN ^NOT IN (2)");
        check("SELECT 1 ORDER BY a NULLS FIRST ^NULLS FIRST");
        check("SELECT a NOT ^NOT IN (1)");
        check("SELECT U&'a' UESCAPE '!' a ^U&'a' UESCAPE '!'");
        check("SELECT U&'a' UESCAPE ^b, b");
    }

    #[test]
    fn the_scanners_errors_have_their_own_places() {
        check("SELECT 'a', ^'b");
        check("SELECT ^1a, 1a");
        check("SELECT E'a^\\u00'");
        check("SELECT /* */ ^/* a");
        // The grammar gives up first.
        check("SELECT a a ^a 'b");
    }

    #[test]
    fn a_message_without_a_place_has_none() {
        check("(SELECT 1 LIMIT 1) LIMIT 2");
    }

    #[test]
    fn codes_are_those_of_the_server() {
        assert_eq!(sqlstate("syntax error at or near \"x\""), "42601");
        assert_eq!(sqlstate("frame start cannot be UNBOUNDED FOLLOWING"), "42P20");
        assert_eq!(sqlstate("MATCH PARTIAL not yet implemented"), "0A000");
        assert_eq!(sqlstate("role name \"public\" is reserved"), "42939");
    }
}
