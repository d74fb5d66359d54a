//! The first phase: TLS or not, cancel, or a log-in.

use bytes::{BufMut, Bytes};
use postgres_wire::message::frontend::{CancelRequest, Startup};

use super::authenticate::Authenticate;
use super::{Phase, Shared, startup};
use crate::{Effect, Fatal, Outbox};

/// Waits for a start-up packet.
pub(super) struct Negotiate {
    tls: Tls,
    gss_refused: bool,
}

/// How it stands with TLS.
enum Tls {
    /// Not asked for.
    NotAsked,
    /// Asked for, and not to be had.
    Refused,
    /// Agreed upon; the handshake is the shell's.
    Handshake,
    /// In force.
    InForce,
}

impl Negotiate {
    pub(super) fn new(in_tls: bool) -> Self {
        Self { tls: if in_tls { Tls::InForce } else { Tls::NotAsked }, gss_refused: false }
    }

    pub(super) fn wants_client(&self) -> bool {
        !matches!(self.tls, Tls::Handshake)
    }

    /// The handshake is done.
    pub(super) fn on_tls(&mut self) {
        self.tls = Tls::InForce;
    }

    /// `more` says whether bytes follow the packet already.
    pub(super) fn on_packet(
        mut self,
        packet: Startup<'_>,
        more: bool,
        shared: &Shared,
        out: &mut Outbox,
    ) -> Result<Phase, Fatal> {
        match packet {
            Startup::SslRequest if matches!(self.tls, Tls::NotAsked) => {
                if !shared.peer.offers_tls {
                    out.to_client.put_u8(b'N');
                    self.tls = Tls::Refused;
                } else if more {
                    // CVE-2021-23214: they would be taken for what TLS protects.
                    let what = "bytes in the clear behind the request for TLS";
                    return Err(Fatal::ClientMisbehaved(what.to_owned()));
                } else {
                    out.to_client.put_u8(b'S');
                    out.effects.push(Effect::StartTls);
                    self.tls = Tls::Handshake;
                }
                Ok(Phase::Negotiate(self))
            }
            Startup::GssEncRequest if !self.gss_refused && !matches!(self.tls, Tls::InForce) => {
                out.to_client.put_u8(b'N');
                self.gss_refused = true;
                Ok(Phase::Negotiate(self))
            }
            // PostgreSQL takes what it will not hear twice for a version.
            Startup::SslRequest => Err(unsupported(1234, 5679, out)),
            Startup::GssEncRequest => Err(unsupported(1234, 5680, out)),
            Startup::CancelRequest(CancelRequest { key }) => {
                out.effects.push(Effect::Cancel { key: Bytes::copy_from_slice(key) });
                Err(Fatal::Closed)
            }
            Startup::StartupMessage(message) if message.major == 3 => {
                let request = startup::read(&message, shared, out)?;
                let in_tls = matches!(self.tls, Tls::InForce);
                Ok(Phase::Authenticate(Box::new(Authenticate::begin(request, in_tls, shared, out))))
            }
            Startup::StartupMessage(message) => Err(unsupported(message.major, message.minor, out)),
        }
    }
}

fn unsupported(major: u16, minor: u16, out: &mut Outbox) -> Fatal {
    let what = format!("unsupported frontend protocol {major}.{minor}: server supports 3.0 to 3.2");
    super::fatal("0A000", &what).put_error(&mut out.to_client);
    Fatal::ClientMisbehaved(what)
}
