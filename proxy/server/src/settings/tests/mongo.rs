//! `mongodb://`, and what a listener says that it is.

use relay::mongo::Face;

use super::*;
use crate::settings::MongoUrl;

/// The upstream, or what is refused, and the warnings.
fn read(url: &str) -> Result<(UpstreamUrl, Vec<String>), String> {
    let text = with_listener(&format!("listen = '127.0.0.1:1'\nupstream = \"{url}\""))
        .replace("'postgres'", "'mongo'");
    let settings = parse(&text).map_err(|errors| {
        let error = rendered(&errors).join("\n");
        error.strip_prefix("partywall.toml:6:12: listener[0].upstream: ").unwrap().to_owned()
    })?;
    Ok((settings.listeners[0].upstream.clone(), rendered(&settings.warnings)))
}

fn refused(url: &str) -> String {
    let error = read(url).unwrap_err();
    assert!(!error.contains("SECRET"), "{url}: {error}");
    error
}

#[test]
fn urls_are_read_as_drivers_read_them() {
    let account = |url| {
        let (url, _) = read(url).unwrap();
        assert_eq!(url.protocol(), Protocol::Mongo);
        let StoreUrl::Mongo(MongoUrl { user, auth_source }) = url.store else {
            panic!("{:?}", url.store)
        };
        let password = url.password.map(|password| password.expose().to_owned());
        (user, password, auth_source, format!("{}:{}", url.host, url.port))
    };
    let of = |user: Option<&str>, password: Option<&str>, source: &str, place: &str| {
        let owned = |text: &str| text.to_owned();
        (user.map(owned), password.map(owned), source.to_owned(), place.to_owned())
    };
    assert_eq!(account("mongodb://127.0.0.1"), of(None, None, "admin", "127.0.0.1:27017"));
    assert_eq!(account("mongodb://[::1]:1/"), of(None, None, "admin", "::1:1"));
    assert_eq!(account("mongodb://a:p%40w@h/app"), of(Some("a"), Some("p@w"), "app", "h:27017"));
    assert_eq!(
        account(
            "mongodb://wall:${PG_PASSWORD}@${PG_HOST}:7/app?authSource=users&\
             authMechanism=SCRAM-SHA-256&directConnection=true"
        ),
        of(Some("wall"), Some("p@ss:w/ord?#%$ü"), "users", "db.internal:7")
    );
}

#[test]
fn what_is_none_is_refused_without_showing_it() {
    for (url, wanted) in [
        ("", "must be of the form `mongodb://user:password@host:27017/?authSource=admin`"),
        ("mongodb+srv://h", "must be of the form"),
        ("redis://:SECRET@h", "must be of the form"),
        ("mongodb://wall@h", "user and password go together"),
        ("mongodb://:SECRET@h", "user and password go together"),
        ("mongodb://a:SECRET@/app", "empty host"),
        ("mongodb://a:SECRET@h,i/app", "several hosts"),
        ("mongodb://a:SECRET@h/?replicaSet=rs0", "has an unknown parameter"),
        ("mongodb://a:SECRET@h/?authSource=", "authSource is empty"),
        ("mongodb://a:SECRET@h/?authMechanism=PLAIN", "SCRAM-SHA-256 here"),
        ("mongodb://a:SECRET@h/?directConnection=false", "one server is connected to"),
        ("mongodb://a:SECRET@h/?tlsCAFile=x", "tlsCAFile goes with `tls=true` only"),
        ("mongodb://a:SECRET@h/?tls=yes", "write `true` or `false`"),
        ("mongodb://a:SECRET@h/?tls=true&tls=true", "is given twice"),
    ] {
        let error = refused(url);
        assert!(error.contains(wanted), "{url}: {error}");
    }
}

#[test]
fn tls_is_verified_unless_told_otherwise() {
    let ssl = |query: &str| read(&format!("mongodb://h/?{query}")).unwrap().0.ssl;
    assert_eq!(ssl("").mode(), SslMode::Disable);
    assert_eq!(ssl("tls=false").mode(), SslMode::Disable);
    let usual = ssl("tls=true");
    assert_eq!(usual.mode(), SslMode::VerifyFull);
    assert_eq!(usual.root_certificates, Some(RootCertificates::System));
    let own = ssl("tls=true&tlsCAFile=ca.pem&tlsCertificateKeyFile=both.pem");
    assert_eq!(own.mode(), SslMode::VerifyFull);
    let file = RootCertificates::File("/etc/partywall/ca.pem".into());
    assert_eq!(own.root_certificates, Some(file));
    assert_eq!(own.certificate.as_deref(), Some(Path::new("/etc/partywall/both.pem")));
    assert_eq!(own.key, own.certificate);
    let any_name = ssl("tls=true&tlsCAFile=ca.pem&tlsAllowInvalidHostnames=true");
    assert_eq!(any_name.mode(), SslMode::VerifyCa);
    let anyone = ssl("tls=true&tlsAllowInvalidCertificates=true");
    assert_eq!((anyone.mode(), anyone.root_certificates), (SslMode::Require, None));

    let refused = |query: &str| refused(&format!("mongodb://h/?tls=true&{query}"));
    assert!(refused("tlsAllowInvalidHostnames=true").contains("needs tlsCAFile"));
    assert!(refused("tlsCAFile=").contains("tlsCAFile is empty"));
    assert!(
        refused("tlsAllowInvalidCertificates=true&tlsCAFile=ca.pem").contains("at no certificate")
    );
}

#[test]
fn a_listener_may_call_itself_a_replica_set() {
    let read = |lines: &str| {
        let text = with_listener(&format!(
            "listen = '127.0.0.1:1'\nupstream = 'mongodb://127.0.0.1'\n{lines}"
        ))
        .replace("'postgres'", "'mongo'");
        parse(&text).map(|settings| settings.listeners[0].face.clone())
    };
    let set = |name: &str, address: &str| {
        let owned = |text: &str| text.to_owned();
        Face::Set { name: owned(name), address: owned(address) }
    };
    assert_eq!(read("").unwrap(), Face::Mongos);
    assert_eq!(read("replica_set = { name = 'rs0' }").unwrap(), set("rs0", "127.0.0.1:1"));
    assert_eq!(
        read("replica_set = { name = 'rs0', address = 'db:27017' }").unwrap(),
        set("rs0", "db:27017")
    );
    for (lines, wanted) in [
        ("replica_set = 'rs0'", "expected a table"),
        ("replica_set = { name = '' }", "is empty"),
        ("replica_set = { address = 'db:1' }", "`name` is missing"),
    ] {
        let errors = rendered(&read(lines).unwrap_err()).join("\n");
        assert!(errors.contains(wanted), "{lines}: {errors}");
    }
    let text = with_listener(
        "listen = '127.0.0.1:1'\nupstream = 'postgres://a:b@127.0.0.1/app'\n\
         replica_set = { name = 'rs0' }",
    );
    let errors = rendered(&parse(&text).unwrap_err()).join("\n");
    assert!(errors.contains("is for `protocol = \"mongo\"` only"), "{errors}");
}
