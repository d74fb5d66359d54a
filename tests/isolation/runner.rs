//! Runs units on the three databases and judges the answers.

use std::collections::BTreeMap;

use crate::compare::{canonical, leaked};
use crate::session::{Address, Outcome, Session, Statement};
use crate::side::{Answer, Direct, InProcess, Side};
use crate::store::{Database, Holds, SALT_OF_DECOYS, SALT_OF_SHARED, create_template};
use crate::wall::Wall;

const PRIVATE: &str = "oracle_private";
const SHARED: &str = "oracle_shared";
const DECOYS: &str = "oracle_decoys";

/// What must hold of a unit, beyond that nothing leaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Must {
    /// The private store's answer, or a refusal.
    Agree,
    /// A refusal.
    BeRefused,
    /// Nothing: the answer depends on the place of a row, a clock, a session. Or a refusal.
    Conceal,
}

/// What a run came to.
#[derive(Clone, Default)]
pub(crate) struct Figures {
    pub(crate) statements: u32,
    pub(crate) equal: u32,
    pub(crate) errors: u32,
    pub(crate) concealed: u32,
    pub(crate) refused: BTreeMap<String, u32>,
    pub(crate) different: u32,
    pub(crate) leaked: u32,
}

/// One broken promise.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    /// What went wrong, without the statement: two failures with the same are one to look at.
    pub(crate) sign: String,
    pub(crate) what: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Different,
    Leaked,
    /// The answer changed with the others' rows.
    Interfered,
    /// The others' rows changed.
    Damaged,
    NotRefused,
    /// Refused because a rewrite was not proved: a mistake in the rules.
    Internal,
    Broken,
}

/// The databases, and a connection to each.
pub(crate) struct Runner {
    private: Database,
    shared: Database,
    decoys: Database,
    wall: Option<Wall>,
    sides: Sides,
    others: Vec<Vec<(String, String)>>,
    pub(crate) figures: Figures,
    shows_refusals: bool,
}

struct Sides {
    private: Box<dyn Side>,
    shared: Box<dyn Side>,
    decoys: Box<dyn Side>,
}

fn connect(
    wall: Option<&Wall>,
    private: &Database,
    shared: &Database,
    decoys: &Database,
) -> Outcome<Sides> {
    let private = Box::new(Direct(Session::open(&private.address)?));
    Ok(match wall {
        Some(wall) => Sides {
            private,
            shared: Box::new(Direct(Session::open(&wall.address(0, &shared.address))?)),
            decoys: Box::new(Direct(Session::open(&wall.address(1, &decoys.address))?)),
        },
        None => Sides {
            private,
            shared: Box::new(InProcess::open(&shared.address)?),
            decoys: Box::new(InProcess::open(&decoys.address)?),
        },
    })
}

impl Runner {
    pub(crate) fn new(server: &Address) -> Outcome<Self> {
        create_template(server, &[PRIVATE, SHARED, DECOYS])?;
        let mut private = Database::create(server, PRIVATE, Holds::Private)?;
        let mut shared = Database::create(server, SHARED, Holds::Shared(SALT_OF_SHARED))?;
        let mut decoys = Database::create(server, DECOYS, Holds::Shared(SALT_OF_DECOYS))?;
        let wall = match std::env::var("ORACLE_TRANSPORT").as_deref() {
            Ok("in-process") => None,
            Ok("wall") | Err(_) => Some(Wall::start(&[&shared.address, &decoys.address])?),
            Ok(other) => return Err(format!("no such transport: {other}").into()),
        };
        let sides = connect(wall.as_ref(), &private, &shared, &decoys)?;
        let others = vec![shared.digests(false)?, decoys.digests(false)?];
        let own = private.digests(true)?;
        if own != shared.digests(true)? || own != decoys.digests(true)? {
            return Err("the databases do not begin alike".into());
        }
        let shows_refusals = std::env::var_os("ORACLE_REFUSALS").is_some();
        let figures = Figures::default();
        Ok(Self { private, shared, decoys, wall, sides, others, figures, shows_refusals })
    }

    fn connect(&mut self) -> Outcome<()> {
        self.sides = connect(self.wall.as_ref(), &self.private, &self.shared, &self.decoys)?;
        Ok(())
    }

    /// Puts every database back to its beginning.
    pub(crate) fn reset(&mut self) -> Outcome<()> {
        self.private.reset()?;
        self.shared.reset()?;
        self.decoys.reset()
    }

    /// Runs one unit. Connections are left outside of any transaction.
    pub(crate) fn unit(&mut self, unit: &[Statement], must: Must) -> Outcome<Option<Failure>> {
        for statement in unit {
            let found = match self.statement(statement, must) {
                Ok(Step::Next) => continue,
                Ok(Step::Stop) => None,
                Ok(Step::Failed(failure)) => Some(failure),
                Err(error) => {
                    let failure = self.failure(Kind::Broken, statement, &error.to_string(), "");
                    self.connect()?;
                    Some(failure)
                }
            };
            self.settle()?;
            return Ok(found);
        }
        self.settle()?;
        Ok(None)
    }

    /// Leaves transactions; what answers no more is connected again.
    fn settle(&mut self) -> Outcome<()> {
        let rollback = Statement::simple("ROLLBACK");
        let Sides { private, shared, decoys } = &mut self.sides;
        let broken = [private, shared, decoys]
            .into_iter()
            .any(|side| side.status() != 'I' && side.run(&rollback).is_err());
        if broken { self.connect() } else { Ok(()) }
    }

    fn statement(&mut self, statement: &Statement, must: Must) -> Outcome<Step> {
        self.figures.statements += 1;
        let before = self.sides.shared.status();
        let answer = self.sides.shared.run(statement)?;
        let decoyed = self.sides.decoys.run(statement)?;
        for answer in [&answer, &decoyed] {
            if let Some(canary) = leaked(answer.reply(), statement) {
                self.figures.leaked += 1;
                let error = answer.reply().error().map(|error| format!("{error:?}\n"));
                let reply = error.unwrap_or_default() + &canonical(answer.reply(), true).join("\n");
                return Ok(Step::Failed(self.failure(Kind::Leaked, statement, &canary, &reply)));
            }
        }
        let lines = canonical(answer.reply(), statement.ordered);
        let others = canonical(decoyed.reply(), statement.ordered);
        if lines != others && must != Must::Conceal {
            self.figures.different += 1;
            let what = differences(&lines, &others);
            return Ok(Step::Failed(self.failure(Kind::Interfered, statement, &what, "")));
        }
        let reply = match answer {
            Answer::Refused { reason, reply } => {
                if reason == "internal" {
                    let what = canonical(&reply, true).join("\n");
                    *self.figures.refused.entry(reason).or_default() += 1;
                    return Ok(Step::Failed(self.failure(Kind::Internal, statement, &what, "")));
                }
                if self.shows_refusals {
                    let message = reply.error().and_then(|error| error.get('M'));
                    println!("refused: {}\n    {}", message.unwrap_or_default(), statement.text);
                }
                *self.figures.refused.entry(reason).or_default() += 1;
                let right = if before == 'I' { 'I' } else { 'E' };
                if reply.status != right {
                    let what =
                        format!("status {} behind a refusal, {before} before it", reply.status);
                    return Ok(Step::Failed(self.failure(Kind::Different, statement, &what, "")));
                }
                return Ok(Step::Stop);
            }
            Answer::Replied(reply) => reply,
        };
        match must {
            Must::BeRefused => {
                Ok(Step::Failed(self.failure(Kind::NotRefused, statement, "", &lines.join("\n"))))
            }
            Must::Conceal => {
                self.figures.concealed += 1;
                Ok(Step::Stop)
            }
            Must::Agree => {
                let private = self.sides.private.run(statement)?;
                let wanted = canonical(private.reply(), statement.ordered);
                if wanted != lines {
                    self.figures.different += 1;
                    let what = differences(&wanted, &lines);
                    return Ok(Step::Failed(self.failure(Kind::Different, statement, &what, "")));
                }
                self.figures.equal += 1;
                self.figures.errors += u32::from(reply.error().is_some());
                Ok(Step::Next)
            }
        }
    }

    /// Compares what is stored: the others' rows with the beginning, A's with the private store's.
    pub(crate) fn check_stored(&mut self) -> Outcome<Option<Failure>> {
        let now = vec![self.shared.digests(false)?, self.decoys.digests(false)?];
        if now != self.others {
            self.figures.leaked += 1;
            let what = format!("others' rows changed:\n{:?}\n{:?}", self.others, now);
            return Ok(Some(Failure { kind: Kind::Damaged, sign: what.clone(), what }));
        }
        let own = self.private.digests(true)?;
        for (name, found) in
            [("shared", self.shared.digests(true)?), ("decoys", self.decoys.digests(true)?)]
        {
            if found != own {
                self.figures.different += 1;
                let tables: Vec<&str> = own
                    .iter()
                    .zip(&found)
                    .filter(|(a, b)| a != b)
                    .map(|((table, _), _)| table.as_str())
                    .collect();
                let what = format!(
                    "A's rows in the {name} store are not those of the private one: {tables:?}"
                );
                return Ok(Some(Failure { kind: Kind::Different, sign: what.clone(), what }));
            }
        }
        Ok(None)
    }

    fn failure(&self, kind: Kind, statement: &Statement, what: &str, reply: &str) -> Failure {
        let judge = InProcess::open(&self.shared.address);
        let rewritten =
            judge.map_or_else(|error| error.to_string(), |judge| judge.explain(&statement.text));
        let sign = format!("{kind:?} {what}");
        let how = if statement.extended { "extended" } else { "simple" };
        let what = format!(
            "{kind:?} ({how})\nstatement: {}\nparameters: {:?}\nrewritten: {rewritten}\n{what}\n{reply}",
            statement.text, statement.parameters
        );
        Failure { kind, sign, what }
    }
}

enum Step {
    Next,
    /// The rest of the unit has no meaning.
    Stop,
    Failed(Failure),
}

/// The lines that only one of the two has, `-` the first and `+` the second.
fn differences(wanted: &[String], found: &[String]) -> String {
    const SHOWN_MAX: usize = 6;
    let only = |these: &[String], those: &[String], sign: char| {
        these
            .iter()
            .filter(|line| !those.contains(line))
            .take(SHOWN_MAX)
            .map(|line| format!("{sign} {line}"))
            .collect::<Vec<_>>()
    };
    let mut lines = only(wanted, found, '-');
    lines.extend(only(found, wanted, '+'));
    if lines.is_empty() {
        lines.push("the same lines in another order or number".to_owned());
        lines.extend(wanted.iter().take(SHOWN_MAX).map(|line| format!("- {line}")));
        lines.extend(found.iter().take(SHOWN_MAX).map(|line| format!("+ {line}")));
    }
    lines.join("\n")
}
