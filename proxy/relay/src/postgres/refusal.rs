//! Refusals and ends in PostgreSQL's own words.

use bytes::BytesMut;
use policies::{Reason, Rejection};
use postgres_wire::message::backend::{ErrorFields, Severity, field};
use postgres_wire::sql::sqlstate;

use crate::Fatal;

/// An error that ends the connection.
pub(super) fn fatal<'a>(code: &'static str, message: &'a str) -> ErrorFields<'a> {
    ErrorFields::new(Severity::Fatal, code, message)
}

/// What PostgreSQL says when an operator ends it.
pub(super) fn shutdown() -> ErrorFields<'static> {
    fatal("57P01", "terminating connection due to administrator command")
}

/// Tells a client that it broke the protocol, and ends the connection.
pub(super) fn violation(what: &str, to_client: &mut BytesMut) -> Fatal {
    fatal("08P01", what).put_error(to_client);
    Fatal::ClientMisbehaved(what.to_owned())
}

/// The SQLSTATE of a refusal: PostgreSQL's own where it would refuse the same, else
/// insufficient_privilege.
fn code(rejection: &Rejection) -> &'static str {
    match rejection.reason {
        Reason::SyntaxError => sqlstate(&rejection.what),
        Reason::StatementTooLarge | Reason::TooManyStatements => "54000",
        Reason::TooDeep => "54001",
        Reason::InvalidEncoding => "22021",
        Reason::UnknownName if rejection.what.starts_with("portal ") => "34000",
        Reason::UnknownName => "26000",
        _ => "42501",
    }
}

/// A refusal as an error that leaves the connection open. `text` is the client's own, in which the
/// refusal's span lies.
pub(super) fn rejected(rejection: &Rejection, text: &str) -> ErrorFields<'static> {
    let mut fields = refused(Severity::Error, rejection);
    let before = rejection.span.and_then(|span| text.get(..usize::try_from(span.start).ok()?));
    if let Some(before) = before {
        // Positions count characters, from 1.
        let position = before.chars().count() + 1;
        fields = fields.with(field::POSITION, position.to_string());
    }
    fields
}

/// A refusal at the start, which ends the connection.
pub(super) fn rejected_at_start(rejection: &Rejection) -> ErrorFields<'static> {
    refused(Severity::Fatal, rejection)
}

fn refused(severity: Severity, rejection: &Rejection) -> ErrorFields<'static> {
    let fields = ErrorFields::new(severity, code(rejection), rejection.client_text());
    match &rejection.hint {
        Some(hint) => fields.with(field::HINT, hint.clone()),
        None => fields,
    }
}
