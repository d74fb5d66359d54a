//! The third phase: a link to the upstream, inside TLS where that is wanted.

use postgres_wire::message::frontend;

use super::authenticate::Client;
use super::refusal::fatal;
use super::upstream_authenticate::UpstreamAuthenticate;
use super::{Phase, Shared, SslMode};
use crate::{Effect, Fatal, Outbox};

/// Waits for the upstream's link.
pub(super) struct Dial {
    client: Client,
    stage: Stage,
}

#[derive(Clone, Copy)]
enum Stage {
    /// The shell connects.
    Connecting,
    /// The upstream was asked for TLS.
    AwaitTlsAnswer,
    /// The shell's handshake is under way.
    Handshake,
}

impl Dial {
    pub(super) fn new(client: Client) -> Self {
        Self { client, stage: Stage::Connecting }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// The shell has connected.
    pub(super) fn on_connected(self, shared: &Shared, out: &mut Outbox) -> Phase {
        match shared.world.settings().upstream.ssl_mode {
            SslMode::Disable => self.log_in(false, None, shared, out),
            SslMode::Prefer | SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => {
                frontend::ssl_request(&mut out.to_upstream);
                Phase::Dial(Box::new(Self { stage: Stage::AwaitTlsAnswer, ..self }))
            }
        }
    }

    /// The upstream's one byte: yes or no. `more` says whether bytes follow it already.
    pub(super) fn on_answer(
        self,
        answer: u8,
        more: bool,
        shared: &Shared,
        out: &mut Outbox,
    ) -> Result<Phase, Fatal> {
        let required = shared.world.settings().upstream.ssl_mode.is_required();
        match (self.stage, answer) {
            // CVE-2021-23222: what comes in the clear must not be taken for what TLS protects.
            (Stage::AwaitTlsAnswer, b'S') if !more => {
                out.effects.push(Effect::StartUpstreamTls);
                Ok(Phase::Dial(Box::new(Self { stage: Stage::Handshake, ..self })))
            }
            (Stage::AwaitTlsAnswer, b'N') if !more && !required => {
                Ok(self.log_in(false, None, shared, out))
            }
            (Stage::AwaitTlsAnswer, b'N') if !more => {
                Err(unavailable("the upstream has no TLS, which `sslmode` demands", out))
            }
            (Stage::AwaitTlsAnswer | Stage::Connecting | Stage::Handshake, _) => {
                Err(unavailable("the upstream's answer to the request for TLS is none", out))
            }
        }
    }

    /// The shell's handshake is done.
    pub(super) fn on_tls(
        self,
        server_end_point: Option<Vec<u8>>,
        shared: &Shared,
        out: &mut Outbox,
    ) -> Phase {
        self.log_in(true, server_end_point, shared, out)
    }

    fn log_in(
        self,
        in_tls: bool,
        server_end_point: Option<Vec<u8>>,
        shared: &Shared,
        out: &mut Outbox,
    ) -> Phase {
        let begun = UpstreamAuthenticate::begin(self.client, in_tls, server_end_point, shared, out);
        Phase::UpstreamAuthenticate(Box::new(begun))
    }
}

/// The upstream's fault, which the client is told of as little as it can use.
pub(super) fn unavailable(what: &str, out: &mut Outbox) -> Fatal {
    fatal("57P03", "the database cannot be reached now").put_error(&mut out.to_client);
    Fatal::UpstreamMisbehaved(what.to_owned())
}
