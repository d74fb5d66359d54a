//! `mongodb://`, as the drivers' connection string specification has it, for one server.
//!
//! With `tls=true`, TLS begins with the first byte, and the certificate must descend from the machine's
//! own authorities, or from `tlsCAFile`, and bear the host's name.

use std::path::PathBuf;

use super::{Form, MongoUrl, StoreUrl, UpstreamUrl};
use crate::tls::{RootCertificates, SslMode, SslParameters};

const FORM: Form = Form {
    example: "`mongodb://user:password@host:27017/?authSource=admin`",
    schemes: &["mongodb"],
    port: 27017,
    parameters: &[
        "authMechanism",
        "authSource",
        "directConnection",
        "tls",
        "tlsAllowInvalidCertificates",
        "tlsAllowInvalidHostnames",
        "tlsCAFile",
        "tlsCertificateKeyFile",
    ],
};

/// The database that knows users where the URL names none.
const ADMIN: &str = "admin";

pub(super) fn parse(text: &str) -> Result<UpstreamUrl, String> {
    let parts = FORM.read(text)?;
    let mut database = Some(parts.path).filter(|path| !path.is_empty());
    let mut tls = Tls::default();
    for (name, value) in parts.parameters {
        match (name, value.as_str()) {
            ("authSource", "") => return Err("authSource is empty; name a database".to_owned()),
            ("authSource", _) => database = Some(value),
            ("authMechanism", "SCRAM-SHA-256") | ("directConnection", "true") => {}
            ("authMechanism", _) => {
                return Err("authMechanism is SCRAM-SHA-256 here; leave it out".to_owned());
            }
            ("directConnection", _) => {
                return Err(
                    "directConnection is true here: one server is connected to; write the \
                            primary's address, or a mongos'"
                        .to_owned(),
                );
            }
            _ => tls.set(name, &value)?,
        }
    }
    let user = Some(parts.user).filter(|user| !user.is_empty());
    let password = parts.password.filter(|password| !password.expose().is_empty());
    if user.is_some() != password.is_some() {
        return Err(format!("user and password go together; the form is {}", FORM.example));
    }
    let auth_source = database.unwrap_or_else(|| ADMIN.to_owned());
    Ok(UpstreamUrl {
        host: parts.host,
        port: parts.port,
        password,
        ssl: tls.parameters()?,
        store: StoreUrl::Mongo(MongoUrl { user, auth_source }),
    })
}

/// The parameters of TLS, as they are given.
#[derive(Default)]
struct Tls {
    is_wanted: bool,
    any_certificate: bool,
    any_name: bool,
    authorities: Option<PathBuf>,
    certificate_and_key: Option<PathBuf>,
    /// A parameter that has a meaning only with TLS.
    given: Option<&'static str>,
}

impl Tls {
    fn set(&mut self, name: &'static str, value: &str) -> Result<(), String> {
        let flag = || match value {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(format!("{name} is not known; write `true` or `false`")),
        };
        let path = || {
            let path = Some(PathBuf::from(value)).filter(|_| !value.is_empty());
            path.ok_or(format!("{name} is empty; write the path of a PEM file or leave it out"))
        };
        match name {
            "tls" => {
                self.is_wanted = flag()?;
                return Ok(());
            }
            "tlsAllowInvalidCertificates" => self.any_certificate = flag()?,
            "tlsAllowInvalidHostnames" => self.any_name = flag()?,
            "tlsCAFile" => self.authorities = Some(path()?),
            _ => self.certificate_and_key = Some(path()?),
        }
        self.given = Some(name);
        Ok(())
    }

    fn parameters(self) -> Result<SslParameters, String> {
        if !self.is_wanted {
            return match self.given {
                None => {
                    Ok(SslParameters { mode: Some(SslMode::Disable), ..SslParameters::default() })
                }
                Some(name) => {
                    Err(format!("{name} goes with `tls=true` only; add it, or leave both out"))
                }
            };
        }
        let mode = match (self.any_certificate, self.any_name, &self.authorities) {
            (true, _, None) => SslMode::Require,
            (true, _, Some(_)) => {
                return Err("tlsAllowInvalidCertificates=true looks at no certificate; leave \
                            tlsCAFile out, or have it checked"
                    .to_owned());
            }
            (false, true, None) => {
                // Anyone can have a certificate of a public authority, in a name of their own.
                return Err("tlsAllowInvalidHostnames=true needs tlsCAFile: without, anyone's \
                            certificate would do"
                    .to_owned());
            }
            (false, true, Some(_)) => SslMode::VerifyCa,
            (false, false, _) => SslMode::VerifyFull,
        };
        let authorities = self.authorities.map(RootCertificates::File);
        let looks = mode != SslMode::Require;
        Ok(SslParameters {
            mode: Some(mode),
            root_certificates: authorities.or(looks.then_some(RootCertificates::System)),
            certificate: self.certificate_and_key.clone(),
            key: self.certificate_and_key,
        })
    }
}
