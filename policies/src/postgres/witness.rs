//! A second reader: `sqlparser` looks at the text that will be sent.
//!
//! It shares no code with libpg_query, so the two are unlikely to be fooled by the same text. It may
//! only add refusals: a relation that it sees more often than the proof accounted for is one. What
//! it cannot parse, it abstains from.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use sqlparser::ast::{ObjectName, visit_relations};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

/// Whether the witness sees a relation of `scoped` (schema, name, how often) more often than that.
pub(super) fn objects(text: &str, scoped: &BTreeMap<(String, String), usize>) -> bool {
    let Ok(statements) = Parser::parse_sql(&PostgreSqlDialect {}, text) else { return false };
    let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
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
        scoped.get(name).is_none_or(|proved| count > proved) && scoped.contains_key(name)
    })
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
