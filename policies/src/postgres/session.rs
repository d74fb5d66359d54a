//! What statements may do to the session: settings at each of their doors.

use postgres_wire::sql::syntax::{Const, Expr, ExprKind};

use super::setting::{setting_allowed, setting_readable};
use crate::{Reason, Rejection};

/// A value that no setting takes that has a rule for its values.
const ANY_VALUE: &str = "\u{1}";

/// SET name = values.
pub(super) fn check_set(name: &str, values: &[Const], path: &[String]) -> Result<(), Rejection> {
    let values: Vec<String> = values.iter().map(text).collect();
    if name.eq_ignore_ascii_case("search_path") {
        return check_search_path(values.iter().map(String::as_str), path);
    }
    setting_allowed(name, Some(&values.join(", ")))
}

/// RESET name, SET name TO DEFAULT: back to what the session was started with.
pub(super) fn check_reset(name: &str) -> Result<(), Rejection> {
    if name.eq_ignore_ascii_case("search_path") { Ok(()) } else { setting_allowed(name, None) }
}

/// The modes of BEGIN and SET TRANSACTION. A snapshot is another session's.
pub(super) fn check_transaction_mode(name: &str) -> Result<(), Rejection> {
    match name {
        "transaction_isolation" | "transaction_read_only" | "transaction_deferrable" => Ok(()),
        _ => Err(refused(name)),
    }
}

/// SHOW name.
pub(super) fn is_readable(name: &str) -> bool {
    // SHOW ALL reads everything, custom settings included.
    !name.eq_ignore_ascii_case("all") && setting_readable(name)
}

/// `set_config(name, value, is_local)`: the name is a constant, and the value too where it matters.
pub(super) fn check_set_config(arguments: &[Expr], path: &[String]) -> Result<(), Rejection> {
    let [name, value, _] = arguments else { return Err(refused("set_config")) };
    let Some(name) = constant(name) else { return Err(refused("a computed name")) };
    if name.eq_ignore_ascii_case("search_path") {
        let Some(value) = constant(value) else { return Err(refused(name)) };
        let schemas = value.split(',').map(|schema| schema.trim().trim_matches('"'));
        return check_search_path(schemas, path);
    }
    setting_allowed(name, Some(constant(value).unwrap_or(ANY_VALUE)))
}

/// `current_setting(name [, missing_ok])`: the name is a constant.
pub(super) fn check_current_setting(arguments: &[Expr]) -> Result<(), Rejection> {
    match arguments.first().and_then(constant) {
        Some(name) if setting_readable(name) => Ok(()),
        Some(name) => Err(refused(name)),
        None => Err(refused("a computed name")),
    }
}

/// The search path that the session has is the one that names were resolved with: it may be set to
/// itself, which applications do, and to nothing else.
fn check_search_path<'a>(
    schemas: impl Iterator<Item = &'a str>,
    path: &[String],
) -> Result<(), Rejection> {
    if schemas.filter(|schema| *schema != "$user").eq(path.iter().map(String::as_str)) {
        Ok(())
    } else {
        Err(refused("search_path").hint("Qualify the names instead: schema.table."))
    }
}

fn refused(name: &str) -> Rejection {
    let what = format!("setting \"{name}\" is not open to tenants, or not with this value");
    Rejection::new(Reason::SettingNotAllowed, what)
}

fn text(value: &Const) -> String {
    match value {
        Const::Null => String::new(),
        Const::Integer(number) => number.to_string(),
        Const::Number(text) | Const::String(text) | Const::Bits(text) => text.clone(),
        Const::Boolean(true) => "on".to_owned(),
        Const::Boolean(false) => "off".to_owned(),
    }
}

/// A constant string, bare or cast to text.
fn constant(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Const(Const::String(text)) => Some(text),
        ExprKind::Cast(inner, type_name)
            if type_name.names.last().is_some_and(|name| name == "text")
                && type_name.modifiers.is_empty()
                && type_name.array_bounds.is_empty() =>
        {
            constant(inner)
        }
        ExprKind::Const(_)
        | ExprKind::Cast(_, _)
        | ExprKind::Column(_)
        | ExprKind::Parameter(_)
        | ExprKind::Call(_)
        | ExprKind::Operation(_)
        | ExprKind::Collate(_, _)
        | ExprKind::Indirection(_, _)
        | ExprKind::SubLink(_)
        | ExprKind::Compound(_)
        | ExprKind::Default => None,
    }
}
