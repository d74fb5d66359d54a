//! The verdict on a request that a person wrote down: a line of words, as `redis-cli` reads it.

use std::net::SocketAddr;

use bytes::BytesMut;
use resp_wire::request::{Request, RequestLimits, RequestScanner};
use wire::Limits;

use super::reply::{Protocol, ReplyRule};
use super::rules::session::Session;
use super::{Clients, Context, Judge, Rules, Verdict};
use crate::{Mode, Reason, Rejection, TenantId};

/// What becomes of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Explained {
    /// It travels as it was written.
    Forward(String),
    /// This travels in its place, as a line that reads as the same request.
    Rewrite(String),
    /// It is answered here. With these words of RESP2, where they are known without a connection.
    Reply(Option<String>),
    /// It is a script, which travels inside of a wrapper.
    Script,
}

/// Judges `line` for `tenant`, as the first request of a connection that has logged in.
///
/// # Errors
/// The refusal: `syntax-error` also for what is not one request.
pub fn explain(
    line: &str,
    tenant: &TenantId,
    rules: &Rules,
    mode: Mode,
) -> Result<Explained, Rejection> {
    let text = format!("{line}\r\n");
    let mut scanner = RequestScanner::new(limits());
    let request = one(&mut scanner, text.as_bytes())?;
    let Some(tenancy) = rules.tenancy(tenant) else {
        let what = "no usable policy is in force for this store";
        return Err(Rejection::new(Reason::PolicyUnusable, what));
    };
    let context = Context {
        tenancy: &tenancy,
        rules,
        mode,
        clients: &Nobody,
        login: "",
        in_transaction: false,
    };
    let mut out = BytesMut::new();
    let rule = match Judge::default().judge(&request, &context, &mut out)? {
        Verdict::Forward(rule) => rule.into_inner(),
        Verdict::Observed(_, rejection) => return Err(rejection),
        Verdict::Session(session) => return Ok(of_session(&session)),
    };
    if let ReplyRule::Answer(answered) = &rule {
        let mut reply = BytesMut::new();
        answered.answer.put(Protocol::Resp2, &mut reply);
        return Ok(Explained::Reply(Some(reply.escape_ascii().to_string())));
    }
    let mut scanner = RequestScanner::new(limits());
    let sent = one(&mut scanner, &out)?;
    Ok(if sent.arguments().eq(request.arguments()) {
        Explained::Forward(sent.to_string())
    } else {
        Explained::Rewrite(sent.to_string())
    })
}

fn of_session(session: &Session<'_>) -> Explained {
    match session {
        Session::Script(_) => Explained::Script,
        Session::Auth(_)
        | Session::Hello(_)
        | Session::Reset
        | Session::Quit
        | Session::Reply(_)
        | Session::ScriptLoad(_)
        | Session::ScriptExists(_)
        | Session::ScriptFlush => Explained::Reply(None),
    }
}

fn limits() -> RequestLimits {
    RequestLimits::after_login(&Limits::default())
}

/// The one request that `text` is.
fn one<'b>(scanner: &'b mut RequestScanner, text: &'b [u8]) -> Result<Request<'b>, Rejection> {
    let not_one = || Rejection::new(Reason::SyntaxError, "the line is not one request");
    match scanner.next(text) {
        Ok(Some((request, bytes))) if bytes == text.len() && !request.is_empty() => Ok(request),
        Ok(Some(_) | None) => Err(not_one()),
        Err(violation) => Err(Rejection::new(Reason::SyntaxError, violation.to_string())),
    }
}

/// No connection of the tenant's is open.
#[derive(Debug)]
struct Nobody;

impl Clients for Nobody {
    fn address(&self, _id: u64) -> Option<SocketAddr> {
        None
    }

    fn at(&self, _address: &str) -> Option<u64> {
        None
    }

    fn patterns(&self) -> u64 {
        0
    }

    fn has_cursor(&self, _cursor: u64) -> bool {
        false
    }

    fn keep_cursor(&self, _cursor: u64) {}

    fn forget_cursor(&self, _cursor: u64) {}
}
