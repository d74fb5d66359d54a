//! The client's messages.

use std::sync::Arc;

use bolt_wire::message::{Begin, Defect, Goodbye, Request, Run, Success};
use bytes::BytesMut;
use policies::bolt::{self as policy, Rules, Tenancy, Verdict};
use policies::{Reason, Rejection};

use super::Ready;
use super::extra::confine;
use super::replies::Due;
use crate::bolt::refusal::Refusal;
use crate::bolt::{Flow, World, name, put, routing};
use crate::{Event, Fatal, Outbox};

/// The tags of RUN and BEGIN: a message of these that cannot be understood is refused like any other.
const STATEMENTS: [u8; 2] = [0x10, 0x11];

impl Ready {
    /// A whole message of the client. `Flow::Wait` when it cannot be looked at yet.
    pub(in crate::bolt) fn on_client(
        &mut self,
        body: &[u8],
        world: &World,
        out: &mut Outbox,
    ) -> Result<Flow, Fatal> {
        let request = match Request::read(body, self.version) {
            Ok(request) => request,
            Err(defect) => return self.on_defect(defect, body, out),
        };
        match &request {
            Request::Run(run) => self.on_run(run, world, out),
            Request::Begin(begin) => self.on_begin(begin, world, out),
            Request::Commit(commit) => self.send(Due::Commit, out, |body| commit.write(body)),
            Request::Rollback(rollback) => {
                self.send(Due::Rollback, out, |body| rollback.write(body));
            }
            Request::Pull(pull) => {
                self.send(Due::Batch(pull.0.qid), out, |body| pull.write(body));
            }
            Request::Discard(discard) => {
                self.send(Due::Batch(discard.0.qid), out, |body| discard.write(body));
            }
            Request::Reset(reset) => self.send(Due::Reset, out, |body| reset.write(body)),
            Request::Telemetry(_) => self.answer(success(), out),
            Request::Route(route) => {
                match routing::answer(route, self.introduction.address.as_deref(), world) {
                    Ok(table) => self.answer(table, out),
                    Err(rejection) => self.refuse(rejection, 0, out),
                }
            }
            Request::Logoff(_) if self.replies.owed() > 0 => {
                self.waits = true;
                return Ok(Flow::Wait);
            }
            Request::Logoff(_) if self.replies.is_ready() => {
                out.to_client.extend_from_slice(&success());
                put(&mut out.to_upstream, |body| Goodbye.write(body));
                return Ok(Flow::Anew(self.version, self.introduction.clone()));
            }
            Request::Goodbye(goodbye) => {
                put(&mut out.to_upstream, |body| goodbye.write(body));
                return Err(Fatal::Closed);
            }
            Request::Logoff(_) | Request::Hello(_) | Request::Logon(_) => {
                let name = name(&request);
                self.tell(&Refusal::misplaced(name, self.replies.phase()), out);
                return Err(Fatal::ClientMisbehaved(format!("{name} while it is logged in")));
            }
        }
        Ok(Flow::On)
    }

    /// A message that is none. Where it was to carry a statement, its end is known, and the server,
    /// too, would only fail it.
    fn on_defect(&mut self, defect: Defect, body: &[u8], out: &mut Outbox) -> Result<Flow, Fatal> {
        let carries_statement = body.get(1).is_some_and(|tag| STATEMENTS.contains(tag));
        let refusal = Refusal::invalid(defect.to_string());
        if carries_statement {
            self.send_refused(refusal, out);
            return Ok(Flow::On);
        }
        self.tell(&refusal, out);
        Err(Fatal::ClientMisbehaved(defect.to_string()))
    }

    fn on_run(&mut self, run: &Run<'_>, world: &World, out: &mut Outbox) {
        if let Err(rejection) = self.judge(run, world, out) {
            self.refuse(rejection, policy::fingerprint(run.statement), out);
        }
    }

    fn judge(&mut self, run: &Run<'_>, world: &World, out: &mut Outbox) -> Result<(), Rejection> {
        let settings = world.settings();
        let rules = world.rules();
        let tenancy = self.tenancy(&rules)?;
        if self.replies.open_results() >= settings.limits.statements_max {
            let what = "the transaction has too many open results";
            return Err(Rejection::new(Reason::TooManyStatements, what));
        }
        let extra = confine(&run.extra, &settings.upstream.database, &self.client.tenant)?;
        let plan = plan(run.statement, &rules, world, out)?;
        let scoped = match plan.scope(run.parameters.clone(), &tenancy)? {
            Verdict::Forward(scoped) => {
                let scoped = scoped.into_inner();
                let is_same = scoped.statement == run.statement;
                out.events.push(if is_same {
                    Event::StatementForwarded
                } else {
                    Event::StatementRewritten
                });
                scoped
            }
            Verdict::Observed(observed, rejection) => {
                let fingerprint = policy::fingerprint(run.statement);
                out.events.push(Event::StatementRejected {
                    rejection,
                    fingerprint,
                    observed: true,
                });
                observed
            }
        };
        let policy::Run { statement, parameters, rule } = scoped;
        let message = Run { statement: &statement, parameters, extra };
        self.send(Due::Run(rule), out, |body| message.write(body));
        Ok(())
    }

    fn on_begin(&mut self, begin: &Begin<'_>, world: &World, out: &mut Outbox) {
        let database = &world.settings().upstream.database;
        match confine(&begin.extra, database, &self.client.tenant) {
            Ok(extra) => self.send(Due::Begin, out, |body| Begin { extra }.write(body)),
            Err(rejection) => self.refuse(rejection, 0, out),
        }
    }

    /// The tenant's part of the graph under the rules in force.
    fn tenancy(&mut self, rules: &Rules) -> Result<Arc<Tenancy>, Rejection> {
        if self.tenancy.0 != rules.epoch() {
            let tenancy = rules.tenancy(&self.client.tenant.id).map(Arc::new);
            self.tenancy = (rules.epoch(), tenancy);
        }
        let unusable = || Rejection::new(Reason::PolicyUnusable, "no usable policy is in force");
        self.tenancy.1.clone().ok_or_else(unusable)
    }

    /// Sends a message, whose reply is due from here on.
    fn send(&mut self, due: Due, out: &mut Outbox, write: impl FnOnce(&mut BytesMut)) {
        put(&mut out.to_upstream, write);
        self.replies.expect(due, &mut out.to_client);
    }

    fn refuse(&mut self, rejection: Rejection, fingerprint: u64, out: &mut Outbox) {
        self.send_refused(Refusal::of(&rejection), out);
        out.events.push(Event::StatementRejected { rejection, fingerprint, observed: false });
    }

    /// Sends, in place of a message that is refused, one that fails.
    fn send_refused(&mut self, refusal: Refusal, out: &mut Outbox) {
        let nothing =
            Run { statement: "", parameters: Default::default(), extra: Default::default() };
        self.send(Due::Refused(refusal), out, |body| nothing.write(body));
    }

    /// Answers a message here, once all before it are answered.
    fn answer(&mut self, message: BytesMut, out: &mut Outbox) {
        self.replies.expect(Due::Here(message), &mut out.to_client);
    }
}

/// The verdict on a text, which is the same for all tenants.
fn plan(
    text: &str,
    rules: &Rules,
    world: &World,
    out: &mut Outbox,
) -> Result<Arc<policy::Plan>, Rejection> {
    let known = world.cache().get(text, rules.epoch());
    out.events.push(Event::CacheLookup { hit: known.is_some() });
    if let Some(verdict) = known {
        return verdict;
    }
    let settings = world.settings();
    let verdict = policy::judge(text, rules, settings.mode, &settings.limits).map(Arc::new);
    world.cache().put(text, rules.epoch(), verdict.clone());
    verdict
}

fn success() -> BytesMut {
    let mut message = BytesMut::new();
    put(&mut message, |body| Success::default().write(body));
    message
}
