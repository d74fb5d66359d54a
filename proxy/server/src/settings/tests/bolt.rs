//! `bolt://` and what it goes by elsewhere.

use super::*;

fn read(url: &str) -> Result<UpstreamUrl, String> {
    let text = with_listener(&format!("listen = '127.0.0.1:1'\nupstream = \"{url}\""))
        .replace("'postgres'", "'bolt'");
    let settings = parse(&text).map_err(|errors| rendered(&errors).join("\n"))?;
    Ok(settings.listeners[0].upstream.clone())
}

#[test]
fn urls_are_read_as_drivers_read_them() {
    let account = |url| {
        let url = read(url).unwrap();
        assert_eq!(url.protocol(), Protocol::Bolt);
        let StoreUrl::Bolt(bolt) = url.store else { panic!("{:?}", url.store) };
        let password = url.password.map(|password| password.expose().to_owned());
        (bolt.user, password, url.host, url.port, bolt.database)
    };
    let of = |user: Option<&str>, password: Option<&str>, host: &str, port, database: &str| {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        (owned(user), owned(password), host.to_owned(), port, database.to_owned())
    };
    let neo4j = (Some("neo4j"), Some("p@w"));
    let expected = of(neo4j.0, neo4j.1, "h", 7687, "neo4j");
    for url in
        ["bolt://neo4j:p%40w@h", "neo4j://neo4j:p%40w@h/", "bolt+s://neo4j:p%40w@h:7687/neo4j"]
    {
        assert_eq!(account(url), expected, "{url}");
    }
    assert_eq!(account("bolt://[::1]:1/shop.eu-1"), of(None, None, "::1", 1, "shop.eu-1"));
}

#[test]
fn what_is_none_is_refused_without_showing_it() {
    for (url, wanted) in [
        ("", "must be of the form `bolt://user:password@host:7687/neo4j`"),
        ("bolts://a:SECRET@h", "must be of the form"),
        ("bolt+x://a:SECRET@h", "must be of the form"),
        ("bolt://a:SECRET@h/system", "holds no tenant's data"),
        ("bolt://a:SECRET@h/SYSTEM", "holds no tenant's data"),
        ("bolt://a:SECRET@h/a/b", "the database's name is not one"),
        ("bolt://a:SECRET@h/a%60b", "the database's name is not one"),
        ("bolt://a@h/neo4j", "user and password go together"),
        ("bolt://:SECRET@h/neo4j", "user and password go together"),
        ("bolt://a:SECRET@a,b/neo4j", "several hosts"),
        ("bolt://a:SECRET@h/neo4j?policy=eu", "has an unknown parameter"),
        ("bolt://a:SECRET@h/neo4j?trusted_certificates=ca.pem", "goes with `bolt+s://` only"),
        ("bolt+ssc://a:SECRET@h/neo4j?trusted_certificates=ca.pem", "goes with `bolt+s://` only"),
        ("bolt+s://a:SECRET@h/neo4j?trusted_certificates=", "is empty"),
    ] {
        let error = read(url).unwrap_err();
        assert!(error.contains(wanted) && !error.contains("SECRET"), "{url}: {error}");
    }
}

#[test]
fn tls_is_verified_unless_told_otherwise() {
    let ssl = |url: &str| read(url).unwrap().ssl;
    assert_eq!(ssl("bolt://h").mode(), SslMode::Disable);
    assert_eq!(ssl("neo4j://h").mode(), SslMode::Disable);
    for url in ["bolt+s://h", "neo4j+s://h"] {
        assert_eq!(ssl(url).mode(), SslMode::VerifyFull);
        assert_eq!(ssl(url).root_certificates, Some(RootCertificates::System));
    }
    let own = ssl("bolt+s://h/neo4j?trusted_certificates=ca.pem");
    assert_eq!(own.mode(), SslMode::VerifyFull);
    assert_eq!(own.root_certificates, Some(RootCertificates::File("/etc/partywall/ca.pem".into())));
    let anyone = ssl("bolt+ssc://h");
    assert_eq!((anyone.mode(), anyone.root_certificates), (SslMode::Require, None));
}
