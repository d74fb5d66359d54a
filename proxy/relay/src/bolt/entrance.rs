//! We come in at the upstream, with our own account.

use std::time::Duration;

use bolt_wire::Version;
use bolt_wire::chunk::{Extent, Frame, Scanner};
use bolt_wire::handshake::{Answer, Offer, read_answer};
use bolt_wire::message::{Hello, Logon, Response};
use bolt_wire::packstream::{Dictionary, Value};
use bytes::{Buf, BytesMut};

use super::login::Introduction;
use super::put;
use super::world::Upstream;
use crate::{Fatal, Outbox};

/// Most bytes of a reply to what we say here.
const REPLY_BYTES_MAX: usize = 64 << 10;

/// What is said and heard until we are in.
#[derive(Debug)]
pub(super) struct Entrance {
    version: Version,
    awaits: Awaits,
    scanner: Scanner,
    entered: Entered,
}

/// What comes next from the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaits {
    Version,
    Hello,
    Logon,
}

/// What the server said when it let us in.
#[derive(Clone, Debug, Default)]
pub(super) struct Entered {
    /// Its name and version.
    pub(super) agent: String,
    /// Whether dates are in UTC, where a version leaves that open.
    pub(super) has_utc: bool,
    /// How long it is silent at most while it owes a reply.
    pub(super) silence: Option<Duration>,
}

impl Entrance {
    /// For a link that has just been made: it will speak `version` or not be used.
    pub(super) fn begin(version: Version, out: &mut Outbox) -> Self {
        Offer::only(version).write(&mut out.to_upstream);
        Self::of(version, Awaits::Version)
    }

    /// For a link on which `version` has been agreed.
    pub(super) fn agreed(
        version: Version,
        who: &Introduction,
        upstream: &Upstream,
        out: &mut Outbox,
    ) -> Self {
        put_login(version, who, upstream, out);
        Self::of(version, Awaits::Hello)
    }

    fn of(version: Version, awaits: Awaits) -> Self {
        Self { version, awaits, scanner: Scanner::default(), entered: Entered::default() }
    }

    /// Bytes came from the upstream. What it said, once we are in.
    pub(super) fn on_upstream(
        &mut self,
        input: &mut BytesMut,
        who: &Introduction,
        upstream: &Upstream,
        out: &mut Outbox,
    ) -> Result<Option<Entered>, Fatal> {
        if self.awaits == Awaits::Version {
            let Some(answer) = read_answer(input) else { return Ok(None) };
            if answer != Answer::Version(self.version) {
                let what = format!("does not speak Bolt {} any more", self.version);
                return Err(Fatal::UpstreamMisbehaved(what));
            }
            input.advance(4);
            put_login(self.version, who, upstream, out);
            self.awaits = Awaits::Hello;
        }
        while let Some(extent) = next(&mut self.scanner, input, REPLY_BYTES_MAX)? {
            let message = input.split_to(extent.wire_bytes);
            let body = extent.body(&message);
            let reply = Response::read(&body).map_err(|defect| refused(&defect))?;
            let Response::Success(success) = reply else {
                return Err(refused(&match reply {
                    Response::Failure(failure) => {
                        failure.code().ok().flatten().unwrap_or("no code").to_owned()
                    }
                    _ => "an answer that is none".to_owned(),
                }));
            };
            if self.awaits == Awaits::Hello {
                self.entered = Entered::read(&success.metadata);
                if self.version.has_logon() {
                    self.awaits = Awaits::Logon;
                    continue;
                }
            }
            return Ok(Some(std::mem::take(&mut self.entered)));
        }
        Ok(None)
    }
}

impl Entered {
    fn read(metadata: &Dictionary<'_>) -> Self {
        let hints = metadata.dictionary("hints").ok().flatten().unwrap_or_default();
        let silence = hints.integer("connection.recv_timeout_seconds").ok().flatten();
        let silence = silence.and_then(|seconds| u64::try_from(seconds).ok());
        let has_utc = metadata.get("patch_bolt").and_then(|patches| {
            Some(patches.items().ok()?.any(|patch| patch.string() == Ok("utc")))
        });
        Self {
            agent: metadata.string("server").ok().flatten().unwrap_or("unknown").to_owned(),
            has_utc: has_utc.unwrap_or_default(),
            silence: silence.filter(|seconds| *seconds > 0).map(Duration::from_secs),
        }
    }
}

/// Appends HELLO, and LOGON where there is one. The client's credentials have no part in either.
fn put_login(version: Version, who: &Introduction, upstream: &Upstream, out: &mut Outbox) {
    let mut extra = who.agents.clone();
    if version >= Version::new(5, 2) {
        // What the store would notify of is about everybody: which labels and properties there are.
        extra.set("notifications_minimum_severity", &Value::String("OFF"));
    }
    if version == Version::V4_4 && who.wants_utc {
        extra.set("patch_bolt", &Value::List(vec![Value::String("utc")]));
    }
    if version.has_logon() {
        let mut auth = Dictionary::new();
        put_account(upstream, &mut auth);
        put(&mut out.to_upstream, |body| Hello { extra }.write(body));
        put(&mut out.to_upstream, |body| Logon { auth }.write(body));
    } else {
        put_account(upstream, &mut extra);
        put(&mut out.to_upstream, |body| Hello { extra }.write(body));
    }
}

fn put_account(upstream: &Upstream, auth: &mut Dictionary<'_>) {
    let Some((user, password)) = &upstream.account else {
        return auth.set("scheme", &Value::String("none"));
    };
    auth.set("scheme", &Value::String("basic"));
    auth.set("principal", &Value::String(user));
    auth.set("credentials", &Value::String(password.text()));
}

/// The next whole message of the upstream; what keeps the connection alive is read over.
pub(super) fn next(
    scanner: &mut Scanner,
    input: &mut BytesMut,
    bytes_max: usize,
) -> Result<Option<Extent>, Fatal> {
    loop {
        let frame = scanner.scan(input, bytes_max);
        match frame.map_err(|too_long| Fatal::UpstreamMisbehaved(too_long.to_string()))? {
            None => return Ok(None),
            Some(Frame::Noop) => input.advance(2),
            Some(Frame::Message(extent)) => return Ok(Some(extent)),
        }
    }
}

fn refused(what: &dyn ToString) -> Fatal {
    Fatal::UpstreamMisbehaved(format!("it did not let us in: {}", what.to_string()))
}
