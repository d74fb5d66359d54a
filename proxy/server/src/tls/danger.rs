//! Weaker checks of an upstream's certificate than TLS wants: libpq's `require` and `verify-ca`.
//!
//! What none of them leaves out is the proof that the peer holds the key of the certificate that it
//! shows: SCRAM's channel binding is worth nothing without it.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
    verify_tls13_signature_with_raw_key,
};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use x509_cert::der::{Decode, Encode};
use x509_cert::{Certificate, Version};

/// Checks as much as the upstream's `sslmode` says.
#[derive(Debug)]
pub(super) struct UpstreamVerifier {
    trust: Trust,
    algorithms: WebPkiSupportedAlgorithms,
}

#[derive(Debug)]
enum Trust {
    /// `prefer` and `require` without `sslrootcert`: whoever holds the key of the certificate shown.
    /// Keeps out listeners, and nobody who can answer in the upstream's place.
    Anyone,
    /// With `sslrootcert`.
    Authorities {
        roots: RootCertStore,
        /// The same certificates as they are: an upstream may show one of them itself. A
        /// certificate that signed itself is the usual case, and chains of one are none to the
        /// library.
        pinned: Vec<CertificateDer<'static>>,
        /// `verify-full`: the certificate must bear the upstream's name.
        in_name: bool,
    },
}

impl UpstreamVerifier {
    /// Trusts whoever answers.
    pub(super) fn anyone(provider: &CryptoProvider) -> Self {
        Self { trust: Trust::Anyone, algorithms: provider.signature_verification_algorithms }
    }

    /// Trusts what descends from one of `pinned`, or is one of them.
    ///
    /// # Errors
    /// The library's, when one of them cannot be read.
    pub(super) fn with_authorities(
        pinned: Vec<CertificateDer<'static>>,
        in_name: bool,
        provider: &CryptoProvider,
    ) -> Result<Self, Error> {
        let mut roots = RootCertStore::empty();
        for certificate in &pinned {
            roots.add(certificate.clone())?;
        }
        Ok(Self {
            trust: Trust::Authorities { roots, pinned, in_name },
            algorithms: provider.signature_verification_algorithms,
        })
    }
}

impl ServerCertVerifier for UpstreamVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Trust::Authorities { roots, pinned, in_name } = &self.trust else {
            return Ok(ServerCertVerified::assertion());
        };
        let parsed =
            ParsedCertificate::try_from(end_entity).map_err(|error| explain(end_entity, error))?;
        if pinned.contains(end_entity) {
            check_dates(end_entity, now)?;
        } else {
            verify_server_cert_signed_by_trust_anchor(
                &parsed,
                roots,
                intermediates,
                now,
                self.algorithms.all,
            )?;
        }
        if *in_name {
            verify_server_name(&parsed, server_name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if matches!(self.trust, Trust::Anyone) && ParsedCertificate::try_from(cert).is_err() {
            // The library does not read X.509 version 1, which `openssl x509 -req` has long made by
            // default. Where nothing but the key counts, the key is enough.
            let key = public_key(cert)?;
            return verify_tls13_signature_with_raw_key(message, &key, dss, &self.algorithms);
        }
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// What to do about a certificate that the library does not read.
fn explain(certificate: &CertificateDer<'_>, error: Error) -> Error {
    match read(certificate) {
        Ok(parsed) if parsed.tbs_certificate().version() == Version::V1 => {
            let what = "the certificate is of X.509 version 1, which has no subjectAltName; have it \
                        issued anew with one (`openssl x509 -req -extfile FILE`)";
            Error::General(what.to_owned())
        }
        Ok(_) | Err(_) => error,
    }
}

fn read(certificate: &CertificateDer<'_>) -> Result<Certificate, CertificateError> {
    Certificate::from_der(certificate).map_err(|_| CertificateError::BadEncoding)
}

fn public_key(
    certificate: &CertificateDer<'_>,
) -> Result<SubjectPublicKeyInfoDer<'static>, CertificateError> {
    let parsed = read(certificate)?;
    let key = parsed.tbs_certificate().subject_public_key_info().to_der();
    key.map(SubjectPublicKeyInfoDer::from).map_err(|_| CertificateError::BadEncoding)
}

/// Whether a pinned certificate is in its time.
fn check_dates(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), Error> {
    let parsed = read(certificate)?;
    let validity = parsed.tbs_certificate().validity();
    let not_before = UnixTime::since_unix_epoch(validity.not_before.to_unix_duration());
    let not_after = UnixTime::since_unix_epoch(validity.not_after.to_unix_duration());
    if now < not_before {
        Err(CertificateError::NotValidYetContext { time: now, not_before }.into())
    } else if now > not_after {
        Err(CertificateError::ExpiredContext { time: now, not_after }.into())
    } else {
        Ok(())
    }
}
