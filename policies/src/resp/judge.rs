//! From a request to what travels in its place, or to a refusal.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;

use bytes::BytesMut;
use resp_wire::request::Request;

use super::outgoing;
use super::reply::ReplyRule;
use super::rules::session::Session;
use super::sweep::View;
use super::verify::Verifier;
use super::{Rules, Tenancy, scope};
use crate::{Mode, Reason, Rejection, Scoped};

/// Whom a request is for, and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Context<'c> {
    /// The tenant's part of the key space.
    pub tenancy: &'c Tenancy,
    /// The rules in force.
    pub rules: &'c Rules,
    /// How the listener treats requests.
    pub mode: Mode,
    /// The tenant's connections.
    pub clients: &'c dyn Clients,
    /// The client's login, as ACL WHOAMI shows it.
    pub login: &'c str,
    /// Whether the client is inside of MULTI.
    pub in_transaction: bool,
}

impl<'c> Context<'c> {
    /// How the client sees keys.
    #[must_use]
    pub fn view(&self) -> View<'c> {
        View { tenancy: self.tenancy, as_stored: self.mode == Mode::Validate }
    }
}

/// The connections of one tenant, by the ids that the server gave them.
pub trait Clients: fmt::Debug {
    /// Where the client with this id is; `None` when it is not one of the tenant's.
    fn address(&self, id: u64) -> Option<SocketAddr>;

    /// The id of the tenant's client at this address, written as `ip:port`.
    fn at(&self, address: &str) -> Option<u64>;

    /// How many patterns the tenant's clients have subscribed to.
    fn patterns(&self) -> u64;

    /// Whether the tenant was given this cursor of a search index.
    fn has_cursor(&self, cursor: u64) -> bool;

    /// The tenant was given a cursor.
    fn keep_cursor(&self, cursor: u64);

    /// A cursor has come to its end.
    fn forget_cursor(&self, cursor: u64);
}

/// What a request earned.
#[derive(Debug)]
#[must_use]
pub enum Verdict<'b> {
    /// What was written may travel. Its reply reads as the rule says.
    Forward(Scoped<ReplyRule>),
    /// It would be refused; as the mode is observe, what was written travels all the same.
    Observed(ReplyRule, Rejection),
    /// Nothing was written: it changes, or needs, what only the connection knows.
    Session(Session<'b>),
}

/// The hash of what a request is, without what it is about: of the command's name.
#[must_use]
pub fn fingerprint(request: &Request<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    scope::name_of(request).hash(&mut hasher);
    hasher.finish()
}

/// Judges requests. Keeps what it needs for that from one to the next.
#[derive(Debug, Default)]
pub struct Judge {
    verifier: Verifier,
}

impl Judge {
    /// Judges `request` and appends what travels in its place to `out`.
    ///
    /// # Errors
    /// The refusal. Then nothing was appended.
    pub fn judge<'b>(
        &mut self,
        request: &Request<'b>,
        context: &Context<'_>,
        out: &mut BytesMut,
    ) -> Result<Verdict<'b>, Rejection> {
        let start = out.len();
        let judged = match context.mode {
            Mode::Inject => self.inject(request, context, out),
            Mode::Observe => self.observe(request, context, out),
            Mode::Validate => self.validate(request, context, out),
        };
        match judged {
            Ok(Verdict::Forward(_) | Verdict::Observed(..)) => {}
            Ok(Verdict::Session(_)) | Err(_) => out.truncate(start),
        }
        judged
    }

    fn inject<'b>(
        &mut self,
        request: &Request<'b>,
        context: &Context<'_>,
        out: &mut BytesMut,
    ) -> Result<Verdict<'b>, Rejection> {
        let start = out.len();
        match scope::scope(request, context, out)? {
            scope::Outcome::Written(rule) => {
                self.prove(out.get(start..).unwrap_or_default(), context)?;
                Ok(Verdict::Forward(Scoped::new(rule)))
            }
            scope::Outcome::Session(session) => Ok(Verdict::Session(session)),
        }
    }

    /// The client's own words travel, whatever the verdict, unless nobody could follow the replies.
    fn observe<'b>(
        &mut self,
        request: &Request<'b>,
        context: &Context<'_>,
        out: &mut BytesMut,
    ) -> Result<Verdict<'b>, Rejection> {
        let start = out.len();
        let verdict = match self.inject(request, context, out) {
            Ok(Verdict::Forward(rule)) if rule.get().is_our_own() => {
                Verdict::Forward(Scoped::new(ReplyRule::Raw))
            }
            Ok(Verdict::Session(
                Session::Script(_)
                | Session::ScriptLoad(_)
                | Session::ScriptExists(_)
                | Session::ScriptFlush,
            )) => Verdict::Forward(Scoped::new(ReplyRule::Raw)),
            Ok(session @ Verdict::Session(_)) => return Ok(session),
            Ok(other @ (Verdict::Forward(_) | Verdict::Observed(..))) => other,
            Err(rejection) if scope::can_be_followed(request) => {
                Verdict::Observed(ReplyRule::Raw, rejection)
            }
            Err(rejection) => return Err(rejection),
        };
        out.truncate(start);
        outgoing::copy(request, out);
        Ok(verdict)
    }

    /// The client's own words travel when they prove themselves. What they lead to is shown as the
    /// store shows it, so the client sees its keys as it named them.
    fn validate<'b>(
        &mut self,
        request: &Request<'b>,
        context: &Context<'_>,
        out: &mut BytesMut,
    ) -> Result<Verdict<'b>, Rejection> {
        let start = out.len();
        let rule = match scope::scope(request, context, out)? {
            scope::Outcome::Written(rule) => rule,
            scope::Outcome::Session(
                Session::Script(_) | Session::ScriptLoad(_) | Session::ScriptExists(_),
            ) => {
                let what = "a script cannot be shown to name the tenant's keys only";
                return Err(Rejection::new(Reason::TenantPredicateMissing, what));
            }
            scope::Outcome::Session(session) => return Ok(Verdict::Session(session)),
        };
        if rule.is_our_own() {
            // Answered here, or by a script of ours: there is no statement of the client's to prove.
            self.prove(out.get(start..).unwrap_or_default(), context)?;
            return Ok(Verdict::Forward(Scoped::new(rule)));
        }
        out.truncate(start);
        outgoing::copy(request, out);
        let written = out.get(start..).unwrap_or_default();
        self.verifier.verify(written, context.tenancy, context.clients).map_err(|what| {
            Rejection::new(Reason::TenantPredicateMissing, what)
                .hint("In validate mode a client writes the tenant's prefix itself.")
        })?;
        Ok(Verdict::Forward(Scoped::new(rule)))
    }

    fn prove(&mut self, written: &[u8], context: &Context<'_>) -> Result<(), Rejection> {
        self.verifier
            .verify(written, context.tenancy, context.clients)
            .map_err(|what| Rejection::new(Reason::Internal, what))
    }
}
