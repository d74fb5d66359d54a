//! Neo4j: a tenant's part of the graph is the nodes that are its own, and what lies between them.
//!
//! A node belongs to a tenant by a label (`Tenant_` and the id) or by a property. A statement is
//! written again so that each node pattern in it, at whatever depth, finds and makes only the
//! tenant's nodes. A relationship is the tenant's when both its ends are. So no node or relationship
//! comes into a statement but through a pattern that asks for the tenant, and whatever is then done
//! with it is done to the tenant's own. `verify` reads what was written from scratch and proves that.
//!
//! What cannot be written so is refused: commands, files, other graphs, and all procedures and
//! functions that are not listed. What a catalog would say of everybody is asked of the tenant's own
//! nodes instead, by a statement of ours in the same place, so that every request has its reply from
//! the store, in its order, and inside of a transaction as well as outside.
//!
//! # What a connection does with this
//!
//! 1. [`judge`] a RUN's text. The [`Plan`], or the refusal, is the same for all tenants and may be
//!    kept by text, mode and [`Rules::epoch`].
//! 2. [`Plan::scope`] it with the RUN's parameters and the tenant's [`Tenancy`], and send the
//!    [`Run`]'s text and parameters in place of the client's. The RUN's third field is the
//!    connection's own business: `db` is pinned, `imp_user` refused, notifications are switched off.
//! 3. Keep the [`ReplyRule`] for as long as the result is open. [`ReplyRule::success`] rewrites the
//!    metadata of the SUCCESS of RUN, PULL and DISCARD, [`ReplyRule::record`] each RECORD where
//!    [`ReplyRule::reads_records`] says so, and [`scrub_failure`] every FAILURE that the server sends,
//!    whatever it answers.

mod allowed;
mod explain;
mod guard;
mod judge;
mod plan;
mod reply;
mod resolved;
mod rules;
mod tenancy;
#[cfg(test)]
mod tests;
mod upkeep;
mod verify;

pub use explain::{Explained, explain};
pub use judge::{fingerprint, judge};
pub use plan::{Plan, Run, Verdict};
pub use reply::{ReplyRule, scrub_failure};
pub use resolved::{Index, Rules, ServerFacts};
pub use tenancy::Tenancy;
pub use upkeep::{Search, index_statements, oddities, searches};
