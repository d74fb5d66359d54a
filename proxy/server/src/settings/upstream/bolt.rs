//! `bolt://`, `bolt+s://` and `bolt+ssc://`, as Neo4j's drivers read them; `neo4j` in place of `bolt`
//! is the same, as one server is connected to. The parameter of TLS bears the drivers' own name.
//!
//! With `+s`, TLS begins with the first byte, and the certificate must descend from the machine's own
//! authorities, or from `trusted_certificates`, and bear the host's name; with `+ssc`, any will do.

use std::path::PathBuf;

use super::{BoltUrl, Form, StoreUrl, UpstreamUrl};
use crate::tls::{RootCertificates, SslMode, SslParameters};

const FORM: Form = Form {
    example: "`bolt://user:password@host:7687/neo4j`",
    schemes: &["bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc"],
    port: 7687,
    parameters: &["trusted_certificates"],
};

/// The database that every server begins with.
const DATABASE: &str = "neo4j";
/// The database of users and databases: whoever may write there owns the server.
const SYSTEM: &str = "system";

pub(super) fn parse(text: &str) -> Result<UpstreamUrl, String> {
    let parts = FORM.read(text)?;
    let database = Some(parts.path).filter(|path| !path.is_empty());
    let database = database.unwrap_or_else(|| DATABASE.to_owned());
    // Operations manual, "Administrative commands": what a database may be called.
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '.' || letter == '-';
    if !database.chars().all(plain) {
        return Err(format!("the database's name is not one; the form is {}", FORM.example));
    }
    if database.eq_ignore_ascii_case(SYSTEM) {
        return Err(format!("the database `{SYSTEM}` holds no tenant's data; name another"));
    }
    let user = Some(parts.user).filter(|user| !user.is_empty());
    let password = parts.password.filter(|password| !password.expose().is_empty());
    if user.is_some() != password.is_some() {
        return Err(format!("user and password go together; the form is {}", FORM.example));
    }
    let mut authorities = None;
    for (name, value) in parts.parameters {
        let path = Some(PathBuf::from(value)).filter(|path| !path.as_os_str().is_empty());
        let path = path.ok_or(format!("{name} is empty; write the path of a PEM file"))?;
        authorities = Some(RootCertificates::File(path));
    }
    let (mode, root_certificates) = match (parts.scheme.split_once('+'), authorities) {
        (None, None) => (SslMode::Disable, None),
        (Some((_, "s")), None) => (SslMode::VerifyFull, Some(RootCertificates::System)),
        (Some((_, "s")), authorities) => (SslMode::VerifyFull, authorities),
        (Some(_), None) => (SslMode::Require, None),
        (None | Some(_), Some(_)) => {
            return Err("trusted_certificates goes with `bolt+s://` only".to_owned());
        }
    };
    let ssl = SslParameters { mode: Some(mode), root_certificates, ..SslParameters::default() };
    Ok(UpstreamUrl {
        host: parts.host,
        port: parts.port,
        password,
        ssl,
        store: StoreUrl::Bolt(BoltUrl { user, database }),
    })
}
