//! `partywall.toml`: where things are. Document in, resolved settings out, all errors at once.
//!
//! Strings may name environment variables, `${PG_PASSWORD}`; see [`text`]. No error and no `Debug`
//! output shows what a string holds, as it may be a password.

mod limits;
mod text;
mod upstream;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use policies::Mode;
use policies::document::{self, DocumentError, Once, Reported, Table, Value};
use relay::mongo::Face;
use relay::resp::TenantUsers;

pub(crate) use limits::Limits;
pub(crate) use text::Secret;
pub(crate) use upstream::{BoltUrl, MongoUrl, PostgresUrl, StoreUrl, UpstreamUrl};

use text::Environment;

use crate::tls::SslMode;

/// Settings that have been read and resolved.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// `policy`: where the policy document is.
    pub(crate) policy: PathBuf,
    /// `tenants`: where the registry is.
    pub(crate) tenants: PathBuf,
    /// `[[listener]]`, in the order of the document; at least one.
    pub(crate) listeners: Vec<Listener>,
    /// `[admin] listen`: where `/live`, `/ready` and `/metrics` are; without it, nowhere.
    pub(crate) admin: Option<SocketAddr>,
    /// `[limits]`
    pub(crate) limits: Limits,
    /// `[log] format`
    pub(crate) log: LogFormat,
    /// `drain_seconds`: how long connections may go on after SIGTERM.
    pub(crate) drain: Duration,
    /// What can be used, but is probably not meant. Printed like errors.
    pub(crate) warnings: Vec<DocumentError>,
}

/// `[[listener]]`
#[derive(Clone, Debug)]
pub(crate) struct Listener {
    /// `listen`: where clients come in.
    pub(crate) listen: SocketAddr,
    /// `upstream`: the store behind it. It speaks the listener's `protocol`.
    pub(crate) upstream: UpstreamUrl,
    /// `mode`: what happens to what is judged. `inject` by default.
    pub(crate) mode: Mode,
    /// `tls`: without it, clients that ask for TLS are told that there is none.
    pub(crate) tls: Option<TlsFiles>,
    /// `upstream_user`: the users that the upstream itself keeps to one tenant each. Redis only.
    pub(crate) tenant_users: Option<TenantUsers>,
    /// `replica_set`: what clients are told that they speak with; a mongos by default. MongoDB only.
    pub(crate) face: Face,
}

/// The protocols that are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Protocol {
    /// PostgreSQL's, version 3.
    Postgres,
    /// Redis', versions 2 and 3.
    Resp,
    /// MongoDB's.
    Mongo,
    /// Neo4j's.
    Bolt,
}

impl Protocol {
    /// As `protocol` and every label has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Resp => "resp",
            Self::Mongo => "mongo",
            Self::Bolt => "bolt",
        }
    }
}

/// `tls` of a listener: PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TlsFiles {
    /// The certificate, and the intermediate ones behind it.
    pub(crate) certificate: PathBuf,
    /// Its key.
    pub(crate) key: PathBuf,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// `Pretty` on a terminal, `Json` otherwise.
    #[default]
    Auto,
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}

/// Seconds that connections get by default to end by themselves: a little less than the 30 that
/// Kubernetes waits before it kills.
const DRAIN_SECONDS: i64 = 25;
const DRAIN_SECONDS_MAX: i64 = 86_400;

impl Settings {
    /// Reads and resolves settings. Relative paths in them start at `folder`; `variable` gives the
    /// value of an environment variable.
    ///
    /// # Errors
    /// Everything that must be mended, in the order of the text.
    pub(crate) fn parse(
        text: &str,
        folder: &Path,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<DocumentError>> {
        let environment = Environment { folder, variable };
        document::read(text, |table| {
            let (mut addresses, mut warnings) = (Once::new(), Vec::new());
            let policy = table.require("policy").and_then(|value| environment.path(&value));
            let tenants = table.require("tenants").and_then(|value| environment.path(&value));
            let listeners = table.require("listener").and_then(|value| {
                let listeners = value.list(|item| {
                    item.table(|table| listener(table, &environment, &mut addresses, &mut warnings))
                })?;
                if listeners.is_empty() {
                    return Err(value.refuse("is empty; add a `[[listener]]`"));
                }
                Ok(listeners)
            });
            let admin = table.get("admin").map(|value| {
                value.table(|table| address(table, &environment, &mut addresses).map(|it| it.0))
            });
            let limits = table.get("limits").map(|value| value.table(Limits::resolve));
            let log = table.get("log").map(|value| value.table(|table| log(table, &environment)));
            warnings.sort();
            let drain = table
                .get("drain_seconds")
                .map(|value| value.integer(0..=DRAIN_SECONDS_MAX))
                .unwrap_or(Ok(DRAIN_SECONDS));
            Ok(Self {
                policy: policy?,
                tenants: tenants?,
                listeners: listeners?,
                admin: admin.transpose()?,
                limits: limits.transpose()?.unwrap_or_default(),
                log: log.transpose()?.unwrap_or_default(),
                drain: Duration::from_secs(drain?.unsigned_abs()),
                warnings,
            })
        })
    }
}

fn listener(
    table: &mut Table<'_>,
    environment: &Environment<'_>,
    addresses: &mut Once<SocketAddr>,
    warnings: &mut Vec<DocumentError>,
) -> Result<Listener, Reported> {
    let protocol = table.require("protocol").and_then(|value| protocol(&value, environment));
    let listen = address(table, environment, addresses);
    let upstream = table.require("upstream").and_then(|value| {
        let upstream = UpstreamUrl::resolve(&value, protocol?, environment)?;
        if upstream.ssl.mode() == SslMode::Disable && !upstream.is_loopback() {
            warnings.push(value.problem(
                "what is sent to this upstream travels unencrypted, passwords included; let it \
                 speak TLS",
            ));
        }
        Ok(upstream)
    });
    let mode = table.get("mode").map(|value| mode(&value, environment, warnings));
    let tls = table.get("tls").map(|value| {
        value.table(|table| {
            let certificate = table.require("certificate");
            let certificate = certificate.and_then(|value| environment.path(&value));
            let key = table.require("key").and_then(|value| environment.path(&value));
            Ok(TlsFiles { certificate: certificate?, key: key? })
        })
    });
    let tenant_users = table.get("upstream_user").map(|value| {
        let text = environment.text(&value)?;
        tenant_users(&text, upstream.as_ref().ok(), mode.as_ref())
            .map_err(|what| value.refuse(what))
    });
    let replica_set = table.get("replica_set").map(|value| {
        let address = listen.as_ref().ok().map(|(address, _)| *address);
        let set = value.table(|table| replica_set(table, address, environment));
        match &upstream {
            Ok(upstream) if upstream.protocol() != Protocol::Mongo => {
                Err(value.refuse("is for `protocol = \"mongo\"` only"))
            }
            _ => set,
        }
    });
    if let (Ok((listen, value)), None) = (&listen, &tls)
        && !listen.ip().to_canonical().is_loopback()
    {
        warnings.push(value.problem(
            "what clients send here travels unencrypted; set `tls`, or listen on 127.0.0.1",
        ));
    }
    Ok(Listener {
        listen: listen?.0,
        upstream: upstream?,
        mode: mode.transpose()?.unwrap_or(Mode::Inject),
        tls: tls.transpose()?,
        tenant_users: tenant_users.transpose()?,
        face: replica_set.transpose()?.unwrap_or(Face::Mongos),
    })
}

/// `replica_set`: its name, and the one member's address, as clients write it. Without one it is
/// where the listener listens.
fn replica_set(
    table: &mut Table<'_>,
    listen: Option<SocketAddr>,
    environment: &Environment<'_>,
) -> Result<Face, Reported> {
    let not_empty = |value: Value<'_>| match environment.text(&value)? {
        text if text.is_empty() => Err(value.refuse("is empty")),
        text => Ok(text),
    };
    let name = table.require("name").and_then(not_empty);
    let address = match table.get("address") {
        Some(value) => not_empty(value),
        None => Ok(listen.map(|address| address.to_string()).unwrap_or_default()),
    };
    Ok(Face::Set { name: name?, address: address? })
}

/// Bytes of a password that others are derived from: whoever sees the hashes of those may try
/// passwords as fast as a machine can.
const SECRET_BYTES_MIN: usize = 16;

/// `upstream_user`, for what the rest of the listener says.
fn tenant_users(
    text: &str,
    upstream: Option<&UpstreamUrl>,
    mode: Option<&Result<Mode, Reported>>,
) -> Result<TenantUsers, String> {
    if matches!(mode, Some(Ok(Mode::Observe))) {
        return Err("goes not with `mode = \"observe\"`: the server would refuse what is only \
                    observed"
            .to_owned());
    }
    if let Some(upstream) = upstream {
        if upstream.protocol() != Protocol::Resp {
            return Err("is for `protocol = \"resp\"` only".to_owned());
        }
        let secret = upstream.password.as_ref().map_or(0, |password| password.expose().len());
        if secret < SECRET_BYTES_MIN {
            return Err(format!(
                "needs a password of at least {SECRET_BYTES_MIN} random characters in `upstream`: \
                 those of the users are derived from it"
            ));
        }
    }
    TenantUsers::parse(text)
}

fn protocol(value: &Value<'_>, environment: &Environment<'_>) -> Result<Protocol, Reported> {
    let text = environment.text(value)?;
    let choices = [Protocol::Postgres, Protocol::Bolt, Protocol::Mongo, Protocol::Resp];
    value.choose(&text, &choices.map(|protocol| (protocol.name(), protocol)))
}

fn mode(
    value: &Value<'_>,
    environment: &Environment<'_>,
    warnings: &mut Vec<DocumentError>,
) -> Result<Mode, Reported> {
    let choices =
        [("inject", Mode::Inject), ("validate", Mode::Validate), ("observe", Mode::Observe)];
    let mode = value.choose(&environment.text(value)?, &choices)?;
    if mode == Mode::Observe {
        warnings.push(value.problem(
            "nothing is confined here: verdicts are logged, and every statement passes as it is",
        ));
    }
    Ok(mode)
}

/// The address under `listen`, and where it stands. One address serves one purpose; only port 0,
/// which lets the system choose, may be given again.
fn address<'d>(
    table: &mut Table<'d>,
    environment: &Environment<'_>,
    addresses: &mut Once<SocketAddr>,
) -> Result<(SocketAddr, Value<'d>), Reported> {
    let value = table.require("listen")?;
    let address: SocketAddr = environment
        .text(&value)?
        .parse()
        .map_err(|_| value.refuse("must be an IP address and a port, such as `127.0.0.1:6432`"))?;
    if address.port() != 0 {
        addresses.claim(address, &value)?;
    }
    Ok((address, value))
}

fn log(table: &mut Table<'_>, environment: &Environment<'_>) -> Result<LogFormat, Reported> {
    let choices =
        [("auto", LogFormat::Auto), ("pretty", LogFormat::Pretty), ("json", LogFormat::Json)];
    let Some(value) = table.get("format") else { return Ok(LogFormat::Auto) };
    value.choose(&environment.text(&value)?, &choices)
}

#[cfg(test)]
mod tests;
