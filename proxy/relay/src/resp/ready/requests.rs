//! The client's requests.

use policies::resp::{
    Answer, Context, Credentials, Hello, Protocol, ReplyMode, ReplyRule, Session, Verdict,
    error_line, fingerprint, put_answer, put_hello, put_quit, put_refused, put_reset,
};
use policies::{Reason, Rejection};
use resp_wire::request::Request;

use super::Ready;
use crate::resp::login::{Greeting, identify};
use crate::resp::{Client, Flow, World};
use crate::{Event, Fatal, Outbox};

impl Ready {
    /// A whole request of the client. `Flow::Wait` when it cannot be looked at yet.
    pub(in crate::resp) fn on_request(
        &mut self,
        request: &Request<'_>,
        world: &World,
        out: &mut Outbox,
    ) -> Result<Flow, Fatal> {
        if request.is_empty() {
            return Ok(Flow::On);
        }
        self.on_reload(world, out)?;
        let rules = world.rules();
        let Some(tenancy) = &self.tenancy else {
            let rejection = Rejection::new(Reason::PolicyUnusable, "no usable policy is in force");
            self.refuse(&rejection, request, out);
            return Ok(Flow::On);
        };
        let context = Context {
            tenancy,
            rules: &rules,
            mode: world.settings().mode,
            clients: &self.clients,
            login: &self.client.login,
            in_transaction: self.in_transaction,
        };
        let start = out.to_upstream.len();
        match self.judge.judge(request, &context, &mut out.to_upstream) {
            Ok(Verdict::Forward(rule)) => {
                let unchanged = out.to_upstream.get(start..) == Some(request.bytes());
                let rule = rule.into_inner();
                out.events.push(match &rule {
                    ReplyRule::Answer(_) => Event::StatementReplied,
                    _ if unchanged => Event::StatementForwarded,
                    _ => Event::StatementRewritten,
                });
                self.sent(rule);
                Ok(Flow::On)
            }
            Ok(Verdict::Observed(rule, rejection)) => {
                out.events.push(rejected(rejection, request, true));
                self.sent(rule);
                Ok(Flow::On)
            }
            Ok(Verdict::Session(session)) => self.on_session(session, request, world, out),
            Err(rejection) => {
                self.refuse(&rejection, request, out);
                Ok(Flow::On)
            }
        }
    }

    /// Takes note of a request that was written.
    pub(super) fn sent(&mut self, rule: ReplyRule) {
        match &rule {
            ReplyRule::Multi => self.in_transaction = true,
            ReplyRule::Exec | ReplyRule::Discard => self.in_transaction = false,
            // Its next run is written when the reply to this one has come, behind all else.
            ReplyRule::Sweep(_) | ReplyRule::Reset | ReplyRule::Quit => self.waits = true,
            _ => {}
        }
        let is_silent = self.takes_silence() && !matches!(rule, ReplyRule::Confirmations { .. });
        self.replies.expect(rule, is_silent);
    }

    /// Whether the request at hand is not answered.
    fn takes_silence(&mut self) -> bool {
        std::mem::take(&mut self.skips_next) || self.is_silent
    }

    pub(super) fn refuse(
        &mut self,
        rejection: &Rejection,
        request: &Request<'_>,
        out: &mut Outbox,
    ) {
        out.events.push(rejected(rejection.clone(), request, false));
        let rule = put_refused(rejection, &mut out.to_upstream);
        self.sent(rule.into_inner());
    }

    fn on_session(
        &mut self,
        session: Session<'_>,
        request: &Request<'_>,
        world: &World,
        out: &mut Outbox,
    ) -> Result<Flow, Fatal> {
        let rule = match session {
            Session::Auth(credentials) => {
                return Ok(self.on_auth(&credentials, Greeting::Ok, world, out));
            }
            Session::Hello(hello) => match hello.credentials {
                Some(credentials) => {
                    return Ok(self.on_hello(&hello, &credentials, world, out));
                }
                None => put_hello(&hello, &mut out.to_upstream),
            },
            Session::Reset => put_reset(&mut out.to_upstream),
            Session::Quit => put_quit(&mut out.to_upstream),
            Session::Reply(ReplyMode::On) => {
                (self.is_silent, self.skips_next) = (false, false);
                put_answer("client", Answer::Ok, &mut out.to_upstream)
            }
            Session::Reply(ReplyMode::Off) => {
                self.is_silent = true;
                return Ok(Flow::On);
            }
            Session::Reply(ReplyMode::Skip) => {
                self.skips_next = !self.is_silent;
                return Ok(Flow::On);
            }
            script @ (Session::Script(_)
            | Session::ScriptLoad(_)
            | Session::ScriptExists(_)
            | Session::ScriptFlush) => {
                self.on_script(script, request, world, out);
                return Ok(Flow::On);
            }
        };
        out.events.push(Event::StatementReplied);
        self.sent(rule.into_inner());
        Ok(Flow::On)
    }

    /// AUTH of a client that is served already. It waits until no reply is owed, since it may lead
    /// to another upstream link.
    fn on_auth(
        &mut self,
        credentials: &Credentials<'_>,
        greeting: Greeting,
        world: &World,
        out: &mut Outbox,
    ) -> Flow {
        match self.identify(credentials, world, out) {
            None => Flow::Wait,
            Some(Ok(client)) if client.tenant == self.client.tenant => {
                self.client = client;
                if !self.takes_silence() {
                    Answer::Ok.put(Protocol::Resp2, &mut out.to_client);
                }
                Flow::On
            }
            Some(Ok(client)) => Flow::Other(client, greeting),
            Some(Err(())) => Flow::On,
        }
    }

    fn on_hello(
        &mut self,
        hello: &Hello<'_>,
        credentials: &Credentials<'_>,
        world: &World,
        out: &mut Outbox,
    ) -> Flow {
        match self.identify(credentials, world, out) {
            None => Flow::Wait,
            Some(Ok(client)) if client.tenant == self.client.tenant => {
                self.client = client;
                let rule = put_hello(hello, &mut out.to_upstream);
                self.sent(rule.into_inner());
                Flow::On
            }
            Some(Ok(client)) => Flow::Other(client, Greeting::of(hello)),
            Some(Err(())) => Flow::On,
        }
    }

    /// Who sent `credentials`; `None` while replies are owed. An error has been answered.
    fn identify(
        &mut self,
        credentials: &Credentials<'_>,
        world: &World,
        out: &mut Outbox,
    ) -> Option<Result<Client, ()>> {
        if self.replies.owed() > 0 {
            self.waits = true;
            return None;
        }
        let client = identify(credentials, world, out);
        Some(client.map_err(|rejection| {
            if !self.takes_silence() {
                out.to_client.extend_from_slice(&error_line(&rejection));
            }
        }))
    }
}

fn rejected(rejection: Rejection, request: &Request<'_>, observed: bool) -> Event {
    Event::StatementRejected { rejection, fingerprint: fingerprint(request), observed }
}
