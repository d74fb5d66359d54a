//! The prepared statements of a connection, each of them judged.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use policies::postgres::{Plan, Query};
use policies::{Reason, Rejection, Scoped};
use postgres_wire::message::Name;
use wire::Limits;

use super::names::Names;

/// Most bytes of texts that the statements of one connection may have in all. The upstream keeps
/// them as well.
const TEXT_BYTES_MAX: usize = 32 << 20;

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
    /// All bytes of the connection's statements, of which these are some. A statement lives longer
    /// than its name: portals hold it, too.
    held: Arc<AtomicUsize>,
}

impl Drop for Statement {
    fn drop(&mut self) {
        self.held.fetch_sub(self.source.bytes(), Ordering::Relaxed);
    }
}

/// The prepared statements of a connection, by name.
#[derive(Debug, Default)]
pub(super) struct Statements {
    pub(super) names: Names<Arc<Statement>>,
    held: Arc<AtomicUsize>,
}

impl Statements {
    /// A statement of this connection, not yet under a name.
    pub(super) fn hold(
        &self,
        source: Source,
        plan: Arc<Plan>,
        types: Arc<[u32]>,
        epoch: u64,
    ) -> Arc<Statement> {
        self.held.fetch_add(source.bytes(), Ordering::Relaxed);
        Arc::new(Statement { source, plan, types, epoch, held: Arc::clone(&self.held) })
    }

    /// Whether there is room for another statement with a text of `bytes`.
    ///
    /// # Errors
    /// `too-many-statements`
    pub(super) fn check_room(&self, bytes: usize, limits: &Limits) -> Result<(), Rejection> {
        let count = self.names.count();
        let held = self.held.load(Ordering::Relaxed);
        if count >= limits.statements_max || held + 2 * bytes > TEXT_BYTES_MAX {
            let what =
                format!("the connection holds {count} prepared statements, which is the limit");
            let hint = "Close the statements that are not used any more.";
            return Err(Rejection::new(Reason::TooManyStatements, what).hint(hint));
        }
        Ok(())
    }

    /// All that `name` may mean by the time that the upstream reads of it.
    ///
    /// # Errors
    /// `unknown-name` when it means nothing, or too much.
    pub(super) fn meanings(&self, name: Name<'_>) -> Result<Vec<Arc<Statement>>, Rejection> {
        self.names.meanings(name).ok_or_else(|| {
            let what = match name.as_str() {
                "" => "there is no unnamed prepared statement".to_owned(),
                name => format!("prepared statement \"{name}\" does not exist"),
            };
            Rejection::new(Reason::UnknownName, what)
        })
    }

    /// Puts the same statement under newer rules in the place of `old`, where that is made already.
    pub(super) fn renew(&mut self, name: Name<'_>, old: &Arc<Statement>, new: &Arc<Statement>) {
        let made = self.names.made_mut(name).filter(|made| Arc::ptr_eq(made, old));
        if let Some(made) = made {
            *made = Arc::clone(new);
        }
    }
}
