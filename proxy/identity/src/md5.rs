//! PostgreSQL's older password exchange, for upstreams that still ask for it.

use md5::{Digest, Md5};
use zeroize::Zeroizing;

/// The answer to AuthenticationMD5Password: `md5` and the hex MD5 of (the hex MD5 of password and
/// user) and `salt`.
///
/// It proves little: whoever listens can guess offline, and the stored hash is as good as the
/// password. Use it only where TLS protects the link, or towards loopback.
#[must_use]
pub fn md5_response(user: &[u8], password: &[u8], salt: [u8; 4]) -> Zeroizing<String> {
    let inner = hex(&[password, user]);
    let outer = hex(&[inner.as_bytes(), &salt]);
    Zeroizing::new(format!("md5{}", &*outer))
}

fn hex(parts: &[&[u8]]) -> Zeroizing<String> {
    let mut hasher = Md5::new();
    for part in parts {
        hasher.update(part);
    }
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16);
    let digits = hasher.finalize().into_iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    Zeroizing::new(digits.filter_map(digit).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values computed with another implementation of MD5.
    #[test]
    fn vectors() {
        assert_eq!(
            *md5_response(b"partywall", "p\u{e4}ss".as_bytes(), [0x01, 0x80, 0x00, 0xff]),
            "md5cf8c7e82d62c89ae413153e5a077f67a"
        );
        assert_eq!(*md5_response(b"", b"", [0; 4]), "md591b86670dcd47857d222fa05653500aa");
    }
}
