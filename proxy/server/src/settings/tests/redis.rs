//! `redis://` and `rediss://`.

use super::*;

/// The upstream, or what is refused, and the warnings.
fn read(url: &str) -> Result<(UpstreamUrl, Vec<String>), String> {
    let text = with_listener(&format!("listen = '127.0.0.1:1'\nupstream = \"{url}\""))
        .replace("'postgres'", "'resp'");
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
fn urls_are_read_as_redis_clients_read_them() {
    let account = |url| {
        let (url, _) = read(url).unwrap();
        assert_eq!(url.protocol(), Protocol::Resp);
        let StoreUrl::Resp { user } = url.store else { panic!("{:?}", url.store) };
        let password = url.password.map(|password| password.expose().to_owned());
        (user, password, url.host, url.port)
    };
    let of = |user: Option<&str>, password: Option<&str>, host: &str, port| {
        (user.map(str::to_owned), password.map(str::to_owned), host.to_owned(), port)
    };
    assert_eq!(account("redis://127.0.0.1"), of(None, None, "127.0.0.1", 6379));
    assert_eq!(account("redis://localhost:1/"), of(None, None, "localhost", 1));
    assert_eq!(account("redis://:p%40w@[::1]/0"), of(None, Some("p@w"), "::1", 6379));
    assert_eq!(account("redis://:@h/0"), of(None, None, "h", 6379));
    assert_eq!(
        account("rediss://wall:${PG_PASSWORD}@${PG_HOST}:7/0"),
        of(Some("wall"), Some("p@ss:w/ord?#%$ü"), "db.internal", 7)
    );
}

#[test]
fn what_is_none_is_refused_without_showing_it() {
    for (url, wanted) in [
        ("", "must be of the form `redis://user:password@host:6379/0`"),
        ("redisss://h", "must be of the form"),
        ("postgres://a:SECRET@h/0", "must be of the form"),
        ("redis://:SECRET@h/1", "names a database other than 0"),
        ("redis://:SECRET@h/00", "names a database other than 0"),
        ("redis://:SECRET@h/0/", "names a database other than 0"),
        ("redis://wall@h/0", "names a user without a password"),
        ("redis://wall:@h/0", "names a user without a password"),
        ("redis://:SECRET@/0", "empty host"),
        ("redis://:SECRET@a,b/0", "several hosts"),
        ("redis://:SECRET@h/0?ssl_ca_certs=x", "write `rediss://`"),
        ("rediss://:SECRET@h/0?ssl_ca_cert=x", "did you mean `ssl_ca_certs`?"),
        ("rediss://:SECRET@h/0?sslmode=require", "has an unknown parameter"),
        ("rediss://:SECRET@h/0?socket_connect_timeout=1", "set `limits.dial_seconds`"),
    ] {
        let error = refused(url);
        assert!(error.contains(wanted), "{url}: {error}");
    }
}

#[test]
fn tls_is_verified_unless_told_otherwise() {
    let ssl = |url: &str| read(url).unwrap().0.ssl;
    assert_eq!(ssl("redis://h").mode(), SslMode::Disable);
    let usual = ssl("rediss://h");
    assert_eq!(usual.mode(), SslMode::VerifyFull);
    assert_eq!(usual.root_certificates, Some(RootCertificates::System));
    let own =
        ssl("rediss://h?ssl_ca_certs=ca.pem&ssl_certfile=c&ssl_keyfile=/k&ssl_cert_reqs=required");
    assert_eq!(own.mode(), SslMode::VerifyFull);
    let file = RootCertificates::File("/etc/partywall/ca.pem".into());
    assert_eq!(own.root_certificates, Some(file));
    assert_eq!(own.certificate.as_deref(), Some(Path::new("/etc/partywall/c")));
    assert_eq!(own.key.as_deref(), Some(Path::new("/k")));
    let any_name = ssl("rediss://h?ssl_ca_certs=ca.pem&ssl_check_hostname=false");
    assert_eq!(any_name.mode(), SslMode::VerifyCa);
    let anyone = ssl("rediss://h?ssl_cert_reqs=none");
    assert_eq!((anyone.mode(), anyone.root_certificates), (SslMode::Require, None));

    let refused = |query: &str| refused(&format!("rediss://h?{query}"));
    assert!(refused("ssl_check_hostname=false").contains("needs ssl_ca_certs"));
    assert!(refused("ssl_check_hostname=no").contains("write `true` or `false`"));
    assert!(refused("ssl_cert_reqs=optional").contains("write `required` or `none`"));
    assert!(refused("ssl_cert_reqs=none&ssl_ca_certs=ca.pem").contains("looks at no certificate"));
    assert!(refused("ssl_certfile=c").contains("go together"));
    assert!(refused("ssl_ca_certs=").contains("ssl_ca_certs is empty"));
}

#[test]
fn an_upstream_in_clear_text_elsewhere_is_a_warning() {
    let warned = |url| !read(url).unwrap().1.is_empty();
    assert!(warned("redis://10.0.0.1"));
    assert!(
        !warned("redis://127.0.0.2") && !warned("redis://[::1]") && !warned("redis://localhost")
    );
    assert!(!warned("rediss://10.0.0.1"));
}

#[test]
fn users_of_tenants_go_with_a_password_and_a_mode_that_confines() {
    let read = |lines: &str| {
        let text = with_listener(&format!("listen = '127.0.0.1:1'\n{lines}"))
            .replace("'postgres'", "'resp'");
        parse(&text).map(|settings| settings.listeners[0].tenant_users.clone())
    };
    let upstream = "upstream = 'redis://wall:0123456789abcdef@127.0.0.1/0'";
    let users = read(&format!("{upstream}\nupstream_user = 'tenant-{{tenant}}'")).unwrap();
    let id = policies::TenantId::parse(policies::TenantKind::Text, "acme").unwrap();
    assert_eq!(users.unwrap().name(&id), "tenant-acme");
    assert_eq!(read(upstream).unwrap(), None);
    for (lines, wanted) in [
        (format!("{upstream}\nupstream_user = 'acme'"), "must hold `{tenant}` once"),
        (format!("{upstream}\nupstream_user = '{{tenant}}'"), "must begin with a word of its own"),
        (
            format!("{upstream}\nupstream_user = 't-{{tenant}}'\nmode = 'observe'"),
            "goes not with `mode = \"observe\"`",
        ),
        (
            "upstream = 'redis://wall:SECRET@127.0.0.1/0'\nupstream_user = 't-{tenant}'".to_owned(),
            "needs a password of at least 16 random characters",
        ),
    ] {
        let errors = rendered(&read(&lines).unwrap_err()).join("\n");
        assert!(errors.contains(wanted) && !errors.contains("SECRET"), "{lines}: {errors}");
    }
    let text = with_listener(
        "listen = '127.0.0.1:1'\nupstream = 'postgres://a:0123456789abcdef@127.0.0.1/app'\n\
         upstream_user = 't-{tenant}'",
    );
    let errors = rendered(&parse(&text).unwrap_err()).join("\n");
    assert!(errors.contains("is for `protocol = \"resp\"` only"), "{errors}");
}
