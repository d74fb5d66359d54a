//! PostgreSQL's own grammar, run over no more than its scanner can be trusted with.
//!
//! A text goes through our scanner first. libpg_query then sees it with its comments blanked and
//! only if all of it has tokens: a run of comments would end its stack, and its scanner's time grows
//! with the square of nested comments and of signs in a row.

use pg_raw_parse::ParseResult;

use super::lexer::Tokens;

/// Reads `text`, and gives its tokens as well.
///
/// # Errors
/// PostgreSQL's message. Where the scanner refuses a place behind a syntax error, the syntax error
/// is what PostgreSQL reports, and so do we.
pub(super) fn tree(text: &str) -> Result<(ParseResult, Tokens<'_>), String> {
    let (tokens, refused) = Tokens::lex_until_error(text);
    let blanked = tokens.without_comments();
    let Some(refused) = refused else {
        let tree = pg_raw_parse::parse(&blanked).map_err(|error| message(&error))?;
        return Ok((tree, tokens));
    };
    let read = tokens.as_slice().last().map_or(0, |token| token.span.end as usize);
    let before = pg_raw_parse::parse(blanked.get(..read).unwrap_or_default());
    match before.map_err(|error| message(&error)) {
        Err(message) if message.contains(" at or near ") => Err(message),
        Ok(_) | Err(_) => Err(refused.message(text)),
    }
}

/// What PostgreSQL itself says, without what the binding puts before it.
pub(super) fn message(error: &pg_raw_parse::Error) -> String {
    match error {
        pg_raw_parse::Error::Parse(error) => error.to_string(),
        pg_raw_parse::Error::PgError(error) => error.to_string(),
        pg_raw_parse::Error::StatementContainedNul(error) => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        tree(text).map(|_| ()).expect_err("the text is wrong")
    }

    #[test]
    fn comments_change_nothing() {
        for text in [
            "SELECT a NOT /* */ IN (1) ORDER BY a NULLS /* */ FIRST",
            "SELECT 'a' -- b\n 'c', U&\"d!0061t\" /* */ UESCAPE '!' FROM t",
            "SELECT * FROM f() WITH /* */ ORDINALITY",
        ] {
            assert_eq!(tree(text).map(|(tree, _)| tree.len()), Ok(1), "{text}");
        }
        assert!(refusal("SELECT 'a' /* \n */ 'b'").starts_with("syntax error"));
    }

    #[test]
    fn runs_that_would_end_the_stack_or_the_patience_do_neither() {
        let comments = "--\n".repeat(300_000) + "SELECT 1";
        assert_eq!(tree(&comments).map(|(tree, _)| tree.len()), Ok(1));
        let nested = format!("SELECT 1 {}{}", "/*".repeat(200_000), "*/".repeat(200_000));
        assert_eq!(tree(&nested).map(|(tree, _)| tree.len()), Ok(1));
        let unterminated = "/*".repeat(500_000);
        assert_eq!(
            refusal(&format!("SELECT 1 {unterminated}")),
            format!("unterminated /* comment at or near \"{unterminated}\"")
        );
        assert_eq!(
            refusal(&format!("SELECT 1 {} 1", "+-".repeat(400_000))),
            "too many signs in a row"
        );
    }

    #[test]
    fn what_comes_first_is_reported() {
        assert_eq!(refusal("SELECT a a a 'b"), "syntax error at or near \"a\"");
        assert_eq!(refusal("SELECT a a, 'b"), "unterminated quoted string at or near \"'b\"");
        assert_eq!(refusal("SELECT $1a"), "trailing junk after parameter at or near \"$1a\"");
        assert_eq!(refusal("SELECT \0"), "the statement contains a NUL byte");
    }
}
