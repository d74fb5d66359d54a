//! What logins that do not exist are checked with.

use std::collections::BTreeMap;
use std::fmt;

use zeroize::Zeroize;

use crate::Verifier;
use crate::crypto::{Key, hmac, sha256_of};

/// Makes the verifiers of logins that do not exist. No password fits one, yet an exchange with it
/// runs to the end and fails as a wrong password does, so that a stranger cannot tell which logins
/// there are.
///
/// The salt that a login is shown must not change while the login does not, else those that change
/// are those that do not exist. So the secret is no random number: it is made of what is the same
/// after a restart and in every replica.
#[derive(Clone)]
pub struct MockSecret {
    key: Key,
    iterations: u32,
}

impl MockSecret {
    /// Fewest bytes of `mock_secret` in the tenants document: shorter ones can be guessed.
    pub const TEXT_BYTES_MIN: usize = 16;

    /// Made of `text`, or where there is none of all `verifiers`, by their logins' names. Whoever
    /// knows all passwords but few others knows nothing of it. Strangers are shown the iterations
    /// that most verifiers have.
    pub(crate) fn derive<'v>(
        text: Option<&str>,
        verifiers: impl IntoIterator<Item = (&'v str, &'v Verifier)>,
    ) -> Self {
        let verifiers: BTreeMap<&str, &Verifier> = verifiers.into_iter().collect();
        let key = match text {
            Some(text) => sha256_of([b"text\0".as_slice(), text.as_bytes()]),
            None => {
                // No name holds a null character, and the keys have a fixed length.
                let parts = verifiers.iter().flat_map(|(name, verifier)| {
                    let keys = [verifier.stored_key().as_slice(), verifier.server_key().as_slice()];
                    [name.as_bytes(), b"\0".as_slice()].into_iter().chain(keys)
                });
                sha256_of([b"verifiers\0".as_slice()].into_iter().chain(parts))
            }
        };
        Self { key, iterations: usual_iterations(verifiers.values().copied()) }
    }

    /// The verifier of `login`, which does not exist. The same login gets the same one.
    #[must_use]
    pub fn verifier(&self, login: &str) -> Verifier {
        let part = |label: &[u8]| hmac(&self.key, &[label, b"\0", login.as_bytes()]);
        let mut salt = part(b"salt").to_vec();
        salt.truncate(Verifier::SALT_BYTES_NEW);
        // To fit, a client would need a preimage of the first key under SHA-256.
        Verifier::from_parts(self.iterations, salt, [part(b"stored key"), part(b"server key")])
    }
}

/// The iterations that most verifiers have; of two that are as frequent, the higher.
fn usual_iterations<'v>(verifiers: impl Iterator<Item = &'v Verifier>) -> u32 {
    let mut counts = BTreeMap::<u32, usize>::new();
    for verifier in verifiers {
        *counts.entry(verifier.iterations()).or_default() += 1;
    }
    let usual = counts.into_iter().max_by_key(|(_, logins)| *logins);
    usual.map_or(Verifier::ITERATIONS_NEW, |(iterations, _)| iterations)
}

impl fmt::Debug for MockSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockSecret").finish_non_exhaustive()
    }
}

impl Drop for MockSecret {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

impl Default for MockSecret {
    /// That of a registry without logins.
    fn default() -> Self {
        Self::derive(None, [])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verifier(password: &[u8], iterations: u32) -> Verifier {
        Verifier::derive(password, &[7; 16], iterations).unwrap()
    }

    #[test]
    fn mocks_are_steady_and_distinct() {
        let (one, other) = (verifier(b"one", 5000), verifier(b"other", 5000));
        let secret = MockSecret::derive(None, [("a", &one), ("b", &other)]);
        let mock = secret.verifier("nobody");
        assert_eq!(mock, secret.verifier("nobody"));
        assert_eq!(mock.salt().len(), Verifier::SALT_BYTES_NEW);
        assert_ne!(mock.salt(), secret.verifier("somebody").salt());
        assert!(!mock.verify_password(b"nobody"));
        // Another process that reads the same document, in whatever order.
        let again = MockSecret::derive(None, [("b", &other), ("a", &one)]);
        assert_eq!(mock, again.verifier("nobody"));
        // Another document.
        for verifiers in [vec![("a", &one)], vec![("a", &other), ("b", &one)]] {
            let elsewhere = MockSecret::derive(None, verifiers);
            assert_ne!(mock.salt(), elsewhere.verifier("nobody").salt());
        }
        assert_eq!(format!("{secret:?}"), "MockSecret { .. }");
    }

    #[test]
    fn a_text_of_its_own_outlives_the_logins() {
        let (one, other) = (verifier(b"one", 5000), verifier(b"other", 5000));
        let salt = |text, verifier| {
            MockSecret::derive(Some(text), [("a", verifier)]).verifier("nobody").salt().to_vec()
        };
        assert_eq!(salt("sixteen letters!", &one), salt("sixteen letters!", &other));
        assert_ne!(salt("sixteen letters!", &one), salt("sixteen letters?", &one));
    }

    #[test]
    fn strangers_are_shown_the_usual_iterations() {
        let (few, many) = (verifier(b"x", 4096), verifier(b"x", 9000));
        let shown = |verifiers| MockSecret::derive(None, verifiers).verifier("nobody").iterations();
        assert_eq!(shown(vec![]), Verifier::ITERATIONS_NEW);
        assert_eq!(shown(vec![("a", &many), ("b", &few), ("c", &few)]), 4096);
        assert_eq!(shown(vec![("a", &many), ("b", &many), ("c", &few)]), 9000);
    }
}
