//! An argument that names no document: it is checked, and copied or mapped.

use mongo_wire::bson::{DocumentWriter, Element};
use mongo_wire::command::Command;
use mongo_wire::survey::ArgumentClass;

use super::super::judge::Owned;
use super::arguments::{check_bypass, check_collation, check_concern, document, put_lsid};
use super::check_expression::check_expression;
use super::check_projection::check_projection;
use super::literal::check_literal;
use super::write_statements::check_array_filters;
use super::{Scope, argument_refused};
use crate::Rejection;

/// What an argument is written by.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Arguments<'a> {
    pub(in super::super) scope: &'a Scope<'a>,
    pub(in super::super) owned: &'a dyn Owned,
    /// What `$db` becomes.
    pub(in super::super) database: &'a str,
}

/// What an argument of `command` holds.
///
/// # Errors
/// For one that the command is not known to take.
pub(in super::super) fn class_of(
    command: &Command<'_>,
    name: &str,
) -> Result<ArgumentClass, Rejection> {
    let class = command.spec().and_then(|spec| spec.argument(name));
    class.ok_or_else(|| argument_refused(name, command.name()))
}

/// Writes an argument of `command` in its body.
///
/// # Errors
/// For one that is not open to tenants, or that has a rule of its own and so is out of place here.
pub(in super::super) fn put_argument(
    command: &Command<'_>,
    element: Element<'_>,
    arguments: Arguments<'_>,
    out: &mut DocumentWriter<'_>,
) -> Result<(), Rejection> {
    let (name, value) = (element.name(), element.value());
    match class_of(command, name)? {
        ArgumentClass::Database => {
            out.value(name, mongo_wire::bson::Value::String(arguments.database));
            return Ok(());
        }
        ArgumentClass::Session => return put_lsid(element, arguments.owned, out),
        ArgumentClass::Projection => check_projection(document(element)?)?,
        ArgumentClass::Collation => check_collation(value, arguments.scope)?,
        ArgumentClass::Variables => {
            check_expression(value)?;
        }
        ArgumentClass::Bypass => check_bypass(element, command.name())?,
        ArgumentClass::ArrayFilters => check_array_filters(name, value)?,
        ArgumentClass::Concern => check_concern(element)?,
        ArgumentClass::Sort
        | ArgumentClass::Hint
        | ArgumentClass::Bound
        | ArgumentClass::Tailable
        | ArgumentClass::Path
        | ArgumentClass::Cursor
        | ArgumentClass::Explain
        | ArgumentClass::Transaction
        | ArgumentClass::StatementIds
        | ArgumentClass::Comment
        | ArgumentClass::Plain => check_literal(value)?,
        ArgumentClass::Filter
        | ArgumentClass::Pipeline
        | ArgumentClass::Verbosity
        | ArgumentClass::Documents
        | ArgumentClass::Document
        | ArgumentClass::Updates
        | ArgumentClass::Deletes
        | ArgumentClass::Operations
        | ArgumentClass::Namespaces
        | ArgumentClass::Namespace
        | ArgumentClass::Ns
        | ArgumentClass::Update
        | ArgumentClass::Collection
        | ArgumentClass::Cursors
        | ArgumentClass::Indexes
        | ArgumentClass::IndexNames
        | ArgumentClass::Shared
        | ArgumentClass::Refused => return Err(argument_refused(name, command.name())),
    }
    out.copy(element.raw());
    Ok(())
}
