//! When two answers are the same.
//!
//! Allowed to differ, and why; nothing else is:
//! - the order of rows where ORDER BY does not settle it: it is the planner's choice;
//! - DETAIL, CONTEXT and the internal query of an error: the wall takes them out, as they could name
//!   another tenant's row;
//! - the server's source file, line and routine;
//! - object ids: those of tables and of types that were made by CREATE.

use crate::schema::{TENANT_B, TENANT_C};
use crate::session::Statement;
use crate::session::{Fields, Piece, Reply};
use crate::store::CANARY;

/// The fields of an error or notice that are compared: severity, SQLSTATE, message, hint, position,
/// and the names of schema, table, column, type and constraint.
const COMPARED: &[char] = &['V', 'C', 'M', 'H', 'P', 's', 't', 'c', 'd', 'n'];

/// A reply as lines that are equal when the replies are.
pub(crate) fn canonical(reply: &Reply, ordered: bool) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut rows: Vec<String> = Vec::new();
    for piece in &reply.pieces {
        if let Piece::Row(values) = piece {
            rows.push(row(values));
            continue;
        }
        settle(&mut lines, &mut rows, ordered);
        lines.push(match piece {
            Piece::Row(_) => String::new(),
            Piece::Columns(columns) => format!("columns {columns:?}"),
            Piece::Tag(tag) => format!("tag {tag}"),
            Piece::Parameters(types) => format!("parameters {types:?}"),
            Piece::Error(error) => format!("error {}", fields(error)),
            Piece::Notice(notice) => format!("notice {}", fields(notice)),
            Piece::Other(name, body) => format!("{name} {}", body.escape_ascii()),
        });
    }
    settle(&mut lines, &mut rows, ordered);
    // Rows that were sent before an error are the planner's choice, too.
    if reply.error().is_some() && !ordered {
        lines.retain(|line| !line.starts_with("row "));
    }
    lines.push(format!("status {}", reply.status));
    lines
}

fn settle(lines: &mut Vec<String>, rows: &mut Vec<String>, ordered: bool) {
    if !ordered {
        rows.sort();
    }
    lines.append(rows);
}

fn row(values: &[Option<Vec<u8>>]) -> String {
    let text = |value: &Option<Vec<u8>>| match value {
        Some(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => format!("{text:?}"),
            Err(_) => format!("x\"{}\"", bytes.escape_ascii()),
        },
        None => "NULL".to_owned(),
    };
    format!("row {}", values.iter().map(text).collect::<Vec<_>>().join(" | "))
}

fn fields(all: &Fields) -> String {
    let known = COMPARED.iter().filter_map(|code| Some(format!("{code}={}", all.get(*code)?)));
    known.collect::<Vec<_>>().join(" ")
}

/// What of another tenant's is in a reply, unless the statement brought it.
pub(crate) fn leaked(reply: &Reply, statement: &Statement) -> Option<String> {
    let mut canaries: Vec<Vec<u8>> = vec![CANARY.as_bytes().to_vec()];
    for tenant in [TENANT_B, TENANT_C] {
        canaries.push(tenant.as_bytes().to_vec());
        canaries.push(tenant.replace('-', "").into_bytes());
        canaries.extend(uuid::Uuid::try_parse(tenant).map(|id| id.as_bytes().to_vec()));
    }
    let brought = |canary: &[u8]| {
        contains(statement.text.to_lowercase().as_bytes(), canary)
            || statement.parameters.iter().any(|parameter| {
                parameter.value.as_ref().is_some_and(|value| contains(value, canary))
            })
    };
    canaries
        .iter()
        .find(|canary| contains(&reply.raw, canary) && !brought(canary))
        .map(|canary| canary.escape_ascii().to_string())
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}
