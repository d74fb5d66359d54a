//! Which collections and indexes there are, and their shape.
//!
//! Where collections are the tenant's own, it creates, indexes, renames and drops them as it likes.
//! Where they are every tenant's, their shape is everyone's: a plain `create` does what a first
//! insert would do, `createIndexes` is answered when the indexes are there, and all else is refused.

mod create;
mod create_indexes;
mod own;

use bytes::BytesMut;

use super::super::scope::{Outcome, Task, command_refused};
use crate::Rejection;

pub(in super::super) fn write(
    task: Task<'_, '_>,
    out: &mut BytesMut,
) -> Result<Outcome, Rejection> {
    let is_own = task.scope.tenancy.owns_collections();
    match task.name() {
        "create" if is_own => own::create(task, out),
        "collMod" if is_own => own::coll_mod(task, out),
        "drop" | "dropIndexes" if is_own => own::on_collection(task, out),
        "createIndexes" if is_own => own::create_indexes(task, out),
        "renameCollection" if is_own => own::rename(task, out),
        "dropDatabase" if task.scope.tenancy.owns_databases() => own::drop_database(task, out),
        "create" => create::create(task, out),
        "createIndexes" => create_indexes::look_for(task, out),
        _ => Err(command_refused(task.command.name())
            .hint("It would change the collection for all tenants.")),
    }
}
