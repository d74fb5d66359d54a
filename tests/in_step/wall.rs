//! A connection that has started, and the bytes on both sides of it.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use identity::{ClientExchange, Nonce, Registry};
use policies::Mode;
use policies::TenantKind;
use policies::policy::Policy;
use policies::postgres::Rules;
use relay::postgres::{Connection, Peer, Settings, SslMode, Upstream, World};
use relay::{Connection as _, Fatal, Outbox};
use wire::Limits;

/// A connection and what has not been delivered yet.
pub(crate) struct Wall {
    connection: Connection,
    pub(crate) out: Outbox,
    from_client: BytesMut,
    from_upstream: BytesMut,
}

impl Wall {
    /// Logs in as acme at an upstream that trusts us.
    pub(crate) fn start() -> Self {
        let connection = Connection::new(world(), Peer::default(), Instant::now());
        let empty = BytesMut::new;
        let mut wall = Self {
            connection,
            out: Outbox::default(),
            from_client: empty(),
            from_upstream: empty(),
        };
        wall.on_client(b"\0\0\0\x13\0\x03\0\0user\0acme\0\0").unwrap();
        let nonce = Nonce::new([1; Nonce::ENTROPY_BYTES]);
        let exchange = ClientExchange::choose([&b"SCRAM-SHA-256"[..]], None, nonce).unwrap();
        let (first, exchange) = exchange.begin();
        wall.out = Outbox::default();
        let length = u32::try_from(first.len()).unwrap().to_be_bytes();
        let body = [b"SCRAM-SHA-256\0", &length[..], first.as_bytes()].concat();
        wall.on_client(&message(b'p', &body)).unwrap();
        let server_first = wall.out.to_client.split_off(9);
        let (last, _) = exchange.on_server_first(&server_first, b"the password of acme").unwrap();
        wall.on_client(&message(b'p', last.as_bytes())).unwrap();
        wall.connection.on_dialed(&mut wall.out);
        for (tag, body) in [
            (b'R', &b"\0\0\0\0"[..]),
            (b'S', b"client_encoding\0UTF8\0"),
            (b'S', b"standard_conforming_strings\0on\0"),
            (b'Z', b"I"),
        ] {
            wall.on_upstream(&message(tag, body)).unwrap();
        }
        wall.out = Outbox::default();
        wall
    }

    pub(crate) fn on_client(&mut self, bytes: &[u8]) -> Result<(), Fatal> {
        self.from_client.extend_from_slice(bytes);
        self.offer()
    }

    pub(crate) fn on_upstream(&mut self, bytes: &[u8]) -> Result<(), Fatal> {
        self.from_upstream.extend_from_slice(bytes);
        self.connection.on_upstream(&mut self.from_upstream, &mut self.out)?;
        self.offer()
    }

    /// Whether nothing is owed and no transaction is open.
    pub(crate) fn is_quiet(&mut self) -> bool {
        self.connection.on_drain(&mut Outbox::default()).is_err()
    }

    fn offer(&mut self) -> Result<(), Fatal> {
        if self.connection.wants_client() {
            self.connection.on_client(&mut self.from_client, &mut self.out)?;
        }
        self.out.effects.clear();
        Ok(())
    }
}

pub(crate) fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
    [&[tag], &length[..], body].concat()
}

fn world() -> Arc<World> {
    static WORLD: OnceLock<Arc<World>> = OnceLock::new();
    Arc::clone(WORLD.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/postgres");
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        let policy = Policy::parse(&read("policy.toml")).unwrap();
        let catalog = serde_json::from_str(&read("catalog.json")).unwrap();
        let rules = Rules::new(&policy, &catalog, 1).unwrap();
        let registry = Registry::parse(&read("tenants.toml"), TenantKind::Uuid).unwrap();
        let settings = Settings {
            mode: Mode::Inject,
            // Few enough that the client has to wait now and then.
            limits: Limits { replies_max: 16, ..Limits::default() },
            upstream: Upstream {
                user: "wall".to_owned(),
                password: None,
                database: "app".to_owned(),
                ssl_mode: SslMode::Disable,
                application_name: None,
                is_loopback: true,
            },
            authentication_timeout: Duration::from_secs(60),
            dial_timeout: Duration::from_secs(10),
        };
        Arc::new(World::new(settings, Arc::new(rules), Arc::new(registry)))
    }))
}
