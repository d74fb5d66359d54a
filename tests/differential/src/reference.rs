//! Tokens as pg_query reports them, and the comparison with ours.

use pg_query::protobuf::{KeywordKind, Token as Reference};
use wire::Span;

use crate::lexer::{LexError, LexErrorKind, Token, TokenKind, Tokens};

/// What pg_query's scanner makes of `text`: tokens, and comments as spans.
///
/// # Errors
/// The scanner's message.
pub fn scan(text: &str) -> Result<(Vec<Token>, Vec<Span>), String> {
    let result = pg_query::scan(text).map_err(|error| match error {
        pg_query::Error::Scan(message) => message,
        other => format!("unexpected: {other}"),
    })?;
    let (mut tokens, mut comments) = (Vec::new(), Vec::new());
    for token in &result.tokens {
        let offset = |at: i32| u32::try_from(at).expect("offsets are not negative");
        let span = Span::new(offset(token.start), offset(token.end));
        match kind(text, token.token, token.keyword_kind, span) {
            Some(kind) => tokens.push(Token { kind, span }),
            None => comments.push(span),
        }
    }
    Ok((tokens, comments))
}

/// Our name for pg_query's number; `None` for a comment.
fn kind(text: &str, number: i32, keyword: i32, span: Span) -> Option<TokenKind> {
    if let Ok(byte @ 1..) = u8::try_from(number) {
        return Some(TokenKind::Punct(byte));
    }
    if keyword != KeywordKind::NoKeyword as i32 {
        return Some(TokenKind::Word);
    }
    Some(match Reference::try_from(number) {
        Ok(Reference::SqlComment | Reference::CComment) => return None,
        Ok(Reference::Ident) if span.of(text).is_some_and(|text| text.starts_with('"')) => {
            TokenKind::QuotedIdentifier
        }
        Ok(Reference::Ident) => TokenKind::Word,
        Ok(Reference::Uident) => TokenKind::UnicodeIdentifier,
        Ok(Reference::Sconst | Reference::Usconst | Reference::Bconst | Reference::Xconst) => {
            TokenKind::String
        }
        Ok(Reference::Iconst | Reference::Fconst) => TokenKind::Number,
        Ok(Reference::Param) => TokenKind::Parameter,
        Ok(
            Reference::Op | Reference::LessEquals | Reference::GreaterEquals | Reference::NotEquals,
        ) => TokenKind::Operator,
        Ok(Reference::Typecast) => TokenKind::Typecast,
        Ok(Reference::ColonEquals) => TokenKind::ColonEquals,
        Ok(Reference::EqualsGreater) => TokenKind::Arrow,
        Ok(Reference::DotDot) => TokenKind::DotDot,
        other => panic!("token {number} ({other:?}) is no keyword and unknown: {text:?}"),
    })
}

/// Compares both scanners on one text.
///
/// Exempt are only the places where libpg_query has left the server's scanner: see the head of the
/// lexer. Comments within a continued string are compared with the comments blanked.
///
/// # Errors
/// The disagreement, for a person to read.
pub fn compare(text: &str) -> Result<(), String> {
    let ours = match Tokens::lex(text) {
        Ok(ours) => ours,
        Err(error) => return compare_errors(text, error),
    };
    let blanked = ours.without_comments();
    if blanked.len() != text.len() {
        return Err(format!("blanking moves offsets: {text:?}"));
    }
    match scan(&blanked) {
        Ok((tokens, comments)) => {
            equal(text, "tokens", ours.as_slice(), &tokens)?;
            equal(text, "comments left", &[], &comments)?;
        }
        // The one check that is left to the parser.
        Err(message) if message.starts_with("invalid byte sequence for encoding") => return Ok(()),
        Err(message) => return Err(format!("only pg_query refuses {text:?}: {message}")),
    }
    let within = |comment: &Span| {
        let index = ours.as_slice().partition_point(|token| token.span.end <= comment.start);
        ours.get(index).is_some_and(|token| token.span.start < comment.start)
    };
    if !ours.comments().iter().any(within) {
        let (tokens, comments) = scan(text).map_err(|error| format!("{text:?}: {error}"))?;
        equal(text, "tokens", ours.as_slice(), &tokens)?;
        equal(text, "comments", ours.comments(), &comments)?;
    }
    Ok(())
}

fn equal<T: PartialEq + std::fmt::Debug>(
    text: &str,
    what: &str,
    ours: &[T],
    theirs: &[T],
) -> Result<(), String> {
    if ours == theirs {
        return Ok(());
    }
    let at = ours.iter().zip(theirs).position(|(ours, theirs)| ours != theirs);
    let at = at.unwrap_or(ours.len().min(theirs.len()));
    let (ours, theirs) = (ours.get(at), theirs.get(at));
    Err(format!("{what} of {text:?} differ: number {at} is {ours:?}, by pg_query {theirs:?}"))
}

fn compare_errors(text: &str, ours: LexError) -> Result<(), String> {
    if ours.kind == LexErrorKind::TooManySigns {
        return Ok(());
    }
    match scan(text) {
        Ok((tokens, _)) => {
            // libpg_query lets anything follow a parameter.
            let parameter = tokens.iter().find(|token| token.span.start as usize == ours.at);
            let glued = parameter.is_some_and(|parameter| {
                parameter.kind == TokenKind::Parameter
                    && text[parameter.span.end as usize..].starts_with(|next: char| {
                        next.is_alphabetic() || !next.is_ascii() || next == '_'
                    })
            });
            if ours.kind == LexErrorKind::JunkAfterParameter && glued {
                return Ok(());
            }
            Err(format!("only we refuse {text:?}: {ours} at {}", ours.at))
        }
        Err(_) if ours.kind == LexErrorKind::JunkAfterParameter => Ok(()),
        // Which of two errors comes first may differ, as ours does not make this check.
        Err(theirs) if theirs.starts_with("invalid byte sequence for encoding") => Ok(()),
        Err(theirs) => {
            // A part of a character is quoted as U+FFFD.
            let message = ours.message(text);
            let cut = theirs.trim_end_matches('"').trim_end_matches(char::REPLACEMENT_CHARACTER);
            let is_cut = theirs.ends_with("\u{fffd}\"") && message.starts_with(cut);
            if message == theirs || is_cut {
                return Ok(());
            }
            Err(format!("we refuse {text:?} with {ours:?} at {}, pg_query: {theirs}", ours.at))
        }
    }
}
