//! SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677, RFC 5929), both sides.

mod attribute;
pub(crate) mod client;
pub(crate) mod server;
#[cfg(test)]
mod tests;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

/// Most bytes of one message of either side: PostgreSQL's own limit on SASL messages. Ours take
/// about 300.
pub(crate) const MESSAGE_BYTES_MAX: usize = 1024;
/// Most bytes of one side's share of the nonce. Drivers send 18 to 48.
pub(crate) const NONCE_BYTES_MAX: usize = 256;

/// The GS2 header of a client that does not know channel binding, of one that thinks the server
/// does not, and of one that binds to the server's certificate. No authorization identity.
const GS2_NONE: &str = "n,,";
const GS2_NOT_OFFERED: &str = "y,,";
const GS2_BOUND: &str = "p=tls-server-end-point,,";

/// How a client proves that it knows a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mechanism {
    /// Without channel binding.
    ScramSha256,
    /// Bound to the server's certificate (`tls-server-end-point`), so that a man in the middle who
    /// ends TLS with another certificate is found out.
    ScramSha256Plus,
}

impl Mechanism {
    /// The name that IANA registered, as it travels in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha256Plus => "SCRAM-SHA-256-PLUS",
        }
    }

    /// The mechanism of that exact name.
    #[must_use]
    pub fn from_name(name: &[u8]) -> Option<Self> {
        [Self::ScramSha256, Self::ScramSha256Plus]
            .into_iter()
            .find(|mechanism| mechanism.name().as_bytes() == name)
    }
}

/// Our share of an exchange's nonce: never to be used twice.
#[derive(Clone, Debug)]
pub struct Nonce(String);

impl Nonce {
    /// Random bytes that a nonce is made of; PostgreSQL takes as many.
    pub const ENTROPY_BYTES: usize = 18;

    /// A nonce of fresh random bytes, which the caller draws.
    #[must_use]
    pub fn new(entropy: [u8; Self::ENTROPY_BYTES]) -> Self {
        Self(BASE64.encode(entropy))
    }
}

/// Why an exchange failed. Says nothing that the peer must not learn, but is for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScramError {
    /// The peer's message is not of the grammar.
    #[error("malformed SCRAM message: {0}")]
    Malformed(&'static str),
    /// The peer wants something of SCRAM that we do not have.
    #[error("SCRAM feature not supported: {0}")]
    Unsupported(&'static str),
    /// The client chose a mechanism that was not offered.
    #[error("the SASL mechanism was not offered")]
    NotOffered,
    /// Someone between client and server hid that channel binding was offered, or the client's
    /// channel-binding flag contradicts its mechanism.
    #[error("SCRAM channel binding negotiation failed: {0}")]
    Downgrade(&'static str),
    /// The client bound to another certificate than ours.
    #[error("SCRAM channel binding check failed: the client saw another certificate")]
    ChannelBinding,
    /// The nonce is not the one of this exchange.
    #[error("the nonce does not belong to this SCRAM exchange")]
    Nonce,
    /// The client does not know the password, or the login does not exist.
    #[error("wrong password")]
    WrongPassword,
    /// The upstream offers no mechanism that we know.
    #[error("the upstream offers no SASL mechanism that is known here")]
    NoMechanism,
    /// The upstream asks for so many iterations that they would only burn time, or for so few that
    /// whoever listens could guess the password.
    #[error(
        "the upstream asks for {0} SCRAM iterations; from {min} to {max} are accepted: set \
         `scram_iterations` there and then the password again",
        min = crate::Verifier::ITERATIONS_MIN,
        max = crate::Verifier::ITERATIONS_MAX
    )]
    Iterations(u32),
    /// The upstream said that the exchange failed.
    #[error("the upstream refused the SCRAM proof")]
    RefusedByServer,
    /// The upstream does not know the password that it checks: it is an impostor.
    #[error("the upstream's SCRAM signature is wrong: it does not know the password")]
    Impostor,
}
