//! The prepared statements of a connection, each of them judged.
//!
//! A name means what the upstream takes it to mean. A Parse that is under way may fail, and its name
//! then still means what it meant before: PostgreSQL refuses a second statement of a name. So a
//! change is pending until it is answered, and a Bind is checked against everything that its name
//! may mean by the time the upstream reads it.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use policies::postgres::{Plan, Query};
use policies::{Reason, Rejection, Scoped};
use postgres_wire::message::Name;
use wire::Limits;

/// Most bytes of texts that the statements of one connection may have in all. The upstream keeps
/// them as well.
const TEXT_BYTES_MAX: usize = 32 << 20;
/// Most meanings of one name that are looked at. A driver that defines a name anew sends its Bind in
/// the same group, where there is just one.
const MEANINGS_MAX: usize = 16;

/// A text as the client sent it, and as it travels.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) text: Box<str>,
    pub(super) query: Scoped<Query>,
}

impl Source {
    pub(super) fn new(text: &str, query: Scoped<Query>) -> Self {
        Self { text: text.into(), query }
    }

    pub(super) fn bytes(&self) -> usize {
        self.text.len() + self.query.get().text().len()
    }
}

/// A judged statement.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) source: Source,
    pub(super) plan: Arc<Plan>,
    /// The parameter types that its Parse declared.
    pub(super) types: Arc<[u32]>,
    /// The epoch of the rules that it was judged by.
    pub(super) epoch: u64,
}

/// What names mean, and what they are about to mean.
#[derive(Debug, Default)]
pub(super) struct Statements {
    made: HashMap<Arc<str>, Arc<Statement>>,
    /// Changes that are under way, by name, oldest first.
    pending: HashMap<Arc<str>, VecDeque<Change>>,
    /// How many of `pending` make a statement.
    pending_made: usize,
    /// Bytes of all texts in `made` and `pending`.
    bytes: usize,
    /// Counts the groups that a Sync ends.
    group: u64,
}

/// A change of a name's meaning that is under way.
#[derive(Debug)]
struct Change {
    group: u64,
    /// None when the name is closed.
    to: Option<Arc<Statement>>,
}

impl Statements {
    /// What is sent from here on succeeds or fails apart from what was sent before.
    pub(super) fn begin_group(&mut self) {
        self.group += 1;
    }

    /// Whether there is room for another statement with a text of `bytes`.
    ///
    /// # Errors
    /// `too-many-statements`
    pub(super) fn check_room(&self, bytes: usize, limits: &Limits) -> Result<(), Rejection> {
        let count = self.made.len() + self.pending_made;
        if count >= limits.statements_max || self.bytes + 2 * bytes > TEXT_BYTES_MAX {
            let what =
                format!("the connection holds {count} prepared statements, which is the limit");
            let hint = "Close the statements that are not used any more.";
            return Err(Rejection::new(Reason::TooManyStatements, what).hint(hint));
        }
        Ok(())
    }

    /// A Parse is on its way.
    pub(super) fn parse(&mut self, name: Name<'_>, statement: Arc<Statement>) -> Arc<str> {
        self.bytes += statement.source.bytes();
        self.pending_made += 1;
        self.change(name, Some(statement))
    }

    /// A Close is on its way.
    pub(super) fn close(&mut self, name: Name<'_>) -> Arc<str> {
        self.change(name, None)
    }

    fn change(&mut self, name: Name<'_>, to: Option<Arc<Statement>>) -> Arc<str> {
        let name: Arc<str> = name.as_str().into();
        let change = Change { group: self.group, to };
        self.pending.entry(Arc::clone(&name)).or_default().push_back(change);
        name
    }

    /// The oldest change of `name` was answered: it is made, or it failed or was ignored and nothing
    /// changes.
    pub(super) fn resolve(&mut self, name: &Arc<str>, made: bool) {
        let Some(changes) = self.pending.get_mut(name) else { return };
        let change = changes.pop_front();
        if changes.is_empty() {
            self.pending.remove(name);
        }
        let Some(Change { to, group: _ }) = change else { return };
        self.pending_made -= usize::from(to.is_some());
        let gone = match (made, to) {
            (true, Some(statement)) => self.made.insert(Arc::clone(name), statement),
            (true, None) => self.made.remove(name),
            (false, failed) => failed,
        };
        self.bytes -= gone.map_or(0, |statement| statement.source.bytes());
    }

    /// Everything that `name` may mean when the upstream reads what is sent now.
    ///
    /// What is sent in the same group is read only when all before it in the group succeeded, so the
    /// group's last change of the name decides. A change of an earlier group may or may not succeed.
    ///
    /// # Errors
    /// `unknown-name` when it means nothing, or too much.
    pub(super) fn meanings(&self, name: Name<'_>) -> Result<Vec<Arc<Statement>>, Rejection> {
        let mut meanings = Vec::new();
        let mut decided = false;
        for change in self.pending.get(name.as_str()).into_iter().flatten().rev() {
            meanings.extend(change.to.clone());
            decided = change.group == self.group;
            if decided || meanings.len() > MEANINGS_MAX {
                break;
            }
        }
        if !decided {
            meanings.extend(self.made.get(name.as_str()).cloned());
        }
        if meanings.is_empty() || meanings.len() > MEANINGS_MAX {
            return Err(unknown(name));
        }
        Ok(meanings)
    }

    /// Puts the same statement under newer rules in the place of `old`, where that is made already.
    pub(super) fn renew(&mut self, name: Name<'_>, old: &Arc<Statement>, new: &Arc<Statement>) {
        let made = self.made.get_mut(name.as_str()).filter(|made| Arc::ptr_eq(made, old));
        if let Some(made) = made {
            *made = Arc::clone(new);
        }
    }

    /// The upstream has forgotten a statement.
    pub(super) fn forget(&mut self, name: &str) {
        let gone = self.made.remove(name);
        self.bytes -= gone.map_or(0, |statement| statement.source.bytes());
    }

    /// The upstream has forgotten all statements.
    pub(super) fn forget_all(&mut self) {
        let gone = self.made.drain().map(|(_, statement)| statement.source.bytes());
        self.bytes -= gone.sum::<usize>();
    }
}

fn unknown(name: Name<'_>) -> Rejection {
    let what = match name.as_str() {
        "" => "there is no unnamed prepared statement".to_owned(),
        name => format!("prepared statement \"{name}\" does not exist"),
    };
    Rejection::new(Reason::UnknownName, what)
}
