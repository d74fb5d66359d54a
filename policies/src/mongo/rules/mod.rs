//! The rules, one a file. They write, and are not trusted: `verify` reads what they wrote.

pub(super) mod arguments;
pub(super) mod bulk_write;
pub(super) mod check_expression;
pub(super) mod check_filter;
mod check_projection;
pub(super) mod confine_filter;
pub(super) mod confine_update;
pub(super) mod fill_document;
pub(super) mod literal;
pub(super) mod pipeline;
pub(super) mod put_argument;
pub(super) mod write_statements;

use super::tenancy::{Guard, Place};
use super::{ServerFacts, Tenancy};
use crate::{Reason, Rejection};

/// What a rule needs to know of the command that it works on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'c> {
    pub(super) tenancy: &'c Tenancy,
    pub(super) facts: &'c ServerFacts,
    /// `$db`, as the client wrote it.
    pub(super) database: &'c str,
}

impl<'c> Scope<'c> {
    /// The tenant field and its value, in the layout that has one.
    pub(super) fn guard(&self) -> Option<Guard<'c>> {
        self.tenancy.guard()
    }

    /// Where a collection of the command's database is.
    ///
    /// # Errors
    /// When it is not open to tenants.
    pub(super) fn place<'n>(&self, collection: &'n str) -> Result<Place<'n>, Rejection>
    where
        'c: 'n,
    {
        self.tenancy.place(self.database, collection)
    }

    /// A collection that a pipeline on `main` also reads.
    ///
    /// # Errors
    /// When it is not open to tenants, or is in another database of the upstream's.
    pub(super) fn other<'n>(&self, collection: &'n str, main: &str) -> Result<Place<'n>, Rejection>
    where
        'c: 'n,
    {
        let place = self.place(collection)?;
        if place.database != main {
            let what = format!("collection \"{collection}\" is in another database");
            return Err(Rejection::new(Reason::CollectionNotAllowed, what).hint(
                "With a database for each tenant, a pipeline reads shared ones or its own.",
            ));
        }
        Ok(place)
    }
}

/// What the server says of a command that it cannot read.
pub(super) fn malformed(what: impl Into<std::borrow::Cow<'static, str>>) -> Rejection {
    Rejection::new(Reason::SyntaxError, what)
}

/// An argument, or a field of a statement or a stage, that is refused.
pub(super) fn argument_refused(name: &str, of: &str) -> Rejection {
    let what = format!("\"{name}\" of \"{of}\" is not open to tenants");
    Rejection::new(Reason::ArgumentNotAllowed, what)
}

/// A value of the wrong type.
pub(super) fn wrong_type(name: &str, expected: &str) -> Rejection {
    malformed(format!("\"{name}\" has the wrong type: {expected} is expected"))
}
