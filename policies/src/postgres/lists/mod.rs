//! What of the server's own a tenant may name: allow-lists, as data.
//!
//! A list is a text file beside this one. A line that begins with `# ` is a comment: the list's source,
//! and before each group why its names are there. Any other line is a name, and may say since or until
//! which major version the server has it: `any_value 16-`. The ranges are for the check in
//! tests/lists, which proves on a real server that every name it has is listed as allowed or as
//! refused; judging ignores them, as a name that a server lacks does nothing there.
//!
//! Names are exact: the grammar has folded them already.

use std::collections::HashSet;
use std::sync::LazyLock;

type Names = LazyLock<HashSet<&'static str>>;

static FUNCTIONS: Names = LazyLock::new(|| names(include_str!("function.txt")));
static OPERATORS: Names = LazyLock::new(|| names(include_str!("operator.txt")));
static TYPES: Names = LazyLock::new(|| names(include_str!("type.txt")));
static CATALOG: Names = LazyLock::new(|| names(include_str!("catalog.txt")));
static INFORMATION_SCHEMA: Names = LazyLock::new(|| names(include_str!("information_schema.txt")));
static SETTINGS: Names = LazyLock::new(|| names(include_str!("setting.txt")));
static READABLE_SETTINGS: Names = LazyLock::new(|| names(include_str!("setting_readable.txt")));

/// The functions that a field must not call: all that are not plainly allowed.
static CLOSED_FUNCTIONS: Names = LazyLock::new(|| {
    let mut closed = names(include_str!("function_refused.txt"));
    closed.extend(names(include_str!("sequence.txt")));
    closed.extend(names(include_str!("advisory.txt")));
    // Open as calls only, where the setting that they name is judged.
    closed.extend(["current_setting", "set_config"]);
    closed
});

fn names(list: &'static str) -> HashSet<&'static str> {
    list.lines()
        .filter(|line| !line.starts_with("# "))
        .filter_map(|line| line.split(' ').next())
        .filter(|name| !name.is_empty())
        .collect()
}

/// Whether tenants may call `pg_catalog`'s function of this name, whatever its arguments.
///
/// `set_config` and `current_setting` are among them; which setting they name is judged elsewhere.
pub(super) fn function_allowed(name: &str) -> bool {
    FUNCTIONS.contains(name)
}

/// Whether the field selection `x.name` could call a function of `pg_catalog` that tenants may not
/// call: `('SELECT …'::text).ts_stat` runs its text.
///
/// The names are those of the majors that the lists know. A later major's new functions are closed
/// here by their prefix at most, so a server of an unknown major is not safe to serve.
pub(super) fn field_calls_closed_function(name: &str) -> bool {
    let administrative = name.starts_with("pg_") || name.starts_with("lo_");
    CLOSED_FUNCTIONS.contains(name) || administrative && !FUNCTIONS.contains(name)
}

/// Whether tenants may use the operator of this symbol in `pg_catalog`.
pub(super) fn operator_allowed(symbol: &str) -> bool {
    OPERATORS.contains(symbol)
}

/// Whether tenants may cast to `pg_catalog`'s type of this name (`pg_type.typname`), or to its array.
pub(super) fn type_allowed(name: &str) -> bool {
    TYPES.contains(name)
}

/// Whether tenants may read `pg_catalog`'s relation of this name.
pub(super) fn catalog_readable(name: &str) -> bool {
    CATALOG.contains(name)
}

/// Whether tenants may read the view of this name in `information_schema`.
pub(super) fn information_schema_readable(name: &str) -> bool {
    INFORMATION_SCHEMA.contains(name)
}

/// Whether tenants may set the setting of this name, in lower case, to some value at least.
pub(super) fn setting_writable(name: &str) -> bool {
    SETTINGS.contains(name)
}

/// Whether tenants may read the setting of this name, in lower case.
pub(super) fn setting_readable(name: &str) -> bool {
    SETTINGS.contains(name) || READABLE_SETTINGS.contains(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: [(&str, &str); 7] = [
        ("function.txt", include_str!("function.txt")),
        ("operator.txt", include_str!("operator.txt")),
        ("type.txt", include_str!("type.txt")),
        ("catalog.txt", include_str!("catalog.txt")),
        ("information_schema.txt", include_str!("information_schema.txt")),
        ("setting.txt", include_str!("setting.txt")),
        ("setting_readable.txt", include_str!("setting_readable.txt")),
    ];

    #[test]
    fn what_runs_text_or_reaches_outside_is_closed_as_a_call_and_as_a_field() {
        for name in [
            "query_to_xml",
            "cursor_to_xml",
            "table_to_xml",
            "schema_to_xml",
            "database_to_xml",
            "ts_stat",
            "ts_rewrite",
            "currtid2",
            "pg_read_file",
            "pg_ls_dir",
            "pg_stat_file",
            "lo_get",
            "loread",
            "lo_import",
            "pg_terminate_backend",
            "pg_sleep",
            "pg_notify",
            "pg_logical_emit_message",
            "pg_export_snapshot",
            "txid_current",
            "pg_relation_size",
            "pg_stat_get_activity",
            "pg_lock_status",
            "setseed",
            "nextval",
            "setval",
            "pg_advisory_lock",
            "pg_try_advisory_xact_lock",
            "pg_show_all_settings",
            "pg_function_of_tomorrow",
        ] {
            assert!(!function_allowed(name), "{name}");
            assert!(field_calls_closed_function(name), "{name}");
        }
    }

    #[test]
    fn settings_are_read_and_written_by_calls_and_not_by_fields() {
        for name in ["current_setting", "set_config"] {
            assert!(function_allowed(name) && field_calls_closed_function(name), "{name}");
        }
    }

    #[test]
    fn a_field_may_be_named_like_an_allowed_function_or_like_none() {
        for name in ["upper", "id", "secret", "pg_typeof", "n"] {
            assert!(!field_calls_closed_function(name), "{name}");
        }
    }

    #[test]
    fn names_are_exact() {
        assert!(function_allowed("count") && !function_allowed("COUNT"));
        assert!(!function_allowed("") && !function_allowed("# ") && !function_allowed("16-"));
        assert!(function_allowed("any_value") && !function_allowed("any_value 16-"));
    }

    #[test]
    fn operators_that_look_like_comments_are_names() {
        for symbol in ["#", "##", "#-", "#>", "#>>", "@>", "=", "?"] {
            assert!(operator_allowed(symbol), "{symbol}");
        }
        assert!(!operator_allowed("==="));
    }

    #[test]
    fn catalogs_that_hold_rows_or_secrets_are_closed() {
        for name in [
            "pg_stats",
            "pg_statistic",
            "pg_stats_ext",
            "pg_statistic_ext_data",
            "pg_stat_activity",
            "pg_stat_user_tables",
            "pg_sequences",
            "pg_locks",
            "pg_db_role_setting",
            "pg_prepared_statements",
            "pg_cursors",
            "pg_largeobject",
            "pg_largeobject_metadata",
            "pg_authid",
            "pg_shadow",
            "pg_user_mapping",
            "pg_user_mappings",
        ] {
            assert!(!catalog_readable(name), "{name}");
        }
        assert!(catalog_readable("pg_settings") && information_schema_readable("columns"));
        assert!(!information_schema_readable("user_mapping_options"));
    }

    #[test]
    fn no_type_is_open_that_is_not_a_value() {
        for name in ["cstring", "internal", "anyelement", "aclitem", "pg_mcv_list", "pg_node_tree"]
        {
            assert!(!type_allowed(name), "{name}");
        }
        assert!(type_allowed("regclass") && type_allowed("varchar") && type_allowed("uuid"));
    }

    #[test]
    fn nothing_is_allowed_and_refused_at_once() {
        let refused = names(include_str!("function_refused.txt"));
        assert_eq!(FUNCTIONS.intersection(&refused).next(), None);
        let refused = names(include_str!("setting_refused.txt"));
        assert_eq!(SETTINGS.intersection(&refused).next(), None);
        assert_eq!(READABLE_SETTINGS.intersection(&refused).next(), None);
        assert_eq!(SETTINGS.intersection(&READABLE_SETTINGS).next(), None);
    }

    #[test]
    fn every_group_has_its_reason_and_no_name_stands_twice() {
        for (file, list) in ALLOWED {
            let mut seen = HashSet::new();
            let mut after_gap = true;
            for line in list.lines() {
                let is_name = !line.is_empty() && !line.starts_with("# ");
                assert!(!(is_name && after_gap), "{file}: {line} begins a group without a comment");
                assert!(!is_name || seen.insert(line.split(' ').next()), "{file}: {line} twice");
                after_gap = line.is_empty();
            }
        }
    }
}
