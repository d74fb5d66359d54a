//! Settings that an upstream reports: two of them keep texts readable, one would name our account.

use postgres_wire::message::backend::ParameterStatus;

use crate::Fatal;

/// What becomes of a ParameterStatus.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reported {
    /// It travels as it is.
    Forward,
    /// It travels with the client's own login for a value.
    Login,
}

/// Judges a report.
///
/// # Errors
/// `UpstreamMisbehaved` when a setting that decides how texts are read has another value than the
/// one that we judged them by. `'\'` would end elsewhere, or a byte of a character would be a quote.
pub(super) fn judge(status: ParameterStatus<'_>) -> Result<Reported, Fatal> {
    match (status.name, status.value) {
        (b"client_encoding" | b"server_encoding", b"UTF8")
        | (b"standard_conforming_strings", b"on") => Ok(Reported::Forward),
        // A database of another encoding folds names differently.
        (b"client_encoding" | b"server_encoding" | b"standard_conforming_strings", value) => {
            let name = String::from_utf8_lossy(status.name);
            let value = String::from_utf8_lossy(value);
            Err(Fatal::UpstreamMisbehaved(format!("{name} has become {value}")))
        }
        (b"session_authorization", _) => Ok(Reported::Login),
        _ => Ok(Reported::Forward),
    }
}
