//! The server's side: a client proves to us that it knows the password.
//!
//! [`Offer`] -> [`ServerExchange`] -> [`AwaitClientFinal`] -> [`ProvenClient`]. Each step consumes
//! the one before it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::attribute::{Attributes, base64, printable};
use super::{GS2_BOUND, GS2_NONE, GS2_NOT_OFFERED, Mechanism, NONCE_BYTES_MAX, Nonce, ScramError};
use crate::Verifier;
use crate::crypto::{Key, hmac, sha256, xor};

/// What this connection can offer to its client.
#[derive(Clone, Debug)]
pub struct Offer {
    server_end_point: Option<Vec<u8>>,
}

impl Offer {
    /// `server_end_point` is the hash of our certificate (RFC 5929 section 4) where the client is
    /// connected to us by TLS, and None where it is not.
    #[must_use]
    pub fn new(server_end_point: Option<Vec<u8>>) -> Self {
        Self { server_end_point }
    }

    /// The mechanisms to list, the preferred one first.
    #[must_use]
    pub fn mechanisms(&self) -> &'static [Mechanism] {
        if self.server_end_point.is_some() {
            &[Mechanism::ScramSha256Plus, Mechanism::ScramSha256]
        } else {
            &[Mechanism::ScramSha256]
        }
    }

    /// Begins an exchange with the mechanism of the name that the client chose. `verifier` is its
    /// login's, or for a login that does not exist [`Verifier::mock`]; so that both take equally
    /// long, make the mock in either case.
    ///
    /// # Errors
    /// `NotOffered`.
    pub fn begin(
        self,
        mechanism: &[u8],
        verifier: Verifier,
        nonce: Nonce,
    ) -> Result<ServerExchange, ScramError> {
        let mechanism = Mechanism::from_name(mechanism)
            .filter(|mechanism| self.mechanisms().contains(mechanism))
            .ok_or(ScramError::NotOffered)?;
        Ok(ServerExchange { mechanism, server_end_point: self.server_end_point, verifier, nonce })
    }
}

/// Waits for the client's first message.
#[derive(Debug)]
pub struct ServerExchange {
    mechanism: Mechanism,
    /// INVARIANT: Some where `mechanism` is `ScramSha256Plus`, by `Offer::begin`.
    server_end_point: Option<Vec<u8>>,
    verifier: Verifier,
    nonce: Nonce,
}

impl ServerExchange {
    /// Takes the client-first-message and gives the server-first-message to send.
    ///
    /// The user name in it is ignored: the login is known already, from where the protocol names it
    /// or by [`user_name`].
    ///
    /// # Errors
    /// `Malformed`, `Unsupported`, or `Downgrade` when the channel-binding flag does not go with
    /// the mechanism and with what was offered.
    pub fn on_client_first(self, message: &[u8]) -> Result<(String, AwaitClientFinal), ScramError> {
        // Bounds the whole message before any of it is read.
        Attributes::new(message)?;
        let (binding, bare) = self.read_gs2_header(message)?;
        let mut attributes = Attributes::new(bare)?;
        attributes.take(b'n', "no user name")?;
        let client_nonce = attributes.take(b'r', "no nonce")?;
        let client_nonce = printable(client_nonce, NONCE_BYTES_MAX)?;
        attributes.skip_extensions()?;

        let nonce = format!("{client_nonce}{}", self.nonce.0);
        let server_first = format!(
            "r={nonce},s={},i={}",
            BASE64.encode(self.verifier.salt()),
            self.verifier.iterations()
        );
        let mut signed = bare.to_vec();
        signed.push(b',');
        signed.extend_from_slice(server_first.as_bytes());
        signed.push(b',');
        Ok((server_first, AwaitClientFinal { verifier: self.verifier, binding, nonce, signed }))
    }

    /// Splits off the GS2 header. Gives what the client-final-message must repeat of it, with the
    /// channel-binding data after it, and the client-first-message-bare.
    fn read_gs2_header<'m>(&self, message: &'m [u8]) -> Result<(String, &'m [u8]), ScramError> {
        let (header, data): (&str, &[u8]) = match (message.first(), self.mechanism) {
            (Some(b'n'), Mechanism::ScramSha256) => (GS2_NONE, &[]),
            // RFC 5802 section 6: the client can bind but saw no offer to. If there was one,
            // someone took it away.
            (Some(b'y'), Mechanism::ScramSha256) if self.server_end_point.is_some() => {
                return Err(ScramError::Downgrade(
                    "the client believes that channel binding was not offered, but it was",
                ));
            }
            (Some(b'y'), Mechanism::ScramSha256) => (GS2_NOT_OFFERED, &[]),
            (Some(b'p'), Mechanism::ScramSha256Plus) => {
                (GS2_BOUND, self.server_end_point.as_deref().unwrap_or_default())
            }
            (Some(b'p'), Mechanism::ScramSha256) => {
                return Err(ScramError::Downgrade(
                    "the client binds a channel without having chosen SCRAM-SHA-256-PLUS",
                ));
            }
            (Some(b'n' | b'y'), Mechanism::ScramSha256Plus) => {
                return Err(ScramError::Downgrade(
                    "the client chose SCRAM-SHA-256-PLUS without binding a channel",
                ));
            }
            _ => return Err(ScramError::Malformed("no channel-binding flag")),
        };
        let Some(bare) = message.strip_prefix(header.as_bytes()) else {
            return Err(match self.mechanism {
                Mechanism::ScramSha256 => {
                    ScramError::Unsupported("authorization identities, or the header is malformed")
                }
                Mechanism::ScramSha256Plus => ScramError::Unsupported(
                    "authorization identities, or channel binding other than tls-server-end-point",
                ),
            });
        };
        Ok((BASE64.encode([header.as_bytes(), data].concat()), bare))
    }
}

/// The user name of a client-first-message, for protocols that name the login nowhere else. `=2C` and
/// `=3D` stand for a comma and an equals sign (RFC 5802 section 5.1).
///
/// # Errors
/// `Malformed` when there is none; `Unsupported` for an authorization identity.
pub fn user_name(client_first: &[u8]) -> Result<String, ScramError> {
    let no_name = ScramError::Malformed("no user name");
    let mut parts = client_first.splitn(3, |byte| *byte == b',');
    let (Some(_flag), Some(identity), Some(bare)) = (parts.next(), parts.next(), parts.next())
    else {
        return Err(no_name);
    };
    if !identity.is_empty() {
        return Err(ScramError::Unsupported("authorization identities"));
    }
    let name = Attributes::new(bare)?.take(b'n', "no user name")?;
    let name = str::from_utf8(name).map_err(|_| no_name)?;
    let mut pieces = name.split('=');
    let mut decoded = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match (piece.strip_prefix("2C"), piece.strip_prefix("3D")) {
            (Some(rest), _) => {
                decoded.push(',');
                decoded.push_str(rest);
            }
            (None, Some(rest)) => {
                decoded.push('=');
                decoded.push_str(rest);
            }
            (None, None) => return Err(ScramError::Malformed("an escape in the user name")),
        }
    }
    if decoded.is_empty() { Err(no_name) } else { Ok(decoded) }
}

/// Waits for the client's proof.
#[derive(Debug)]
pub struct AwaitClientFinal {
    verifier: Verifier,
    /// The `c=` value that the client must send.
    binding: String,
    /// The `r=` value that the client must send.
    nonce: String,
    /// RFC 5802's AuthMessage up to the client-final-message-without-proof.
    signed: Vec<u8>,
}

impl AwaitClientFinal {
    /// Takes the client-final-message. With the proof right, gives the evidence of it, with the
    /// server-final-message to send.
    ///
    /// # Errors
    /// `WrongPassword` when the proof is wrong, also for a login that does not exist;
    /// `ChannelBinding`, `Nonce`, `Malformed`, `Unsupported` for what stands before it.
    pub fn on_client_final(self, message: &[u8]) -> Result<ProvenClient, ScramError> {
        let mut attributes = Attributes::new(message)?;
        let binding = attributes.take(b'c', "no channel binding")?;
        let nonce = attributes.take(b'r', "no nonce")?;
        // The proof is always the last attribute; what stands before it is signed.
        let last_comma = message.iter().rposition(|byte| *byte == b',').unwrap_or_default();
        let (without_proof, proof) = message.split_at(last_comma);
        let proof =
            proof.strip_prefix(b",p=").ok_or(ScramError::Malformed("no proof at the end"))?;
        attributes.skip_extensions()?;
        let proof = base64(proof, "the proof is not base64")?;
        let proof =
            Key::try_from(proof).map_err(|_| ScramError::Malformed("the proof's length"))?;

        if binding != self.binding.as_bytes() {
            return Err(ScramError::ChannelBinding);
        }
        if nonce != self.nonce.as_bytes() {
            return Err(ScramError::Nonce);
        }
        let auth_message: [&[u8]; 2] = [&self.signed, without_proof];
        let client_signature = hmac(self.verifier.stored_key(), &auth_message);
        let client_key = Zeroizing::new(xor(&proof, &client_signature));
        let proven = sha256(&*client_key).ct_eq(self.verifier.stored_key());
        let server_signature = hmac(self.verifier.server_key(), &auth_message);
        if !bool::from(proven) {
            return Err(ScramError::WrongPassword);
        }
        Ok(ProvenClient { server_final: format!("v={}", BASE64.encode(server_signature)) })
    }
}

/// The client knows the password. There is no other way to come by one of these.
#[derive(Debug)]
#[must_use]
pub struct ProvenClient {
    server_final: String,
}

impl ProvenClient {
    /// The server-final-message, which proves to the client that we know its verifier.
    #[must_use]
    pub fn server_final(&self) -> &str {
        &self.server_final
    }
}
