//! Whether the indexes are there that an application creates at every start.

use bytes::BytesMut;
use mongo_wire::Defect;
use mongo_wire::bson::{RawElement, Shallow, Value};
use mongo_wire::message;
use mongo_wire::reply::{Failure, Reply};

use crate::{Reason, Rejection};

/// The server's number for what is not allowed.
const UNAUTHORIZED: i32 = 13;
/// What must be the same for one index to stand for another.
const PROPERTIES: [&str; 4] = ["unique", "sparse", "expireAfterSeconds", "hidden"];

/// An index that a client would create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedIndex {
    /// Its name.
    pub(in super::super) name: String,
    /// Its key: fields and directions, a BSON document.
    pub(in super::super) key: Vec<u8>,
    /// All of its description, a BSON document.
    pub(in super::super) index: Vec<u8>,
}

/// Writes what `createIndexes` says when all is there, or a refusal.
pub(super) fn put_existence(
    wanted: &[WantedIndex],
    field: Option<&str>,
    reply: &Reply<'_>,
    refused: &mut Option<Rejection>,
    out: &mut BytesMut,
) -> Result<(), Defect> {
    let existing: Vec<Shallow<'_>> = match reply.cursor {
        Some(cursor) => cursor
            .batch
            .nested()?
            .elements()
            .map(|index| index.and_then(|index| index.nested()))
            .collect::<Result<_, _>>()?,
        None => Vec::new(),
    };
    let mut missing = None;
    for index in wanted {
        let mut is_there = false;
        for other in &existing {
            is_there |= serves(*other, index, field)?;
        }
        if !is_there {
            missing = Some(index);
            break;
        }
    }
    let ids = [reply.request_id, reply.response_to];
    let Some(index) = missing else {
        let count = i32::try_from(existing.len()).unwrap_or(i32::MAX);
        message::op_msg(ids, reply.flags, out, |out| {
            out.value("numIndexesBefore", Value::Int32(count));
            out.value("numIndexesAfter", Value::Int32(count));
            out.value("note", Value::String("all indexes already exist"));
            out.value("ok", Value::Double(1.0));
        });
        return Ok(());
    };
    let what = format!("index \"{}\" is not there, and tenants may not create it", index.name);
    let rejection = Rejection::new(Reason::CommandNotAllowed, what)
        .hint("Create it on a direct connection, with the tenant field in front.");
    let errmsg = rejection.client_text();
    message::op_msg(ids, reply.flags, out, |out| {
        Failure { code: UNAUTHORIZED, errmsg: &errmsg }.put(out);
    });
    *refused = Some(rejection);
    Ok(())
}

/// Whether an index does for a tenant what the wanted one would do.
fn serves(
    existing: Shallow<'_>,
    wanted: &WantedIndex,
    field: Option<&str>,
) -> Result<bool, Defect> {
    let Some(key) = existing.get("key")? else { return Ok(false) };
    let key: Vec<RawElement<'_>> = key.nested()?.elements().collect::<Result<_, _>>()?;
    let asked: Vec<RawElement<'_>> =
        Shallow::read(&wanted.key)?.elements().collect::<Result<_, _>>()?;
    let led = match key.split_first() {
        Some((first, rest)) if field.is_some_and(|field| first.name == field.as_bytes()) => {
            same_key(rest, &asked)
        }
        Some(_) | None => false,
    };
    if !led && !same_key(&key, &asked) {
        return Ok(false);
    }
    let description = Shallow::read(&wanted.index)?;
    for property in PROPERTIES {
        if value(existing.get(property)?) != value(description.get(property)?) {
            return Ok(false);
        }
    }
    let partial = "partialFilterExpression";
    let bytes = |element: Option<RawElement<'_>>| element.map(|element| element.value.to_vec());
    Ok(bytes(existing.get(partial)?) == bytes(description.get(partial)?))
}

fn same_key(one: &[RawElement<'_>], other: &[RawElement<'_>]) -> bool {
    let same = |(one, other): (&RawElement<'_>, &RawElement<'_>)| {
        one.name == other.name
            && match (one.as_i64(), other.as_i64()) {
                (Some(one), Some(other)) => one == other,
                (None, None) => one.kind == other.kind && one.value == other.value,
                (Some(_), None) | (None, Some(_)) => false,
            }
    };
    one.len() == other.len() && one.iter().zip(other).all(same)
}

/// A property as a number: what is not there is as what is false.
fn value(property: Option<RawElement<'_>>) -> i64 {
    property
        .map_or(0, |property| property.as_i64().unwrap_or_else(|| i64::from(property.is_truthy())))
}
