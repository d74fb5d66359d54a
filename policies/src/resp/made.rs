//! Requests that the connection makes up. No word of a client's is in them that could name a key.

use bytes::BytesMut;

use super::outgoing::{self, Outgoing, REFUSED};
use super::reply::{Answer, Answered, Protocol, ReplyRule, ScriptNames, error_line, put_answered};
use super::rules::session::{Hello, ScriptCall};
use super::{Script, Tenancy};
use crate::{Rejection, Scoped};

/// Appends what travels in place of a refused request: its reply, an error, is replaced.
pub fn put_refused(rejection: &Rejection, out: &mut BytesMut) -> Scoped<ReplyRule> {
    outgoing::put(&[REFUSED], out);
    Scoped::new(ReplyRule::Refusal(error_line(rejection)))
}

/// Appends what travels in place of the request `name` that has this answer.
pub fn put_answer(name: &str, answer: Answer, out: &mut BytesMut) -> Scoped<ReplyRule> {
    Scoped::new(put_answered(name, answer, out))
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

/// Appends a call of `script`: by its name where the server is known to have it, else by its text.
pub fn put_script_call(
    script: &Script,
    call: &ScriptCall<'_>,
    by_name: bool,
    tenancy: &Tenancy,
    out: &mut BytesMut,
) -> Scoped<ReplyRule> {
    let command = match (by_name, call.read_only) {
        (true, true) => b"EVALSHA_RO".as_slice(),
        (true, false) => b"EVALSHA",
        (false, true) => b"EVAL_RO",
        (false, false) => b"EVAL",
    };
    let text = if by_name { script.upstream.as_slice() } else { &script.text };
    let count = 4 + call.keys.len() + call.arguments.len();
    let mut outgoing = Outgoing::begin(count, tenancy, out);
    outgoing.plain(command).plain(text).plain(call.keys.len().to_string().as_bytes());
    for key in &call.keys {
        outgoing.name(key);
    }
    for argument in &call.arguments {
        outgoing.plain(argument);
    }
    // The wrapper takes it off again.
    outgoing.plain(tenancy.prefix());
    let names = ScriptNames { client: script.client, upstream: script.upstream };
    Scoped::new(ReplyRule::Script(Box::new(names)))
}

/// Appends SCRIPT LOAD of `script`. Nobody waits for its reply, or the client is told its own name.
pub fn put_script_load(script: &Script, told: bool, out: &mut BytesMut) -> Scoped<ReplyRule> {
    outgoing::put(&[b"SCRIPT", b"LOAD", &script.text], out);
    Scoped::new(if told {
        ReplyRule::Loaded(Box::new(ScriptNames {
            client: script.client,
            upstream: script.upstream,
        }))
    } else {
        ReplyRule::Swallow
    })
}

/// Appends SCRIPT LOAD of a text that no server compiles, for the error that it is answered with. A
/// script that is loaded only does nothing.
pub fn put_wrong_script(text: &[u8], out: &mut BytesMut) -> Scoped<ReplyRule> {
    outgoing::put(&[b"SCRIPT", b"LOAD", text], out);
    let what = "ERR partywall: the script cannot be confined [command-not-allowed]";
    let command = "eval".to_owned();
    Scoped::new(ReplyRule::Answer(Box::new(Answered { command, answer: Answer::error(what) })))
}

/// Appends a call of a script that nobody has, for the error that it is answered with.
pub fn put_unknown_script(out: &mut BytesMut) -> Scoped<ReplyRule> {
    // No text has this SHA-1 that anybody knows.
    outgoing::put(&[b"EVALSHA", &[b'0'; 40], b"0"], out);
    Scoped::new(ReplyRule::Raw)
}
