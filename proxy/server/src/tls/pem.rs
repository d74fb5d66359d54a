//! Reading PEM files, with errors that say what to do.

use std::path::Path;

use rustls::pki_types::pem::{Error, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::TlsProblem;

/// All certificates of a file, in order; at least one.
///
/// # Errors
/// `Unreadable`, `Unusable`.
pub(super) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsProblem> {
    let chain = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| problem(path, error))?;
    if chain.is_empty() {
        let what = "no certificate in it; a PEM file with `-----BEGIN CERTIFICATE-----` is needed";
        return Err(unusable(path, what));
    }
    Ok(chain)
}

/// The first private key of a file.
///
/// # Errors
/// `Unreadable`, `Unusable`.
pub(super) fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsProblem> {
    PrivateKeyDer::from_pem_file(path).map_err(|error| match error {
        Error::NoItemsFound => unusable(
            path,
            "no private key in it that can be read; a PEM file without a passphrase is needed \
             (`openssl pkey -in OLD -out NEW` takes a passphrase off)",
        ),
        error => problem(path, error),
    })
}

/// `Unusable`, for that file and reason.
pub(super) fn unusable(path: &Path, what: impl Into<String>) -> TlsProblem {
    TlsProblem::Unusable { path: path.to_owned(), what: what.into() }
}

fn problem(path: &Path, error: Error) -> TlsProblem {
    match error {
        Error::Io(error) => TlsProblem::Unreadable { path: path.to_owned(), error },
        // Says nothing of what stands in the file: it may be a key.
        _ => unusable(path, "not a PEM file, or cut off"),
    }
}
