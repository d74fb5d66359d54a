//! Redis: a tenant's part of the key space is what begins with its prefix.
//!
//! [`Judge`] takes a request and writes it again so that every key and channel in it begins with
//! the tenant's prefix; `verify` then reads what was written from scratch and proves it. What comes
//! back names keys in few places, and only there, as the [`ReplyRule`] of the request says, is the
//! prefix taken off again: a value that happens to begin with it is a value and stays.
//!
//! Two commands of our own stand in for what must not travel, so that each request has its reply in
//! its place, inside of MULTI and out of it. A refused request becomes a command that no server has:
//! its error is replaced by ours, and an open transaction is aborted as by any other error. A
//! request that is answered here becomes an ECHO, whose reply is replaced by the answer. Commands
//! that look at the whole key space become a script of ours that looks at a bounded part of it
//! ([`Sweep`]).

mod acl;
mod explain;
mod judge;
mod login;
mod made;
mod outgoing;
mod push;
mod reply;
mod resolved;
mod rules;
mod scope;
pub mod script;
mod sweep;
mod tenancy;
mod verify;

pub use acl::{foreign_key, user_rules};
pub use explain::{Explained, explain};
pub use judge::{Clients, Context, Judge, Verdict, fingerprint};
pub use login::{before_login, wrong_password};
pub use made::{
    put_answer, put_hello, put_quit, put_refused, put_reset, put_script_call, put_script_load,
    put_unknown_script, put_wrong_script,
};
pub use push::{Delivery, Subscription, deliver};
pub use reply::{
    Answer, Answered, Found, Protocol, ReplyRule, ScriptNames, Surroundings, error_line,
    rewrite_reply,
};
pub use resolved::{Rules, ServerFacts, Unwrapped};
pub use rules::session::{Credentials, Hello, ReplyMode, ScriptCall, Session};
pub use script::{Globals, NotConfinable, PROBE, Script};
pub use sweep::{NotOurs, Sweep, Swept, View, sweep_cursor};
pub use tenancy::Tenancy;
