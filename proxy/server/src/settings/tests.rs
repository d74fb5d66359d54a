//! What makes settings, and what does not.

mod bolt;
mod mongo;
mod redis;

use super::*;
use crate::tls::{RootCertificates, SslMode};

fn variable(name: &str) -> Option<String> {
    let value = match name {
        "PG_PASSWORD" => "p@ss:w/ord?#%$ü",
        "PG_HOST" => "db.internal",
        "PG_ADDRESS" => "10.0.0.7:6000",
        "DATABASE_URL" => "postgres://app:s%40crt@h:1/d",
        "MODE" => "validate",
        "EMPTY" => "",
        _ => return None,
    };
    Some(value.to_owned())
}

fn parse(text: &str) -> Result<Settings, Vec<DocumentError>> {
    Settings::parse(text, Path::new("/etc/partywall"), &variable)
}

fn rendered(errors: &[DocumentError]) -> Vec<String> {
    errors.iter().map(|error| error.in_file("partywall.toml")).collect()
}

/// The errors as they are printed.
fn errors(text: &str) -> Vec<String> {
    rendered(&parse(text).err().unwrap_or_default())
}

/// Settings with one listener, whose keys follow.
fn with_listener(keys: &str) -> String {
    format!("policy = 'p'\ntenants = 't'\n[[listener]]\nprotocol = 'postgres'\n{keys}")
}

fn postgres(user: &str, database: &str, application_name: Option<&str>) -> StoreUrl {
    StoreUrl::Postgres(PostgresUrl {
        user: user.to_owned(),
        database: database.to_owned(),
        application_name: application_name.map(str::to_owned),
    })
}

fn upstream(url: &str) -> Result<UpstreamUrl, String> {
    let text = with_listener(&format!("listen = '127.0.0.1:1'\nupstream = \"{url}\""));
    let settings = parse(&text).map_err(|errors| rendered(&errors).join("\n"))?;
    Ok(settings.listeners[0].upstream.clone())
}

#[test]
fn the_documented_settings_are_read() {
    let settings = parse(
        r#"
policy  = "policy.toml"
tenants = "/srv/tenants.toml"

[[listener]]
protocol = "postgres"
listen   = "127.0.0.1:6432"
upstream = "postgres://partywall:${PG_PASSWORD}@127.0.0.1:5432/app"
mode     = "inject"

[admin]
listen = "127.0.0.1:9432"
"#,
    )
    .unwrap();
    assert_eq!(settings.policy, Path::new("/etc/partywall/policy.toml"));
    assert_eq!(settings.tenants, Path::new("/srv/tenants.toml"));
    assert_eq!(settings.admin, Some("127.0.0.1:9432".parse().unwrap()));
    assert_eq!(settings.limits, Limits::default());
    assert_eq!(settings.log, LogFormat::Auto);
    assert_eq!(settings.drain, Duration::from_secs(25));
    assert_eq!(rendered(&settings.warnings), [""; 0]);
    let [listener] = settings.listeners.as_slice() else { panic!("{:?}", settings.listeners) };
    assert_eq!(listener.upstream.protocol(), Protocol::Postgres);
    assert_eq!(listener.listen, "127.0.0.1:6432".parse().unwrap());
    assert_eq!(listener.mode, Mode::Inject);
    assert_eq!(listener.tls, None);
    let upstream = &listener.upstream;
    assert_eq!((upstream.host.as_str(), upstream.port), ("127.0.0.1", 5432));
    assert_eq!(upstream.store, postgres("partywall", "app", None));
    assert_eq!(upstream.password.as_ref().unwrap().expose(), "p@ss:w/ord?#%$ü");
    assert_eq!(upstream.ssl.mode(), SslMode::Prefer);
}

#[test]
fn all_that_can_be_set_is_read() {
    let settings = parse(
        r#"
policy  = "p"
tenants = "t"
drain_seconds = 0

[limits]
frame_bytes_max = 1048576
statement_bytes_max = 1024
depth_max = 50
statements_max = 7
replies_max = 8
outbox_bytes_max = 65536
connections_max = 9
handshake_seconds = 10
dial_seconds = 11

[log]
format = "json"

[[listener]]
protocol = "postgres"
listen = "[::1]:6432"
upstream = "postgresql://a@b/c"
mode = "${MODE}"
tls = { certificate = "server.crt", key = "/run/${PG_HOST}.key" }

[[listener]]
protocol = "postgres"
listen = "127.0.0.1:0"
upstream = "postgresql://a@b/c"
[[listener]]
protocol = "postgres"
listen = "127.0.0.1:0"
upstream = "postgresql://a@b/c"
"#,
    )
    .unwrap();
    let wire = wire::Limits {
        frame_bytes_max: 1_048_576,
        statement_bytes_max: 1024,
        depth_max: 50,
        statements_max: 7,
        replies_max: 8,
        outbox_bytes_max: 65_536,
    };
    let (handshake, dial) = (Duration::from_secs(10), Duration::from_secs(11));
    assert_eq!(settings.limits, Limits { wire, connections_max: 9, handshake, dial });
    assert_eq!(settings.log, LogFormat::Json);
    assert_eq!(settings.drain, Duration::ZERO);
    assert_eq!(settings.admin, None);
    assert_eq!(settings.listeners.len(), 3);
    assert_eq!(settings.listeners[0].mode, Mode::Validate);
    let (certificate, key) = ("/etc/partywall/server.crt".into(), "/run/db.internal.key".into());
    assert_eq!(settings.listeners[0].tls, Some(TlsFiles { certificate, key }));
}

#[test]
fn errors_are_told_all_at_once() {
    assert_eq!(
        errors(
            r#"
polices = "policy.toml"
drain_seconds = -1
[[listener]]
protocol = "postgress"
listen = "localhost:6432"
upstream = "mysql://a:secret@b/c"
mode = "inject "
[[listener]]
protocol = "bolt"
listen = "127.0.0.1:7687"
upstream = "bolt://neo4j:pw@host:7687/neo4j"
tls = { certificate = "" }
[[listener]]
listn = "127.0.0.1:7687"
upstream = "postgres://a@b/c"
[admin]
listen = "127.0.0.1:7687"
port = 1
[log]
format = "xml"
"#
        ),
        [
            "partywall.toml:1:1: `tenants` is missing",
            "partywall.toml:2:1: polices: unknown key; did you mean `policy`?",
            "partywall.toml:3:17: drain_seconds: must be from 0 to 86400",
            "partywall.toml:5:12: listener[0].protocol: must be one of \"postgres\", \"bolt\", \
             \"mongo\", \"resp\"",
            "partywall.toml:6:10: listener[0].listen: must be an IP address and a port, such as \
             `127.0.0.1:6432`",
            "partywall.toml:8:8: listener[0].mode: must be one of \"inject\", \"validate\", \
             \"observe\"",
            "partywall.toml:13:7: listener[1].tls: `key` is missing",
            "partywall.toml:13:23: listener[1].tls.certificate: is empty; name a file",
            "partywall.toml:14:1: listener[2]: `protocol` is missing",
            "partywall.toml:15:1: listener[2].listn: unknown key; did you mean `listen`?",
            "partywall.toml:18:1: admin.listen: given twice; the first is on line 11",
            "partywall.toml:19:1: admin.port: unknown key; known here: `listen`",
            "partywall.toml:21:10: log.format: must be one of \"auto\", \"pretty\", \"json\"",
        ]
    );
    assert_eq!(
        errors("policy = 'p'\ntenants = 't'\nlistener = []"),
        ["partywall.toml:3:12: listener: is empty; add a `[[listener]]`"]
    );
    assert_eq!(
        errors("policy = 'p'\ntenants = 't'"),
        ["partywall.toml:1:1: `listener` is missing"]
    );
}

#[test]
fn limits_stay_within_reason() {
    let listener = "listen = '127.0.0.1:1'\nupstream = 'postgres://a@b/c'\n";
    let text = with_listener(listener)
        + "[limits]\nframe_bytes_max = 65536\nstatement_bytes_max = 65537\ndepth_max = 100000\n\
           statements_max = 0\nconnections_max = '9'\nhandshake_seconds = 1.5\nreplies = 1\n";
    assert_eq!(
        errors(&text),
        [
            "partywall.toml:9:23: limits.statement_bytes_max: must be from 1 to 65536",
            "partywall.toml:10:13: limits.depth_max: must be from 1 to 1000",
            "partywall.toml:11:18: limits.statements_max: must be from 1 to 1000000",
            "partywall.toml:12:19: limits.connections_max: expected a whole number, found string",
            "partywall.toml:13:21: limits.handshake_seconds: expected a whole number, found float",
            "partywall.toml:14:1: limits.replies: unknown key; did you mean `replies_max`?",
        ]
    );
}

#[test]
fn what_is_probably_not_meant_is_a_warning() {
    let settings = parse(&with_listener(
        "mode = 'observe'\nlisten = '0.0.0.0:6432'\nupstream = 'postgres://a@b/c'\n\
         [[listener]]\nprotocol = 'postgres'\nlisten = '[::ffff:127.0.0.1]:6433'\n\
         upstream = 'postgres://a@b/c'\n\
         [[listener]]\nprotocol = 'postgres'\nlisten = '10.0.0.1:6432'\n\
         upstream = 'postgres://a@b/c'\ntls = {certificate = 'c', key = 'k'}",
    ))
    .unwrap();
    assert_eq!(
        rendered(&settings.warnings),
        [
            "partywall.toml:5:8: listener[0].mode: nothing is confined here: verdicts are logged, \
             and every statement passes as it is",
            "partywall.toml:6:10: listener[0].listen: what clients send here travels unencrypted; \
             set `tls`, or listen on 127.0.0.1",
        ]
    );
}

#[test]
fn variables_are_put_in() {
    let policy = |text: &str| {
        let listener = "[[listener]]\nprotocol = 'postgres'\nlisten = '127.0.0.1:1'\n\
                        upstream = 'postgres://a@b/c'";
        let settings = parse(&format!("tenants = 't'\npolicy = '{text}'\n{listener}"));
        let folder = "/etc/partywall/";
        settings
            .map(|settings| settings.policy.display().to_string().replace(folder, ""))
            .map_err(|errors| rendered(&errors).join("\n"))
    };
    let refused = "partywall.toml:2:10: policy: a `$` must begin a variable, as in \
                   `${PG_PASSWORD}`; write `$$` for a dollar";
    assert_eq!(policy("a${PG_HOST}b${EMPTY}c").as_deref(), Ok("adb.internalbc"));
    assert_eq!(policy("$$a$${PG_HOST}$$").as_deref(), Ok("$a${PG_HOST}$"));
    assert_eq!(policy("$$$${PG_HOST}").as_deref(), Ok("$${PG_HOST}"));
    assert_eq!(policy("$$${PG_HOST}").as_deref(), Ok("$db.internal"));
    for text in ["$", "a$", "$a", "${", "${PG_HOST", "${}", "${1A}", "${PG HOST}", "$PG_HOST"] {
        assert_eq!(policy(text).unwrap_err(), refused, "{text}");
    }
    assert_eq!(
        policy("${NO_SUCH}/${PG_HOST}/${NOR_THIS}").unwrap_err(),
        "partywall.toml:2:10: policy: the environment variable `NOR_THIS` is not set\n\
         partywall.toml:2:10: policy: the environment variable `NO_SUCH` is not set"
    );
}

#[test]
fn urls_are_read_as_libpq_reads_them() {
    let read = |url| {
        let url = upstream(url).unwrap();
        let password = url.password.map(|password| password.expose().to_owned());
        (url.store, password, url.host, url.port)
    };
    let of = |user: &str, password: Option<&str>, host: &str, port, database: &str| {
        let store = postgres(user, database, None);
        (store, password.map(str::to_owned), host.to_owned(), port)
    };
    assert_eq!(read("postgresql://a@b/c"), of("a", None, "b", 5432, "c"));
    assert_eq!(
        read("postgres://a%40b:c%3Ad%2F@[::1]:1/e%20f"),
        of("a@b", Some("c:d/"), "::1", 1, "e f")
    );
    assert_eq!(
        read("postgres://a:${PG_PASSWORD}@${PG_HOST}/c"),
        of("a", Some("p@ss:w/ord?#%$ü"), "db.internal", 5432, "c")
    );
    assert_eq!(
        read("postgres://${PG_PASSWORD}:x$$@${PG_ADDRESS}/c"),
        of("p@ss:w/ord?#%$ü", Some("x$"), "10.0.0.7", 6000, "c")
    );
    // The whole URL is taken as it is.
    assert_eq!(read("${DATABASE_URL}"), of("app", Some("s@crt"), "h", 1, "d"));
}

#[test]
fn parameters_are_those_of_libpq() {
    let read = |query: &str| upstream(&format!("postgres://a@b/c?{query}"));
    let all = read(
        "sslmode=verify-full&sslrootcert=ca.pem&sslcert=/x/c.pem&sslkey=k%20.pem\
         &application_name=a+b",
    )
    .unwrap();
    assert_eq!(all.ssl.mode(), SslMode::VerifyFull);
    let root = RootCertificates::File("/etc/partywall/ca.pem".into());
    assert_eq!(all.ssl.root_certificates, Some(root));
    assert_eq!(all.ssl.certificate.as_deref(), Some(Path::new("/x/c.pem")));
    assert_eq!(all.ssl.key.as_deref(), Some(Path::new("/etc/partywall/k .pem")));
    assert_eq!(all.store, postgres("a", "c", Some("a+b")));
    let system = read("sslrootcert=system").unwrap();
    assert_eq!(system.ssl.root_certificates, Some(RootCertificates::System));
    assert_eq!(system.ssl.mode(), SslMode::VerifyFull);

    let refused = |query| {
        let error = read(query).unwrap_err();
        error.strip_prefix("partywall.toml:6:12: listener[0].upstream: ").unwrap().to_owned()
    };
    assert_eq!(
        refused("options=-c%20x"),
        "parameter `options` is refused: it could change how statements are read"
    );
    assert_eq!(refused("sslmod=require"), "has an unknown parameter; did you mean `sslmode`?");
    assert_eq!(
        refused("target_session_attrs=any"),
        "has an unknown parameter; known here: `application_name`, `sslcert`, `sslkey`, `sslmode`, \
         `sslrootcert`"
    );
    assert_eq!(refused("sslmode=require&sslmode=disable"), "parameter `sslmode` is given twice");
    assert_eq!(
        refused("connect_timeout=1"),
        "parameter `connect_timeout` is not read; set `limits.dial_seconds`"
    );
    assert_eq!(refused("sslcert=c.pem"), "sslcert and sslkey go together: set both or none");
    assert!(refused("sslmode=maybe").contains("verify-full"));
    assert!(refused("sslmode=verify-ca").contains("sslrootcert"));
}

#[test]
fn what_is_no_url_is_refused_without_showing_it() {
    let form = "`postgres://user:password@host:5432/database`";
    for (url, wanted) in [
        ("", "must be of the form"),
        ("127.0.0.1:5432", "must be of the form"),
        ("mysql://a:SECRET@b/c", "must be of the form"),
        ("postgres:a:SECRET@b/c", "must be of the form"),
        ("postgres://a:SECRET@/c", "empty host"),
        ("postgres:///c?user=SECRET", "names no host"),
        ("postgres://b/c", "names no user"),
        ("postgres://:SECRET@b/c", "names no user"),
        ("postgres://a:SECRET@b", "names no database"),
        ("postgres://a:SECRET@b/", "names no database"),
        ("postgres://a:SECRET/@b:1/c", "invalid port number"),
        ("postgres://a:12?SECRET@b/c", "unknown parameter"),
        ("postgres://u@a:12/c?SECRET@b/c", "unknown parameter"),
        ("postgres://a:SECRET@b:99999/c", "invalid port number"),
        ("postgres://a:SECRET@b:0/c", "port 0"),
        ("postgres://a:SECRET@b,d/c", "several hosts"),
        ("postgres://a:SECRET@b:1,d:2/c", "invalid port number"),
        ("postgres://a:SECRET@%2Frun%2Fpg/c", "over TCP"),
        ("postgres://a:SECRET@b%20d/c", "name is not one"),
        ("postgres://a:SECRET@b/c#d", "write it as `%23`"),
        ("postgres://a:SECRET%00@b/c", "null character"),
        ("postgres://a:SECRET%FF@b/c", "not UTF-8"),
        ("postgres://a:$SECRET@b/c", "must begin a variable"),
        ("postgres://a:SECRET${NO_SUCH}@b/c", "`NO_SUCH` is not set"),
    ] {
        let error = upstream(url).unwrap_err();
        assert!(error.contains(wanted), "{url}: {error}");
        assert!(!error.contains("SECRET"), "{url}: {error}");
        assert!(error.starts_with("partywall.toml:6:12: listener[0].upstream: "), "{error}");
    }
    assert_eq!(
        upstream("postgres://b/c").unwrap_err(),
        format!("partywall.toml:6:12: listener[0].upstream: names no user; the form is {form}")
    );
}

#[test]
fn passwords_are_not_shown() {
    let settings =
        parse(&with_listener("listen = '127.0.0.1:1'\nupstream = 'postgres://a:hunter2@b/c'"))
            .unwrap();
    let shown = format!("{settings:?}");
    assert!(shown.contains("5432") && !shown.contains("hunter2"), "{shown}");
}
