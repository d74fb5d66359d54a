//! The few primitives that SCRAM is made of, over fixed sizes so that none of them can fail.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Bytes of a SHA-256 digest, and so of every key and signature of SCRAM-SHA-256.
pub(crate) const KEY_BYTES: usize = 32;
/// Bytes of a block of SHA-256.
const BLOCK_BYTES: usize = 64;

/// A digest, key or signature.
pub(crate) type Key = [u8; KEY_BYTES];

/// SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> Key {
    Sha256::digest(bytes).into()
}

/// SHA-256 over the parts, one after the other.
pub(crate) fn sha256_of<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> Key {
    let mut hash = Sha256::new();
    parts.into_iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

/// HMAC-SHA-256 over the parts, one after the other.
pub(crate) fn hmac(key: &Key, parts: &[&[u8]]) -> Key {
    // HMAC pads a short key with zeros up to the block, so padding it here changes nothing and
    // leaves no length to be wrong.
    let mut block = Zeroizing::new([0; BLOCK_BYTES]);
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// HMAC-SHA-256 under a key of any length: RFC 2104 hashes one that is longer than a block.
pub(crate) fn hmac_of(key: &[u8], message: &[u8]) -> Key {
    let mut block = Zeroizing::new([0; BLOCK_BYTES]);
    let hashed;
    let key = if key.len() > BLOCK_BYTES {
        hashed = Zeroizing::new(sha256(key));
        hashed.as_slice()
    } else {
        key
    };
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// RFC 5802's `XOR`.
pub(crate) fn xor(left: &Key, right: &Key) -> Key {
    let mut out = *left;
    for (to, from) in out.iter_mut().zip(right) {
        *to ^= from;
    }
    out
}

/// What RFC 5802 section 3 derives from a password. Wiped when dropped.
pub(crate) struct SaltedPassword(Zeroizing<Key>);

impl SaltedPassword {
    /// RFC 5802's `Hi(Normalize(password), salt, i)`. Takes as long as `iterations` says.
    pub(crate) fn derive(password: &[u8], salt: &[u8], iterations: u32) -> Self {
        let prepared = prepare(password);
        Self(Zeroizing::new(pbkdf2::pbkdf2_hmac_array::<Sha256, KEY_BYTES>(
            &prepared, salt, iterations,
        )))
    }

    pub(crate) fn client_key(&self) -> Zeroizing<Key> {
        Zeroizing::new(hmac(&self.0, &[b"Client Key"]))
    }

    pub(crate) fn server_key(&self) -> Zeroizing<Key> {
        Zeroizing::new(hmac(&self.0, &[b"Server Key"]))
    }
}

/// SASLprep as PostgreSQL has it: a password that the profile forbids, or that is not UTF-8, is
/// taken as it is.
fn prepare(password: &[u8]) -> Zeroizing<Vec<u8>> {
    let prepared = match str::from_utf8(password) {
        Ok(text) => match stringprep::saslprep(text) {
            // A password of nothing but invisible characters would become the empty one.
            Ok(prepared) if !prepared.is_empty() => prepared.into_owned().into_bytes(),
            Ok(_) | Err(_) => password.to_vec(),
        },
        Err(_) => password.to_vec(),
    };
    Zeroizing::new(prepared)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(password: &str) -> String {
        String::from_utf8(prepare(password.as_bytes()).to_vec()).unwrap()
    }

    /// RFC 4231, test case 2.
    #[test]
    fn hmac_vector() {
        let mut key = [0; KEY_BYTES];
        key[..4].copy_from_slice(b"Jefe");
        let expected = [
            0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24, 0x26, 0x08, 0x95,
            0x75, 0xc7, 0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9,
            0x64, 0xec, 0x38, 0x43,
        ];
        assert_eq!(hmac(&key, &[b"what do ya want ", b"for nothing?"]), expected);
    }

    /// RFC 4013 section 3, and what PostgreSQL does where the profile refuses.
    #[test]
    fn saslprep_as_postgres() {
        assert_eq!(prepared("I\u{AD}X"), "IX");
        assert_eq!(prepared("user"), "user");
        assert_eq!(prepared("USER"), "USER");
        assert_eq!(prepared("\u{AA}"), "a");
        assert_eq!(prepared("\u{2168}"), "IX");
        assert_eq!(prepared("a\u{A0}b"), "a b");
        // Refused by the profile: a control character, bidirectional text, nothing left.
        assert_eq!(prepared("a\u{7}"), "a\u{7}");
        assert_eq!(prepared("\u{627}\u{31}"), "\u{627}\u{31}");
        assert_eq!(prepared("\u{AD}"), "\u{AD}");
        assert_eq!(*prepare(b"\xff\xfe"), b"\xff\xfe");
    }
}
