//! Runs sequences on both servers and judges the answers.

use std::collections::BTreeMap;

use crate::compare::differences;
use crate::generate::{Item, Step};
use crate::reply::Value;
use crate::session::{Command, Outcome};
use crate::side::Side;
use crate::store::{CANARY, Keys, Server};

/// What a run came to.
#[derive(Clone, Default)]
pub(crate) struct Figures {
    pub(crate) commands: usize,
    pub(crate) equal: usize,
    pub(crate) errors: usize,
    /// Refused, and allowed to be, by reason.
    pub(crate) refused: BTreeMap<String, usize>,
    pub(crate) different: usize,
    pub(crate) leaked: usize,
}

/// One broken promise.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// What went wrong, without the details: two failures with the same are one to look at.
    pub(crate) sign: String,
    pub(crate) what: String,
}

pub(crate) struct Runner {
    private: Server,
    shared: Server,
    sides: Sides,
    others: Keys,
    pub(crate) figures: Figures,
}

struct Sides {
    private: Side,
    shared: Side,
}

impl Runner {
    /// `way` is A's way to the shared server.
    pub(crate) fn new(private: Server, shared: Server, way: Side, own: Side) -> Self {
        let sides = Sides { private: own, shared: way };
        Self { private, shared, sides, others: Keys::new(), figures: Figures::default() }
    }

    /// Puts both servers and all connections back to the beginning.
    pub(crate) fn reset(&mut self) -> Outcome<()> {
        self.sides.private.reset()?;
        self.sides.shared.reset()?;
        self.private.reset()?;
        self.shared.reset()?;
        let (own, others) = self.shared.keys()?;
        let (alone, _) = self.private.keys()?;
        if let Some(difference) = stored_difference(&alone, &own) {
            return Err(format!("the servers do not begin alike: {difference}").into());
        }
        self.others = others;
        Ok(())
    }

    /// Runs a sequence from the beginning.
    pub(crate) fn sequence(&mut self, items: &[Item]) -> Outcome<Option<Failure>> {
        self.reset()?;
        for item in items {
            for step in &item.steps {
                let failure = match self.step(step) {
                    Ok(failure) => failure,
                    Err(error) => Some(broken(step, &error.to_string())),
                };
                let failure = self.leak(step).or(failure);
                if failure.is_some() {
                    return Ok(failure);
                }
            }
        }
        self.check_stored()
    }

    fn step(&mut self, step: &Step) -> Outcome<Option<Failure>> {
        let Sides { private, shared } = &mut self.sides;
        match step {
            Step::Others(commands) => {
                if self.shared.shared {
                    self.shared.admin.must_all(commands)?;
                }
                Ok(None)
            }
            Step::Start(connection, command) => {
                private.start(*connection, command)?;
                shared.start(*connection, command)?;
                // Its replies come with the next pipeline of the connection.
                self.figures.commands += 1;
                Ok(None)
            }
            Step::Pipeline(connection, commands) => self.pipeline(*connection, commands),
            Step::Iterate(connection, command) => {
                self.figures.commands += 1;
                let (ours, theirs) =
                    (shared.iterate(*connection, command)?, private.iterate(*connection, command)?);
                if ours == theirs {
                    self.figures.equal += 1;
                    return Ok(None);
                }
                Ok(Some(self.different(command, &format!("{ours:?}"), &format!("{theirs:?}"))))
            }
            Step::Tentative(connection, command) => self.tentative(*connection, command),
            Step::RandomKey(connection) => self.random_key(*connection),
        }
    }

    fn pipeline(&mut self, connection: usize, commands: &[Command]) -> Outcome<Option<Failure>> {
        let Sides { private, shared } = &mut self.sides;
        self.figures.commands += commands.len();
        private.send(connection, commands)?;
        shared.send(connection, commands)?;
        let theirs = private.replies(connection)?;
        let ours = shared.replies(connection)?;
        let is_error = |value: &&Value| value.error().is_some();
        match differences(commands, &ours, &theirs) {
            None => {
                self.figures.equal += commands.len();
                self.figures.errors += ours.values.iter().filter(is_error).count();
                Ok(None)
            }
            Some(found) => Ok(Some(self.different(&found.command, &found.shared, &found.private))),
        }
    }

    /// A command that the wall may refuse, or answer in its own way.
    fn tentative(&mut self, connection: usize, command: &Command) -> Outcome<Option<Failure>> {
        let Sides { private, shared } = &mut self.sides;
        self.figures.commands += 1;
        let ours = shared.run(connection, command)?;
        if let Some(reason) = ours.values.iter().find_map(refusal) {
            *self.figures.refused.entry(reason).or_default() += 1;
            return Ok(None);
        }
        let theirs = private.run(connection, command)?;
        if ours.values.len() != theirs.values.len() {
            let count = |replies: usize| format!("{replies} replies");
            let (ours, theirs) = (count(ours.values.len()), count(theirs.values.len()));
            return Ok(Some(self.different(command, &ours, &theirs)));
        }
        self.figures.equal += 1;
        Ok(None)
    }

    fn random_key(&mut self, connection: usize) -> Outcome<Option<Failure>> {
        let Sides { private, shared } = &mut self.sides;
        self.figures.commands += 1;
        let command = Command::line("RANDOMKEY");
        let ours = shared.run(connection, &command)?;
        let theirs = private.run(connection, &command)?;
        let bytes = |place| ours.bytes(place);
        let name = ours.values.iter().rev().find_map(|value| match value {
            Value::Bulk(name) => Some(name.clone()),
            _ => None,
        });
        let Some(name) = name else {
            let same = ours.raw == theirs.raw;
            let shown = bytes(ours.values.len().saturating_sub(1)).escape_ascii().to_string();
            let wanted = theirs.raw.escape_ascii().to_string();
            return Ok((!same).then(|| self.different(&command, &shown, &wanted)));
        };
        let exists = self.private.admin.must(&Command::new(&[&b"EXISTS"[..], &name]))?;
        if exists != Value::Integer(1) {
            let shown = name.escape_ascii().to_string();
            return Ok(Some(self.different(&command, &shown, "a key that there is")));
        }
        self.figures.equal += 1;
        Ok(None)
    }

    fn leak(&mut self, step: &Step) -> Option<Failure> {
        let seen = self.sides.shared.take_sight(CANARY);
        seen.then(|| {
            self.figures.leaked += 1;
            let sign = format!("leaked by {}", names(step));
            Failure { what: format!("{sign}\n{}", show_step(step)), sign }
        })
    }

    fn different(&mut self, command: &Command, shared: &str, private: &str) -> Failure {
        let kind = match shared.contains("partywall: ") {
            true => "refused",
            false => "different",
        };
        self.figures.different += 1;
        let sign = format!("{kind} {} {}", command.word(0), cut(&class(shared)));
        let show = command.show();
        let what = format!(
            "{kind}: {}\n  shared:  {}\n  private: {}",
            cut(&show),
            cut(shared),
            cut(private)
        );
        Failure { sign, what }
    }

    /// Compares what is stored: the others' with the beginning, A's with the private server's.
    fn check_stored(&mut self) -> Outcome<Option<Failure>> {
        let failure = self.check_others()?;
        if failure.is_some() {
            return Ok(failure);
        }
        let (own, _) = self.shared.keys()?;
        let (alone, _) = self.private.keys()?;
        if let Some(what) = stored_difference(&alone, &own) {
            self.figures.different += 1;
            let sign = "A's keys are not those of the private server".to_owned();
            return Ok(Some(Failure { what: format!("{sign}: {what}"), sign }));
        }
        Ok(None)
    }

    fn check_others(&mut self) -> Outcome<Option<Failure>> {
        let (_, others) = self.shared.keys()?;
        if let Some(what) = stored_difference(&self.others, &others) {
            self.figures.leaked += 1;
            let sign = "others' keys changed".to_owned();
            return Ok(Some(Failure { what: format!("{sign}: {what}"), sign }));
        }
        Ok(None)
    }
}

/// The first key that is not the same in both.
fn stored_difference(wanted: &Keys, found: &Keys) -> Option<String> {
    let names = wanted.keys().chain(found.keys());
    let differs = |name: &&Vec<u8>| match (wanted.get(*name), found.get(*name)) {
        (Some(a), Some(b)) => !a.is_as(b),
        _ => true,
    };
    names.into_iter().find(differs).map(|name| {
        let (a, b) = (wanted.get(name), found.get(name));
        format!("key {:?}: wanted {a:?}, found {b:?}", name.escape_ascii().to_string())
    })
}

/// The reason of a refusal: `NOPERM partywall: … [reason]`.
pub(crate) fn refusal(value: &Value) -> Option<String> {
    let text = String::from_utf8_lossy(value.error()?).into_owned();
    let rest = text.split_once("partywall: ")?.1.strip_suffix(']')?;
    rest.rsplit_once('[').map(|(_, reason)| reason.to_owned())
}

fn broken(step: &Step, error: &str) -> Failure {
    let sign = format!("broken by {}: {}", names(step), cut(&class(error)));
    let what = format!("Broken: {error}\n{}", show_step(step));
    Failure { sign, what }
}

/// A text without what differs from one time to the next.
fn class(text: &str) -> String {
    text.chars()
        .filter(|character| character.is_alphabetic() || *character == ' ')
        .take(60)
        .collect()
}

fn cut(text: &str) -> String {
    const SHOWN_MAX: usize = 400;
    match text.char_indices().nth(SHOWN_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

fn names(step: &Step) -> String {
    let item = Item { steps: vec![step.clone()], fixed: true };
    let mut names: Vec<String> = item.commands().map(|command| command.word(0)).collect();
    names.sort();
    names.dedup();
    names.join(" ")
}

pub(crate) fn show_step(step: &Step) -> String {
    let lines = |connection: &usize, how: &str, commands: &[Command]| {
        let of = |command: &Command| {
            let inline = if command.inline { " (inline)" } else { "" };
            format!("  {connection}{how}> {}{inline}", command.show())
        };
        commands.iter().map(of).collect::<Vec<_>>().join("\n")
    };
    match step {
        Step::Pipeline(connection, commands) => lines(connection, "", commands),
        Step::Start(connection, command) => {
            lines(connection, " (no wait)", std::slice::from_ref(command))
        }
        Step::Iterate(connection, command) => {
            lines(connection, " (to the end)", std::slice::from_ref(command))
        }
        Step::Tentative(connection, command) => {
            lines(connection, "", std::slice::from_ref(command))
        }
        Step::RandomKey(connection) => format!("  {connection}> RANDOMKEY"),
        Step::Others(commands) => format!("  (others: {} commands)", commands.len()),
    }
}
