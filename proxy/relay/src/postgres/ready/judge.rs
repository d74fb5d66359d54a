//! Judging what carries statements: Query, Parse, and Bind, which brings values to one.

use std::sync::Arc;

use policies::postgres::{Parameters, Plan, Rules, fingerprint};
use policies::{Mode, Reason, Rejection, Scoped};
use postgres_wire::frame::Frame;
use postgres_wire::message::Name;
use postgres_wire::message::frontend::{Bind, Parse, Query, Values};

use super::Ready;
use super::owed::Owed;
use super::portals::{self, Portal};
use super::statements::{Source, Statement};
use crate::postgres::Shared;
use crate::{Event, Outbox};

/// A text that may travel for the tenant, in the form in which it does.
struct Judged {
    scoped: Scoped<policies::postgres::Query>,
    plan: Arc<Plan>,
    epoch: u64,
}

impl Ready {
    /// Query: several statements, judged as a whole.
    pub(super) fn on_query(&mut self, query: Query<'_>, shared: &Shared, out: &mut Outbox) {
        match self.judge(query.text, shared, out) {
            Ok(Judged { scoped, plan, epoch: _ }) => {
                report_passed(&plan, query.text, out);
                Query::put(scoped.get().text(), &mut out.to_upstream);
                let differs = !plan.is_unchanged();
                let source = differs.then(|| Box::new(Source::new(query.text, scoped)));
                self.owed.push(Owed::Query(plan, source));
                self.group_open = false;
            }
            Err(rejection) => self.reject(rejection, query.text, true, out),
        }
    }

    /// Parse: one statement, to be used later.
    pub(super) fn on_parse(&mut self, parse: &Parse<'_>, shared: &Shared, out: &mut Outbox) {
        let limits = &shared.world.settings().limits;
        let judged = self
            .statements
            .check_room(parse.text.len(), limits)
            .and_then(|()| self.judge(parse.text, shared, out));
        match judged {
            Ok(Judged { scoped, plan, epoch }) => {
                parse.put_with(scoped.get().text(), &mut out.to_upstream);
                let types = parse.types().collect();
                let source = Source::new(parse.text, scoped);
                let statement = self.statements.hold(source, plan, types, epoch);
                let made = Some(Arc::clone(&statement));
                let name = self.statements.names.change(parse.name, made);
                self.owed.push(Owed::Parse(name, statement));
                self.group_open = true;
            }
            Err(rejection) => self.reject(rejection, parse.text, false, out),
        }
    }

    /// Bind: values for a statement, which must be right for all that its name may mean.
    pub(super) fn on_bind(
        &mut self,
        bind: &Bind<'_>,
        frame: Frame<'_>,
        shared: &Shared,
        out: &mut Outbox,
    ) {
        let room = self.portals.check_room(bind.portal, &shared.world.settings().limits);
        let meanings = match room.and_then(|()| self.statements.meanings(bind.statement)) {
            Ok(meanings) => meanings,
            Err(rejection) if observes(&rejection, shared, out) => Vec::new(),
            Err(rejection) => return self.reject(rejection, "", false, out),
        };
        let mut values = None;
        for meaning in &meanings {
            let checked = self.renew(meaning, shared, out).and_then(|newer| {
                if let Some(newer) = &newer {
                    self.statements.renew(bind.statement, meaning, newer);
                }
                let statement = newer.as_ref().unwrap_or(meaning);
                if statement.plan.parameters().is_empty() {
                    return Ok(());
                }
                let values = values.get_or_insert_with(|| bind.values());
                let bound = Bound { values, types: &statement.types };
                statement.plan.check_parameters(&self.client.tenant, &bound)
            });
            if let Err(rejection) = checked {
                return self.reject(rejection, &meaning.source.text, false, out);
            }
        }
        self.forward(frame, out);
        let portal = Portal::new(meanings);
        let only = portals::only(std::slice::from_ref(&portal)).cloned();
        let name = self.portals.names.change(bind.portal, Some(portal));
        self.owed.push(Owed::Bind(name, only));
    }

    /// Describe, of a portal.
    pub(super) fn on_describe_portal(
        &mut self,
        name: Name<'_>,
        frame: Frame<'_>,
        shared: &Shared,
        out: &mut Outbox,
    ) {
        match self.portals.meanings(name) {
            Err(rejection) if !observes(&rejection, shared, out) => {
                self.reject(rejection, "", false, out);
            }
            Ok(_) | Err(_) => {
                self.forward(frame, out);
                self.owed.push(Owed::DescribePortal);
            }
        }
    }

    /// Execute: runs a portal, whose statement must be right under the rules in force.
    pub(super) fn on_execute(
        &mut self,
        name: Name<'_>,
        frame: Frame<'_>,
        shared: &Shared,
        out: &mut Outbox,
    ) {
        let meanings = match self.portals.meanings(name) {
            Ok(meanings) => meanings,
            Err(rejection) if observes(&rejection, shared, out) => Vec::new(),
            Err(rejection) => return self.reject(rejection, "", false, out),
        };
        for statement in meanings.iter().flat_map(|portal| &portal.statements) {
            let unbound = |newer: Option<Arc<Statement>>| match newer {
                // What was bound was checked for the old parameters.
                Some(newer) if newer.plan.parameters() != statement.plan.parameters() => {
                    Err(changed())
                }
                Some(_) | None => Ok(()),
            };
            if let Err(rejection) = self.renew(statement, shared, out).and_then(unbound) {
                return self.reject(rejection, &statement.source.text, false, out);
            }
        }
        if let Some(portal) = meanings.first().filter(|portal| portal.begin())
            && let Some(statement) = portal.statements.first()
        {
            report_passed(&statement.plan, &statement.source.text, out);
        }
        self.forward(frame, out);
        self.owed.push(Owed::Execute(portals::only(&meanings).cloned()));
    }

    fn judge(
        &mut self,
        text: &str,
        shared: &Shared,
        out: &mut Outbox,
    ) -> Result<Judged, Rejection> {
        let (verdict, rules) = shared.world.judge(text, out);
        let plan = verdict?;
        self.check_search_path(&rules)?;
        let epoch = rules.epoch();
        let scoped = plan.scope(&self.client.tenant)?;
        Ok(Judged { scoped, plan, epoch })
    }

    /// The session must have the search path that the rules were resolved with: names mean something
    /// else under another. Where the rules have changed in this, the connection ends.
    fn check_search_path(&mut self, rules: &Rules) -> Result<(), Rejection> {
        if self.path_epoch == Some(rules.epoch()) {
            return Ok(());
        }
        if self.search_path != rules.search_path() {
            self.draining = Some("the policy's search path has changed");
            let what = "the connection was made under a policy with another search path";
            return Err(Rejection::new(Reason::PolicyChanged, what).hint("Connect again."));
        }
        self.path_epoch = Some(rules.epoch());
        Ok(())
    }

    /// The statement under the rules in force: judged again where they have changed since. What the
    /// upstream has prepared stays as it is, so a text that would travel in another form now may not
    /// be used.
    fn renew(
        &mut self,
        statement: &Statement,
        shared: &Shared,
        out: &mut Outbox,
    ) -> Result<Option<Arc<Statement>>, Rejection> {
        if shared.world.rules().epoch() == statement.epoch {
            return Ok(None);
        }
        let text = &statement.source.text;
        let Judged { scoped, plan, epoch } = self.judge(text, shared, out)?;
        if scoped.get().text() != statement.source.query.get().text() {
            return Err(changed());
        }
        let types = Arc::clone(&statement.types);
        let source = Source::new(text, scoped);
        Ok(Some(self.statements.hold(source, plan, types, epoch)))
    }

    /// Refuses a message and reports it. `text` is the client's own statement.
    pub(super) fn reject(
        &mut self,
        rejection: Rejection,
        text: &str,
        is_query: bool,
        out: &mut Outbox,
    ) {
        self.refuse(&rejection, text, is_query, out);
        // What is too large to be judged is too large to be scanned as well.
        let is_scanned = rejection.reason != Reason::StatementTooLarge;
        let fingerprint = if is_scanned { fingerprint(text) } else { 0 };
        out.events.push(Event::StatementRejected { rejection, fingerprint, observed: false });
    }
}

/// Reports that a statement is run: by a Query, or by the first Execute of a portal.
fn report_passed(plan: &Plan, text: &str, out: &mut Outbox) {
    if let Some(rejection) = plan.observed() {
        return out.events.push(Event::StatementRejected {
            rejection: rejection.clone(),
            fingerprint: fingerprint(text),
            observed: true,
        });
    }
    out.events.push(if plan.is_unchanged() {
        Event::StatementForwarded
    } else {
        Event::StatementRewritten
    });
}

/// Whether a name that means nothing here may be used all the same: in observe mode, where SQL may have
/// given it a meaning. Reports it if so.
fn observes(rejection: &Rejection, shared: &Shared, out: &mut Outbox) -> bool {
    let observed = shared.world.settings().mode == Mode::Observe;
    if !observed || rejection.reason != Reason::UnknownName {
        return false;
    }
    let rejection = rejection.clone();
    out.events.push(Event::StatementRejected { rejection, fingerprint: 0, observed });
    true
}

fn changed() -> Rejection {
    let what = "the statement was prepared under a policy that has changed";
    Rejection::new(Reason::PolicyChanged, what).hint("Prepare it again.")
}

/// A Bind message's values with the types that the statement's Parse declared for them.
struct Bound<'a> {
    values: &'a Values<'a>,
    types: &'a [u32],
}

impl Parameters for Bound<'_> {
    fn value(&self, number: u16) -> Option<Option<&[u8]>> {
        self.values.value(number)
    }

    fn is_binary(&self, number: u16) -> bool {
        self.values.is_binary(number)
    }

    fn type_oid(&self, number: u16) -> u32 {
        let declared = usize::from(number).checked_sub(1).and_then(|at| self.types.get(at));
        declared.copied().unwrap_or(0)
    }
}
