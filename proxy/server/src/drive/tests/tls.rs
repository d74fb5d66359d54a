//! TLS with the client: asked for, or from the first byte.

use tokio_rustls::TlsConnector;

use super::*;
use crate::tls::ServerTls;

const IN_BAND: TlsStart = TlsStart::InBand { alpn: b"postgresql" };

/// A house with a certificate, and a client that trusts it and speaks `protocols`.
async fn house_with_tls(protocols: &[&[u8]], start: TlsStart) -> (House, TlsConnector) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = std::env::temp_dir().join(format!(
        "partywall-drive-{}-{start:?}-{}",
        std::process::id(),
        protocols.len()
    ));
    std::fs::create_dir_all(&folder).unwrap();
    let (certificate, key) = (folder.join("tls.crt"), folder.join("tls.key"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let tls = ServerTls::load(&certificate, &key, start).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();

    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();

    let mut house = House::new().await;
    let surroundings = Arc::get_mut(&mut house.surroundings).unwrap();
    surroundings.tls = Some(ArcSwap::from_pointee(tls));
    Arc::get_mut(&mut surroundings.upstream).unwrap().tls_start = start;
    (house, TlsConnector::from(Arc::new(config)))
}

#[tokio::test]
async fn tls_begins_when_the_connection_asks_for_it() {
    let (house, connector) = house_with_tls(&[], IN_BAND).await;
    let mut client = house.enter().await;
    client.say("tls\n").await;
    client.hears("S").await;
    let name = "localhost".try_into().unwrap();
    let mut inside = connector.connect(name, client.stream).await.unwrap();
    inside.write_all(b"refuse\n").await.unwrap();
    let mut heard = vec![0; "inside\nrefused as you asked\n".len()];
    inside.read_exact(&mut heard).await.unwrap();
    assert_eq!(heard, b"inside\nrefused as you asked\n");
    inside.shutdown().await.unwrap();
    assert_eq!(client.driven.await.unwrap(), Fatal::Closed);
}

#[tokio::test]
async fn tls_from_the_first_byte_needs_the_protocols_name() {
    let (house, named) = house_with_tls(&[b"postgresql"], IN_BAND).await;
    let client = house.enter().await;
    let mut inside = named.connect("localhost".try_into().unwrap(), client.stream).await.unwrap();
    inside.write_all(b"refuse\n").await.unwrap();
    let mut heard = vec![0; "refused as you asked\n".len()];
    inside.read_exact(&mut heard).await.unwrap();
    drop(inside);
    client.driven.await.unwrap();

    let (house, unnamed) = house_with_tls(&[], IN_BAND).await;
    let client = house.enter().await;
    let name = "localhost".try_into().unwrap();
    // TLS 1.3 lets a client believe in the handshake before the server has looked at it.
    let inside = unnamed.connect(name, client.stream).await;
    assert!(matches!(client.driven.await.unwrap(), Fatal::ClientMisbehaved(_)));
    drop(inside);
}

#[tokio::test]
async fn where_tls_begins_with_the_first_byte_plain_text_is_refused() {
    for protocols in [&[][..], &[b"whatever".as_slice()]] {
        let (house, connector) = house_with_tls(protocols, TlsStart::FirstByte).await;
        let client = house.enter().await;
        let name = "localhost".try_into().unwrap();
        let mut inside = connector.connect(name, client.stream).await.unwrap();
        inside.write_all(b"refuse\n").await.unwrap();
        let mut heard = vec![0; "refused as you asked\n".len()];
        inside.read_exact(&mut heard).await.unwrap();
        drop(inside);
        client.driven.await.unwrap();

        let mut client = house.enter().await;
        client.say("refuse\n").await;
        let ended = client.driven.await.unwrap();
        assert!(
            matches!(&ended, Fatal::ClientMisbehaved(what) if what.contains("plain text")),
            "{ended}"
        );
    }
}
