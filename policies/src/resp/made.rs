//! Requests that the connection makes up. No word of a client's is in them that could name a key.

use bytes::BytesMut;

use super::outgoing::{self, REFUSED};
use super::reply::{Answer, Protocol, ReplyRule, error_line, put_answered};
use super::rules::session::Hello;
use crate::{Rejection, Scoped};

/// Appends what travels in place of a refused request: its reply, an error, is replaced.
pub fn put_refused(rejection: &Rejection, out: &mut BytesMut) -> Scoped<ReplyRule> {
    outgoing::put(&[REFUSED], out);
    Scoped::new(ReplyRule::Refusal(error_line(rejection)))
}

/// Appends what travels in place of the request `name` that has this answer.
pub fn put_answer(name: &str, answer: Answer, out: &mut BytesMut) -> Scoped<ReplyRule> {
    Scoped::new(put_answered(name.as_bytes(), answer, out))
}

/// Appends HELLO without its credentials, which are for us.
pub fn put_hello(hello: &Hello<'_>, out: &mut BytesMut) -> Scoped<ReplyRule> {
    let version = hello.version.map(|version| if version == 3 { b"3" } else { b"2" });
    match (version, hello.name) {
        (Some(version), Some(name)) => {
            outgoing::put(&[b"HELLO", version, b"SETNAME", name], out);
        }
        (Some(version), None) => outgoing::put(&[b"HELLO", version], out),
        (None, _) => outgoing::put(&[b"HELLO"], out),
    }
    let protocol = |version| if version == 3 { Protocol::Resp3 } else { Protocol::Resp2 };
    Scoped::new(ReplyRule::Hello(hello.version.map(protocol)))
}

/// Appends RESET.
pub fn put_reset(out: &mut BytesMut) -> Scoped<ReplyRule> {
    outgoing::put(&[b"RESET"], out);
    Scoped::new(ReplyRule::Reset)
}

/// Appends QUIT.
pub fn put_quit(out: &mut BytesMut) -> Scoped<ReplyRule> {
    outgoing::put(&[b"QUIT"], out);
    Scoped::new(ReplyRule::Quit)
}
