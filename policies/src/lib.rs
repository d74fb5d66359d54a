//! What may pass, and in what form.
//!
//! One question is answered here: *may this statement of this tenant reach the store, and how must
//! it read so that it touches that tenant's data and no other's?* There is no I/O here, no clock and
//! no async: a policy, a statement and a tenant go in; a [`Scoped`] value or a [`Rejection`] comes
//! out.
//!
//! The isolation contract, kept by every protocol's folder:
//!
//! - `scope` rewrites, and is not trusted. `verify` walks the output from scratch, shares no code
//!   with the rules, and proves that every reachable datum is confined. Without its word nothing
//!   becomes `Scoped`.
//! - What is unknown is refused, by name: node types, functions, operators, settings, relations.
//! - A verdict never depends on another tenant: one judged template serves all tenants.

#![deny(clippy::wildcard_enum_match_arm)]

pub mod bolt;
pub mod document;
mod mode;
pub mod mongo;
pub mod policy;
pub mod postgres;
mod rejection;
pub mod resp;
mod rules_error;
mod scoped;
mod tenant;

pub use mode::Mode;
pub use rejection::{Reason, Rejection};
pub use rules_error::RulesError;
pub use scoped::Scoped;
pub use tenant::{InvalidTenantId, Tenant, TenantId, TenantKind, TextId};
