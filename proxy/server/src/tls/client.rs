//! Our side of an upstream's TLS: `sslmode` and its companions, as libpq has them.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

use super::danger::UpstreamVerifier;
use super::{TlsProblem, pem, provider};

/// How much an upstream must prove before it hears a password: libpq's `sslmode`.
///
/// `allow` is missing: it asks for TLS only after the upstream has refused to do without, which
/// protects from nothing that `prefer` does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum SslMode {
    /// Never TLS.
    Disable,
    /// TLS where the upstream has it. Unlike libpq, a handshake that fails is the end and no reason
    /// to try without.
    Prefer,
    /// TLS, with whoever answers; with a known authority's certificate where `sslrootcert` is set.
    Require,
    /// TLS with a certificate of a known authority, whatever name it bears.
    VerifyCa,
    /// TLS with a certificate of a known authority and in the upstream's name.
    VerifyFull,
}

impl SslMode {
    fn parse(value: &str) -> Result<Self, String> {
        Ok(match value {
            "disable" => Self::Disable,
            "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            "allow" => return Err("sslmode `allow` is not supported; write `prefer`".to_owned()),
            _ => {
                return Err(format!(
                    "sslmode `{value}` is not known; write `disable`, `prefer`, `require`, \
                     `verify-ca` or `verify-full`"
                ));
            }
        })
    }
}

/// Where the authorities come from that an upstream's certificate must descend from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RootCertificates {
    /// The machine's own store: `sslrootcert=system`.
    System,
    /// A PEM file.
    File(PathBuf),
}

/// The TLS parameters of an upstream's URL. No file is looked for where none is named: what libpq
/// finds in a home folder does not count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SslParameters {
    /// `sslmode`.
    pub(crate) mode: Option<SslMode>,
    /// `sslrootcert`.
    pub(crate) root_certificates: Option<RootCertificates>,
    /// `sslcert`: our certificate, where the upstream asks for one.
    pub(crate) certificate: Option<PathBuf>,
    /// `sslkey`: its key.
    pub(crate) key: Option<PathBuf>,
}

impl SslParameters {
    /// Takes one parameter of a URL. False when its name is none of TLS's.
    ///
    /// # Errors
    /// What is wrong with the value and what to write.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<bool, String> {
        let path = || {
            if value.is_empty() {
                Err(format!("{name} is empty; write the path of a PEM file or leave it out"))
            } else {
                Ok(PathBuf::from(value))
            }
        };
        match name {
            "sslmode" => self.mode = Some(SslMode::parse(value)?),
            "sslrootcert" if value == "system" => {
                self.root_certificates = Some(RootCertificates::System);
            }
            "sslrootcert" => self.root_certificates = Some(RootCertificates::File(path()?)),
            "sslcert" => self.certificate = Some(path()?),
            "sslkey" => self.key = Some(path()?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The mode in force: libpq's default, `prefer`, or with `sslrootcert=system` `verify-full`.
    pub(crate) fn mode(&self) -> SslMode {
        self.mode.unwrap_or(match self.root_certificates {
            Some(RootCertificates::System) => SslMode::VerifyFull,
            Some(RootCertificates::File(_)) | None => SslMode::Prefer,
        })
    }

    /// Whether the parameters go together. Reads no file.
    ///
    /// # Errors
    /// `Parameters`.
    pub(crate) fn check(&self) -> Result<(), TlsProblem> {
        let mode = self.mode();
        let verifies = matches!(mode, SslMode::VerifyCa | SslMode::VerifyFull);
        let from_system = self.root_certificates == Some(RootCertificates::System);
        if verifies && self.root_certificates.is_none() {
            return Err(TlsProblem::Parameters(
                "sslmode verify-ca and verify-full need sslrootcert: the PEM file of the authority \
                 that signed the upstream's certificate, or `system`",
            ));
        }
        if from_system && mode != SslMode::VerifyFull {
            // Anyone can have a certificate of a public authority, in a name of their own.
            return Err(TlsProblem::Parameters(
                "sslrootcert=system needs sslmode=verify-full: with less, anyone's certificate \
                 would do",
            ));
        }
        if self.certificate.is_some() != self.key.is_some() {
            return Err(TlsProblem::Parameters("sslcert and sslkey go together: set both or none"));
        }
        Ok(())
    }
}

/// How TLS is spoken with an upstream.
#[derive(Clone, Debug)]
pub(crate) struct UpstreamTls {
    config: Arc<ClientConfig>,
}

impl UpstreamTls {
    /// Reads the files that the parameters name. None where they rule TLS out.
    ///
    /// # Errors
    /// `TlsProblem`, which names the file and says what to do.
    pub(crate) fn load(parameters: &SslParameters) -> Result<Option<Self>, TlsProblem> {
        parameters.check()?;
        let mode = parameters.mode();
        if mode == SslMode::Disable {
            return Ok(None);
        }
        let provider = provider();
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?;
        let builder = match &parameters.root_certificates {
            Some(RootCertificates::System) => {
                let roots = Arc::new(system_roots()?);
                builder.with_webpki_verifier(
                    WebPkiServerVerifier::builder_with_provider(roots, provider)
                        .build()
                        .map_err(|error| TlsProblem::SystemRoots(error.to_string()))?,
                )
            }
            Some(RootCertificates::File(path)) => {
                let authorities = pem::certificates(path)?;
                let verifier = UpstreamVerifier::with_authorities(
                    authorities,
                    mode == SslMode::VerifyFull,
                    &provider,
                )
                .map_err(|error| pem::unusable(path, error.to_string()))?;
                builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
            }
            None => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(UpstreamVerifier::anyone(&provider))),
        };
        let config = match (&parameters.certificate, &parameters.key) {
            (Some(certificate), Some(key)) => {
                let (chain, private_key) =
                    (pem::certificates(certificate)?, pem::private_key(key)?);
                builder
                    .with_client_auth_cert(chain, private_key)
                    .map_err(|error| pem::unusable(key, error.to_string()))?
            }
            _ => builder.with_no_client_auth(),
        };
        Ok(Some(Self { config: Arc::new(config) }))
    }

    /// For the handshake.
    pub(crate) fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.config)
    }
}

/// The machine's own store of authorities.
fn system_roots() -> Result<RootCertStore, TlsProblem> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let certificates: Vec<CertificateDer<'static>> = found.certs;
    let (usable, _) = roots.add_parsable_certificates(certificates);
    if usable == 0 {
        let what = found.errors.first().map_or_else(
            || "it is empty; install the package `ca-certificates`".to_owned(),
            ToString::to_string,
        );
        return Err(TlsProblem::SystemRoots(what));
    }
    Ok(roots)
}
