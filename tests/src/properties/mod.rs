//! What must hold of every input, however hostile: one function for each thing that reads bytes or
//! text from outside.
//!
//! The fuzz targets call these with what the fuzzer makes up, the ordinary tests with the seeds. A
//! property that does not hold panics, which is how a fuzzer learns of it.

mod frame;
mod lex;
mod mongo_bson;
mod mongo_message;
mod resp_reply;
mod resp_request;
mod scope;
pub mod seeds;

pub use frame::frame;
pub use lex::lex;
pub use mongo_bson::mongo_bson;
pub use mongo_message::mongo_message;
pub use resp_reply::resp_reply;
pub use resp_request::resp_request;
pub use scope::scope;

/// A property of any bytes.
pub type Property = fn(&[u8]);

/// All of them, by the name of their fuzz target and of their file of seeds.
pub const ALL: &[(&str, Property)] = &[
    ("frame", frame),
    ("lex", lex),
    ("mongo_bson", mongo_bson),
    ("mongo_message", mongo_message),
    ("resp_reply", resp_reply),
    ("resp_request", resp_request),
    ("scope", scope),
];
