//! `upstream`: a store's URL, as libpq and its drivers read it, with fewer freedoms.
//!
//! PostgreSQL 17 section 32.1.1.2 has the form. One host, over TCP; user, host and database are
//! written out, as what libpq takes for them otherwise depends on the machine.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use policies::document::{Reported, Value, closest};
use url::{Host, Url};

use super::text::{Environment, Secret};
use crate::tls::{RootCertificates, SslParameters};

/// Where a listener's statements go, and as whom.
#[derive(Clone, Debug)]
pub(crate) struct UpstreamUrl {
    /// A host name or an IP address, without brackets.
    pub(crate) host: String,
    /// The TCP port, 5432 by default.
    pub(crate) port: u16,
    /// The proxy's own login at the store.
    pub(crate) user: String,
    /// Its password, where it has one.
    pub(crate) password: Option<Secret>,
    /// The database.
    pub(crate) database: String,
    /// `sslmode` and its companions.
    pub(crate) ssl: SslParameters,
    /// `application_name`: what the store shows for connections whose client says nothing.
    pub(crate) application_name: Option<String>,
}

/// The form, for errors.
const FORM: &str = "`postgres://user:password@host:5432/database`";
const PORT: u16 = 5432;
const PARAMETERS: [&str; 5] = ["application_name", "sslcert", "sslkey", "sslmode", "sslrootcert"];

impl UpstreamUrl {
    /// Reads the value as a URL. No error repeats a part of it.
    ///
    /// # Errors
    /// `Reported`.
    pub(super) fn resolve(
        value: &Value<'_>,
        environment: &Environment<'_>,
    ) -> Result<Self, Reported> {
        let text = expand(value, environment)?;
        Self::parse(&text, environment.folder).map_err(|what| value.refuse(what))
    }

    fn parse(text: &str, folder: &Path) -> Result<Self, String> {
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(format!("must be of the form {FORM}"));
        }
        let url = Url::parse(text).map_err(|error| {
            format!(
                "is not of the form {FORM}: {error}; in user and password, write special \
                 characters percent-encoded, as `%40` for `@`"
            )
        })?;
        if url.fragment().is_some() {
            return Err("holds a `#`; write it as `%23`".to_owned());
        }
        let user = decoded(url.username(), "user")?;
        let database = decoded(url.path().strip_prefix('/').unwrap_or_default(), "database")?;
        for (part, text) in [("user", &user), ("database", &database)] {
            if text.is_empty() {
                return Err(format!("names no {part}; the form is {FORM}"));
            }
        }
        let password = url.password().map(|text| decoded(text, "password")).transpose()?;
        let mut upstream = Self {
            host: host(&url)?,
            port: url.port().unwrap_or(PORT),
            user,
            password: password.map(Secret::new),
            database,
            ssl: SslParameters::default(),
            application_name: None,
        };
        if upstream.port == 0 {
            return Err("port 0 is no port to connect to".to_owned());
        }
        upstream.set_parameters(url.query().unwrap_or_default(), folder)?;
        Ok(upstream)
    }

    fn set_parameters(&mut self, query: &str, folder: &Path) -> Result<(), String> {
        let mut given = Vec::new();
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let name = decoded(name, "parameter")?;
            let Some(name) = PARAMETERS.into_iter().find(|known| *known == name) else {
                return Err(unknown(&name));
            };
            if given.contains(&name) {
                return Err(format!("parameter `{name}` is given twice"));
            }
            given.push(name);
            let value = decoded(value, name)?;
            if name == "application_name" {
                self.application_name = Some(value);
            } else {
                self.ssl.set(name, &value)?;
            }
        }
        let at_folder = |path: &mut PathBuf| *path = folder.join(&*path);
        self.ssl.certificate.iter_mut().chain(&mut self.ssl.key).for_each(at_folder);
        if let Some(RootCertificates::File(path)) = &mut self.ssl.root_certificates {
            at_folder(path);
        }
        self.ssl.check().map_err(|problem| problem.to_string())
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

fn host(url: &Url) -> Result<String, String> {
    let name = match url.host() {
        Some(Host::Ipv4(address)) => return Ok(address.to_string()),
        Some(Host::Ipv6(address)) => return Ok(address.to_string()),
        Some(Host::Domain(name)) => decoded(name, "host")?,
        None => String::new(),
    };
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-._".contains(letter);
    if name.is_empty() {
        Err(format!("names no host; the form is {FORM}"))
    } else if name.contains(',') {
        Err("names several hosts; name one, and write a `[[listener]]` for each".to_owned())
    } else if name.contains('/') {
        Err("a socket's path is not a host; connect over TCP, as to `127.0.0.1`".to_owned())
    } else if name.chars().all(plain) {
        Ok(name)
    } else {
        Err(format!("the host's name is not one; the form is {FORM}"))
    }
}

/// What is said of a parameter that is not read. Only names that libpq has are repeated: anything
/// else may be the end of a password that was not encoded.
fn unknown(name: &str) -> String {
    let known = PARAMETERS.join("`, `");
    match name {
        "options" => {
            "parameter `options` is refused: it could change how statements are read".to_owned()
        }
        "connect_timeout" => {
            "parameter `connect_timeout` is not read; set `limits.dial_seconds`".to_owned()
        }
        _ => match closest(name, PARAMETERS) {
            Some(meant) => format!("has an unknown parameter; did you mean `{meant}`?"),
            None => format!("has an unknown parameter; known here: `{known}`"),
        },
    }
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
