//! MongoDB: a tenant's part of a store is what bears its id, or its name.
//!
//! Three layouts keep tenants apart. By *field*, every document of every collection has the tenant's
//! id in one field: filters get an equality on it, documents get the field, pipelines get a filter
//! wherever they read a collection. By *collection* or by *database*, names are the tenant's own:
//! they get a prefix on the way in and lose it on the way out.
//!
//! [`judge`] takes a command and writes the message that travels in its place; `verify` then reads
//! that message from scratch and proves it. What comes back travels as it came, but for the few
//! fields that the [`ReplyRule`] of the command names.

mod commands;
mod explain;
mod judge;
mod made;
mod reply;
mod resolved;
mod rules;
mod scope;
mod tenancy;
mod verify;

pub use explain::{Explained, explain};
pub use judge::{Context, Owned, Session, Verdict, fingerprint, judge};
pub use reply::{Answered, OpenCursor, ReplyRule, WantedIndex, rewrite_reply};
pub use resolved::{Rules, ServerFacts};
pub use tenancy::Tenancy;
