//! `postgres://`, as libpq reads it (PostgreSQL 17 section 32.1.1.2).

use super::{Form, PostgresUrl, StoreUrl, UpstreamUrl};
use crate::tls::SslParameters;

const FORM: Form = Form {
    example: "`postgres://user:password@host:5432/database`",
    schemes: &["postgres", "postgresql"],
    port: 5432,
    parameters: &["application_name", "sslcert", "sslkey", "sslmode", "sslrootcert"],
};

pub(super) fn parse(text: &str) -> Result<UpstreamUrl, String> {
    let parts = FORM.read(text)?;
    let (user, database) = (parts.user, parts.path);
    for (part, text) in [("user", &user), ("database", &database)] {
        if text.is_empty() {
            return Err(format!("names no {part}; the form is {}", FORM.example));
        }
    }
    let mut ssl = SslParameters::default();
    let mut application_name = None;
    for (name, value) in parts.parameters {
        if !ssl.set(name, &value)? {
            application_name = Some(value);
        }
    }
    ssl.check().map_err(|problem| problem.to_string())?;
    Ok(UpstreamUrl {
        host: parts.host,
        port: parts.port,
        password: parts.password,
        ssl,
        store: StoreUrl::Postgres(PostgresUrl { user, database, application_name }),
    })
}
