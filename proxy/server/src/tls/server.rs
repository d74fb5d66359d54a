//! Our side of a client's TLS.

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;

use super::{TlsProblem, TlsStart, pem, provider, server_end_point};

/// What a listener shows to clients that ask for TLS. Loaded anew to be replaced, never changed.
#[derive(Clone, Debug)]
pub(crate) struct ServerTls {
    config: Arc<ServerConfig>,
    server_end_point: Option<Vec<u8>>,
}

impl ServerTls {
    /// Reads a certificate, with the intermediate ones behind it if there are any, and its key.
    ///
    /// # Errors
    /// `TlsProblem`, which names the file and says what to do.
    pub(crate) fn load(
        certificate: &Path,
        key: &Path,
        start: TlsStart,
    ) -> Result<Self, TlsProblem> {
        let chain = pem::certificates(certificate)?;
        let private_key = pem::private_key(key)?;
        let end_point = chain.first().and_then(server_end_point);
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, private_key)
            .map_err(|error| match error {
                rustls::Error::InconsistentKeys(_) => {
                    let what =
                        format!("not the key of the certificate in {}", certificate.display());
                    pem::unusable(key, what)
                }
                error => {
                    pem::unusable(certificate, format!("{error} (its key: {})", key.display()))
                }
            })?;
        match start {
            // As PostgreSQL 17: a client that names other protocols only is talking to the wrong
            // server; one that names none is fine, unless it began with TLS.
            TlsStart::InBand { alpn } => config.alpn_protocols = vec![alpn.to_vec()],
            // Protocols without a name of their own: whatever a client calls them is fine.
            TlsStart::FirstByte => {}
        }
        Ok(Self { config: Arc::new(config), server_end_point: end_point })
    }

    /// For the handshake.
    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }

    /// What clients may bind their SCRAM exchange to, where our certificate can be bound to.
    pub(crate) fn server_end_point(&self) -> Option<&[u8]> {
        self.server_end_point.as_deref()
    }
}
