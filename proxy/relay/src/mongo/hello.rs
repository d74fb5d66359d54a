//! What a client is told when it greets: what we are, and what we take.
//!
//! Handshake and SDAM specifications. No address of the upstream's is ever told, and no
//! `topologyVersion`, so that drivers ask again instead of waiting for a change.

use mongo_wire::bson::{Document, DocumentWriter, Value};

use super::World;
use super::world::Face;

/// The oldest version of the wire that is spoken: MongoDB 4.4's.
const WIRE_VERSION_MIN: i32 = 9;
/// Writes that one command may hold, as the server's own.
const WRITES_MAX: i32 = 100_000;
/// Minutes that a session may idle, as the server's own.
const SESSION_MINUTES: i32 = 30;
/// Bytes that are kept back of a document: what confining it adds must fit as well.
const DOCUMENT_BYTES_ADDED: usize = 2 * (16 << 10);

/// A greeting. Arguments that are not known are ignored: clients add some with every release.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hello<'b> {
    /// Whether it goes by an older name.
    is_old: bool,
    /// Whether the client asks if it may go by the newer one.
    asks_newer: bool,
    load_balanced: bool,
    asks_mechanisms: bool,
    /// The beginning of a login.
    pub(super) speculative: Option<Document<'b>>,
}

impl<'b> Hello<'b> {
    pub(super) fn read(body: Document<'b>) -> Self {
        let flag = |name| body.value(name).is_some_and(|value| is_true(&value));
        Self {
            is_old: body.first().is_none_or(|name| name.name() != "hello"),
            asks_newer: flag("helloOk"),
            load_balanced: flag("loadBalanced"),
            asks_mechanisms: body.value("saslSupportedMechs").is_some(),
            speculative: body
                .value("speculativeAuthenticate")
                .and_then(|value| value.as_document()),
        }
    }

    /// Writes the answer. `speculated` is the server's part of a login that has begun.
    pub(super) fn put(
        &self,
        world: &World,
        connection: i32,
        speculated: Option<&[u8]>,
        reply: &mut DocumentWriter<'_>,
    ) {
        if self.asks_newer {
            reply.value("helloOk", Value::Boolean(true));
        }
        let writable = if self.is_old { "ismaster" } else { "isWritablePrimary" };
        reply.value(writable, Value::Boolean(true));
        match &world.settings().face {
            Face::Mongos => reply.value("msg", Value::String("isdbgrid")),
            Face::Set { name, address } => put_set(name, address, reply),
        }
        put_limits(world, reply);
        reply.value("localTime", Value::DateTime((world.settings().clock)()));
        reply.value("logicalSessionTimeoutMinutes", Value::Int32(SESSION_MINUTES));
        reply.value("connectionId", Value::Int32(connection));
        reply.value("minWireVersion", Value::Int32(WIRE_VERSION_MIN));
        reply.value("maxWireVersion", Value::Int32(world.wire_version_max()));
        reply.value("readOnly", Value::Boolean(false));
        if self.load_balanced && world.settings().face == Face::Mongos {
            reply.value("serviceId", Value::ObjectId(world.service()));
        }
        if self.asks_mechanisms {
            // Whether there is such a user is not told.
            reply.array("saslSupportedMechs", |names| {
                names.value(Value::String(super::login::SCRAM));
            });
        }
        if let Some(payload) = speculated {
            reply.nested("speculativeAuthenticate", |sasl| {
                super::login::put_sasl(false, payload, sasl);
            });
        }
        reply.value("ok", Value::Double(1.0));
    }
}

fn put_set(name: &str, address: &str, reply: &mut DocumentWriter<'_>) {
    reply.value("secondary", Value::Boolean(false));
    reply.value("setName", Value::String(name));
    reply.value("setVersion", Value::Int32(1));
    reply.array("hosts", |hosts| hosts.value(Value::String(address)));
    reply.value("primary", Value::String(address));
    reply.value("me", Value::String(address));
}

/// A little less than what is taken, since confining a command makes it longer.
fn put_limits(world: &World, reply: &mut DocumentWriter<'_>) {
    let bounds = world.bounds();
    let number = |bytes: usize| Value::Int32(i32::try_from(bytes).unwrap_or(i32::MAX));
    let message = bounds.message_bytes_max / 6 * 5;
    let document = bounds.document_bytes_max.saturating_sub(DOCUMENT_BYTES_ADDED);
    reply.value("maxBsonObjectSize", number(document));
    reply.value("maxMessageSizeBytes", number(message));
    reply.value("maxWriteBatchSize", Value::Int32(WRITES_MAX));
}

/// Drivers write `true`; some tools write a number.
fn is_true(value: &Value<'_>) -> bool {
    value.as_bool().unwrap_or_else(|| value.as_i64().is_some_and(|number| number != 0))
}
