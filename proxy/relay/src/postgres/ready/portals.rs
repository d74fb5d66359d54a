//! The portals of a connection: statements that values were bound to.
//!
//! A portal lives until its transaction ends. Where exactly that is inside of a group only the
//! upstream knows; so all are kept until it says that no transaction is open. One that is kept too
//! long is the upstream's to refuse.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use policies::{Reason, Rejection};
use postgres_wire::message::Name;
use wire::Limits;

use super::names::Names;
use super::statements::Statement;

/// A portal.
#[derive(Debug)]
pub(super) struct Portal {
    /// All that its statement may be. Its values are right for each of them.
    pub(super) statements: Vec<Arc<Statement>>,
    begun: AtomicBool,
}

impl Portal {
    pub(super) fn new(statements: Vec<Arc<Statement>>) -> Arc<Self> {
        Arc::new(Self { statements, begun: AtomicBool::new(false) })
    }

    /// Whether the next Execute begins it. One of a portal that was suspended goes on with it.
    pub(super) fn begin(&self) -> bool {
        !self.begun.swap(true, Ordering::Relaxed)
    }
}

/// The portals of a connection, by name.
#[derive(Debug, Default)]
pub(super) struct Portals {
    pub(super) names: Names<Arc<Portal>>,
}

impl Portals {
    /// Whether there is room for a portal of this name. For the unnamed one there always is.
    ///
    /// # Errors
    /// `too-many-statements`
    pub(super) fn check_room(&self, name: Name<'_>, limits: &Limits) -> Result<(), Rejection> {
        let count = self.names.count();
        if count >= limits.statements_max && !name.as_str().is_empty() {
            let what = format!("the connection holds {count} portals, which is the limit");
            let hint = "Close the portals that are not used any more, or end the transaction.";
            return Err(Rejection::new(Reason::TooManyStatements, what).hint(hint));
        }
        Ok(())
    }

    /// All that `name` may mean by the time that the upstream reads of it.
    ///
    /// # Errors
    /// `unknown-name` when it means nothing, or too much.
    pub(super) fn meanings(&self, name: Name<'_>) -> Result<Vec<Arc<Portal>>, Rejection> {
        let unknown = || {
            let what = format!("portal \"{}\" does not exist", name.as_str());
            Rejection::new(Reason::UnknownName, what)
        };
        self.names.meanings(name).ok_or_else(unknown)
    }
}

/// The one statement that all of `portals` can only be of.
pub(super) fn only(portals: &[Arc<Portal>]) -> Option<&Arc<Statement>> {
    match portals {
        [portal] => match portal.statements.as_slice() {
            [statement] => Some(statement),
            _ => None,
        },
        _ => None,
    }
}
