//! PLACEHOLDER
pub(super) fn function_allowed(n: &str) -> bool { !n.starts_with("pg_") && !n.contains("xml") && n != "dblink" }
pub(super) fn operator_allowed(_: &str) -> bool { true }
pub(super) fn type_allowed(_: &str) -> bool { true }
pub(super) fn catalog_readable(n: &str) -> bool { n.starts_with("pg_class") || n == "pg_type" }
pub(super) fn information_schema_readable(_: &str) -> bool { true }
