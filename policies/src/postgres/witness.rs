//! A second reader: `sqlparser` looks at the text that will be sent.
//!
//! It shares no code with libpg_query, so the two are unlikely to be fooled by the same text. It may
//! only add refusals: a relation that it sees more often than the proof accounted for is one. What
//! it cannot parse, it abstains from.
//!
//! It costs more than all else together, so it is asked once for each shape of a text. Two texts are
//! of one shape when they differ in plain literals only: short decimal numbers, and strings of
//! characters that no scanner takes for anything but themselves. Everything else is part of the
//! shape, blanks and comments included, as it could be what the two readers read differently.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

use postgres_wire::sql::lexer::{TokenKind, Tokens};
use sqlparser::ast::{ObjectName, visit_relations};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

use super::resolved::{Access, Resolved};

/// Most shapes that are remembered; then all are forgotten. An application has some hundreds.
const SHAPES_MAX: usize = 16_384;

/// Relations by schema and name, and how often each was seen.
type Counts = BTreeMap<(String, String), usize>;

/// The shapes of the texts that the witness had nothing against, hashed with a secret key.
#[derive(Debug, Default)]
pub(super) struct Agreed {
    key: RandomState,
    shapes: Mutex<HashSet<u64>>,
}

/// Whether the witness sees a relation that holds tenants' rows in the text more often than `proved`
/// does.
pub(super) fn objects(tokens: &Tokens<'_>, proved: &Counts, rules: &Resolved) -> bool {
    let shape = rules.agreed.shape(tokens, proved);
    if rules.agreed.knows(shape) {
        return false;
    }
    let objects = sees_more(tokens.source(), proved, rules);
    if !objects {
        rules.agreed.remember(shape);
    }
    objects
}

fn sees_more(text: &str, proved: &Counts, rules: &Resolved) -> bool {
    let Ok(statements) = Parser::parse_sql(&PostgreSqlDialect {}, text) else { return false };
    let mut seen = Counts::new();
    let visited: ControlFlow<()> = visit_relations(&statements, |name| {
        if let Some(name) = qualified(name) {
            *seen.entry(name).or_default() += 1;
        }
        ControlFlow::Continue(())
    });
    match visited {
        ControlFlow::Continue(()) | ControlFlow::Break(()) => {}
    }
    seen.iter().any(|(name, count)| {
        let is_scoped = match rules.relation(&name.0, &name.1) {
            Some(Access::Scoped(_)) => true,
            Some(Access::Shared(_) | Access::Denied(_)) | None => false,
        };
        is_scoped && *count > proved.get(name).copied().unwrap_or_default()
    })
}

impl Agreed {
    fn shape(&self, tokens: &Tokens<'_>, proved: &Counts) -> u64 {
        let mut hasher = self.key.build_hasher();
        let text = tokens.source();
        let mut done = 0;
        for token in tokens.as_slice() {
            let (start, end) = (token.span.start as usize, token.span.end as usize);
            if !is_plain(token.kind, text.get(start..end).unwrap_or_default()) {
                continue;
            }
            text.get(done..start).hash(&mut hasher);
            (token.kind == TokenKind::String).hash(&mut hasher);
            done = end;
        }
        text.get(done..).hash(&mut hasher);
        proved.hash(&mut hasher);
        hasher.finish()
    }

    fn knows(&self, shape: u64) -> bool {
        self.shapes.lock().unwrap_or_else(PoisonError::into_inner).contains(&shape)
    }

    fn remember(&self, shape: u64) {
        let mut shapes = self.shapes.lock().unwrap_or_else(PoisonError::into_inner);
        if shapes.len() >= SHAPES_MAX {
            shapes.clear();
        }
        shapes.insert(shape);
    }
}

/// Whether a token is a literal that every scanner reads alike, whatever its value is.
fn is_plain(kind: TokenKind, text: &str) -> bool {
    /// No number of so many digits is too large for a reader.
    const DIGITS_MAX: usize = 9;
    match kind {
        TokenKind::Number => text.len() <= DIGITS_MAX && text.bytes().all(|b| b.is_ascii_digit()),
        TokenKind::String => {
            let content = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
            content.is_some_and(|content| {
                let plain = |byte: u8| byte.is_ascii_alphanumeric() || b" _.:@-".contains(&byte);
                content.bytes().all(plain) && !content.contains("--")
            })
        }
        TokenKind::Word
        | TokenKind::QuotedIdentifier
        | TokenKind::UnicodeIdentifier
        | TokenKind::Parameter
        | TokenKind::Operator
        | TokenKind::Typecast
        | TokenKind::ColonEquals
        | TokenKind::Arrow
        | TokenKind::DotDot
        | TokenKind::Punct(_) => false,
    }
}

/// `schema.name` as the store folds it. An unqualified name is a common table expression or a
/// catalog: whatever holds tenants' rows, we have qualified.
fn qualified(name: &ObjectName) -> Option<(String, String)> {
    let parts: Vec<String> = name
        .0
        .iter()
        .filter_map(|part| part.as_ident())
        .map(|ident| {
            if ident.quote_style.is_some() {
                ident.value.clone()
            } else {
                ident.value.to_ascii_lowercase()
            }
        })
        .collect();
    match parts.as_slice() {
        [.., schema, name] => Some((schema.clone(), name.clone())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(agreed: &Agreed, text: &str) -> u64 {
        agreed.shape(&Tokens::lex(text).unwrap(), &Counts::new())
    }

    #[test]
    fn plain_literals_are_no_part_of_a_shape() {
        let agreed = Agreed::default();
        let first = shape(&agreed, "SELECT a FROM t WHERE b = 1 AND c = 'x'");
        assert_eq!(first, shape(&agreed, "SELECT a FROM t WHERE b = 4711 AND c = 'y - @'"));
        for other in [
            "SELECT a FROM t WHERE b = 1 AND c = 1",
            "SELECT a FROM t WHERE b = 'x' AND c = 'x'",
            "SELECT a FROM t WHERE b = 1 AND c = 'x' ",
            "SELECT a FROM t WHERE b = 1 AND c = 'x\\'",
            "SELECT a FROM t WHERE b = 1 AND c = 'x''y'",
            "SELECT a FROM t WHERE b = 1 AND c = 'x--y'",
            "SELECT a FROM t WHERE b = 1 AND c = E'x'",
            "SELECT a FROM t WHERE b = 1 AND c = $$x$$",
            "SELECT a FROM t WHERE b = 0x1 AND c = 'x'",
            "SELECT a FROM t WHERE b = 1 /* */ AND c = 'x'",
            "SELECT \"a\" FROM t WHERE b = 1 AND c = 'x'",
        ] {
            assert_ne!(first, shape(&agreed, other), "{other}");
        }
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let agreed = Agreed::default();
        for shape in 0..=SHAPES_MAX as u64 {
            agreed.remember(shape);
        }
        assert!(agreed.shapes.lock().unwrap().len() <= SHAPES_MAX);
        assert!(agreed.knows(SHAPES_MAX as u64));
    }
}
