//! Passwords of our own accounts at a store, of which there is one for each tenant, and numbers of a
//! tenant's own.
//!
//! They follow from one secret, so that nothing has to be kept for each, and none of them leads back
//! to the secret or to another.

use std::fmt::Write;

use zeroize::Zeroizing;

use crate::crypto;

/// The password of `account`: HMAC-SHA-256 (RFC 2104) of its name under `secret`, in hexadecimal, as
/// `openssl dgst -sha256 -hmac SECRET` has it too.
#[must_use]
pub fn derived_password(secret: &str, account: &str) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(2 * crypto::KEY_BYTES));
    for byte in crypto::hmac_of(secret.as_bytes(), account.as_bytes()) {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A number of 128 bits in place of `id`, which is one that `owner` chose: HMAC-SHA-256 of both under
/// `secret`, cut to the length. Every replica with the same secret has the same, and no two owners
/// can have one in common.
#[must_use]
pub fn derived_id(secret: &[u8], owner: &str, id: [u8; 16]) -> [u8; 16] {
    // The id has a fixed length, so that no owner's name can run into it.
    let message = [id.as_slice(), owner.as_bytes()].concat();
    let mut number = [0; 16];
    for (to, from) in number.iter_mut().zip(crypto::hmac_of(secret, &message)) {
        *to = from;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_their_owners() {
        let id = |secret: &[u8], owner, id| derived_id(secret, owner, [id; 16]);
        assert_eq!(id(b"s", "acme", 1), id(b"s", "acme", 1));
        let others = [id(b"s", "acme", 2), id(b"s", "globex", 1), id(b"t", "acme", 1)];
        assert!(!others.contains(&id(b"s", "acme", 1)) && !others.contains(&[1; 16]));
    }

    /// RFC 4231, test cases 2 and 6.
    #[test]
    fn they_are_the_hmac_of_the_name() {
        assert_eq!(
            *derived_password("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            crypto::hmac_of(
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First"
            )[..4],
            [0x60, 0xe4, 0x31, 0x59]
        );
    }
}
