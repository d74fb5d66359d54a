//! SQL: `judge` turns a client's text into a plan that serves every tenant; a plan scopes the text
//! for one tenant.

mod catalog;
mod plan;
mod rules_set;

pub use catalog::{Catalog, Column, Function, Object, Relation, RelationKind, SNAPSHOT_QUERY};
pub use plan::{judge, Mode, ParameterCheck, Parameters, Plan, Query};
pub use rules_set::{Rules, RulesError};
