//! What an upstream sends, as far as it is read at all, and what we send in its place.

mod authentication;
mod backend_key_data;
mod error_response;
mod negotiate_protocol_version;
mod parameter_status;
mod ready_for_query;
pub mod tag;
#[cfg(test)]
mod tests;

pub use authentication::Authentication;
pub use backend_key_data::BackendKeyData;
pub use error_response::{ErrorFields, Severity, field};
pub use negotiate_protocol_version::negotiate_protocol_version;
pub use parameter_status::ParameterStatus;
pub use ready_for_query::{ReadyForQuery, TransactionStatus};
