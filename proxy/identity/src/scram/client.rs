//! The client's side: we prove to an upstream that we know the password, and it proves to us that
//! it does.
//!
//! [`ClientExchange`] -> [`AwaitServerFirst`] -> [`AwaitServerFinal`] -> [`ProvenServer`]. Each step
//! consumes the one before it. An upstream that lets us in without the last step is an impostor.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::attribute::{Attributes, base64, printable};
use super::{
    GS2_BOUND, GS2_NONE, GS2_NOT_OFFERED, MESSAGE_BYTES_MAX, Mechanism, Nonce, ScramError,
};
use crate::Verifier;
use crate::crypto::{Key, SaltedPassword, hmac, sha256, xor};
use crate::verifier::parse_count;

/// Has chosen a mechanism; its first message is not sent yet.
#[derive(Debug)]
pub struct ClientExchange {
    mechanism: Mechanism,
    /// The GS2 header, and after it the channel-binding data.
    binding: Vec<u8>,
    user: String,
    nonce: Nonce,
    header: &'static str,
}

impl ClientExchange {
    /// Chooses among the mechanisms that the upstream listed: SCRAM-SHA-256-PLUS where it is listed
    /// and there is something to bind to, else SCRAM-SHA-256.
    ///
    /// `server_end_point` is the hash of the upstream's certificate (RFC 5929 section 4) where we are
    /// connected to it by TLS. With it given and PLUS not listed, the upstream is told so, and finds
    /// out if someone took PLUS off the list.
    ///
    /// # Errors
    /// `NoMechanism` when neither can be used.
    pub fn choose<'a>(
        listed: impl IntoIterator<Item = &'a [u8]>,
        server_end_point: Option<&[u8]>,
        nonce: Nonce,
    ) -> Result<Self, ScramError> {
        let (mut plain, mut plus) = (false, false);
        for name in listed {
            match Mechanism::from_name(name) {
                Some(Mechanism::ScramSha256) => plain = true,
                Some(Mechanism::ScramSha256Plus) => plus = true,
                None => {}
            }
        }
        let (mechanism, header, data) = match server_end_point {
            Some(data) if plus => (Mechanism::ScramSha256Plus, GS2_BOUND, data),
            Some(_) if plain => (Mechanism::ScramSha256, GS2_NOT_OFFERED, &[][..]),
            None if plain => (Mechanism::ScramSha256, GS2_NONE, &[][..]),
            Some(_) | None => return Err(ScramError::NoMechanism),
        };
        Ok(Self {
            mechanism,
            binding: [header.as_bytes(), data].concat(),
            user: String::new(),
            nonce,
            header,
        })
    }

    /// The mechanism to name in the first message.
    #[must_use]
    pub fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// The same for the user `name`. Without, the user name is empty: PostgreSQL reads it from the
    /// start-up message.
    #[must_use]
    pub fn for_user(mut self, name: &str) -> Self {
        self.user = name.replace('=', "=3D").replace(',', "=2C");
        self
    }

    /// Gives the client-first-message to send.
    #[must_use]
    pub fn begin(self) -> (String, AwaitServerFirst) {
        let Self { binding, user, nonce, header, .. } = self;
        let bare = format!("n={user},r={}", nonce.0);
        (format!("{header}{bare}"), AwaitServerFirst { binding, bare, nonce })
    }
}

/// Waits for salt and iterations.
#[derive(Debug)]
pub struct AwaitServerFirst {
    binding: Vec<u8>,
    bare: String,
    nonce: Nonce,
}

impl AwaitServerFirst {
    /// Takes the server-first-message and gives the client-final-message to send. Hashes the
    /// password as often as the upstream asks, which at the most that is accepted may take a second.
    ///
    /// # Errors
    /// `Malformed`, `Unsupported`; `Nonce` when the upstream's does not extend ours; `Iterations`
    /// outside of [`Verifier::ITERATIONS_MIN`] to [`Verifier::ITERATIONS_MAX`].
    pub fn on_server_first(
        self,
        message: &[u8],
        password: &[u8],
    ) -> Result<(String, AwaitServerFinal), ScramError> {
        let mut attributes = Attributes::new(message)?;
        let nonce = printable(attributes.take(b'r', "no nonce")?, MESSAGE_BYTES_MAX)?;
        let salt = base64(attributes.take(b's', "no salt")?, "the salt is not base64")?;
        let iterations = attributes.take(b'i', "no iterations")?;
        attributes.skip_extensions()?;

        if nonce.len() <= self.nonce.0.len() || !nonce.starts_with(&self.nonce.0) {
            return Err(ScramError::Nonce);
        }
        if salt.is_empty() {
            return Err(ScramError::Malformed("the salt is empty"));
        }
        let iterations = str::from_utf8(iterations)
            .ok()
            .and_then(parse_count)
            .ok_or(ScramError::Malformed("the iterations are not a number"))?;
        if !(Verifier::ITERATIONS_MIN..=Verifier::ITERATIONS_MAX).contains(&iterations) {
            return Err(ScramError::Iterations(iterations));
        }

        let without_proof = format!("c={},r={nonce}", BASE64.encode(&self.binding));
        let salted = SaltedPassword::derive(password, &salt, iterations);
        let client_key = salted.client_key();
        let auth_message: [&[u8]; 5] =
            [self.bare.as_bytes(), b",", message, b",", without_proof.as_bytes()];
        let client_signature = hmac(&sha256(&*client_key), &auth_message);
        let proof = Zeroizing::new(xor(&client_key, &client_signature));
        let client_final = format!("{without_proof},p={}", BASE64.encode(*proof));
        let server_signature = hmac(&salted.server_key(), &auth_message);
        Ok((client_final, AwaitServerFinal { server_signature }))
    }
}

/// Waits for the upstream's own proof.
pub struct AwaitServerFinal {
    server_signature: Key,
}

impl AwaitServerFinal {
    /// Takes the server-final-message.
    ///
    /// # Errors
    /// `RefusedByServer` when it reports a failure, `Impostor` when its signature is wrong,
    /// `Malformed`.
    pub fn on_server_final(self, message: &[u8]) -> Result<ProvenServer, ScramError> {
        let mut attributes = Attributes::new(message)?;
        if message.starts_with(b"e=") {
            return Err(ScramError::RefusedByServer);
        }
        let signature = attributes.take(b'v', "no signature")?;
        attributes.skip_extensions()?;
        let signature = base64(signature, "the signature is not base64")?;
        if signature.ct_eq(&self.server_signature).into() {
            Ok(ProvenServer(()))
        } else {
            Err(ScramError::Impostor)
        }
    }
}

impl fmt::Debug for AwaitServerFinal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwaitServerFinal").finish_non_exhaustive()
    }
}

/// The upstream knows the password. There is no other way to come by one of these; without it, an
/// upstream's "you are in" is not to be believed.
#[derive(Debug)]
#[must_use]
pub struct ProvenServer(());

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7677 section 3.
    #[test]
    fn rfc_7677() {
        let first = AwaitServerFirst {
            binding: GS2_NONE.into(),
            bare: "n=user,r=rOprNGfwEbeRWgbNEkqO".to_owned(),
            nonce: Nonce("rOprNGfwEbeRWgbNEkqO".to_owned()),
        };
        let server_first = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
            s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        let (client_final, last) = first.on_server_first(server_first, b"pencil").unwrap();
        assert_eq!(
            client_final,
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
             p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        );
        let _proven =
            last.on_server_final(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=").unwrap();
    }
}
