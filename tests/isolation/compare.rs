//! When two answers are the same.
//!
//! Allowed to differ, and why; nothing else is:
//! - the order of rows where ORDER BY does not settle it: it is the planner's choice;
//! - DETAIL and CONTEXT of a violated constraint, and the internal query of any error: the wall takes
//!   them out, as they could name another tenant's row;
//! - the server's source file, line and routine;
//! - the row type of a range that had to be wrapped into a sub-select (a FULL or USING join, a list
//!   of column aliases): `record` instead of the table's;
//! - the word for a condition that is not one, "argument of WHERE must be type boolean": the guard
//!   makes it an argument of AND;
//! - where an INSERT with more values than columns, or fewer, goes wrong;
//! - that a name is cut to 63 bytes, in a text with a syntax error: the wall finds the error itself.

use crate::schema::{TENANT_B, TENANT_C};
use crate::session::{Column, Fields, Piece, Reply, Statement};
use crate::store::CANARY;

/// The fields of an error or notice that are compared: severity, SQLSTATE, message, detail, hint,
/// context, position, and the names of schema, table, column, type and constraint.
const COMPARED: &[char] = &['V', 'C', 'M', 'D', 'H', 'W', 'P', 's', 't', 'c', 'd', 'n'];

/// A reply as lines that are equal when the replies are.
pub(crate) fn canonical(reply: &Reply, ordered: bool) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut rows: Vec<String> = Vec::new();
    for piece in &reply.pieces {
        if let Piece::Row(values) = piece {
            rows.push(row(values));
            continue;
        }
        if is_of_a_lost_text(piece, reply) {
            continue;
        }
        settle(&mut lines, &mut rows, ordered);
        lines.push(match piece {
            Piece::Row(_) => String::new(),
            Piece::Columns(columns) => {
                format!("columns {:?}", columns.iter().map(row_type).collect::<Vec<_>>())
            }
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

/// Whether a piece is the notice about a long name in a text that is no statement.
fn is_of_a_lost_text(piece: &Piece, reply: &Reply) -> bool {
    const NAME_TOO_LONG: &str = "42622";
    const SYNTAX_ERROR: &str = "42601";
    let is_syntax_error = reply.error().is_some_and(|error| error.get('C') == Some(SYNTAX_ERROR));
    matches!(piece, Piece::Notice(notice) if notice.get('C') == Some(NAME_TOO_LONG))
        && is_syntax_error
}

/// A whole row is of its table's type, which is one that a user made, or of `record`.
fn row_type(column: &Column) -> Column {
    const RECORD_OID: u32 = 2249;
    // The first id that is not PostgreSQL's own ("System Catalog Initial Data").
    const USER_OID_MIN: u32 = 16384;
    let mut column = column.clone();
    if column.attribute == 0 && (column.type_oid == RECORD_OID || column.type_oid >= USER_OID_MIN) {
        column.type_oid = RECORD_OID;
        column.table_oid = 0;
    }
    column
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
    let message = all.get('M').unwrap_or_default();
    let is_constraint = all.get('C').is_some_and(|code| code.starts_with("23"));
    let known = COMPARED.iter().filter_map(|code| {
        let value = all.get(*code)?;
        match code {
            'M' => Some(format!("M={}", condition(value))),
            'D' | 'W' if is_constraint => None,
            'P' if message.starts_with("INSERT has more ") => None,
            _ => Some(format!("{code}={value}")),
        }
    });
    known.collect::<Vec<_>>().join(" ")
}

/// The message about a condition that is not boolean, whatever the condition is for.
fn condition(message: &str) -> String {
    let rest = message.split_once(" must be type boolean").filter(|(of, _)| {
        ["WHERE", "AND", "JOIN/ON"].iter().any(|word| *of == format!("argument of {word}"))
    });
    match rest {
        Some((_, rest)) => format!("argument of a condition must be type boolean{rest}"),
        None => message.to_owned(),
    }
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
