//! SQL: `judge` turns a client's text into a plan that serves every tenant; a plan scopes the text
//! for one tenant.
//!
//! The way of a text: `postgres_wire::sql::parse` reads it with PostgreSQL's grammar, `scope` (with
//! its `rules`) edits tree and text in step, the edited text is parsed again and must be the edited
//! tree (faithfulness), `verify` proves the result (confinement), `witness` may object. What is left
//! is a [`Plan`]: a template with slots for the tenant, and what must hold of literals and
//! parameters.

mod anchor;
mod catalog;
mod edit;
mod ident;
mod judge;
mod lists;
mod parameter;
mod plan;
mod resolved;
mod rules;
mod scope;
mod session;
mod setting;
mod verify;
mod witness;

pub use catalog::{Catalog, Column, Function, Object, Relation, RelationKind, SNAPSHOT_QUERY};
pub use judge::{fingerprint, judge};
pub use parameter::{ParameterCheck, Parameters};
pub use plan::{Plan, Query};
pub use resolved::Rules;
pub use setting::{setting_allowed, setting_readable};
