//! The client's commands.

use bytes::BytesMut;
use mongo_wire::bson::{Binary, DocumentWriter, Value};
use mongo_wire::command::{Command, General};
use mongo_wire::frame::Frame;
use mongo_wire::message::Request;
use mongo_wire::reply::Failure;
use policies::mongo::{Context, ReplyRule, Session, Verdict, fingerprint, judge};
use policies::{Mode, Reason, Rejection};

use super::Ready;
use super::owed::Owing;
use crate::mongo::World;
use crate::mongo::answer::{Asked, Label, code_of};
use crate::mongo::hello::Hello;
use crate::mongo::login::no_randomness;
use crate::{Event, Fatal, Outbox};

/// The subtype of a UUID.
pub(super) const UUID: u8 = 4;

impl Ready {
    /// A whole message of the client's.
    pub(super) fn on_frame(
        &mut self,
        frame: Frame<'_>,
        world: &World,
        out: &mut Outbox,
    ) -> Result<(), Fatal> {
        let fatal = |defect: mongo_wire::Defect| Fatal::ClientMisbehaved(defect.to_string());
        let asked = Asked::of(frame).map_err(fatal)?;
        let command = match Request::read(frame, world.bounds()) {
            Ok(Request::Msg(mut message)) => {
                // Replies that come unasked are an offer that nobody has to take.
                message.flags.exhaust_allowed = false;
                Command::read(message)
            }
            Ok(Request::Query(query)) => {
                let hello = Hello::read(query.body);
                self.answer(asked, out, |reply, number| hello.put(world, number, None, reply));
                return Ok(());
            }
            Err(defect) => Err(defect),
        };
        match command {
            Ok(command) => self.on_command(&command, asked, world, out),
            Err(defect) if defect.is_fatal() => Err(fatal(defect)),
            Err(defect) => {
                let errmsg = defect.to_string();
                self.fail(asked, Failure { code: defect.code(), errmsg: &errmsg }, out);
                Ok(())
            }
        }
    }

    fn on_command(
        &mut self,
        command: &Command<'_>,
        asked: Asked,
        world: &World,
        out: &mut Outbox,
    ) -> Result<(), Fatal> {
        self.on_reload(world);
        let Some(tenancy) = &self.tenancy else {
            let rejection = Rejection::new(Reason::PolicyUnusable, "no usable policy is in force");
            self.refuse(rejection, command, asked, world, out);
            return Ok(());
        };
        let rules = world.rules();
        let context = Context {
            tenancy,
            rules: &rules,
            mode: world.settings().mode,
            login: &self.client.login,
            owned: &*self.shared,
        };
        match judge(command, &context, &mut out.to_upstream) {
            Ok(Verdict::Forward(rule)) => {
                out.events.push(match world.settings().mode {
                    Mode::Inject => Event::StatementRewritten,
                    Mode::Validate | Mode::Observe => Event::StatementForwarded,
                });
                self.sent(command, asked, rule.into_inner());
            }
            Ok(Verdict::Observed(rule, rejection)) => {
                out.events.push(rejected(rejection, command, true));
                self.sent(command, asked, rule);
            }
            Ok(Verdict::Reply(body)) => {
                out.events.push(Event::StatementReplied);
                self.owed.say(&mut out.to_client, |out| asked.answer_with(&body, out));
            }
            Ok(Verdict::Session(session)) => {
                return self.on_session(session, command, asked, world, out);
            }
            Err(rejection) => self.refuse(rejection, command, asked, world, out),
        }
        Ok(())
    }

    /// Takes note of a command that was written.
    fn sent(&mut self, command: &Command<'_>, asked: Asked, rule: ReplyRule) {
        let general = command.general().unwrap_or_default();
        let ends = matches!(command.name(), "commitTransaction" | "abortTransaction");
        let in_transaction = general.autocommit == Some(false);
        if in_transaction {
            self.in_transaction = !ends;
        }
        if !asked.is_silent() {
            let asked = asked.labelled(label(&general, in_transaction && !ends));
            self.owed.expect(Owing { asked, rule, instead: None });
        }
    }

    fn on_session(
        &mut self,
        session: Session,
        command: &Command<'_>,
        asked: Asked,
        world: &World,
        out: &mut Outbox,
    ) -> Result<(), Fatal> {
        match session {
            Session::Hello => {
                let hello = Hello::read(command.body());
                self.answer(asked, out, |reply, number| hello.put(world, number, None, reply));
            }
            Session::StartSession => {
                let mut id = [0; 16];
                getrandom::fill(&mut id).map_err(|_| no_randomness())?;
                self.answer(asked, out, |reply, _| {
                    reply.nested("id", |session| {
                        session.value("id", Value::Binary(Binary { subtype: UUID, bytes: &id }));
                    });
                    reply.value("timeoutMinutes", Value::Int32(30));
                    reply.value("ok", Value::Double(1.0));
                });
            }
            Session::SaslStart
            | Session::SaslContinue
            | Session::Authenticate
            | Session::Logout => {
                let what = "a connection stays with the login that it began with";
                let rejection = Rejection::new(Reason::CommandNotAllowed, what);
                self.refuse(rejection, command, asked, world, out);
                return Ok(());
            }
        }
        out.events.push(Event::StatementReplied);
        Ok(())
    }

    fn refuse(
        &mut self,
        rejection: Rejection,
        command: &Command<'_>,
        asked: Asked,
        world: &World,
        out: &mut Outbox,
    ) {
        let code = code_of(&rejection);
        let errmsg = rejection.client_text();
        let mut refusal = BytesMut::new();
        asked.fail(Failure { code, errmsg: &errmsg }, &mut refusal);
        if !self.abort_before(command, asked, &refusal, world, out) {
            self.owed.say(&mut out.to_client, |out| out.extend_from_slice(&refusal));
        }
        out.events.push(rejected(rejection, command, false));
    }

    fn fail(&mut self, asked: Asked, failure: Failure<'_>, out: &mut Outbox) {
        self.owed.say(&mut out.to_client, |out| asked.fail(failure, out));
    }

    fn answer(
        &mut self,
        asked: Asked,
        out: &mut Outbox,
        fill: impl FnOnce(&mut DocumentWriter<'_>, i32),
    ) {
        let number = self.number;
        self.owed.say(&mut out.to_client, |out| asked.answer(out, |reply| fill(reply, number)));
    }
}

/// What a driver may do when nobody knows what became of the command.
fn label(general: &General<'_>, in_transaction: bool) -> Option<Label> {
    if in_transaction {
        Some(Label::TransientTransaction)
    } else {
        general.txn_number.map(|_| Label::RetryableWrite)
    }
}

fn rejected(rejection: Rejection, command: &Command<'_>, observed: bool) -> Event {
    Event::StatementRejected { rejection, fingerprint: fingerprint(command), observed }
}
