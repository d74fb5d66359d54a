//! What may stand at the very beginning: StartupMessage, SSLRequest, GSSENCRequest, CancelRequest.

use std::collections::BTreeMap;

use bytes::BytesMut;
use pgwire::messages::startup::{SslRequest, Startup as Encoded};
use wire::{Cursor, Malformed};

use super::{CancelRequest, cancel};
use crate::message::put;

const SSL_REQUEST: u32 = 80_877_103;
const GSSENC_REQUEST: u32 = 80_877_104;

/// A start-up packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Startup<'a> {
    /// The client wants TLS.
    SslRequest,
    /// The client wants GSSAPI encryption.
    GssEncRequest,
    /// The client wants another connection's statement stopped.
    CancelRequest(CancelRequest<'a>),
    /// The client wants to log in.
    StartupMessage(StartupMessage<'a>),
}

/// A setting's name and value.
pub type Parameter<'a> = (&'a [u8], &'a [u8]);

/// The packet that begins a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartupMessage<'a> {
    /// The protocol's major version.
    pub major: u16,
    /// The protocol's minor version.
    pub minor: u16,
    /// Names and values in order, as bytes; empty for a major version other than 3, whose form we
    /// do not know.
    pub parameters: Vec<Parameter<'a>>,
}

impl<'a> Startup<'a> {
    /// Reads a start-up packet's body, as [`crate::frame::startup`] gives it.
    ///
    /// # Errors
    /// `Malformed` when it is none of the four.
    pub fn read(body: &'a [u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(body);
        match cursor.u32()? {
            SSL_REQUEST => cursor.finish().map(|()| Self::SslRequest),
            GSSENC_REQUEST => cursor.finish().map(|()| Self::GssEncRequest),
            cancel::CODE => CancelRequest::read(cursor).map(Self::CancelRequest),
            version => {
                let [major, minor] = [version >> 16, version & 0xffff];
                let [major, minor] = [major, minor].map(|half| u16::try_from(half).unwrap_or(0));
                let parameters = if major == 3 { parameters(cursor)? } else { Vec::new() };
                Ok(Self::StartupMessage(StartupMessage { major, minor, parameters }))
            }
        }
    }
}

/// Pairs of texts up to an empty name, which is the last byte.
fn parameters(mut cursor: Cursor<'_>) -> Result<Vec<Parameter<'_>>, Malformed> {
    let mut parameters = Vec::new();
    loop {
        match cursor.cstr()? {
            [] => break,
            name => parameters.push((name, cursor.cstr()?)),
        }
    }
    cursor.finish()?;
    Ok(parameters)
}

/// Appends a StartupMessage of protocol 3.0 with these parameters, in which no NUL stands.
pub fn startup_message(parameters: BTreeMap<String, String>, out: &mut BytesMut) {
    let mut message = Encoded::new();
    message.parameters = parameters;
    put(&message, out);
}

/// Appends an SSLRequest.
pub fn ssl_request(out: &mut BytesMut) {
    put(&SslRequest::new(), out);
}
