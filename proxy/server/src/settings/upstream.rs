//! `upstream`: a store's URL, in the form that its own drivers read, with fewer freedoms.
//!
//! One host, over TCP. What a driver would take from the machine, such as its user's name or a file
//! in a home folder, is written out or does not count.

mod bolt;
mod mongo;
mod postgres;
mod redis;

use std::borrow::Cow;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use policies::document::{Reported, Value, closest};
use url::{Host, Url};

use super::Protocol;
use super::text::{Environment, Secret};
use crate::tls::{RootCertificates, SslParameters};

/// Where a listener's statements go, and as whom.
#[derive(Clone, Debug)]
pub(crate) struct UpstreamUrl {
    /// A host name or an IP address, without brackets.
    pub(crate) host: String,
    /// The TCP port.
    pub(crate) port: u16,
    /// The password of the proxy's own account, where it has one.
    pub(crate) password: Option<Secret>,
    /// How TLS is spoken with it.
    pub(crate) ssl: SslParameters,
    /// What is said to one kind of store only.
    pub(crate) store: StoreUrl,
}

/// The parts of a URL that one kind of store has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StoreUrl {
    /// `postgres://`
    Postgres(PostgresUrl),
    /// `redis://` and `rediss://`. The database is always 0.
    Resp {
        /// The proxy's own ACL user; None for the default one.
        user: Option<String>,
    },
    /// `mongodb://`
    Mongo(MongoUrl),
    /// `bolt://`
    Bolt(BoltUrl),
}

/// What a `bolt://` URL says beyond others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BoltUrl {
    /// The proxy's own user; None where the server asks for none.
    pub(crate) user: Option<String>,
    /// The database.
    pub(crate) database: String,
}

/// What a `mongodb://` URL says beyond others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MongoUrl {
    /// The proxy's own user; None where the server asks for none.
    pub(crate) user: Option<String>,
    /// `authSource`: the database that knows the user.
    pub(crate) auth_source: String,
}

/// What a `postgres://` URL says beyond others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PostgresUrl {
    /// The proxy's own login.
    pub(crate) user: String,
    /// The database.
    pub(crate) database: String,
    /// `application_name`: what the store shows for connections whose client says nothing.
    pub(crate) application_name: Option<String>,
}

impl UpstreamUrl {
    /// Reads the value as a URL of a store that speaks `protocol`. No error repeats a part of it.
    ///
    /// # Errors
    /// `Reported`.
    pub(super) fn resolve(
        value: &Value<'_>,
        protocol: Protocol,
        environment: &Environment<'_>,
    ) -> Result<Self, Reported> {
        let text = expand(value, environment)?;
        let parse = match protocol {
            Protocol::Postgres => postgres::parse,
            Protocol::Resp => redis::parse,
            Protocol::Mongo => mongo::parse,
            Protocol::Bolt => bolt::parse,
        };
        let mut url = parse(&text).map_err(|what| value.refuse(what))?;
        url.start_paths_at(environment.folder);
        Ok(url)
    }

    /// What is spoken with it.
    pub(crate) fn protocol(&self) -> Protocol {
        match self.store {
            StoreUrl::Postgres(_) => Protocol::Postgres,
            StoreUrl::Resp { .. } => Protocol::Resp,
            StoreUrl::Mongo(_) => Protocol::Mongo,
            StoreUrl::Bolt(_) => Protocol::Bolt,
        }
    }

    /// Whether the host is this machine, so that nobody can listen on the way.
    pub(crate) fn is_loopback(&self) -> bool {
        let loopback = |address: IpAddr| address.to_canonical().is_loopback();
        self.host == "localhost" || self.host.parse().is_ok_and(loopback)
    }

    /// Its name for people, without account and password.
    pub(crate) fn name(&self) -> String {
        let Self { host, port, .. } = self;
        match &self.store {
            StoreUrl::Postgres(url) => format!("{host}:{port}/{}", url.database),
            StoreUrl::Bolt(url) => format!("{host}:{port}/{}", url.database),
            StoreUrl::Resp { .. } | StoreUrl::Mongo(_) => format!("{host}:{port}"),
        }
    }

    fn start_paths_at(&mut self, folder: &Path) {
        let at_folder = |path: &mut PathBuf| *path = folder.join(&*path);
        self.ssl.certificate.iter_mut().chain(&mut self.ssl.key).for_each(at_folder);
        if let Some(RootCertificates::File(path)) = &mut self.ssl.root_certificates {
            at_folder(path);
        }
    }
}

/// What the URLs of one kind of store look like.
struct Form {
    /// The form, for errors.
    example: &'static str,
    schemes: &'static [&'static str],
    port: u16,
    parameters: &'static [&'static str],
}

/// A URL, taken apart and decoded.
struct Parts {
    scheme: String,
    host: String,
    port: u16,
    user: String,
    password: Option<Secret>,
    /// The path without the slash before it.
    path: String,
    /// Each at most once.
    parameters: Vec<(&'static str, String)>,
}

impl Form {
    fn read(&self, text: &str) -> Result<Parts, String> {
        let example = self.example;
        let scheme = self
            .schemes
            .iter()
            .find(|scheme| text.strip_prefix(**scheme).is_some_and(|rest| rest.starts_with("://")));
        let Some(scheme) = scheme else {
            return Err(format!("must be of the form {example}"));
        };
        let url = Url::parse(text).map_err(|error| {
            format!(
                "is not of the form {example}: {error}; in user and password, write special \
                 characters percent-encoded, as `%40` for `@`"
            )
        })?;
        if url.fragment().is_some() {
            return Err("holds a `#`; write it as `%23`".to_owned());
        }
        let user = decoded(url.username(), "user")?;
        let path = decoded(url.path().strip_prefix('/').unwrap_or_default(), "database")?;
        let password = url.password().map(|text| decoded(text, "password")).transpose()?;
        let port = url.port().unwrap_or(self.port);
        if port == 0 {
            return Err("port 0 is no port to connect to".to_owned());
        }
        Ok(Parts {
            scheme: (*scheme).to_owned(),
            host: self.host(&url)?,
            port,
            user,
            password: password.map(Secret::new),
            path,
            parameters: self.parameters(url.query().unwrap_or_default())?,
        })
    }

    fn host(&self, url: &Url) -> Result<String, String> {
        let name = match url.host() {
            Some(Host::Ipv4(address)) => return Ok(address.to_string()),
            Some(Host::Ipv6(address)) => return Ok(address.to_string()),
            Some(Host::Domain(name)) => decoded(name, "host")?,
            None => String::new(),
        };
        let example = self.example;
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-._".contains(letter);
        if name.is_empty() {
            Err(format!("names no host; the form is {example}"))
        } else if name.contains(',') {
            Err("names several hosts; name one, and write a `[[listener]]` for each".to_owned())
        } else if name.contains('/') {
            Err("a socket's path is not a host; connect over TCP, as to `127.0.0.1`".to_owned())
        } else if name.chars().all(plain) {
            Ok(name)
        } else {
            Err(format!("the host's name is not one; the form is {example}"))
        }
    }

    fn parameters(&self, query: &str) -> Result<Vec<(&'static str, String)>, String> {
        let mut given = Vec::<(&'static str, String)>::new();
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let name = decoded(name, "parameter")?;
            let Some(name) = self.parameters.iter().find(|known| **known == name) else {
                return Err(self.unknown(&name));
            };
            if given.iter().any(|(known, _)| known == name) {
                return Err(format!("parameter `{name}` is given twice"));
            }
            given.push((name, decoded(value, name)?));
        }
        Ok(given)
    }

    /// What is said of a parameter that is not read. Only names that drivers have are repeated:
    /// anything else may be the end of a password that was not encoded.
    fn unknown(&self, name: &str) -> String {
        match name {
            "options" => {
                "parameter `options` is refused: it could change how statements are read".to_owned()
            }
            "connect_timeout" | "socket_connect_timeout" => {
                format!("parameter `{name}` is not read; set `limits.dial_seconds`")
            }
            _ => match closest(name, self.parameters.iter().copied()) {
                Some(meant) => format!("has an unknown parameter; did you mean `{meant}`?"),
                None => {
                    let known = self.parameters.join("`, `");
                    format!("has an unknown parameter; known here: `{known}`")
                }
            },
        }
    }
}

/// The value's text with its variables put in. A variable within user or password is taken
/// literally, whatever characters it has; one that is the whole URL, or lies elsewhere, is part of
/// the URL's text.
fn expand(value: &Value<'_>, environment: &Environment<'_>) -> Result<String, Reported> {
    let template = value.text()?;
    let authority_at = template.find("://").map_or(0, |at| at + "://".len());
    let (scheme, rest) = template.split_at(authority_at);
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let login_end = rest.split_at(authority_end).0.rfind('@').unwrap_or(0);
    let (login, rest) = rest.split_at(login_end);
    let encode = |text: String| utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string();
    let parts = [
        environment.expand(value, scheme, |text| text),
        environment.expand(value, login, encode),
        environment.expand(value, rest, |text| text),
    ];
    parts.into_iter().collect()
}

fn decoded(text: &str, part: &str) -> Result<String, String> {
    let text: Cow<'_, str> = percent_decode_str(text)
        .decode_utf8()
        .map_err(|_| format!("the {part} is not UTF-8 once it is percent-decoded"))?;
    if text.contains('\0') {
        return Err(format!("the {part} holds a null character"));
    }
    Ok(text.into_owned())
}
