//! `redis://` and `rediss://`, as registered with IANA; the parameters of TLS are redis-py's, as no
//! registration names any.
//!
//! With `rediss://`, TLS begins with the first byte, and the certificate must descend from the
//! machine's own authorities, or from `ssl_ca_certs`, and bear the host's name.

use std::path::PathBuf;

use super::{Form, StoreUrl, UpstreamUrl};
use crate::tls::{RootCertificates, SslMode, SslParameters};

const FORM: Form = Form {
    example: "`redis://user:password@host:6379/0`",
    schemes: &["redis", "rediss"],
    port: 6379,
    parameters: &[
        "ssl_ca_certs",
        "ssl_cert_reqs",
        "ssl_certfile",
        "ssl_check_hostname",
        "ssl_keyfile",
    ],
};

pub(super) fn parse(text: &str) -> Result<UpstreamUrl, String> {
    let parts = FORM.read(text)?;
    if !matches!(parts.path.as_str(), "" | "0") {
        return Err(
            "names a database other than 0, which is the one that is served here: tenants \
                    are told apart by the prefix of their keys; end the URL with `/0`"
                .to_owned(),
        );
    }
    let user = Some(parts.user).filter(|user| !user.is_empty());
    let password = parts.password.filter(|password| !password.expose().is_empty());
    if user.is_some() && password.is_none() {
        return Err(format!(
            "names a user without a password; the form is {}, or `redis://:password@host:6379/0` \
             for the default user",
            FORM.example
        ));
    }
    let ssl = if parts.scheme == "rediss" {
        tls(parts.parameters)?
    } else if parts.parameters.is_empty() {
        SslParameters { mode: Some(SslMode::Disable), ..SslParameters::default() }
    } else {
        return Err(
            "has parameters of TLS; write `rediss://` for TLS, or leave them out".to_owned()
        );
    };
    Ok(UpstreamUrl {
        host: parts.host,
        port: parts.port,
        password,
        ssl,
        store: StoreUrl::Resp { user },
    })
}

fn tls(parameters: Vec<(&'static str, String)>) -> Result<SslParameters, String> {
    let mut ssl = SslParameters::default();
    let (mut verifies, mut in_name) = (true, true);
    for (name, value) in parameters {
        let unknown = |known: &str| Err(format!("{name} is not known; write {known}"));
        let path = || {
            let path = Some(PathBuf::from(&value)).filter(|_| !value.is_empty());
            path.ok_or(format!("{name} is empty; write the path of a PEM file or leave it out"))
        };
        match (name, value.as_str()) {
            ("ssl_ca_certs", _) => ssl.root_certificates = Some(RootCertificates::File(path()?)),
            ("ssl_certfile", _) => ssl.certificate = Some(path()?),
            ("ssl_keyfile", _) => ssl.key = Some(path()?),
            ("ssl_cert_reqs", "required") => verifies = true,
            ("ssl_cert_reqs", "none") => verifies = false,
            ("ssl_cert_reqs", _) => return unknown("`required` or `none`"),
            (_, "true") => in_name = true,
            (_, "false") => in_name = false,
            _ => return unknown("`true` or `false`"),
        }
    }
    if ssl.certificate.is_some() != ssl.key.is_some() {
        return Err("ssl_certfile and ssl_keyfile go together: set both or none".to_owned());
    }
    ssl.mode = Some(match (verifies, in_name, &ssl.root_certificates) {
        (false, _, None) => SslMode::Require,
        (false, _, Some(_)) => {
            return Err("ssl_cert_reqs=none looks at no certificate; leave ssl_ca_certs out, or \
                        have it checked"
                .to_owned());
        }
        (true, false, None) => {
            // Anyone can have a certificate of a public authority, in a name of their own.
            return Err("ssl_check_hostname=false needs ssl_ca_certs: without, anyone's \
                        certificate would do"
                .to_owned());
        }
        (true, false, Some(_)) => SslMode::VerifyCa,
        (true, true, _) => SslMode::VerifyFull,
    });
    if verifies && ssl.root_certificates.is_none() {
        ssl.root_certificates = Some(RootCertificates::System);
    }
    Ok(ssl)
}
