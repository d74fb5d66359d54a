//! The fourth phase: we log in at the upstream, by our own account.
//!
//! What the upstream tells about itself is kept until it is ready, and only then the client is told
//! that it is let in: an upstream that fails is a failed start for the client, not a broken session.

use bytes::{Bytes, BytesMut};
use identity::{
    AwaitServerFinal, AwaitServerFirst, ClientExchange, Nonce, ScramError, md5_response,
};
use postgres_wire::frame::Frame;
use postgres_wire::message::backend::{
    Authentication, BackendKeyData, ErrorFields, ParameterStatus, ReadyForQuery, TransactionStatus,
    field, tag,
};
use postgres_wire::message::frontend;

use super::authenticate::{Client, no_randomness};
use super::dial::unavailable;
use super::parameter_status::{self, Reported};
use super::ready::Ready;
use super::refusal::fatal;
use super::{Password, Phase, STARTUP_REPLY_BYTES_MAX, Shared, startup};
use crate::{Fatal, Outbox};

/// Waits until the upstream lets us in and is ready.
pub(super) struct UpstreamAuthenticate {
    client: Client,
    /// What the session's search path is set to.
    search_path: String,
    in_tls: bool,
    server_end_point: Option<Vec<u8>>,
    stage: Stage,
    /// ParameterStatus messages for the client.
    told: BytesMut,
    /// What cancels there.
    cancel: Bytes,
    /// Whether both settings that decide how texts are read were reported.
    encoding_told: bool,
    strings_told: bool,
}

enum Stage {
    /// It has not said yet what it wants.
    AwaitRequest,
    /// SCRAM has begun.
    AwaitServerFirst(AwaitServerFirst),
    /// We have proved that we know the password; it has not.
    AwaitServerFinal(AwaitServerFinal),
    /// We have said all that there is to say.
    AwaitOk,
    /// We are in.
    LetIn,
}

impl UpstreamAuthenticate {
    /// Sends our StartupMessage.
    pub(super) fn begin(
        client: Client,
        in_tls: bool,
        server_end_point: Option<Vec<u8>>,
        shared: &Shared,
        out: &mut Outbox,
    ) -> Self {
        let search_path = startup::put_upstream(&client.settings, shared, out);
        Self {
            client,
            search_path,
            in_tls,
            server_end_point,
            stage: Stage::AwaitRequest,
            told: BytesMut::new(),
            cancel: Bytes::new(),
            encoding_told: false,
            strings_told: false,
        }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn on_message(
        mut self: Box<Self>,
        frame: Frame<'_>,
        shared: &Shared,
        out: &mut Outbox,
    ) -> Result<Phase, Fatal> {
        match (frame.tag, &self.stage) {
            (tag::ERROR_RESPONSE, _) => return Err(refused(frame.body, out)),
            (tag::NOTICE_RESPONSE, _) => {}
            (tag::AUTHENTICATION, _) => self.on_authentication(frame.body, shared, out)?,
            (tag::PARAMETER_STATUS, Stage::LetIn) => self.on_status(frame, out)?,
            (tag::BACKEND_KEY_DATA, Stage::LetIn) => {
                let data = BackendKeyData::read(frame.body)
                    .map_err(|malformed| unavailable(malformed.0, out))?;
                self.cancel = frontend::CancelRequest::packet(data.key);
            }
            (tag::READY_FOR_QUERY, Stage::LetIn) => return self.on_ready(frame.body, out),
            (tag, _) => {
                let what = format!("message type {tag} while it starts");
                return Err(unavailable(&what, out));
            }
        }
        if self.told.len() > STARTUP_REPLY_BYTES_MAX {
            return Err(unavailable("it tells too much while it starts", out));
        }
        Ok(Phase::UpstreamAuthenticate(self))
    }

    fn on_authentication(
        &mut self,
        body: &[u8],
        shared: &Shared,
        out: &mut Outbox,
    ) -> Result<(), Fatal> {
        let upstream = &shared.world.settings().upstream;
        let wanted =
            Authentication::read(body).map_err(|malformed| unavailable(malformed.0, out))?;
        let stage = std::mem::replace(&mut self.stage, Stage::AwaitOk);
        let no_password = || "it asks for a password, and the settings have none";
        let password = upstream.password.as_ref().map(Password::text).ok_or_else(no_password);
        let next = match (stage, wanted) {
            (Stage::AwaitRequest | Stage::AwaitOk, Authentication::Ok) => Stage::LetIn,
            (Stage::AwaitRequest, Authentication::CleartextPassword) => {
                if !self.in_tls && !upstream.is_loopback {
                    let what = "it asks for the password in the clear over a network without TLS";
                    return Err(unavailable(what, out));
                }
                let password = password.map_err(|what| unavailable(what, out))?;
                frontend::password(password, &mut out.to_upstream);
                Stage::AwaitOk
            }
            (Stage::AwaitRequest, Authentication::Md5Password(salt)) => {
                let password = password.map_err(|what| unavailable(what, out))?;
                let user = upstream.user.as_bytes();
                let response = md5_response(user, password.as_bytes(), salt);
                frontend::password(&response, &mut out.to_upstream);
                Stage::AwaitOk
            }
            (Stage::AwaitRequest, Authentication::Sasl(mechanisms)) => {
                let exchange = self.choose(mechanisms)?.map_err(|error| scram(error, out))?;
                let mechanism = exchange.mechanism().name();
                let (first, exchange) = exchange.begin();
                frontend::sasl_initial_response(mechanism, &first, &mut out.to_upstream);
                Stage::AwaitServerFirst(exchange)
            }
            (Stage::AwaitServerFirst(exchange), Authentication::SaslContinue(message)) => {
                let password = password.map_err(|what| unavailable(what, out))?;
                let (last, exchange) = exchange
                    .on_server_first(message, password.as_bytes())
                    .map_err(|error| scram(error, out))?;
                frontend::sasl_response(&last, &mut out.to_upstream);
                Stage::AwaitServerFinal(exchange)
            }
            (Stage::AwaitServerFinal(exchange), Authentication::SaslFinal(message)) => {
                let _proven =
                    exchange.on_server_final(message).map_err(|error| scram(error, out))?;
                Stage::AwaitOk
            }
            (_, Authentication::Unknown(number)) => {
                let what = format!("it asks for authentication {number}, which is not known here");
                return Err(unavailable(&what, out));
            }
            (_, _) => return Err(unavailable("authentication out of turn", out)),
        };
        self.stage = next;
        Ok(())
    }

    fn choose(&self, mechanisms: Vec<&[u8]>) -> Result<Result<ClientExchange, ScramError>, Fatal> {
        let mut entropy = [0; Nonce::ENTROPY_BYTES];
        getrandom::fill(&mut entropy).map_err(|_| no_randomness())?;
        let nonce = Nonce::new(entropy);
        Ok(ClientExchange::choose(mechanisms, self.server_end_point.as_deref(), nonce))
    }

    fn on_status(&mut self, frame: Frame<'_>, out: &mut Outbox) -> Result<(), Fatal> {
        let status =
            ParameterStatus::read(frame.body).map_err(|malformed| unavailable(malformed.0, out))?;
        match parameter_status::judge(status).inspect_err(|_| _ = unavailable("", out))? {
            Reported::Forward => self.told.extend_from_slice(frame.bytes),
            Reported::Login => {
                ParameterStatus::put("session_authorization", &self.client.login, &mut self.told);
            }
        }
        self.encoding_told |= status.name == b"client_encoding";
        self.strings_told |= status.name == b"standard_conforming_strings";
        Ok(())
    }

    fn on_ready(self: Box<Self>, body: &[u8], out: &mut Outbox) -> Result<Phase, Fatal> {
        let ready = ReadyForQuery::read(body).map_err(|malformed| unavailable(malformed.0, out))?;
        if ready.status != TransactionStatus::Idle {
            return Err(unavailable("it begins inside a transaction", out));
        }
        if !self.encoding_told || !self.strings_told {
            let what = "it does not report client_encoding and standard_conforming_strings";
            return Err(unavailable(what, out));
        }
        Authentication::put_ok(&mut out.to_client);
        out.to_client.extend_from_slice(&self.told);
        let ready = Ready::begin(self.client, self.search_path, self.cancel, out)?;
        Ok(Phase::Ready(Box::new(ready)))
    }
}

/// The upstream does not let us in. What the client can do something about, it is told: it may wait,
/// or send another value of a setting. What is wrong with our own account is for our own log.
fn refused(body: &[u8], out: &mut Outbox) -> Fatal {
    let Ok(fields) = ErrorFields::read(body) else {
        return unavailable("a malformed error", out);
    };
    let message = fields.get(field::MESSAGE).unwrap_or_default();
    let why = format!("{}: {message}", fields.code());
    let code = match fields.code() {
        "53300" => "53300",
        "57P03" => "57P03",
        "22023" => "22023",
        _ => return unavailable(&why, out),
    };
    fatal(code, message).put_error(&mut out.to_client);
    Fatal::Unavailable(why)
}

fn scram(error: ScramError, out: &mut Outbox) -> Fatal {
    unavailable(&error.to_string(), out)
}
