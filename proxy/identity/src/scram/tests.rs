//! Both sides against the standards, against each other, and against hostile input.

use proptest::prelude::*;

use super::client::{AwaitServerFinal, ClientExchange};
use super::server::{AwaitClientFinal, Offer, ServerExchange, user_name};
use super::*;
use crate::{MockSecret, Verifier};

const END_POINT: &[u8] = b"the hash of a certificate";
const SALT: [u8; 16] = [7; 16];

fn verifier(password: &str) -> Verifier {
    Verifier::derive(password.as_bytes(), &SALT, 4096).unwrap()
}

fn server(end_point: Option<&[u8]>, mechanism: Mechanism) -> ServerExchange {
    Offer::new(end_point.map(<[u8]>::to_vec))
        .begin(mechanism.name().as_bytes(), verifier("pencil"), Nonce::new([2; 18]))
        .unwrap()
}

fn plain() -> ServerExchange {
    server(None, Mechanism::ScramSha256)
}

fn client_first_error(exchange: ServerExchange, message: &str) -> ScramError {
    exchange.on_client_first(message.as_bytes()).unwrap_err()
}

/// Runs an exchange up to the client's final message.
fn until_client_final(
    password: &str,
    verifier: Verifier,
    seen_by_client: Option<&[u8]>,
    end_point: Option<&[u8]>,
) -> (String, AwaitServerFinal, AwaitClientFinal) {
    let offer = Offer::new(end_point.map(<[u8]>::to_vec));
    let listed = offer.mechanisms().iter().map(|mechanism| mechanism.name().as_bytes());
    let client = ClientExchange::choose(listed, seen_by_client, Nonce::new([1; 18])).unwrap();
    let mechanism = client.mechanism();
    let (client_first, client) = client.begin();
    let server = offer.begin(mechanism.name().as_bytes(), verifier, Nonce::new([2; 18])).unwrap();
    let (server_first, server) = server.on_client_first(client_first.as_bytes()).unwrap();
    let (client_final, client) =
        client.on_server_first(server_first.as_bytes(), password.as_bytes()).unwrap();
    (client_final, client, server)
}

/// The example of RFC 7677 section 3.
#[test]
fn rfc_7677_server() {
    let text = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$\
        WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
    let exchange = Offer::new(None)
        .begin(
            b"SCRAM-SHA-256",
            text.parse().unwrap(),
            Nonce("%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0".to_owned()),
        )
        .unwrap();
    let (server_first, exchange) =
        exchange.on_client_first(b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO").unwrap();
    assert_eq!(
        server_first,
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    );
    let proven = exchange
        .on_client_final(
            b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
              p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        )
        .unwrap();
    assert_eq!(proven.server_final(), "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

#[test]
fn both_sides_agree() {
    // Without TLS; with TLS where both see the certificate; with TLS at a client only, whose peer
    // cannot bind; with TLS at the server only, as a client without channel binding sees it.
    let cases = [
        (None, None),
        (Some(END_POINT), Some(END_POINT)),
        (Some(END_POINT), None),
        (None, Some(END_POINT)),
    ];
    for (seen_by_client, end_point) in cases {
        let (message, client, server) =
            until_client_final("pencil", verifier("pencil"), seen_by_client, end_point);
        let proven = server.on_client_final(message.as_bytes()).unwrap();
        let _proven = client.on_server_final(proven.server_final().as_bytes()).unwrap();
    }
}

#[test]
fn a_man_in_the_middle_is_found_out() {
    let (message, _, server) = until_client_final(
        "pencil",
        verifier("pencil"),
        Some(b"another certificate"),
        Some(END_POINT),
    );
    assert_eq!(server.on_client_final(message.as_bytes()).unwrap_err(), ScramError::ChannelBinding);
}

#[test]
fn wrong_password_and_unknown_login_fail_alike() {
    let secret = MockSecret::default();
    for verifier in [verifier("pen"), secret.verifier("nobody")] {
        let (message, _, server) = until_client_final("pencil", verifier, None, None);
        assert_eq!(
            server.on_client_final(message.as_bytes()).unwrap_err(),
            ScramError::WrongPassword
        );
    }
}

#[test]
fn mechanisms() {
    let begin = |end_point: Option<&[u8]>, name: &[u8]| {
        Offer::new(end_point.map(<[u8]>::to_vec))
            .begin(name, verifier("pencil"), Nonce::new([2; 18]))
            .map(|_| ())
    };
    assert_eq!(begin(None, b"SCRAM-SHA-256-PLUS"), Err(ScramError::NotOffered));
    assert_eq!(begin(None, b"SCRAM-SHA-1"), Err(ScramError::NotOffered));
    assert_eq!(begin(None, b"scram-sha-256"), Err(ScramError::NotOffered));
    assert_eq!(begin(None, b""), Err(ScramError::NotOffered));
    assert_eq!(begin(None, b"SCRAM-SHA-256"), Ok(()));
    assert_eq!(begin(Some(END_POINT), b"SCRAM-SHA-256"), Ok(()));
    assert_eq!(begin(Some(END_POINT), b"SCRAM-SHA-256-PLUS"), Ok(()));

    let choose = |listed: &[&[u8]], end_point| {
        ClientExchange::choose(listed.iter().copied(), end_point, Nonce::new([1; 18]))
            .map(|exchange| exchange.begin().0)
    };
    let (sha, plus): (&[u8], &[u8]) = (b"SCRAM-SHA-256", b"SCRAM-SHA-256-PLUS");
    assert!(choose(&[plus, sha], Some(END_POINT)).unwrap().starts_with("p=tls-server-end-point,,"));
    assert!(choose(&[sha], Some(END_POINT)).unwrap().starts_with("y,,"));
    assert!(choose(&[plus, sha], None).unwrap().starts_with("n,,"));
    assert_eq!(choose(&[plus], None).unwrap_err(), ScramError::NoMechanism);
    assert_eq!(choose(&[b"OAUTHBEARER"], None).unwrap_err(), ScramError::NoMechanism);
}

#[test]
fn downgrades_are_refused() {
    let message = |flag: &str| format!("{flag},,n=,r=abc");
    // A flag that contradicts mechanism or offer, before anything else is looked at.
    let plus = || server(Some(END_POINT), Mechanism::ScramSha256Plus);
    let unbound = || server(Some(END_POINT), Mechanism::ScramSha256);
    for (exchange, flag) in
        [(unbound(), "y"), (plus(), "y"), (plus(), "n"), (unbound(), "p=tls-server-end-point")]
    {
        let error = client_first_error(exchange, &message(flag));
        assert!(matches!(error, ScramError::Downgrade(_)), "{flag}: {error:?}");
    }
    for flag in ["p=tls-unique", "p=tls-exporter", "p=", "p"] {
        let error = client_first_error(plus(), &message(flag));
        assert!(matches!(error, ScramError::Unsupported(_)), "{flag}: {error:?}");
    }
    // Taking PLUS off the list shows in the client's flag, which is under its proof: a middleman who
    // turns it into `n` breaks the proof.
    let (client_first, client) =
        ClientExchange::choose([&b"SCRAM-SHA-256"[..]], Some(END_POINT), Nonce::new([1; 18]))
            .unwrap()
            .begin();
    let altered = client_first.replacen("y,,", "n,,", 1);
    let (server_first, server) = unbound().on_client_first(altered.as_bytes()).unwrap();
    let (client_final, _) = client.on_server_first(server_first.as_bytes(), b"pencil").unwrap();
    assert_eq!(
        server.on_client_final(client_final.as_bytes()).unwrap_err(),
        ScramError::ChannelBinding
    );
}

#[test]
fn client_first_grammar() {
    for fine in [
        "n,,n=,r=a",
        "y,,n=,r=a",
        "n,,n=*,r=a",
        "n,,n=user=2Cname,r=a",
        "n,,n=,r=!+-~",
        "n,,n=,r=a,x=an extension,Y=",
    ] {
        assert!(plain().on_client_first(fine.as_bytes()).is_ok(), "{fine}");
    }
    let long = format!("n,,n=,r={}", "a".repeat(NONCE_BYTES_MAX + 1));
    let huge = format!("n,,n={},r=a", "u".repeat(MESSAGE_BYTES_MAX));
    for malformed in [
        "",
        "n",
        "n,",
        "n,,",
        "x,,n=,r=a",
        "n,,r=a",
        "n,,n=",
        "n,,n=,",
        "n,,n=,r",
        "n,,n=,r=",
        "n,,n=,r=a,",
        "n,,n=,r=a,,x=b",
        "n,,n=,r=a,x",
        "n,,n=,r=a,1=b",
        "n,,n=,r=a b",
        "n,,n=,r=\u{e4}",
        "n,,n=\0,r=a",
        "n,,n=,r=a\0",
        "n,,r=a,n=",
        &long,
        &huge,
    ] {
        let error = client_first_error(plain(), malformed);
        assert!(
            matches!(error, ScramError::Malformed(_) | ScramError::Unsupported(_)),
            "{malformed}: {error:?}"
        );
    }
    for unsupported in ["n,a=admin,n=,r=a", "n,,m=x,n=,r=a", "n,,n=,r=a,m=x", "y,a=,n=,r=a"] {
        let error = client_first_error(plain(), unsupported);
        assert!(matches!(error, ScramError::Unsupported(_)), "{unsupported}: {error:?}");
    }
}

#[test]
fn client_final_grammar() {
    let (good, _, _) = until_client_final("pencil", verifier("pencil"), None, None);
    let nonce = good.split(',').nth(1).unwrap();
    let proof = good.rsplit_once(',').unwrap().1;
    let answer = |message: &str| {
        let (_, _, server) = until_client_final("pencil", verifier("pencil"), None, None);
        server.on_client_final(message.as_bytes()).map(|_| ())
    };
    assert_eq!(answer(&good), Ok(()));
    // An extension is read over, but nobody signed it.
    assert_eq!(answer(&format!("c=biws,{nonce},x=y,{proof}")), Err(ScramError::WrongPassword));
    assert_eq!(answer(&format!("c=eSws,{nonce},{proof}")), Err(ScramError::ChannelBinding));
    assert_eq!(answer(&format!("c=biws,{nonce}x,{proof}")), Err(ScramError::Nonce));
    assert_eq!(answer(&format!("c=biws,r=AQEB,{proof}")), Err(ScramError::Nonce));
    for malformed in [
        String::new(),
        format!("{nonce},{proof}"),
        format!("c=biws,{nonce}"),
        format!("c=biws,{nonce},{proof},x=y"),
        format!("c=biws,{nonce},{proof},"),
        format!("c=biws,{nonce},{proof}\0"),
        format!("c=biws,{nonce},p=AAAA"),
        format!("c=biws,{nonce},p="),
        format!("c=biws,{nonce},{}", proof.trim_end_matches('=')),
        format!("c=biws,{nonce},x={},{proof}", "y".repeat(MESSAGE_BYTES_MAX)),
    ] {
        let error = answer(&malformed).unwrap_err();
        assert!(matches!(error, ScramError::Malformed(_)), "{malformed}: {error:?}");
    }
    assert_eq!(
        answer(&format!("c=biws,{nonce},m=x,{proof}")),
        Err(ScramError::Unsupported("mandatory extensions"))
    );
}

#[test]
fn a_hostile_upstream() {
    let ours = Nonce::new([1; 18]).0;
    let answer = |message: &str| {
        let (_, client) =
            ClientExchange::choose([&b"SCRAM-SHA-256"[..]], None, Nonce::new([1; 18]))
                .unwrap()
                .begin();
        client.on_server_first(message.as_bytes(), b"pencil").map(|_| ())
    };
    let salt = "s=W22ZaJ0SNY7soEsUEjb6gQ==";
    assert_eq!(answer(&format!("r={ours}x,{salt},i=4096")), Ok(()));
    assert_eq!(answer(&format!("r={ours}x,{salt},i=4096,x=y")), Ok(()));
    for nonce in [ours.clone(), "other".to_owned(), format!("x{ours}")] {
        assert_eq!(answer(&format!("r={nonce},{salt},i=4096")), Err(ScramError::Nonce));
    }
    for iterations in [1, 4095, 1_000_001, u32::MAX] {
        assert_eq!(
            answer(&format!("r={ours}x,{salt},i={iterations}")),
            Err(ScramError::Iterations(iterations))
        );
    }
    for malformed in [
        String::new(),
        format!("r={ours}x"),
        format!("r={ours}x,{salt}"),
        format!("r={ours}x,{salt},i="),
        format!("r={ours}x,{salt},i=04096"),
        format!("r={ours}x,{salt},i=+4096"),
        format!("r={ours}x,{salt},i=99999999999"),
        format!("r={ours}x,s=,i=4096"),
        format!("r={ours}x,s=*,i=4096"),
        format!("{salt},r={ours}x,i=4096"),
    ] {
        let error = answer(&malformed).unwrap_err();
        assert!(matches!(error, ScramError::Malformed(_)), "{malformed}: {error:?}");
    }
    assert_eq!(
        answer(&format!("m=x,r={ours}x,{salt},i=4096")),
        Err(ScramError::Unsupported("mandatory extensions"))
    );

    let last = |message: &str| {
        let (_, client, _) = until_client_final("pencil", verifier("pencil"), None, None);
        client.on_server_final(message.as_bytes()).map(|_| ())
    };
    assert_eq!(last("e=invalid-proof"), Err(ScramError::RefusedByServer));
    assert_eq!(last(&format!("v={}", BASE64.encode([0; 32]))), Err(ScramError::Impostor));
    assert_eq!(last("v="), Err(ScramError::Impostor));
    assert_eq!(last(""), Err(ScramError::Malformed("an attribute is not of the form a=value")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the password, salt, nonces and certificate: who knows it gets in.
    #[test]
    fn the_right_password_fits(
        password in "\\PC{1,40}",
        salt in proptest::collection::vec(any::<u8>(), 8..=64),
        nonces in any::<([u8; 18], [u8; 18])>(),
        end_point in proptest::option::of(proptest::collection::vec(any::<u8>(), 20..=64)),
    ) {
        let verifier = Verifier::derive(password.as_bytes(), &salt, 4096).unwrap();
        prop_assert!(verifier.verify_password(password.as_bytes()));
        let offer = Offer::new(end_point.clone());
        let listed = offer.mechanisms().iter().map(|mechanism| mechanism.name().as_bytes());
        let client =
            ClientExchange::choose(listed, end_point.as_deref(), Nonce::new(nonces.0)).unwrap();
        let name = client.mechanism().name().as_bytes();
        let (message, client) = client.begin();
        let server = offer.begin(name, verifier, Nonce::new(nonces.1)).unwrap();
        let (message, server) = server.on_client_first(message.as_bytes()).unwrap();
        let (message, client) =
            client.on_server_first(message.as_bytes(), password.as_bytes()).unwrap();
        let proven = server.on_client_final(message.as_bytes()).unwrap();
        prop_assert!(client.on_server_final(proven.server_final().as_bytes()).is_ok());
    }

    /// One byte changed in one of the four messages, and one side or the other says no.
    #[test]
    fn no_byte_may_change(
        which in 0..4_usize,
        position in any::<proptest::sample::Index>(),
        flip in 1..=255_u8,
        bound in any::<bool>(),
    ) {
        let tamper = |number: usize, message: &str| {
            let mut bytes = message.as_bytes().to_vec();
            if number == which {
                let at = position.index(bytes.len());
                bytes[at] ^= flip;
            }
            bytes
        };
        let end_point = bound.then_some(END_POINT);
        let mechanism = if bound { Mechanism::ScramSha256Plus } else { Mechanism::ScramSha256 };
        let listed = [mechanism.name().as_bytes()];
        let run = || -> Result<(), ScramError> {
            let (message, client) =
                ClientExchange::choose(listed, end_point, Nonce::new([1; 18]))?.begin();
            let server = server(end_point, mechanism);
            let (message, server) = server.on_client_first(&tamper(0, &message))?;
            let (message, client) = client.on_server_first(&tamper(1, &message), b"pencil")?;
            let proven = server.on_client_final(&tamper(2, &message))?;
            client.on_server_final(&tamper(3, proven.server_final())).map(|_| ())
        };
        prop_assert!(run().is_err());
    }

    /// Bytes of any kind end in an error and never in a panic, and never in a proof.
    #[test]
    fn noise_proves_nothing(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = plain().on_client_first(&bytes);
        let _ = server(Some(END_POINT), Mechanism::ScramSha256Plus).on_client_first(&bytes);
        let (_, client, server) = until_client_final("pencil", verifier("pencil"), None, None);
        prop_assert!(server.on_client_final(&bytes).is_err());
        prop_assert!(client.on_server_final(&bytes).is_err());
    }

    /// As above, of messages that are nearly right.
    #[test]
    fn near_misses_prove_nothing(message in "[cnrpmvsie]=[A-Za-z0-9+/=]{0,12}(,[crpmsvx]=[a-zA-Z0-9=]{0,44}){0,4}") {
        let _ = plain().on_client_first(format!("n,,{message}").as_bytes());
        let (_, client, server) = until_client_final("pencil", verifier("pencil"), None, None);
        prop_assert!(server.on_client_final(message.as_bytes()).is_err());
        prop_assert!(client.on_server_final(message.as_bytes()).is_err());
        let (_, client) =
            ClientExchange::choose([&b"SCRAM-SHA-256"[..]], None, Nonce::new([1; 18])).unwrap().begin();
        prop_assert!(client.on_server_first(message.as_bytes(), b"pencil").is_err());
    }
}

#[test]
fn user_names() {
    let name = |message: &str| user_name(message.as_bytes());
    assert_eq!(name("n,,n=acme,r=x"), Ok("acme".to_owned()));
    assert_eq!(name("y,,n=a=2Cb=3Dc=3D2C,r=x"), Ok("a,b=c=2C".to_owned()));
    for message in ["", "n,,", "n,,n=", "n,,n=,r=x", "n,,r=x", "n,,n=a=2c,r=x", "n,,n=a=,r=x"] {
        assert!(matches!(name(message), Err(ScramError::Malformed(_))), "{message}");
    }
    let identity = ScramError::Unsupported("authorization identities");
    assert_eq!(name("n,a=other,n=acme,r=x"), Err(identity));
    assert!(matches!(name("n,,m=x,n=acme,r=x"), Err(ScramError::Unsupported(_))));
    assert!(user_name(b"n,,n=\xff,r=x").is_err());
}

#[test]
fn a_client_names_its_user() {
    let choose = || {
        let nonce = Nonce::new([1; Nonce::ENTROPY_BYTES]);
        ClientExchange::choose([&b"SCRAM-SHA-256"[..]], None, nonce).unwrap()
    };
    for user in ["acme", "a,b=c", "=2C"] {
        let (first, _) = choose().for_user(user).begin();
        assert_eq!(user_name(first.as_bytes()), Ok(user.to_owned()));
    }
    assert!(user_name(choose().begin().0.as_bytes()).is_err());
}
