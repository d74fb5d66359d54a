//! Commands, one class a file: each writes the message that travels in place of the client's.

pub(super) mod aggregate;
pub(super) mod answered;
pub(super) mod bulk_write;
pub(super) mod catalog;
pub(super) mod cursor;
pub(super) mod explain;
pub(super) mod read;
pub(super) mod schema;
pub(super) mod session;
pub(super) mod write;

use mongo_wire::command::Command;

use super::rules::Scope;
use super::rules::wrong_type;
use super::tenancy::{Guard, Owner, Place};
use crate::Rejection;

/// The collection that a command's value names.
fn collection<'b>(command: &Command<'b>) -> Result<&'b str, Rejection> {
    command.target().as_str().ok_or_else(|| wrong_type(command.name(), "a string"))
}

/// What documents of a collection are filtered by, and bear when they are stored.
fn guard<'s>(place: &Place<'_>, scope: &Scope<'s>) -> Option<Guard<'s>> {
    match place.owner {
        Owner::Each => scope.guard(),
        Owner::Tenant | Owner::Shared => None,
    }
}
