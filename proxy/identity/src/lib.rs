//! Who logs in: verifiers, SCRAM, and the registry of logins and tenants. Pure.
//!
//! Nothing here opens a socket or a file: messages and documents come in as bytes, randomness comes
//! in as an argument wherever an exchange needs it. Secrets are wiped when dropped and not shown by
//! `Debug`.
//!
//! The two exchanges are chains of types that consume themselves, so that no step can be skipped or
//! taken twice, and end in a proof: [`ProvenClient`] exists only when a client has shown that it
//! knows the password, [`ProvenServer`] only when an upstream has.

mod crypto;
mod derived;
mod md5;
mod mock;
mod registry;
mod scram;
mod verifier;

pub use derived::{derived_id, derived_password};
pub use md5::md5_response;
pub use mock::MockSecret;
pub use registry::{Login, PasswordError, RegisteredTenant, Registry, Role};
pub use scram::client::{AwaitServerFinal, AwaitServerFirst, ClientExchange, ProvenServer};
pub use scram::server::{AwaitClientFinal, Offer, ProvenClient, ServerExchange, user_name};
pub use scram::{Mechanism, Nonce, ScramError};
pub use verifier::{InvalidVerifier, Verifier};
