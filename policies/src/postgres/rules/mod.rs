//! The rules of rewriting, one a file, named by what they do.

mod add_guard;
mod check_expression;
mod check_setting;
mod confine_from;
mod extend_conflict_target;
mod fill_tenant_column;
mod guard_write;
mod resolve_relation;
mod wrap_range;
