//! The first phase: which version is spoken.
//!
//! Client and store must speak the same one, since what records hold differs between versions. So a
//! client is offered what the store spoke when it was last asked, as far as we speak it; when the
//! store is dialled, it is offered the version that the client chose, and no other.

use bolt_wire::Version;
use bolt_wire::handshake::{
    Answer, NotBolt, OFFER_BYTES, Offer, read_choice, write_answer, write_manifest,
};
use bytes::{Buf, BytesMut};

use super::World;
use crate::{Fatal, Outbox};

/// For a browser, or whatever else speaks HTTP to this port.
const NOT_HTTP: &[u8] = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\
    Content-Type: text/plain\r\nContent-Length: 50\r\n\r\n\
    This port speaks Bolt: connect to it with bolt://\n";
/// RFC 8446 section 6: the fatal alert `handshake_failure`, which TLS of every version understands.
const NOT_TLS: &[u8] = &[0x15, 3, 1, 0, 2, 2, 40];

/// Awaits a client's first bytes.
#[derive(Debug, Default)]
pub(super) struct Handshake {
    /// What the client may choose from, once it has asked for the list.
    listed: Option<Vec<Version>>,
}

impl Handshake {
    /// The version to speak, once it is known.
    pub(super) fn on_client(
        &mut self,
        input: &mut BytesMut,
        world: &World,
        out: &mut Outbox,
    ) -> Result<Option<Version>, Fatal> {
        let misbehaved = |what: &dyn ToString| Fatal::ClientMisbehaved(what.to_string());
        if self.listed.is_none() {
            let offer = Offer::read(input).map_err(|not_bolt| {
                out.to_client.extend_from_slice(match not_bolt {
                    NotBolt::Http => NOT_HTTP,
                    NotBolt::Tls => NOT_TLS,
                    NotBolt::Unknown => b"",
                });
                misbehaved(&not_bolt)
            })?;
            let Some(offer) = offer else { return Ok(None) };
            input.advance(OFFER_BYTES);
            let versions = world.versions();
            let answer = offer.answer(&versions);
            write_answer(answer, &mut out.to_client);
            match answer {
                Answer::Version(version) => return Ok(Some(version)),
                Answer::Nothing => {
                    return Err(misbehaved(&"it speaks no version that the store speaks, too"));
                }
                Answer::Manifest => {
                    write_manifest(&versions, &mut out.to_client);
                    self.listed = Some(versions);
                }
            }
        }
        let Some(listed) = &self.listed else { return Ok(None) };
        let choice = read_choice(input, listed).map_err(|error| misbehaved(&error))?;
        Ok(choice.map(|(version, bytes)| {
            input.advance(bytes);
            version
        }))
    }
}
