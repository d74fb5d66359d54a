//! The second phase: the client proves who it is, by SCRAM-SHA-256.
//!
//! A login that does not exist goes through the same exchange, with a verifier that nothing fits,
//! and fails with the same words. So a stranger learns nothing about which logins there are.

use std::collections::BTreeMap;
use std::sync::Arc;

use identity::{AwaitClientFinal, Login, Mechanism, Nonce, Offer, ProvenClient, Role, ScramError};
use policies::Tenant;
use postgres_wire::message::backend::Authentication;
use postgres_wire::message::frontend::SaslInitialResponse;

use super::dial::Dial;
use super::refusal::{fatal, violation};
use super::startup::Request;
use super::{Phase, Shared};
use crate::{Effect, Event, Fatal, Outbox};

/// Waits for a client's proof.
pub(super) struct Authenticate {
    request: Request,
    stage: Stage,
}

enum Stage {
    /// The mechanisms have been listed.
    AwaitChoice(Offer),
    /// The login was looked up, and the exchange has begun.
    AwaitProof(Box<AwaitProof>),
}

struct AwaitProof {
    exchange: AwaitClientFinal,
    login: Option<Login>,
}

/// A client that has proved who it is.
#[derive(Debug)]
pub(super) struct Client {
    /// Its login's name.
    pub(super) login: String,
    /// Whom it acts for.
    pub(super) tenant: Arc<Tenant>,
    /// See [`Request::settings`].
    pub(super) settings: BTreeMap<String, String>,
    /// See [`Request::minor`].
    pub(super) minor: u16,
}

impl Authenticate {
    /// Asks for the proof.
    pub(super) fn begin(request: Request, in_tls: bool, shared: &Shared, out: &mut Outbox) -> Self {
        let offer = Offer::new(shared.peer.server_end_point.clone().filter(|_| in_tls));
        let names = offer.mechanisms().iter().map(|mechanism| Mechanism::name(*mechanism));
        Authentication::put_sasl(names, &mut out.to_client);
        Self { request, stage: Stage::AwaitChoice(offer) }
    }

    pub(super) fn on_response(
        self,
        body: &[u8],
        shared: &Shared,
        out: &mut Outbox,
    ) -> Result<Phase, Fatal> {
        let Self { request, stage } = self;
        match stage {
            Stage::AwaitChoice(offer) => {
                let (stage, server_first) = choose(&request, offer, body, shared, out)?;
                Authentication::put_sasl_continue(&server_first, &mut out.to_client);
                Ok(Phase::Authenticate(Box::new(Self { request, stage })))
            }
            Stage::AwaitProof(awaited) => {
                let AwaitProof { exchange, login } = *awaited;
                let known = login.is_some();
                let proof = exchange
                    .on_client_final(body)
                    .map_err(|error| failed(&request.login, error, known, out))?;
                let client = admit(request, login, &proof, shared, out)?;
                out.effects.push(Effect::Dial);
                Ok(Phase::Dial(Box::new(Dial::new(client))))
            }
        }
    }
}

/// The client has chosen a mechanism: the exchange begins with its login's verifier.
fn choose(
    request: &Request,
    offer: Offer,
    body: &[u8],
    shared: &Shared,
    out: &mut Outbox,
) -> Result<(Stage, String), Fatal> {
    let response = SaslInitialResponse::read(body)
        .map_err(|_| violation("invalid message format", &mut out.to_client))?;
    let mut entropy = [0; Nonce::ENTROPY_BYTES];
    getrandom::fill(&mut entropy).map_err(|_| no_randomness())?;
    let registry = shared.world.registry();
    let login = registry.login(&request.login).cloned();
    let verifier = registry.verifier(&request.login);
    let known = login.is_some();
    let (server_first, exchange) = offer
        .begin(response.mechanism, verifier, Nonce::new(entropy))
        .and_then(|exchange| exchange.on_client_first(response.data.unwrap_or_default()))
        .map_err(|error| failed(&request.login, error, known, out))?;
    Ok((Stage::AwaitProof(Box::new(AwaitProof { exchange, login })), server_first))
}

/// Finds out whom the client acts for, now that it is known who it is. The registry may have been
/// read anew since the exchange began: what it says now counts.
fn admit(
    request: Request,
    login: Option<Login>,
    proof: &ProvenClient,
    shared: &Shared,
    out: &mut Outbox,
) -> Result<Client, Fatal> {
    let Request { login: name, settings, minor } = request;
    let registry = shared.world.registry();
    let now = registry.login(&name);
    let unchanged = login.zip(now).filter(|(then, now)| then.verifier() == now.verifier());
    let Some((_, login)) = unchanged else {
        // No password fits a login that does not exist, so it was withdrawn or changed meanwhile.
        return Err(failed(&name, ScramError::WrongPassword, now.is_some(), out));
    };
    Authentication::put_sasl_final(proof.server_final(), &mut out.to_client);
    if let Some(tenant) = login.single_tenant() {
        out.events.push(Event::Authenticated { login: name.clone(), tenant: tenant.slug.clone() });
        return Ok(Client { login: name, tenant, settings, minor });
    }
    let (why, what) = match login.role() {
        Role::Migrate => ("role not served", "changes schemas, which is not served here"),
        Role::Tenant if !login.is_active() => ("tenant suspended", "belongs to a suspended tenant"),
        Role::Tenant => ("several tenants", "acts for several tenants, and nothing says for which"),
    };
    fatal("28000", &format!("partywall: login \"{name}\" {what}")).put_error(&mut out.to_client);
    out.events.push(Event::AuthenticationFailed { login: name, why });
    Err(Fatal::AuthenticationFailed(why.to_owned()))
}

/// Tells the client that it did not prove who it is. Whether there is such a login is for the log.
fn failed(login: &str, error: ScramError, known: bool, out: &mut Outbox) -> Fatal {
    let (why, code, what) = match error {
        ScramError::WrongPassword => {
            let why = if known { "wrong password" } else { "unknown login" };
            (why, "28P01", format!("password authentication failed for user \"{login}\""))
        }
        // As PostgreSQL has them: invalid_authorization_specification.
        error @ (ScramError::Downgrade(_) | ScramError::ChannelBinding) => {
            ("the exchange failed", "28000", error.to_string())
        }
        error => ("the exchange failed", "08P01", error.to_string()),
    };
    fatal(code, &what).put_error(&mut out.to_client);
    out.events.push(Event::AuthenticationFailed { login: login.to_owned(), why });
    Fatal::AuthenticationFailed(format!("{why}: {error}"))
}

/// Without randomness nothing is safe.
pub(super) fn no_randomness() -> Fatal {
    Fatal::Unavailable("the operating system gives no random bytes".to_owned())
}
