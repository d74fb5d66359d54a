//! Channel binding to the server's certificate (RFC 5929 section 4, `tls-server-end-point`).

use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use x509_cert::Certificate;
use x509_cert::der::asn1::{ContextSpecific, ObjectIdentifier as Oid};
use x509_cert::der::{Decode, Encode, Reader, SliceReader};
use x509_cert::spki::AlgorithmIdentifierOwned as Algorithm;

/// The hash of a certificate, by the hash function that its issuer signed it with; SHA-256 in place
/// of MD5 and SHA-1. None where the signature has no hash function of its own (Ed25519) or one that
/// is not known here: such a certificate cannot be bound to, by PostgreSQL's clients neither.
pub(crate) fn server_end_point(certificate: &CertificateDer<'_>) -> Option<Vec<u8>> {
    let parsed = Certificate::from_der(certificate).ok()?;
    let hash = signature_hash(parsed.signature_algorithm())?;
    Some(match hash {
        Hash::Sha224 => Sha224::digest(certificate).to_vec(),
        Hash::Sha256 => Sha256::digest(certificate).to_vec(),
        Hash::Sha384 => Sha384::digest(certificate).to_vec(),
        Hash::Sha512 => Sha512::digest(certificate).to_vec(),
    })
}

/// What a certificate is hashed with: never with MD5 or SHA-1.
#[derive(Clone, Copy)]
enum Hash {
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

/// RSASSA-PSS (RFC 4055 section 3.1), whose hash function stands in its parameters.
const RSA_PSS: Oid = Oid::new_unwrap("1.2.840.113549.1.1.10");

/// Signature algorithms with the hash function in their name, after RFC 3279, 4055 and 5758.
const SIGNATURES: &[(Oid, Hash)] = &[
    (Oid::new_unwrap("1.2.840.113549.1.1.4"), Hash::Sha256), // md5WithRSAEncryption
    (Oid::new_unwrap("1.2.840.113549.1.1.5"), Hash::Sha256), // sha1WithRSAEncryption
    (Oid::new_unwrap("1.2.840.113549.1.1.11"), Hash::Sha256), // sha256WithRSAEncryption
    (Oid::new_unwrap("1.2.840.113549.1.1.12"), Hash::Sha384), // sha384WithRSAEncryption
    (Oid::new_unwrap("1.2.840.113549.1.1.13"), Hash::Sha512), // sha512WithRSAEncryption
    (Oid::new_unwrap("1.2.840.113549.1.1.14"), Hash::Sha224), // sha224WithRSAEncryption
    (Oid::new_unwrap("1.2.840.10045.4.1"), Hash::Sha256),    // ecdsa-with-SHA1
    (Oid::new_unwrap("1.2.840.10045.4.3.1"), Hash::Sha224),  // ecdsa-with-SHA224
    (Oid::new_unwrap("1.2.840.10045.4.3.2"), Hash::Sha256),  // ecdsa-with-SHA256
    (Oid::new_unwrap("1.2.840.10045.4.3.3"), Hash::Sha384),  // ecdsa-with-SHA384
    (Oid::new_unwrap("1.2.840.10045.4.3.4"), Hash::Sha512),  // ecdsa-with-SHA512
];

/// Hash functions by themselves, as RSASSA-PSS names them.
const HASHES: &[(Oid, Hash)] = &[
    (Oid::new_unwrap("1.3.14.3.2.26"), Hash::Sha256), // id-sha1
    (Oid::new_unwrap("2.16.840.1.101.3.4.2.4"), Hash::Sha224),
    (Oid::new_unwrap("2.16.840.1.101.3.4.2.1"), Hash::Sha256),
    (Oid::new_unwrap("2.16.840.1.101.3.4.2.2"), Hash::Sha384),
    (Oid::new_unwrap("2.16.840.1.101.3.4.2.3"), Hash::Sha512),
];

fn signature_hash(algorithm: &Algorithm) -> Option<Hash> {
    if algorithm.oid == RSA_PSS { pss_hash(algorithm) } else { find(SIGNATURES, algorithm.oid) }
}

/// The `[0] hashAlgorithm` of RSASSA-PSS-params; SHA-1 where it is left out.
fn pss_hash(algorithm: &Algorithm) -> Option<Hash> {
    let Some(parameters) = &algorithm.parameters else { return Some(Hash::Sha256) };
    let parameters = parameters.to_der().ok()?;
    let mut reader = SliceReader::new(&parameters).ok()?;
    let named = reader
        .sequence(|fields| {
            let hash = ContextSpecific::<Algorithm>::decode_explicit(fields, TAG_HASH)?;
            // What follows concerns the mask and the salt.
            fields.read_slice(fields.remaining_len())?;
            Ok::<_, x509_cert::der::Error>(hash)
        })
        .ok()?;
    named.map_or(Some(Hash::Sha256), |hash| find(HASHES, hash.value.oid))
}

const TAG_HASH: x509_cert::der::TagNumber = x509_cert::der::TagNumber(0);

fn find(table: &[(Oid, Hash)], oid: Oid) -> Option<Hash> {
    table.iter().find(|(known, _)| *known == oid).map(|(_, hash)| *hash)
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};
    use x509_cert::der::Any;

    use super::*;

    fn self_signed(algorithm: &'static rcgen::SignatureAlgorithm) -> CertificateDer<'static> {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let parameters = CertificateParams::new(vec!["db".to_owned()]).unwrap();
        parameters.self_signed(&key).unwrap().der().clone()
    }

    #[test]
    fn the_hash_is_the_signatures() {
        let p256 = self_signed(&rcgen::PKCS_ECDSA_P256_SHA256);
        assert_eq!(server_end_point(&p256).unwrap(), Sha256::digest(&p256).to_vec());
        let p384 = self_signed(&rcgen::PKCS_ECDSA_P384_SHA384);
        assert_eq!(server_end_point(&p384).unwrap(), Sha384::digest(&p384).to_vec());
        assert_eq!(server_end_point(&self_signed(&rcgen::PKCS_ED25519)), None);
        assert_eq!(server_end_point(&CertificateDer::from(&b"no certificate"[..])), None);
    }

    /// Bytes of a digest that the algorithm leads to.
    fn digest_bytes(oid: &str, parameters: Option<&[u8]>) -> Option<usize> {
        let parameters = parameters.map(|der| Any::from_der(der).unwrap());
        let hash = signature_hash(&Algorithm { oid: Oid::new(oid).unwrap(), parameters })?;
        Some(match hash {
            Hash::Sha224 => 28,
            Hash::Sha256 => 32,
            Hash::Sha384 => 48,
            Hash::Sha512 => 64,
        })
    }

    #[test]
    fn weak_hashes_give_way() {
        for (oid, bytes) in [("4", 32), ("5", 32), ("11", 32), ("12", 48), ("13", 64), ("14", 28)] {
            assert_eq!(digest_bytes(&format!("1.2.840.113549.1.1.{oid}"), None), Some(bytes));
        }
        // Not a signature: rsaEncryption.
        assert_eq!(digest_bytes("1.2.840.113549.1.1.1", None), None);
    }

    #[test]
    fn pss_names_its_hash_in_its_parameters() {
        let pss = |parameters: Option<&[u8]>| digest_bytes("1.2.840.113549.1.1.10", parameters);
        // [0] { SEQUENCE { OID, NULL } }, and the salt's length in [2].
        let with_hash = |last: u8| {
            let mut der = vec![0x30, 0x16, 0xA0, 0x0F, 0x30, 0x0D, 0x06, 0x09];
            der.extend([0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last, 0x05, 0x00]);
            der.extend([0xA2, 0x03, 0x02, 0x01, 0x20]);
            der
        };
        assert_eq!(pss(Some(&with_hash(1))), Some(32));
        assert_eq!(pss(Some(&with_hash(2))), Some(48));
        assert_eq!(pss(Some(&with_hash(3))), Some(64));
        assert_eq!(pss(Some(&with_hash(9))), None);
        // SHA-1 is the default, and gives way to SHA-256.
        assert_eq!(pss(Some(&[0x30, 0x05, 0xA2, 0x03, 0x02, 0x01, 0x20])), Some(32));
        assert_eq!(pss(Some(&[0x30, 0x00])), Some(32));
        assert_eq!(pss(None), Some(32));
        assert_eq!(pss(Some(&[0x05, 0x00])), None);
    }
}
