//! The verdict on a command that a person wrote down, as extended JSON with `$db`.

use bytes::BytesMut;
use mongo_wire::bson::Document;
use mongo_wire::command::Command;
use mongo_wire::frame::{Frame, Header};
use mongo_wire::message::{Flags, OpMsg, op_msg};
use mongo_wire::{Bounds, extjson};

use super::rules::malformed;
use super::{Context, Owned, Rules, Verdict, judge};
use crate::{Mode, Reason, Rejection, TenantId};

/// What becomes of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Explained {
    /// It travels as it was written.
    Forward(String),
    /// This travels in its place, as extended JSON.
    Rewrite(String),
    /// It is answered here; with these words, where they are known without a connection.
    Reply(Option<String>),
}

/// Judges `text` for `tenant`, as a command of a connection that has logged in and has no cursors.
///
/// # Errors
/// The refusal: `syntax-error` also for what is no command.
pub fn explain(
    text: &str,
    tenant: &TenantId,
    rules: &Rules,
    mode: Mode,
) -> Result<Explained, Rejection> {
    let Some(tenancy) = rules.tenancy(tenant) else {
        let what = "no usable policy is in force for this store";
        return Err(Rejection::new(Reason::PolicyUnusable, what));
    };
    let context = Context { tenancy: &tenancy, rules, mode, login: "", owned: &Nothing };
    let message = message(text)?;
    let command = Command::read(read(&message, &Bounds::default())?)
        .map_err(|defect| malformed(defect.to_string()))?;
    let mut out = BytesMut::new();
    match judge(&command, &context, &mut out)? {
        Verdict::Forward(_) => {}
        Verdict::Observed(_, rejection) => return Err(rejection),
        Verdict::Reply(reply) => return shown(&reply).map(|text| Explained::Reply(Some(text))),
        Verdict::Session(_) => return Ok(Explained::Reply(None)),
    }
    let sent = read(&out, &Bounds::default().rewritten())?.body;
    let text = shown(sent.bytes())?;
    Ok(if sent.bytes() == command.body().bytes() {
        Explained::Forward(text)
    } else {
        Explained::Rewrite(text)
    })
}

/// A client without cursors, whose sessions are known by the numbers that it gave them.
#[derive(Debug)]
struct Nothing;

impl Owned for Nothing {
    fn session(&self, client: [u8; 16]) -> [u8; 16] {
        client
    }

    fn has_cursor(&self, _id: i64, _database: &str, _collection: &str) -> bool {
        false
    }
}

/// The message that a driver would send.
fn message(text: &str) -> Result<BytesMut, Rejection> {
    let body = extjson::read(text).map_err(|error| malformed(error.to_string()))?;
    let body =
        Document::read(&body, &Bounds::default()).map_err(|fault| malformed(fault.to_string()))?;
    let mut message = BytesMut::new();
    op_msg([1, 0], Flags::default(), &mut message, |out| out.copy_all(body));
    Ok(message)
}

fn read<'b>(message: &'b [u8], bounds: &Bounds) -> Result<OpMsg<'b>, Rejection> {
    let no_message = || malformed("the command is too long");
    let header = Header::read(message).map_err(|_| no_message())?.ok_or_else(no_message)?;
    let frame: Frame<'b> = header.frame(message).ok_or_else(no_message)?;
    OpMsg::read(frame, bounds).map_err(|defect| malformed(defect.to_string()))
}

fn shown(document: &[u8]) -> Result<String, Rejection> {
    let document = Document::read(document, &Bounds::default().rewritten())
        .map_err(|fault| malformed(fault.to_string()))?;
    let mut text = String::new();
    extjson::write(document, &mut text).map_err(|error| malformed(error.to_string()))?;
    Ok(text)
}
