//! The scanner of SQL, and the places that it helps to find.

use postgres_wire::sql::lexer::{LexError, LexErrorKind, Token, Tokens};
use postgres_wire::sql::{ParseError, error_offset, parse};
use wire::Limits;

/// What is longer is left to the scanner alone: parsing it takes a fuzzer's time.
const PARSED_BYTES_MAX: usize = 2_048;

/// Tokens and comments cover the text in order, with nothing but white space between; blanked
/// comments change no token; the place of a syntax error lies within the text.
pub fn lex(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    let (tokens, error) = Tokens::lex_until_error(text);
    in_order(text, &tokens, error.is_some());
    brackets_pair(&tokens);
    match error {
        Some(error) => {
            assert!(error.at <= text.len() && text.is_char_boundary(error.at), "{error:?}");
            let read = tokens.as_slice().last().map_or(0, |last| last.span.end as usize);
            let (before, _) = text.split_at(read);
            let alone = Tokens::lex(before).map(|tokens| tokens.as_slice().to_vec());
            assert_eq!(alone.as_deref(), Ok(tokens.as_slice()), "tokens depend on what follows");
        }
        None => {
            let blanked = tokens.without_comments();
            assert_eq!(blanked.len(), text.len());
            let again = Tokens::lex(&blanked);
            let again = again.as_ref().map(|tokens| (tokens.as_slice(), tokens.comments()));
            assert_eq!(again, Ok((tokens.as_slice(), &[][..])));
        }
    }
    if text.len() <= PARSED_BYTES_MAX {
        parses(text, error);
    }
}

fn in_order(text: &str, tokens: &Tokens<'_>, partly: bool) {
    let mut covered: Vec<_> = tokens.as_slice().iter().map(|token: &Token| token.span).collect();
    let within_string = |start: u32| covered.iter().any(|s| s.start < start && start < s.end);
    let comments = tokens.comments().iter().filter(|comment| !within_string(comment.start));
    // Behind the last token before an error lies a part of what was refused.
    let last = tokens.as_slice().last().map_or(0, |token| token.span.end);
    let comments: Vec<_> =
        comments.filter(|comment| !partly || comment.end <= last).copied().collect();
    covered.extend(comments);
    covered.sort_unstable();
    let mut end = 0;
    for span in covered {
        assert!(span.start < span.end, "an empty token at {}", span.start);
        white(text.get(end..span.start as usize));
        assert!(span.of(text).is_some(), "a token cuts a character");
        end = span.end as usize;
    }
    if !partly {
        white(text.get(end..));
    }
}

fn white(gap: Option<&str>) {
    let gap = gap.unwrap_or("a gap that is none");
    assert!(gap.bytes().all(|byte| b" \t\n\r\x0b\x0c".contains(&byte)), "left out: {gap:?}");
}

fn brackets_pair(tokens: &Tokens<'_>) {
    for index in 0..tokens.len() {
        if let Some(partner) = tokens.matching(index) {
            assert_ne!(partner, index);
            assert_eq!(tokens.matching(partner), Some(index), "brackets pair in both directions");
        }
    }
}

fn parses(text: &str, refused: Option<LexError>) {
    match parse(text, Limits::default().depth_max) {
        // libpg_query's scanner takes letters behind a parameter; PostgreSQL's and ours do not.
        Ok(_) => assert!(
            refused.is_none_or(|error| error.kind == LexErrorKind::JunkAfterParameter),
            "the parser takes what the scanner refuses: {refused:?}"
        ),
        Err(ParseError::Syntax { message }) => {
            if let Some(at) = error_offset(text, &message) {
                assert!(text.is_char_boundary(at), "{message} at {at}");
            }
        }
        Err(
            ParseError::Statement { .. } | ParseError::Node { .. } | ParseError::TooDeep { .. },
        ) => {}
    }
}
