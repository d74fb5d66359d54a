//! Redis: a tenant's part of the key space is what begins with its prefix.
//!
//! [`scope`] takes a request and writes it again so that every key and channel in it begins with
//! the tenant's prefix; [`verify`] reads what was written from scratch and proves it. What comes
//! back names keys in few places, and only there, as the [`ReplyRule`] of the request says, is the
//! prefix taken off again: a value that happens to begin with it is a value and stays.
//!
//! Commands that look at the whole key space run as a script of ours that looks at a bounded part
//! of it ([`sweep`]).

mod resolved;
mod tenancy;

pub use resolved::{Rules, ServerFacts};
pub use tenancy::Tenancy;
