//! ROUTE is answered here: the one server that a client can know of is the door that it came in by.

use bolt_wire::message::{Route, Success};
use bolt_wire::packstream::{Dictionary, Value};
use bytes::BytesMut;
use policies::{Reason, Rejection};

use super::{World, put};

/// How long a routing table holds, in seconds, as stores have it.
const TTL: i64 = 300;

/// The database of users and databases, which every server has.
const SYSTEM: &str = "system";

/// The answer to `route`, as a whole message. `address` is whom the client called.
///
/// # Errors
/// The refusal.
pub(super) fn answer(
    route: &Route<'_>,
    address: Option<&str>,
    world: &World,
) -> Result<BytesMut, Rejection> {
    let settings = world.settings();
    let extra = &route.extra;
    refuse_impersonation(extra)?;
    let database = match extra.string("db") {
        // Drivers ask where it is to see whether anybody is there. No statement goes there.
        Ok(Some(SYSTEM)) => SYSTEM,
        _ => settings.upstream.database.as_str(),
    };
    check_database(extra, database)?;
    let listen = settings.listen.to_string();
    let called = route.routing.string("address").ok().flatten();
    let address = called.or(address).unwrap_or(&listen);
    let servers = ["WRITE", "READ", "ROUTE"].map(|role| {
        let addresses = Value::List(vec![Value::String(address)]);
        Value::Map(vec![("addresses", addresses), ("role", Value::String(role))])
    });
    let table = vec![
        ("ttl", Value::Integer(TTL)),
        ("db", Value::String(database)),
        ("servers", Value::List(servers.to_vec())),
    ];
    let mut metadata = Dictionary::new();
    metadata.set("rt", &Value::Map(table));
    let mut message = BytesMut::new();
    put(&mut message, |body| Success { metadata }.write(body));
    Ok(message)
}

/// Nobody acts as another user of the store.
///
/// # Errors
/// The refusal.
pub(super) fn refuse_impersonation(extra: &Dictionary<'_>) -> Result<(), Rejection> {
    match extra.get("imp_user") {
        None => Ok(()),
        Some(user) if user.is_null() => Ok(()),
        Some(_) => {
            let what = "nobody may act as another user of the store";
            Err(Rejection::new(Reason::MessageNotAllowed, what).hint("Leave `imp_user` out."))
        }
    }
}

/// There is one database, by whatever case it is called; null and the empty name are it, too.
///
/// # Errors
/// The refusal.
pub(super) fn check_database(extra: &Dictionary<'_>, database: &str) -> Result<(), Rejection> {
    match extra.string("db") {
        Ok(None | Some("")) => Ok(()),
        Ok(Some(name)) if name.eq_ignore_ascii_case(database) => Ok(()),
        Ok(Some(_)) | Err(_) => {
            let what = format!("the only database here is \"{database}\"");
            let hint = "Name no database, or this one.";
            Err(Rejection::new(Reason::DatabaseNotAllowed, what).hint(hint))
        }
    }
}
