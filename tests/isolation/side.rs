//! The ways to a database: directly, through the rules in this process, through the wall.

use policies::Mode;
use policies::policy::Policy;
use policies::postgres::{Catalog, Parameters, Plan, Query, Rules, SNAPSHOT_QUERY, judge};
use policies::{Rejection, Tenant, TenantId};
use wire::Limits;

use crate::schema::{POLICY, TENANT_A};
use crate::session::{Address, Fields, Outcome, Parameter, Piece, Reply, Session, Statement};

/// What a side answers.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Replied(Reply),
    /// Refused by the wall, for a reason.
    Refused {
        reason: String,
        reply: Reply,
    },
}

impl Answer {
    pub(crate) fn reply(&self) -> &Reply {
        match self {
            Self::Replied(reply) | Self::Refused { reason: _, reply } => reply,
        }
    }
}

/// A connection that acts for tenant A.
pub(crate) trait Side {
    fn run(&mut self, statement: &Statement) -> Outcome<Answer>;

    /// The state behind the last reply: `I`, `T` or `E`.
    fn status(&self) -> char;
}

/// Judges in this process and sends the result to the store itself.
pub(crate) struct InProcess {
    session: Session,
    rules: Rules,
    tenant: Tenant,
}

impl InProcess {
    pub(crate) fn open(address: &Address) -> Outcome<Self> {
        let mut session = Session::open(address)?;
        let snapshot = session.must(SNAPSHOT_QUERY)?.text_rows();
        let json = snapshot.first().and_then(|row| row.first()).ok_or("no snapshot")?;
        let catalog: Catalog = serde_json::from_str(json)?;
        let policy = Policy::parse(POLICY).map_err(|errors| format!("{errors:?}"))?;
        let rules = Rules::new(&policy, &catalog, 1).map_err(|errors| format!("{errors:?}"))?;
        session.must(&format!("SET search_path = {}", rules.search_path()))?;
        let id = TenantId::parse(policy.tenant_kind, TENANT_A)?;
        Ok(Self { session, rules, tenant: Tenant { id, slug: "a".to_owned() } })
    }

    fn judge(&self, text: &str) -> Result<(Plan, Query), Rejection> {
        let plan = judge(text, &self.rules, Mode::Inject, &Limits::default())?;
        let query = plan.scope(&self.tenant)?.into_inner();
        Ok((plan, query))
    }

    /// What the store is sent for `text`, for a report.
    pub(crate) fn explain(&self, text: &str) -> String {
        match self.judge(text) {
            Ok((_, query)) => query.text().to_owned(),
            Err(rejection) => rejection.client_text(),
        }
    }

    /// As the wall does it: a refusal inside a transaction fails the transaction.
    fn refuse(&mut self, rejection: &Rejection) -> Outcome<Answer> {
        let mut reply = Reply { status: self.session.status, ..Reply::default() };
        if self.session.status == 'T' {
            reply.status = self.session.run(&Statement::simple("refused"))?.status;
        }
        let text = rejection.client_text();
        reply.raw = text.clone().into_bytes();
        reply.pieces = vec![Piece::Error(Fields(vec![('C', "42501".to_owned()), ('M', text)]))];
        Ok(Answer::Refused { reason: rejection.reason.code().to_owned(), reply })
    }
}

impl Side for InProcess {
    fn run(&mut self, statement: &Statement) -> Outcome<Answer> {
        let (plan, query) = match self.judge(&statement.text) {
            Ok(judged) => judged,
            Err(rejection) => return self.refuse(&rejection),
        };
        if let Err(rejection) = plan.check_parameters(&self.tenant, &Bound(&statement.parameters)) {
            return self.refuse(&rejection);
        }
        let sent = Statement { text: query.text().to_owned(), ..statement.clone() };
        let mut reply = self.session.run(&sent)?;
        for piece in &mut reply.pieces {
            if let Piece::Error(fields) | Piece::Notice(fields) = piece {
                map_position(fields, &query, &statement.text);
            }
        }
        Ok(Answer::Replied(reply))
    }

    fn status(&self) -> char {
        self.session.status
    }
}

/// Positions count characters from 1.
fn map_position(fields: &mut Fields, query: &Query, client: &str) {
    for (code, value) in &mut fields.0 {
        let Some(place) = value.parse::<usize>().ok().filter(|_| *code == 'P') else { continue };
        let characters = query.text().char_indices().map(|(offset, _)| offset);
        let offset = characters.chain([query.text().len()]).nth(place.saturating_sub(1));
        let mapped = query.client_offset(offset.unwrap_or(query.text().len()));
        let before = client.get(..mapped).map_or(0, |text| text.chars().count());
        *value = (before + 1).to_string();
    }
}

struct Bound<'s>(&'s [Parameter]);

impl Bound<'_> {
    fn of(&self, number: u16) -> Option<&Parameter> {
        self.0.get(usize::from(number).checked_sub(1)?)
    }
}

impl Parameters for Bound<'_> {
    fn value(&self, number: u16) -> Option<Option<&[u8]>> {
        self.of(number).map(|parameter| parameter.value.as_deref())
    }

    fn is_binary(&self, number: u16) -> bool {
        self.of(number).is_some_and(|parameter| parameter.binary)
    }

    fn type_oid(&self, number: u16) -> u32 {
        self.of(number).map_or(0, |parameter| parameter.oid)
    }
}

/// A plain connection: to the private database, or to the wall.
pub(crate) struct Direct(pub(crate) Session);

impl Side for Direct {
    fn run(&mut self, statement: &Statement) -> Outcome<Answer> {
        let reply = self.0.run(statement)?;
        Ok(match refusal(&reply) {
            Some(reason) => Answer::Refused { reason, reply },
            None => Answer::Replied(reply),
        })
    }

    fn status(&self) -> char {
        self.0.status
    }
}

/// The reason of a refusal: `partywall: … [reason]`.
fn refusal(reply: &Reply) -> Option<String> {
    let message = reply.error()?.get('M')?;
    let rest = message.strip_prefix("partywall: ")?.strip_suffix(']')?;
    rest.rsplit_once('[').map(|(_, reason)| reason.to_owned())
}
