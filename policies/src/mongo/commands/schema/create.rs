//! `create` of a collection that is every tenant's.

use bytes::BytesMut;
use mongo_wire::bson::Value;
use mongo_wire::survey::ArgumentClass;

use super::super::super::reply::ReplyRule;
use super::super::super::rules::put_argument::{class_of, put_argument};
use super::super::super::scope::{Outcome, Task, put_body};
use super::super::write::writable;
use crate::{Reason, Rejection};

/// Without options it does what a first insert does. Whether another tenant was first is not said.
pub(super) fn create(task: Task<'_, '_>, out: &mut BytesMut) -> Result<Outcome, Rejection> {
    let command = task.command;
    let place = writable(task)?;
    put_body(command, out, |out| {
        out.value("create", Value::String(&place.collection));
        for element in command.body().elements().skip(1) {
            let class = class_of(command, element.name())?;
            let is_general = mongo_wire::survey::argument(element.name()).is_some();
            if !is_general && class != ArgumentClass::Plain {
                let what = format!(
                    "option \"{}\" of \"create\" is not open to tenants of one collection",
                    element.name()
                );
                return Err(Rejection::new(Reason::ArgumentNotAllowed, what)
                    .hint("Create the collection on a direct connection."));
            }
            put_argument(command, element, task.arguments(&place.database), out)?;
        }
        Ok(())
    })?;
    Ok(Outcome::Written(ReplyRule::Created))
}
