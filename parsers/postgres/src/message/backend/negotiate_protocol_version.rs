//! NegotiateProtocolVersion: what of a client's wishes is not to be had.

use bytes::BytesMut;
use pgwire::messages::startup::NegotiateProtocolVersion;

use crate::message::put;

/// Appends a `v` that offers protocol 3.`minor` and names the `_pq_.` options that are not known.
pub fn negotiate_protocol_version(minor: u16, unknown: Vec<String>, out: &mut BytesMut) {
    // The field holds the whole version, as PostgreSQL sends and libpq reads it.
    let version = (3 << 16) | i32::from(minor);
    put(&NegotiateProtocolVersion::new(version, unknown), out);
}
