//! Which settings (GUCs) a session may change and read, and to which values.
//!
//! The names are data: lists/setting.txt and lists/setting_readable.txt. Three settings are open only
//! with some values. `client_encoding` and `standard_conforming_strings` decide how the server reads a
//! statement's bytes, so they stay as the wall read them. Below NOTICE, `client_min_messages` would
//! have the server print the text that the wall sent.
//!
//! A reset goes back to what the session was started with, so it is allowed wherever setting is: the
//! wall starts its upstream sessions with UTF8 and with standard strings. `search_path` is in no list,
//! as it is judged with the names that it resolves.

use super::lists;
use crate::{Reason, Rejection};

/// Whether a session may change the setting `name`, in any case, to `value`; `None` is RESET and SET
/// TO DEFAULT.
///
/// A value that is not known when the statement is judged must not be given as `None`, but as one
/// that no setting takes.
///
/// # Errors
/// [`Reason::SettingNotAllowed`], with a hint.
pub fn setting_allowed(name: &str, value: Option<&str>) -> Result<(), Rejection> {
    let folded = name.to_ascii_lowercase();
    if !lists::setting_writable(&folded) {
        let what = format!("setting \"{name}\" is not open to tenants");
        return Err(Rejection::new(Reason::SettingNotAllowed, what).hint(hint(&folded)));
    }
    let Some(value) = value else { return Ok(()) };
    let mend = match folded.as_str() {
        "client_encoding" if !is_utf8(value) => "Only UTF8 is open: convert text at the client.",
        "standard_conforming_strings" if !is_true(value) => {
            "It stays on: write backslash escapes in E'…' strings."
        }
        "client_min_messages" if !is_notice_or_above(value) => {
            "The levels notice, warning and error are open."
        }
        _ => return Ok(()),
    };
    let what = format!("setting \"{name}\" is not open to tenants with this value");
    Err(Rejection::new(Reason::SettingNotAllowed, what).hint(mend))
}

/// Whether a session may read the setting `name`, in any case, by SHOW or `current_setting`.
pub fn setting_readable(name: &str) -> bool {
    lists::setting_readable(&name.to_ascii_lowercase())
}

fn hint(folded: &str) -> &'static str {
    if folded.contains('.') {
        "A setting with a dot in its name is an extension's or an operator's own."
    } else {
        "An operator can set it for the role that the wall logs in as: ALTER ROLE … SET …."
    }
}

/// Whether PostgreSQL takes `value` for UTF8: it drops what is neither letter nor digit, folds case,
/// and knows two names (`pg_char_to_encoding`).
fn is_utf8(value: &str) -> bool {
    let name: String =
        value.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    value.is_ascii() && matches!(name.as_str(), "utf8" | "unicode")
}

/// Whether PostgreSQL takes `value` for true: `on`, `1`, or the beginning of `true` or `yes`
/// (`parse_bool`).
fn is_true(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    let begins = |word: &str| !value.is_empty() && word.starts_with(&value);
    begins("true") || begins("yes") || value == "on" || value == "1"
}

fn is_notice_or_above(value: &str) -> bool {
    ["notice", "warning", "error"].iter().any(|level| value.eq_ignore_ascii_case(level))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(name: &str, value: Option<&str>) -> bool {
        match setting_allowed(name, value) {
            Ok(()) => true,
            Err(rejection) => {
                assert_eq!(rejection.reason, Reason::SettingNotAllowed);
                assert!(rejection.hint.is_some(), "{name}");
                false
            }
        }
    }

    #[test]
    fn what_drivers_set_is_open_in_any_case_and_with_any_value() {
        for name in [
            "application_name",
            "DateStyle",
            "datestyle",
            "TIMEZONE",
            "extra_float_digits",
            "statement_timeout",
            "jit",
            "enable_seqscan",
            "transaction_isolation",
        ] {
            assert!(allowed(name, Some("\u{1}")) && allowed(name, None), "{name}");
            assert!(setting_readable(name), "{name}");
        }
    }

    #[test]
    fn what_moves_the_wall_is_closed() {
        for name in [
            "row_security",
            "role",
            "session_authorization",
            "session_replication_role",
            "search_path",
            "transform_null_equals",
            "backslash_quote",
            "array_nulls",
            "xmloption",
            "local_preload_libraries",
            "session_preload_libraries",
            "default_table_access_method",
            "work_mem",
            "cpu_operator_cost",
            "seed",
            "app.tenant_id",
            "partywall.token",
            "",
            "all",
            "no_such_setting",
        ] {
            assert!(!allowed(name, Some("on")) && !allowed(name, None), "{name}");
        }
    }

    #[test]
    fn the_encoding_is_utf8_in_every_spelling_and_nothing_else() {
        for value in ["UTF8", "utf8", "UTF-8", "utf_8", "'Unicode'", "UNICODE", " utf 8 "] {
            assert!(allowed("client_encoding", Some(value)), "{value}");
        }
        for value in
            ["", "SJIS", "sql_ascii", "LATIN1", "utf16", "utf8\u{e9}", "utf8, utf8", "auto"]
        {
            assert!(!allowed("client_encoding", Some(value)), "{value}");
        }
        assert!(allowed("Client_Encoding", None));
    }

    #[test]
    fn strings_stay_standard() {
        for value in ["on", "ON", "t", "tr", "true", "TRUE", "y", "yes", "1"] {
            assert!(allowed("standard_conforming_strings", Some(value)), "{value}");
        }
        for value in ["", "off", "o", "false", "f", "0", "no", "2", "01", "truee", "on, on", " on"]
        {
            assert!(!allowed("standard_conforming_strings", Some(value)), "{value}");
        }
        assert!(allowed("standard_conforming_strings", None));
    }

    #[test]
    fn messages_below_notice_are_closed() {
        for value in ["notice", "WARNING", "error"] {
            assert!(allowed("client_min_messages", Some(value)), "{value}");
        }
        for value in ["debug", "debug1", "debug5", "log", "info", "\u{1}"] {
            assert!(!allowed("client_min_messages", Some(value)), "{value}");
        }
    }

    #[test]
    fn reading_is_by_list_and_never_a_setting_with_a_dot() {
        for name in ["server_version", "is_superuser", "search_path", "Standard_Conforming_Strings"]
        {
            assert!(setting_readable(name), "{name}");
        }
        for name in ["app.jwt_secret", "data_directory", "primary_conninfo", "hba_file", "all", ""]
        {
            assert!(!setting_readable(name), "{name}");
        }
    }
}
