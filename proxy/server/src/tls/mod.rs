//! TLS on both sides: our certificate for clients, `sslmode` for upstreams.
//!
//! One provider of cryptography (*ring*), named where it is used and never installed for the whole
//! process. TLS 1.2 and 1.3, as PostgreSQL has them. Files are read when a configuration is loaded
//! and at no other time, so that a reload that fails leaves the old one standing.

mod client;
mod danger;
mod end_point;
mod pem;
mod server;
#[cfg(test)]
mod tests;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;

pub(crate) use client::{RootCertificates, SslMode, SslParameters, UpstreamTls};
pub(crate) use end_point::server_end_point;
pub(crate) use server::ServerTls;

/// Why a certificate, key or choice of them cannot be used: which file, and how to mend it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsProblem {
    /// A file cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's word on it.
        error: io::Error,
    },
    /// A file is there but is not what it should be.
    #[error("{}: {what}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do.
        what: String,
    },
    /// The parameters contradict each other.
    #[error("{0}")]
    Parameters(&'static str),
    /// The machine has no usable certificate authorities of its own.
    #[error(
        "this machine's own certificate authorities are to be trusted, but they are unusable: {0}"
    )]
    SystemRoots(String),
    /// The TLS library refuses the configuration.
    #[error("TLS cannot be set up: {0}")]
    Library(#[from] rustls::Error),
}

/// When TLS begins, on both sides of a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TlsStart {
    /// When the client asks for it in its protocol's own words and the server agrees. A client may
    /// also begin with TLS where it names this application protocol in the handshake (RFC 7301), so
    /// that what was meant for another server (a web browser made to send it) is never read as
    /// meant for this one (the ALPACA attack).
    InBand {
        /// The protocol's name in TLS's list of application protocols.
        alpn: &'static [u8],
    },
    /// With the first byte, or never.
    FirstByte,
}

/// What all configurations are built on.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
