//! The verifier's form, what it accepts, and what it keeps to itself.

use proptest::prelude::*;

use super::*;

/// RFC 7677's example, user `user`, password `pencil`.
const PENCIL: &str = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$\
    WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

fn error(text: &str) -> InvalidVerifier {
    text.parse::<Verifier>().unwrap_err()
}

#[test]
fn rfc_7677() {
    let salt = BASE64.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
    let verifier = Verifier::derive(b"pencil", &salt, 4096).unwrap();
    assert_eq!(*verifier.to_text(), PENCIL);
    assert_eq!(verifier, PENCIL.parse().unwrap());
    assert!(verifier.verify_password(b"pencil"));
    assert!(!verifier.verify_password(b"pencil "));
    assert!(!verifier.verify_password(b""));
    assert!(!verifier.verify_password(&[b'x'; 2000]));
}

/// Passwords and their verifiers, as a PostgreSQL 15 made them: plain, mapped and normalised by
/// SASLprep, and refused by it (bidirectional, nothing left, control characters).
const POSTGRES: &[(&str, &str)] = &[
    (
        "pencil",
        "SCRAM-SHA-256$4096:ZtC3+6ELKGMo2kWgk51RFw==$\
         XmaCl7fbN5faoYZOeXO2n90NjCa6yi5Abc1gYmdjA/w=:N1jQ3kb4oifJNLAYZdaTxPAI04tLcqHc5tRfFCC5gxo=",
    ),
    (
        "p\u{e4}ssw\u{f6}rd",
        "SCRAM-SHA-256$4096:gmfcPhTkqS3vc9HDsezcIA==$\
         CevAwQOvnIu5OZDVXtnb2vJjF+o3V9qYy6dP0oxwXmc=:45Bnm9HHvhU75W5iJ7mrKv/lRQun+V1zH38kcqXVjmc=",
    ),
    (
        "I\u{ad}X",
        "SCRAM-SHA-256$4096:Gj/+pXVOP+cx177OtQk6PQ==$\
         JmnGrpjbYMW4101/iOapVuC58CE7yji7VEHXp0wM7SQ=:ZFIpCVPDLL2zWW+1Htq8G4z45pwsB/vQKNiLWNJAT5I=",
    ),
    (
        "\u{2168}",
        "SCRAM-SHA-256$4096:SAn0aI8LpcIRS+FxtWaO+A==$\
         sO9g9h+1ElDQt9nAc/PngXDoG+40z8f0u3csl90s4Tg=:0rihRuAm5mbvbIRbRnkQ0DIjZNs0tt+ncVdsjI0EdPE=",
    ),
    (
        "a\u{a0}b",
        "SCRAM-SHA-256$4096:NwNB+jsKpBJ81YM4w7RhEw==$\
         dirlW1Hz2D04LOE7AcSya7LBVxDPOnSJu/9iyJ05ams=:aatapg9GePfTwiEBg3y510XIyx7gkshPN1sviAme44E=",
    ),
    (
        "\u{627}1",
        "SCRAM-SHA-256$4096:yNFfifJpKkyEBXzNZZ4kYA==$\
         6yBsDCu0eqlu+hxgAha3LNkypnEv3vXN7b1A5zk+YO0=:+mPh1NpfOsORgo0kHUiztsmNylFt0LbfzyKaclG66Ck=",
    ),
    (
        "\u{ad}",
        "SCRAM-SHA-256$4096:c0SIRwY1jnUBAF5S1Ngm1w==$\
         JCQ30WS7sTMa/qed/AX05S4JtANie/ZB8B+DfCePtUc=:WrXJNaEzLBJzg91bFS+tjYk03qhW8IroxR1iS+z6L2c=",
    ),
    (
        "tab\tand\u{7}bell",
        "SCRAM-SHA-256$4096:e+r9Fks74LsXHepbKj+Mkg==$\
         plwP4ZZkAKsQzEosDXH0XNAJ3f/U7VbtaUHXaBzg/JM=:T/EBDBuuijtecNwT0Z15b5X/GLEqSYyVycdykV+dTdo=",
    ),
];

#[test]
fn made_by_postgres() {
    for (password, text) in POSTGRES {
        let verifier: Verifier = text.parse().unwrap();
        assert!(verifier.verify_password(password.as_bytes()), "{password:?}");
        assert_eq!(*verifier.to_text(), *text);
    }
}

#[test]
fn what_is_not_a_verifier() {
    use InvalidVerifier as E;
    assert_eq!(error(""), E::Form);
    assert_eq!(error("pencil"), E::Form);
    assert_eq!(error("md5a3556571e93b0d20722ba62be61e8c2d"), E::Md5);
    assert_eq!(error("SCRAM-SHA-256"), E::Form);
    assert_eq!(error("SCRAM-SHA-1$4096:a$b:c"), E::Form);
    assert_eq!(error(&PENCIL.to_lowercase()), E::Form);
    assert_eq!(error(&format!(" {PENCIL}")), E::Form);
    assert_eq!(error(&format!("{PENCIL} ")), E::Base64 { part: "ServerKey" });
    assert_eq!(error(&PENCIL.replace("4096", "04096")), E::Form);
    assert_eq!(error(&PENCIL.replace("4096", "")), E::Form);
    assert_eq!(error(&PENCIL.replace("4096", "-1")), E::Form);
    assert_eq!(error(&PENCIL.replace("4096", "99999999999")), E::Form);
    assert_eq!(error(&PENCIL.replace("4096", "4095")), E::Iterations { found: 4095 });
    assert_eq!(error(&PENCIL.replace("4096", "1000001")), E::Iterations { found: 1_000_001 });
    assert_eq!(error(&PENCIL.replace("gQ==", "gQ")), E::Base64 { part: "salt" });
    assert_eq!(error(&PENCIL.replace("gQ==", "gR==")), E::Base64 { part: "salt" });
    assert_eq!(error(&PENCIL.replace("W22ZaJ0SNY7soEsUEjb6gQ==", "")), E::SaltLength { found: 0 });
    assert_eq!(error(&PENCIL.replace("sT4qY=", "sT4qY")), E::Base64 { part: "StoredKey" });
    assert_eq!(
        error(&PENCIL.replace("WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=", "WG5d")),
        E::KeyLength { part: "StoredKey", found: 3 }
    );
    assert_eq!(
        error(PENCIL.trim_end_matches("PwDl2dU=")),
        E::KeyLength { part: "ServerKey", found: 27 }
    );
}

#[test]
fn what_none_is_made_of() {
    use InvalidVerifier as E;
    let derive = |password: &[u8], salt: &[u8], iterations| {
        Verifier::derive(password, salt, iterations).map(|_| ())
    };
    assert_eq!(derive(b"", &[1; 16], 4096), Err(E::EmptyPassword));
    assert_eq!(derive(&[b'x'; 1025], &[1; 16], 4096), Err(E::PasswordLength));
    assert_eq!(derive(b"x", &[1; 7], 4096), Err(E::SaltLength { found: 7 }));
    assert_eq!(derive(b"x", &[1; 65], 4096), Err(E::SaltLength { found: 65 }));
    assert_eq!(derive(b"x", &[1; 16], 4095), Err(E::Iterations { found: 4095 }));
}

#[test]
fn fresh_ones_differ() {
    let one = Verifier::generate(b"same").unwrap();
    let other = Verifier::generate(b"same").unwrap();
    assert_ne!(one, other);
    assert!(one.verify_password(b"same") && other.verify_password(b"same"));
    assert_eq!(one.iterations(), Verifier::ITERATIONS_NEW);
}

#[test]
fn debug_and_errors_keep_secrets() {
    let verifier: Verifier = PENCIL.parse().unwrap();
    assert_eq!(format!("{verifier:?}"), "Verifier { iterations: 4096, .. }");
    assert!(!error("hunter2").to_string().contains("hunter2"));
}

proptest! {
    #[test]
    fn noise_is_an_error_and_no_panic(text in "(SCRAM-SHA-256\\$)?[0-9]{0,8}[:$]?\\PC{0,60}") {
        prop_assert!(text.parse::<Verifier>().is_err());
    }

    /// The form has one spelling: what is read is printed back byte for byte.
    #[test]
    fn one_spelling(
        iterations in Verifier::ITERATIONS_MIN..=Verifier::ITERATIONS_MAX,
        salt in proptest::collection::vec(any::<u8>(), 8..=64),
        stored_key in any::<[u8; 32]>(),
        server_key in any::<[u8; 32]>(),
    ) {
        let verifier = Verifier { iterations, salt, stored_key, server_key };
        let text = verifier.to_text();
        let read: Verifier = text.parse().unwrap();
        prop_assert_eq!(&*read.to_text(), &*text);
        prop_assert_eq!(read, verifier);
    }
}

#[test]
fn a_nul_at_the_end_is_another_password() {
    let verifier = Verifier::derive(b"secret", b"0123456789abcdef", 4_096).unwrap();
    assert!(verifier.verify_password(b"secret"));
    assert!(!verifier.verify_password(b"secret\0"));
    let made = Verifier::derive(b"secret\0", b"0123456789abcdef", 4_096);
    assert_eq!(made.unwrap_err(), InvalidVerifier::PasswordNul);
}
