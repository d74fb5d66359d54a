//! Both sides of TLS against each other, with certificates made for the purpose.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use x509_cert::der::{Any, Decode, Encode, Tagged};

use super::*;

/// An authority, certificates that it signed, and the files that they lie in.
struct Files {
    folder: PathBuf,
}

impl Files {
    fn new(test: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("partywall-tls-{test}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let files = Self { folder };
        // Both bear the same name, as an impostor would.
        for authority in ["ca", "other-ca"] {
            let mut parameters = CertificateParams::new(Vec::new()).unwrap();
            parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            let issuer =
                CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap();
            files.write(&format!("{authority}.crt"), &issuer.pem());
            let key = KeyPair::generate().unwrap();
            let leaf = CertificateParams::new(vec!["db.internal".to_owned()]).unwrap();
            let name = if authority == "ca" { "server" } else { "stranger" };
            files.write(&format!("{name}.crt"), &leaf.signed_by(&key, &issuer).unwrap().pem());
            files.write(&format!("{name}.key"), &key.serialize_pem());
        }
        // As `openssl req -x509` makes them: an authority that is its own server.
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(vec!["db.internal".to_owned()]).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        files.write("self.crt", &parameters.self_signed(&key).unwrap().pem());
        files.write("self.key", &key.serialize_pem());
        let mut parameters = CertificateParams::new(vec!["db.internal".to_owned()]).unwrap();
        parameters.not_after = rcgen::date_time_ymd(2001, 1, 1);
        files.write("expired.crt", &parameters.self_signed(&key).unwrap().pem());
        files.write("expired.key", &key.serialize_pem());
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn server(&self, name: &str) -> ServerTls {
        let file = |end: &str| self.path(&format!("{name}.{end}"));
        ServerTls::load(&file("crt"), &file("key"), START).unwrap()
    }

    fn client(&self, mode: &str, root: Option<&str>) -> UpstreamTls {
        let mut parameters = SslParameters::default();
        assert_eq!(parameters.set("sslmode", mode), Ok(true));
        if let Some(root) = root {
            let path = self.path(root);
            assert_eq!(parameters.set("sslrootcert", path.to_str().unwrap()), Ok(true));
        }
        UpstreamTls::load(&parameters).unwrap().unwrap()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

const ALPN: &[u8] = b"postgresql";
const START: TlsStart = TlsStart::InBand { alpn: ALPN };

/// Shakes hands and carries a few bytes each way. Gives what each side knows of the other.
async fn handshake(
    server: &ServerTls,
    client: Arc<rustls::ClientConfig>,
    name: &str,
) -> Result<(Option<Vec<u8>>, bool), String> {
    let (near, far) = tokio::io::duplex(1 << 14);
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let acceptor = TlsAcceptor::from(server.config());
    let (accepted, connected) =
        tokio::join!(acceptor.accept(far), TlsConnector::from(client).connect(name, near));
    let mut connected = connected.map_err(|error| error.to_string())?;
    let mut accepted = accepted.map_err(|error| error.to_string())?;
    let mut word = [0; 4];
    connected.write_all(b"ping").await.unwrap();
    accepted.read_exact(&mut word).await.unwrap();
    accepted.write_all(&word).await.unwrap();
    connected.read_exact(&mut word).await.unwrap();
    assert_eq!(&word, b"ping");
    let seen = connected.get_ref().1.peer_certificates().unwrap().first().cloned().unwrap();
    Ok((server_end_point(&seen), accepted.get_ref().1.alpn_protocol() == Some(ALPN)))
}

/// The server's certificate, `sslmode`, `sslrootcert`, the name that we call the server by, and what
/// the refusal says, if there is to be one.
type Case = (&'static str, &'static str, Option<&'static str>, &'static str, Option<&'static str>);

#[tokio::test]
async fn each_mode_accepts_what_it_should() {
    let files = Files::new("modes");
    let cases: &[Case] = &[
        ("server", "prefer", None, "elsewhere", None),
        ("server", "require", None, "elsewhere", None),
        ("self", "require", None, "127.0.0.1", None),
        ("expired", "require", None, "db.internal", None),
        // A root certificate makes `require` and `prefer` verify.
        ("server", "require", Some("ca.crt"), "elsewhere", None),
        ("stranger", "require", Some("ca.crt"), "db.internal", Some("BadSignature")),
        ("stranger", "prefer", Some("ca.crt"), "db.internal", Some("BadSignature")),
        ("server", "verify-ca", Some("ca.crt"), "elsewhere", None),
        ("stranger", "verify-ca", Some("ca.crt"), "db.internal", Some("BadSignature")),
        ("self", "verify-ca", Some("ca.crt"), "db.internal", Some("CaUsedAsEndEntity")),
        ("self", "verify-ca", Some("self.crt"), "elsewhere", None),
        ("expired", "verify-ca", Some("expired.crt"), "db.internal", Some("not valid after")),
        ("server", "verify-full", Some("ca.crt"), "db.internal", None),
        ("server", "verify-full", Some("ca.crt"), "elsewhere", Some("not valid for name")),
        ("server", "verify-full", Some("ca.crt"), "127.0.0.1", Some("not valid for name")),
        ("stranger", "verify-full", Some("ca.crt"), "db.internal", Some("BadSignature")),
        ("self", "verify-full", Some("self.crt"), "db.internal", None),
        ("self", "verify-full", Some("self.crt"), "elsewhere", Some("not valid for name")),
    ];
    for case in cases {
        let (certificate, mode, root, name, refusal) = *case;
        let server = files.server(certificate);
        let outcome = handshake(&server, files.client(mode, root).config(), name).await;
        match (outcome, refusal) {
            (Ok((end_point, _)), None) => {
                assert_eq!(end_point.as_deref(), server.server_end_point(), "{case:?}");
                assert!(end_point.is_some(), "{case:?}");
            }
            (Err(error), Some(refusal)) => assert!(error.contains(refusal), "{case:?}: {error}"),
            (outcome, _) => panic!("{case:?}: {outcome:?}"),
        }
    }
}

/// Shows whatever certificate it is told to.
#[derive(Debug)]
struct Shown(Arc<rustls::sign::CertifiedKey>);

impl rustls::server::ResolvesServerCert for Shown {
    fn resolve(
        &self,
        _hello: rustls::server::ClientHello<'_>,
    ) -> Option<Arc<rustls::sign::CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

/// Shakes hands with a server that speaks one version only and shows any certificate with any key.
async fn meet(
    version: &'static rustls::SupportedProtocolVersion,
    certificate: CertificateDer<'static>,
    key: &Path,
    client: &UpstreamTls,
) -> Result<(), String> {
    let key = pem::private_key(key).unwrap();
    let key = provider().key_provider.load_private_key(key).unwrap();
    let shown = Shown(Arc::new(rustls::sign::CertifiedKey::new(vec![certificate], key)));
    let config = rustls::ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(shown));
    let (near, far) = tokio::io::duplex(1 << 14);
    let name = ServerName::try_from("db.internal").unwrap();
    let (_, connected) = tokio::join!(
        TlsAcceptor::from(Arc::new(config)).accept(far),
        TlsConnector::from(client.config()).connect(name, near)
    );
    connected.map(|_| ()).map_err(|error| error.to_string())
}

/// A peer that shows a certificate whose key it does not hold is refused in every mode: channel
/// binding to that certificate would prove nothing else.
#[tokio::test]
async fn a_stolen_certificate_is_useless() {
    let files = Files::new("thief");
    let stolen = pem::certificates(&files.path("server.crt")).unwrap().remove(0);
    let key = files.path("stranger.key");
    for version in rustls::ALL_VERSIONS {
        for (mode, root) in [("require", None), ("verify-ca", Some("ca.crt"))] {
            for shown in [stolen.clone(), version_1(&stolen)] {
                let met = meet(version, shown, &key, &files.client(mode, root)).await;
                assert!(met.is_err(), "{mode} {version:?}");
            }
            let met = meet(version, stolen.clone(), &key, &files.client(mode, root)).await;
            assert!(met.unwrap_err().contains("BadSignature"), "{mode} {version:?}");
        }
    }
}

/// The certificate without what X.509 version 1 does not have: its version and its extensions.
/// Nobody signed the result.
fn version_1(certificate: &CertificateDer<'_>) -> CertificateDer<'static> {
    let mut parts = Vec::<Any>::from_der(certificate).unwrap();
    let mut fields = Vec::<Any>::from_der(&parts[0].to_der().unwrap()).unwrap();
    fields.retain(|field| !field.tag().is_context_specific());
    parts[0] = Any::from_der(&fields.to_der().unwrap()).unwrap();
    CertificateDer::from(parts.to_der().unwrap())
}

/// PostgreSQL's manual long showed how to make such certificates, so they are about.
#[tokio::test]
async fn certificates_of_version_1_do_where_only_the_key_counts() {
    let files = Files::new("version-1");
    let (tls13, key) = (&rustls::version::TLS13, files.path("server.key"));
    let old = version_1(&pem::certificates(&files.path("server.crt")).unwrap()[0]);
    assert_eq!(meet(tls13, old.clone(), &key, &files.client("require", None)).await, Ok(()));
    for mode in ["require", "verify-ca", "verify-full"] {
        let met = meet(tls13, old.clone(), &key, &files.client(mode, Some("ca.crt"))).await;
        assert!(met.unwrap_err().contains("X.509 version 1"), "{mode}");
    }
}

#[tokio::test]
async fn direct_tls_needs_the_protocols_name() {
    let files = Files::new("alpn");
    let server = files.server("server");
    let client = |protocols: &[&[u8]]| {
        let mut config = Arc::unwrap_or_clone(files.client("require", None).config());
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Arc::new(config)
    };
    let direct =
        |outcome: Result<(Option<Vec<u8>>, bool), String>| outcome.map(|(_, direct)| direct);
    assert_eq!(direct(handshake(&server, client(&[]), "db").await), Ok(false));
    assert_eq!(direct(handshake(&server, client(&[b"postgresql"]), "db").await), Ok(true));
    assert_eq!(direct(handshake(&server, client(&[b"h2", b"postgresql"]), "db").await), Ok(true));
    assert!(handshake(&server, client(&[b"h2", b"http/1.1"]), "db").await.is_err());
}

#[tokio::test]
async fn our_certificate_is_shown_where_asked_for() {
    let files = Files::new("mutual");
    let mut roots = rustls::RootCertStore::empty();
    for certificate in pem::certificates(&files.path("ca.crt")).unwrap() {
        roots.add(certificate).unwrap();
    }
    let asks =
        rustls::server::WebPkiClientVerifier::builder_with_provider(roots.into(), provider())
            .build()
            .unwrap();
    let chain = pem::certificates(&files.path("server.crt")).unwrap();
    let key = pem::private_key(&files.path("server.key")).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(asks)
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    for (ours, accepted) in [(Some("server"), true), (Some("stranger"), false), (None, false)] {
        let mut parameters = SslParameters { mode: Some(SslMode::Require), ..Default::default() };
        parameters.certificate = ours.map(|name| files.path(&format!("{name}.crt")));
        parameters.key = ours.map(|name| files.path(&format!("{name}.key")));
        let client = UpstreamTls::load(&parameters).unwrap().unwrap();
        let (near, far) = tokio::io::duplex(1 << 14);
        let name = ServerName::try_from("db.internal").unwrap();
        let (server, _) = tokio::join!(
            acceptor.accept(far),
            TlsConnector::from(client.config()).connect(name, near)
        );
        assert_eq!(server.is_ok(), accepted, "{ours:?}");
    }
}

#[test]
fn parameters() {
    let read = |pairs: &[(&str, &str)]| {
        let mut parameters = SslParameters::default();
        for (name, value) in pairs {
            assert!(parameters.set(name, value)?, "{name}");
        }
        parameters.check().map_err(|error| error.to_string())?;
        Ok::<_, String>(parameters.mode())
    };
    let mut parameters = SslParameters::default();
    assert_eq!(parameters.set("application_name", "x"), Ok(false));
    assert_eq!(parameters, SslParameters::default());

    assert_eq!(read(&[]), Ok(SslMode::Prefer));
    assert_eq!(read(&[("sslmode", "disable")]), Ok(SslMode::Disable));
    assert_eq!(read(&[("sslmode", "verify-ca"), ("sslrootcert", "ca.pem")]), Ok(SslMode::VerifyCa));
    assert_eq!(read(&[("sslrootcert", "system")]), Ok(SslMode::VerifyFull));
    assert_eq!(
        read(&[("sslrootcert", "system"), ("sslmode", "verify-full")]),
        Ok(SslMode::VerifyFull)
    );
    for (pairs, says) in [
        (&[("sslmode", "allow")][..], "write `prefer`"),
        (&[("sslmode", "Require")], "not known"),
        (&[("sslmode", "")], "not known"),
        (&[("sslrootcert", "")], "sslrootcert is empty"),
        (&[("sslmode", "verify-ca")], "need sslrootcert"),
        (&[("sslmode", "verify-full")], "need sslrootcert"),
        (&[("sslrootcert", "system"), ("sslmode", "require")], "needs sslmode=verify-full"),
        (&[("sslrootcert", "system"), ("sslmode", "verify-ca")], "needs sslmode=verify-full"),
        (&[("sslcert", "c.pem")], "go together"),
        (
            &[("sslmode", "verify-full"), ("sslrootcert", "ca.pem"), ("sslkey", "k.pem")],
            "go together",
        ),
    ] {
        let error = read(pairs).unwrap_err();
        assert!(error.contains(says), "{pairs:?}: {error}");
    }
    let disabled = SslParameters { mode: Some(SslMode::Disable), ..Default::default() };
    assert!(UpstreamTls::load(&disabled).unwrap().is_none());
}

#[test]
fn errors_name_the_file_and_the_remedy() {
    let files = Files::new("errors");
    let says = |certificate: &Path, key: &Path, file: &Path, what: &str| {
        let error = ServerTls::load(certificate, key, START).unwrap_err().to_string();
        assert!(error.contains(&file.display().to_string()) && error.contains(what), "{error}");
    };
    let (certificate, key) = (files.path("server.crt"), files.path("server.key"));
    let missing = files.path("missing.pem");
    says(&missing, &key, &missing, "cannot read");
    says(&certificate, &missing, &missing, "cannot read");
    says(&key, &key, &key, "no certificate in it");
    says(&certificate, &certificate, &certificate, "no private key in it");
    let stranger = files.path("stranger.key");
    says(&certificate, &stranger, &stranger, "not the key of the certificate");
    let cut = fs::read_to_string(&certificate).unwrap();
    let cut = files.write("cut.crt", cut.split_at(cut.len() / 2).0);
    says(&cut, &key, &cut, "cut off");
    let empty = files.write("empty.crt", "");
    says(&empty, &key, &empty, "no certificate in it");
    let sealed = files.write(
        "sealed.key",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n",
    );
    says(&certificate, &sealed, &sealed, "passphrase");
    let noise =
        files.write("noise.crt", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n");
    says(&noise, &key, &noise, "");

    let root = |path: &Path| {
        let parameters = SslParameters {
            mode: Some(SslMode::VerifyFull),
            root_certificates: Some(RootCertificates::File(path.to_owned())),
            ..Default::default()
        };
        UpstreamTls::load(&parameters).unwrap_err().to_string()
    };
    for path in [&missing, &empty, &noise, &cut] {
        assert!(root(path).contains(&path.display().to_string()), "{}", root(path));
    }
}
