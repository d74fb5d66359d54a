//! The StartupMessage: who wants in, and with which settings.

use std::collections::BTreeMap;

use policies::postgres::setting_allowed;
use policies::{Reason, Rejection};
use postgres_wire::message::frontend::StartupMessage;
use postgres_wire::message::{backend, frontend};

use super::refusal::{fatal, rejected_at_start, violation};
use super::{Shared, options};
use crate::{Fatal, Outbox};

/// The newest minor version of protocol 3 that is spoken here.
const MINOR_MAX: u16 = 2;

/// What a client asks for before it has proved who it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request {
    /// The name that it wants to log in as.
    pub(super) login: String,
    /// The settings that it wants, all of them allowed, by their names in lower case.
    pub(super) settings: BTreeMap<String, String>,
    /// The minor version that is spoken with it.
    pub(super) minor: u16,
}

/// Reads and judges a StartupMessage of major version 3, and tells the client what of its wishes is
/// not to be had.
pub(super) fn read(
    message: &StartupMessage<'_>,
    shared: &Shared,
    out: &mut Outbox,
) -> Result<Request, Fatal> {
    let mut login = None;
    let mut database = None;
    let mut options = None;
    let mut settings = Vec::new();
    let mut unknown = Vec::new();
    for (name, value) in &message.parameters {
        let (Ok(name), Ok(value)) = (str::from_utf8(name), str::from_utf8(value)) else {
            let what = "invalid byte sequence for encoding \"UTF8\"";
            fatal("22021", what).put_error(&mut out.to_client);
            return Err(Fatal::ClientMisbehaved(what.to_owned()));
        };
        match name {
            "user" => login = Some(value),
            "database" => database = Some(value),
            "options" => options = Some(value),
            "replication" => return Err(refuse(&replication(), out)),
            _ if name.starts_with("_pq_.") => unknown.push(name.to_owned()),
            _ => settings.push((name.to_ascii_lowercase(), value.to_owned())),
        }
    }
    let Some(login) = login.filter(|login| !login.is_empty()) else {
        let what = "no PostgreSQL user name specified in startup packet";
        fatal("28000", what).put_error(&mut out.to_client);
        return Err(Fatal::ClientMisbehaved(what.to_owned()));
    };
    check_database(database, login, shared, out)?;
    let mut allowed = BTreeMap::new();
    // As with PostgreSQL, what stands alone overrules what stands in `options`.
    let from_options = match options.map(options::split).transpose() {
        Ok(given) => given.unwrap_or_default(),
        Err(what) => return Err(violation(what, &mut out.to_client)),
    };
    for (name, value) in from_options.into_iter().chain(settings) {
        match judge(&name, &value, &shared.world.rules().search_path()) {
            Ok(Pinned::No) => _ = allowed.insert(name, value),
            Ok(Pinned::Yes) => {}
            Err(rejection) => return Err(refuse(&rejection, out)),
        }
    }
    let minor = message.minor.min(MINOR_MAX);
    if minor < message.minor || !unknown.is_empty() {
        backend::negotiate_protocol_version(minor, unknown, &mut out.to_client);
    }
    Ok(Request { login: login.to_owned(), settings: allowed, minor })
}

/// Whether a setting has here one value only, which is set by us.
enum Pinned {
    Yes,
    No,
}

fn judge(name: &str, value: &str, search_path: &str) -> Result<Pinned, Rejection> {
    match name {
        "client_encoding" if is_utf8(value) => Ok(Pinned::Yes),
        "client_encoding" => {
            let what = "client_encoding is UTF8 here and nothing else";
            Err(Rejection::new(Reason::SettingNotAllowed, what))
        }
        "search_path" if schemas(value).eq(schemas(search_path)) => Ok(Pinned::Yes),
        "search_path" => {
            let what = "search_path is fixed here";
            let hint = "Qualify the names instead: schema.table.";
            Err(Rejection::new(Reason::SettingNotAllowed, what).hint(hint))
        }
        _ => {
            setting_allowed(name, Some(value))?;
            // It passes with no other value than the one that we set.
            let pinned = name == "standard_conforming_strings";
            Ok(if pinned { Pinned::Yes } else { Pinned::No })
        }
    }
}

/// PostgreSQL looks at letters and digits only; `unicode` is an old name for the same.
fn is_utf8(value: &str) -> bool {
    let plain =
        value.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase());
    plain.clone().eq(*b"utf8") || plain.eq(*b"unicode")
}

/// The schemas of a search path, without the one that every role would have and ours has not.
fn schemas(path: &str) -> impl Iterator<Item = &str> {
    let names = path.split(',').map(|name| name.trim().trim_matches('"'));
    names.filter(|name| *name != "$user" && !name.is_empty())
}

/// There is one database, so naming it is all that a client can do. A driver that was told of none
/// sends its user's name.
fn check_database(
    database: Option<&str>,
    login: &str,
    shared: &Shared,
    out: &mut Outbox,
) -> Result<(), Fatal> {
    let only = &shared.world.settings().upstream.database;
    match database {
        None | Some("") => Ok(()),
        Some(name) if name == only || name == login => Ok(()),
        Some(name) => {
            let what = format!("database \"{name}\" does not exist");
            fatal("3D000", &what).put_error(&mut out.to_client);
            Err(Fatal::ClientMisbehaved(what))
        }
    }
}

fn replication() -> Rejection {
    Rejection::new(Reason::MessageNotAllowed, "replication is not open to tenants")
}

fn refuse(rejection: &Rejection, out: &mut Outbox) -> Fatal {
    rejected_at_start(rejection).put_error(&mut out.to_client);
    Fatal::ClientMisbehaved(rejection.to_string())
}

/// Appends the StartupMessage that we send to the upstream for such a client. Gives the search path
/// that it sets.
pub(super) fn put_upstream(
    settings: &BTreeMap<String, String>,
    shared: &Shared,
    out: &mut Outbox,
) -> String {
    let search_path = shared.world.rules().search_path();
    let upstream = &shared.world.settings().upstream;
    let mut parameters = settings.clone();
    if let Some(name) = &upstream.application_name {
        parameters.entry("application_name".to_owned()).or_insert_with(|| name.clone());
    }
    for (name, value) in [
        ("user", upstream.user.clone()),
        ("database", upstream.database.clone()),
        ("client_encoding", "UTF8".to_owned()),
        ("standard_conforming_strings", "on".to_owned()),
        ("search_path", search_path.clone()),
    ] {
        parameters.insert(name.to_owned(), value);
    }
    frontend::startup_message(parameters, &mut out.to_upstream);
    search_path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf8_in_any_spelling() {
        for value in ["UTF8", "utf-8", "'utf-8'", "UNICODE", "Utf_8"] {
            assert!(is_utf8(value), "{value}");
        }
        for value in ["", "SQL_ASCII", "LATIN1", "SJIS", "UTF16", "utf88"] {
            assert!(!is_utf8(value), "{value}");
        }
    }

    #[test]
    fn the_pinned_search_path_may_be_named() {
        let judge = |value| judge("search_path", value, "\"public\", \"app\"").is_ok();
        assert!(
            judge("public,app") && judge("\"$user\", public, app") && judge("\"public\",\"app\"")
        );
        assert!(
            !judge("app,public") && !judge("public") && !judge("") && !judge("public,app,pg_temp")
        );
    }
}
