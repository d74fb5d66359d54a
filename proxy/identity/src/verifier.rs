//! What is kept of a password: enough to check it, too little to be it.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use crate::crypto::{Key, SaltedPassword, sha256};

/// A login's SCRAM-SHA-256 verifier (RFC 5802 section 3): salt, iterations, `StoredKey` and
/// `ServerKey`.
///
/// Written in PostgreSQL's own form, `SCRAM-SHA-256$4096:<salt>$<StoredKey>:<ServerKey>`, so that
/// one may be taken from `pg_authid` as it stands. Whoever reads it cannot log in with it, but can
/// guess at weak passwords and impersonate this proxy to its clients: it is a secret, `Debug` does
/// not show it, and it is wiped when dropped.
#[derive(Clone)]
pub struct Verifier {
    iterations: u32,
    salt: Vec<u8>,
    stored_key: Key,
    server_key: Key,
}

/// Why a text is not a verifier, or why none can be made. Never repeats the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidVerifier {
    /// Not of the form at all.
    #[error(
        "not a verifier: the form is `SCRAM-SHA-256$4096:<salt>$<StoredKey>:<ServerKey>`; \
         `partywall login` makes one"
    )]
    Form,
    /// PostgreSQL's older hash, which no other protocol can be checked with.
    #[error(
        "an md5 hash is not a verifier: set the password again under `password_encryption = \
         'scram-sha-256'`, or make a verifier with `partywall login`"
    )]
    Md5,
    /// Too few or too many iterations.
    #[error(
        "{found} iterations are outside of {} to {}; make a verifier with `partywall login`",
        Verifier::ITERATIONS_MIN,
        Verifier::ITERATIONS_MAX
    )]
    Iterations {
        /// What was asked for.
        found: u32,
    },
    /// A part is not base64 as RFC 4648 section 4 writes it, padding included.
    #[error("the verifier's {part} is not base64; was a character lost while copying?")]
    Base64 {
        /// `salt`, `StoredKey` or `ServerKey`.
        part: &'static str,
    },
    /// The salt has an unlikely length.
    #[error(
        "the verifier's salt has {found} bytes, not {} to {}",
        Verifier::SALT_BYTES_MIN,
        Verifier::SALT_BYTES_MAX
    )]
    SaltLength {
        /// Its bytes.
        found: usize,
    },
    /// A key is not a SHA-256 digest.
    #[error("the verifier's {part} has {found} bytes, not 32; was a character lost while copying?")]
    KeyLength {
        /// `StoredKey` or `ServerKey`.
        part: &'static str,
        /// Its bytes.
        found: usize,
    },
    /// An empty password, which several drivers take for none at all.
    #[error("the password is empty")]
    EmptyPassword,
    /// A password longer than [`Verifier::PASSWORD_BYTES_MAX`].
    #[error("the password has more than {} bytes", Verifier::PASSWORD_BYTES_MAX)]
    PasswordLength,
    /// The password holds a NUL, which no protocol's client could tell from its absence at the end.
    #[error("the password holds a null character")]
    PasswordNul,
    /// The operating system gave no random bytes.
    #[error("the operating system gives no random bytes")]
    NoEntropy,
}

/// What stands in front of the numbers.
const PREFIX: &str = "SCRAM-SHA-256$";

impl Verifier {
    /// Fewest iterations: the least that RFC 7677 section 4 allows, and PostgreSQL's default.
    pub const ITERATIONS_MIN: u32 = 4096;
    /// Most iterations. They cost the *client* its time, on every connection: a million is about
    /// a second of a slow machine, and half of what a driver in a slow language would time out at.
    /// More is a slip of the pen.
    pub const ITERATIONS_MAX: u32 = 1_000_000;
    /// Iterations of new verifiers: PostgreSQL's default, which every driver is tuned for.
    pub const ITERATIONS_NEW: u32 = 4096;
    /// Fewest bytes of salt: below 64 bits two logins may well share one.
    pub const SALT_BYTES_MIN: usize = 8;
    /// Most bytes of salt: the block of SHA-256, beyond which nothing is gained.
    pub const SALT_BYTES_MAX: usize = 64;
    /// Bytes of new salts: PostgreSQL's.
    pub const SALT_BYTES_NEW: usize = 16;
    /// Most bytes of a password. Bounds the work of SASLprep on what strangers send.
    pub const PASSWORD_BYTES_MAX: usize = 1024;

    /// Makes a verifier of `password` with a fresh random salt.
    ///
    /// # Errors
    /// `EmptyPassword`, `PasswordLength`, `PasswordNul`, `NoEntropy`.
    pub fn generate(password: &[u8]) -> Result<Self, InvalidVerifier> {
        let mut salt = [0; Self::SALT_BYTES_NEW];
        getrandom::fill(&mut salt).map_err(|_| InvalidVerifier::NoEntropy)?;
        Self::derive(password, &salt, Self::ITERATIONS_NEW)
    }

    /// Makes a verifier of `password` under a given salt. The password is prepared by SASLprep
    /// (RFC 4013) where that profile allows it, and taken as it is where not, as PostgreSQL does.
    ///
    /// # Errors
    /// `EmptyPassword`, `PasswordLength`, `PasswordNul`, `SaltLength`, `Iterations`.
    pub fn derive(password: &[u8], salt: &[u8], iterations: u32) -> Result<Self, InvalidVerifier> {
        match password.len() {
            0 => return Err(InvalidVerifier::EmptyPassword),
            1..=Self::PASSWORD_BYTES_MAX => {}
            _ => return Err(InvalidVerifier::PasswordLength),
        }
        if password.contains(&0) {
            return Err(InvalidVerifier::PasswordNul);
        }
        check_salt(salt)?;
        check_iterations(iterations)?;
        let salted = SaltedPassword::derive(password, salt, iterations);
        Ok(Self {
            iterations,
            salt: salt.to_vec(),
            stored_key: sha256(&*salted.client_key()),
            server_key: *salted.server_key(),
        })
    }

    /// A verifier of known parts: for [`crate::MockSecret::verifier`].
    pub(crate) fn from_parts(iterations: u32, salt: Vec<u8>, keys: [Key; 2]) -> Self {
        let [stored_key, server_key] = keys;
        Self { iterations, salt, stored_key, server_key }
    }

    /// Whether `password` is the one that the verifier was made of. Takes as long as the iterations
    /// say, whatever the answer; compares in constant time.
    #[must_use]
    pub fn verify_password(&self, password: &[u8]) -> bool {
        if password.is_empty() || password.len() > Self::PASSWORD_BYTES_MAX {
            return false;
        }
        // HMAC fills a short key up with NULs (RFC 2104 section 2), so one at the end would not count.
        if password.contains(&0) {
            return false;
        }
        let salted = SaltedPassword::derive(password, &self.salt, self.iterations);
        self.stored_key.ct_eq(&sha256(&*salted.client_key())).into()
    }

    /// The verifier in PostgreSQL's form, as [`str::parse`] reads it. It is a secret.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!(
            "{PREFIX}{}:{}${}:{}",
            self.iterations,
            BASE64.encode(&self.salt),
            BASE64.encode(self.stored_key),
            BASE64.encode(self.server_key),
        ))
    }

    /// How often the password is hashed.
    #[must_use]
    pub fn iterations(&self) -> u32 {
        self.iterations
    }

    pub(crate) fn salt(&self) -> &[u8] {
        &self.salt
    }

    pub(crate) fn stored_key(&self) -> &Key {
        &self.stored_key
    }

    pub(crate) fn server_key(&self) -> &Key {
        &self.server_key
    }
}

impl FromStr for Verifier {
    type Err = InvalidVerifier;

    /// Reads PostgreSQL's form, strictly: no blanks, no leading zeros, canonical base64.
    ///
    /// # Errors
    /// `InvalidVerifier`, which says what is wrong and never repeats the text.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some(rest) = text.strip_prefix(PREFIX) else {
            let is_md5 = text.strip_prefix("md5").is_some_and(|hex| hex.len() == 32);
            return Err(if is_md5 { InvalidVerifier::Md5 } else { InvalidVerifier::Form });
        };
        let (head, keys) = rest.split_once('$').ok_or(InvalidVerifier::Form)?;
        let (iterations, salt) = head.split_once(':').ok_or(InvalidVerifier::Form)?;
        let (stored_key, server_key) = keys.split_once(':').ok_or(InvalidVerifier::Form)?;
        let iterations = parse_count(iterations).ok_or(InvalidVerifier::Form)?;
        check_iterations(iterations)?;
        let salt = decode("salt", salt)?;
        check_salt(&salt)?;
        Ok(Self {
            iterations,
            salt,
            stored_key: decode_key("StoredKey", stored_key)?,
            server_key: decode_key("ServerKey", server_key)?,
        })
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("iterations", &self.iterations).finish_non_exhaustive()
    }
}

impl PartialEq for Verifier {
    fn eq(&self, other: &Self) -> bool {
        let keys = self.stored_key.ct_eq(&other.stored_key)
            & self.server_key.ct_eq(&other.server_key)
            & self.salt.ct_eq(&other.salt);
        self.iterations == other.iterations && bool::from(keys)
    }
}

impl Eq for Verifier {}

impl Drop for Verifier {
    fn drop(&mut self) {
        self.stored_key.zeroize();
        self.server_key.zeroize();
    }
}

/// A positive decimal number without sign or leading zero.
pub(crate) fn parse_count(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    if plain { text.parse().ok() } else { None }
}

fn check_iterations(found: u32) -> Result<(), InvalidVerifier> {
    if (Verifier::ITERATIONS_MIN..=Verifier::ITERATIONS_MAX).contains(&found) {
        Ok(())
    } else {
        Err(InvalidVerifier::Iterations { found })
    }
}

fn check_salt(salt: &[u8]) -> Result<(), InvalidVerifier> {
    let found = salt.len();
    if (Verifier::SALT_BYTES_MIN..=Verifier::SALT_BYTES_MAX).contains(&found) {
        Ok(())
    } else {
        Err(InvalidVerifier::SaltLength { found })
    }
}

fn decode(part: &'static str, text: &str) -> Result<Vec<u8>, InvalidVerifier> {
    BASE64.decode(text).map_err(|_| InvalidVerifier::Base64 { part })
}

fn decode_key(part: &'static str, text: &str) -> Result<Key, InvalidVerifier> {
    let bytes = Zeroizing::new(decode(part, text)?);
    let found = bytes.len();
    Key::try_from(bytes.as_slice()).map_err(|_| InvalidVerifier::KeyLength { part, found })
}

#[cfg(test)]
mod tests;
