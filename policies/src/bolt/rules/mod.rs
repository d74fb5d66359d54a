//! The rules that confine a statement. Each changes the text at the places that it is about, or
//! refuses; none is trusted.

mod answer_catalog;
mod answer_commands;
mod confine_calls;
mod confine_clauses;
mod confine_exprs;
mod confine_nodes;
mod confine_paths;
mod confine_writes;
mod may_fail;
mod name_columns;
mod names;
mod scope;
mod show_schema;

pub(super) use scope::scope;
