//! A tenant's scripts: which there are is its own affair, and the store has them under other names.

use std::sync::Arc;

use policies::resp::{
    Answer, Rules, Script, ScriptCall, Session, Unwrapped, put_answer, put_script_call,
    put_script_load, put_unknown_script, put_wrong_script,
};
use policies::{Reason, Rejection};
use resp_wire::request::Request;

use super::Ready;
use crate::resp::World;
use crate::{Event, Outbox};

/// What stands in the way of a script.
enum Obstacle {
    Refused(Rejection),
    /// The server would not compile it.
    NotAChunk,
    /// There is none of this name.
    Unknown,
}

impl Ready {
    pub(super) fn on_script(
        &mut self,
        session: Session<'_>,
        request: &Request<'_>,
        world: &World,
        out: &mut Outbox,
    ) {
        let rules = world.rules();
        let rule = match session {
            Session::Script(call) => match self.find(&call, &rules) {
                Ok(script) => return self.call(&script, &call, out),
                Err(Obstacle::NotAChunk) => put_wrong_script(call.script, &mut out.to_upstream),
                Err(Obstacle::Unknown) => put_unknown_script(&mut out.to_upstream),
                Err(Obstacle::Refused(rejection)) => return self.refuse(&rejection, request, out),
            },
            Session::ScriptLoad(text) => match self.keep(text, &rules) {
                Ok(script) => put_script_load(&script, true, &mut out.to_upstream),
                Err(Obstacle::NotAChunk | Obstacle::Unknown) => {
                    put_wrong_script(text, &mut out.to_upstream)
                }
                Err(Obstacle::Refused(rejection)) => return self.refuse(&rejection, request, out),
            },
            Session::ScriptExists(names) => {
                let there = names.iter().map(|name| i64::from(self.shared.script(name).is_some()));
                put_answer("script", Answer::Integers(there.collect()), &mut out.to_upstream)
            }
            Session::ScriptFlush => {
                self.shared.forget_scripts();
                put_answer("script", Answer::Ok, &mut out.to_upstream)
            }
            Session::Auth(_)
            | Session::Hello(_)
            | Session::Reset
            | Session::Quit
            | Session::Reply(_) => return,
        };
        out.events.push(Event::StatementReplied);
        self.sent(rule.into_inner());
    }

    fn find(&self, call: &ScriptCall<'_>, rules: &Rules) -> Result<Arc<Script>, Obstacle> {
        if !call.is_sha {
            return self.keep(call.script, rules);
        }
        self.shared.script(call.script).ok_or(Obstacle::Unknown)
    }

    fn keep(&self, text: &[u8], rules: &Rules) -> Result<Arc<Script>, Obstacle> {
        let script = rules.wrap(text).map_err(|why| match why {
            Unwrapped::NotAChunk => Obstacle::NotAChunk,
            Unwrapped::Closed => {
                let what = "scripts of this server cannot be confined";
                Obstacle::Refused(Rejection::new(Reason::CommandNotAllowed, what))
            }
        })?;
        self.shared.keep(script).ok_or_else(|| {
            let what = "the tenant has too many scripts";
            let hint = "SCRIPT FLUSH forgets them; values belong into ARGV.";
            Obstacle::Refused(Rejection::new(Reason::TooManyStatements, what).hint(hint))
        })
    }

    /// A script goes by its name where the server is known to have it. Called by its name for the
    /// first time it is loaded; inside of MULTI, where that would have a reply of its own, it goes
    /// with its text.
    fn call(&mut self, script: &Script, call: &ScriptCall<'_>, out: &mut Outbox) {
        let Some(tenancy) = &self.tenancy else { return };
        let mut by_name = call.is_sha && self.loaded.contains(script.upstream());
        let mut load = None;
        if call.is_sha && !by_name && !self.in_transaction {
            load = Some(put_script_load(script, false, &mut out.to_upstream));
            self.loaded.insert(*script.upstream());
            by_name = true;
        }
        let rule = put_script_call(script, call, by_name, tenancy, &mut out.to_upstream);
        out.events.push(Event::StatementRewritten);
        if let Some(load) = load {
            self.replies.expect(load.into_inner(), true);
        }
        self.sent(rule.into_inner());
    }
}
