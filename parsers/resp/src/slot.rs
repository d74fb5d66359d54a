//! Slots of a cluster ("Redis cluster specification", "Key distribution model").

/// How many slots every cluster has.
pub const SLOTS: u16 = 16_384;

/// The slot of `key`.
#[must_use]
pub fn slot(key: &[u8]) -> u16 {
    let hashed = hash_tag(key).unwrap_or(key);
    // CRC16 with the polynomial of XMODEM, a byte at a time ("Hash slot", appendix A).
    let crc = hashed.iter().fold(0_u16, |crc, byte| {
        let mixed = (crc >> 8) ^ u16::from(*byte);
        let mixed = mixed ^ (mixed >> 4);
        (crc << 8) ^ (mixed << 12) ^ (mixed << 5) ^ mixed
    });
    crc % SLOTS
}

/// The part of `key` that alone says its slot ("Hash tags"): what stands between the first `{` and
/// the next `}`, unless that is nothing.
#[must_use]
pub fn hash_tag(key: &[u8]) -> Option<&[u8]> {
    let open = memchr::memchr(b'{', key)?;
    let rest = key.get(open + 1..)?;
    let close = memchr::memchr(b'}', rest)?;
    rest.get(..close).filter(|tag| !tag.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_those_of_the_specification() {
        // The specification's own check of its CRC16.
        assert_eq!(slot(b"123456789"), 0x31c3);
        // As CLUSTER KEYSLOT of Redis 7.0.15 says.
        assert_eq!(slot(b""), 0);
        assert_eq!(slot(b"foo"), 12_182);
        assert_eq!(slot(b"somekey"), 11_058);
    }

    #[test]
    fn a_tag_is_what_stands_in_the_first_braces() {
        assert_eq!(hash_tag(b"{user1000}.following"), Some(b"user1000".as_slice()));
        assert_eq!(hash_tag(b"foo{{bar}}zap"), Some(b"{bar".as_slice()));
        assert_eq!(hash_tag(b"foo{bar}{zap}"), Some(b"bar".as_slice()));
        for untagged in [b"foo{}{bar}".as_slice(), b"foo", b"foo{bar", b"foo}bar{"] {
            assert_eq!(hash_tag(untagged), None);
        }
        assert_eq!(slot(b"tenant:{a}:x"), slot(b"a"));
    }
}
