//! Failures of our own, in the words that drivers know.
//!
//! A driver acts on the code: what is `TransientError` it sends again, what is `Unauthorized` it
//! gives up. So a refusal is always a `ClientError`, and only a store that is not there is transient.

use std::borrow::Cow;

use bolt_wire::Version;
use bolt_wire::message::{Failure, Fault};
use bytes::BytesMut;
use policies::{Reason, Rejection};

use super::put;

/// A failure that has yet to get its version's form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    code: &'static str,
    gql_status: &'static str,
    description: &'static str,
    message: Cow<'static, str>,
}

impl Refusal {
    const fn new(
        code: &'static str,
        gql_status: &'static str,
        description: &'static str,
        message: Cow<'static, str>,
    ) -> Self {
        Self { code, gql_status, description, message }
    }

    /// What a client earned with a statement or a transaction.
    pub(super) fn of(rejection: &Rejection) -> Self {
        let message = Cow::Owned(rejection.client_text());
        if rejection.reason == Reason::SyntaxError {
            let code = "Neo.ClientError.Statement.SyntaxError";
            let description = "error: syntax error or access rule violation - invalid syntax";
            return Self::new(code, "42001", description, message);
        }
        let code = "Neo.ClientError.Security.Forbidden";
        let description = "error: syntax error or access rule violation - permission/access denied";
        Self::new(code, "42NFF", description, message)
    }

    /// Credentials that let nobody in: which part of them is wrong is not said.
    pub(super) const UNAUTHORIZED: Self = Self::new(
        "Neo.ClientError.Security.Unauthorized",
        "42NFF",
        "error: syntax error or access rule violation - permission/access denied",
        Cow::Borrowed("The client is unauthorized due to authentication failure."),
    );

    /// A way to prove who one is that is not served.
    pub(super) const SCHEME: Self = Self::new(
        "Neo.ClientError.Security.Unauthorized",
        "42NFF",
        "error: syntax error or access rule violation - permission/access denied",
        Cow::Borrowed("Unsupported authentication token: only the scheme `basic` is served here."),
    );

    /// The store is not there. Drivers may try again.
    pub(super) const UNAVAILABLE: Self = Self::new(
        "Neo.TransientError.General.DatabaseUnavailable",
        "08N09",
        "error: connection exception - database unavailable",
        Cow::Borrowed("partywall: the store cannot be reached now"),
    );

    /// A message that is none, or that may not be sent now.
    pub(super) fn invalid(what: impl Into<Cow<'static, str>>) -> Self {
        Self::new(
            "Neo.ClientError.Request.Invalid",
            "08N06",
            "error: connection exception - protocol error. General network protocol error.",
            what.into(),
        )
    }

    /// A message of a kind that this phase has no place for.
    pub(super) fn misplaced(message: &str, phase: &str) -> Self {
        Self::invalid(format!(
            "Message of type {message}Message cannot be handled by a session in the {phase} state."
        ))
    }

    /// Appends it as a message.
    pub(super) fn put(&self, version: Version, out: &mut BytesMut) {
        let Self { code, gql_status, description, message } = self;
        let failure = Failure::new(Fault { code, gql_status, description, message }, version);
        put(out, |body| failure.write(body));
    }
}
