//! Looking at the whole key space, a bounded part at a time.
//!
//! The server's own SCAN, KEYS, DBSIZE, RANDOMKEY and FLUSHDB look at the keys of all tenants. In
//! their place runs a script of ours that looks at no more than a bounded number of keys, so that no
//! tenant can stop the server, and gives the tenant's own. Outside of MULTI it is run again until
//! the whole key space was seen; inside of MULTI, where nothing can be run in between, it must come
//! to the end in one run.

use std::collections::HashSet;

use bytes::BytesMut;
use resp_wire::request::{Request, put_bulk, put_header};

use super::Tenancy;
use super::reply::{Answer, read_page};

/// The script.
pub(super) const SCRIPT: &[u8] = include_bytes!("sweep.lua");

/// Keys that the server looks at in one step of SCAN.
const STEP: u64 = 1_000;
/// Keys that it looks at in one run: some milliseconds of its time.
const RUN: u64 = 10_000;
/// Keys that it looks at in one run that must come to the end: some fifty milliseconds.
const WHOLE_RUN: u64 = 200_000;
/// Bytes of all names that KEYS may gather before it fails: what a client's reply may be.
const FOUND_BYTES_MAX: usize = 64 << 20;

/// The argument of a run that is its cursor.
const CURSOR: usize = 6;

/// Where in `request` the cursor of a sweep stands, and what it is; `None` when it is no run of a
/// sweep. On a cluster there is one key space after the other to look at.
#[must_use]
pub fn sweep_cursor<'b>(request: &Request<'b>) -> Option<(usize, &'b [u8])> {
    let is_sweep = request.argument(1)? == SCRIPT;
    is_sweep.then(|| request.argument(CURSOR)).flatten().map(|cursor| (CURSOR, cursor))
}

/// How keys are shown.
#[derive(Clone, Copy, Debug)]
pub struct View<'t> {
    /// Whose keys.
    pub tenancy: &'t Tenancy,
    /// Whether they are shown, and patterns are meant, with the prefix.
    pub as_stored: bool,
}

/// One call of SCAN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scan<'b> {
    cursor: &'b [u8],
    pub(super) pattern: &'b [u8],
    pub(super) kind: &'b [u8],
    pub(super) count: u64,
}

impl<'b> Scan<'b> {
    /// From `cursor` on, without conditions.
    pub(super) fn from(cursor: &'b [u8]) -> Self {
        Self { cursor, pattern: b"*", kind: b"", count: 10 }
    }

    /// Writes the request. Its reply is SCAN's own.
    pub(super) fn put(&self, view: View<'_>, out: &mut BytesMut) {
        let run = Run {
            op: "scan",
            pattern: self.pattern,
            cursor: self.cursor,
            count: self.count.min(STEP),
            budget: RUN,
            kind: self.kind,
            whole: false,
        };
        run.put(view, out);
    }
}

/// A command that looks at the whole key space, and what it has found so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweep {
    aim: Aim,
    cursor: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Aim {
    Keys {
        pattern: Vec<u8>,
        found: HashSet<Vec<u8>>,
        bytes: usize,
    },
    Count(u64),
    /// Begins anywhere; whether it went on from the beginning.
    Random {
        wrapped: bool,
    },
    Unlink,
}

/// What one run led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Swept {
    /// It must be run again.
    Again,
    /// That is the answer to the client.
    Done(Answer),
}

/// A reply that the script cannot have given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotOurs;

impl Sweep {
    /// KEYS.
    pub(super) fn keys(pattern: &[u8]) -> Self {
        let aim = Aim::Keys { pattern: pattern.to_vec(), found: HashSet::new(), bytes: 0 };
        Self::begin(aim, b"0")
    }

    /// DBSIZE.
    pub(super) fn count() -> Self {
        Self::begin(Aim::Count(0), b"0")
    }

    /// RANDOMKEY.
    pub(super) fn random() -> Self {
        Self::begin(Aim::Random { wrapped: false }, b"any")
    }

    /// FLUSHDB and FLUSHALL.
    pub(super) fn unlink() -> Self {
        Self::begin(Aim::Unlink, b"0")
    }

    fn begin(aim: Aim, cursor: &[u8]) -> Self {
        Self { aim, cursor: cursor.to_vec() }
    }

    /// Writes the next run.
    pub fn put(&self, view: View<'_>, out: &mut BytesMut) {
        self.run(RUN, false).put(view, out);
    }

    /// Writes a run that must come to the end. Its reply is the command's own.
    pub(super) fn put_whole(&self, view: View<'_>, out: &mut BytesMut) {
        self.run(WHOLE_RUN, true).put(view, out);
    }

    fn run(&self, budget: u64, whole: bool) -> Run<'_> {
        let (op, pattern) = match &self.aim {
            Aim::Keys { pattern, .. } => ("keys", pattern.as_slice()),
            Aim::Count(_) => ("count", b"*".as_slice()),
            Aim::Random { .. } => ("random", b"*".as_slice()),
            Aim::Unlink => ("unlink", b"*".as_slice()),
        };
        Run { op, pattern, cursor: &self.cursor, count: STEP, budget, kind: b"", whole }
    }

    /// Takes the reply of a run.
    ///
    /// # Errors
    /// `NotOurs` when it has another form than the script gives.
    pub fn on_reply(&mut self, reply: &[u8]) -> Result<Swept, NotOurs> {
        let page = read_page(reply).ok_or(NotOurs)?;
        self.cursor = page.cursor.to_vec();
        let at_end = page.cursor == b"0";
        Ok(match &mut self.aim {
            Aim::Keys { found, bytes, .. } => {
                for key in page.keys {
                    if found.insert(key.to_vec()) {
                        *bytes += key.len();
                    }
                }
                if *bytes > FOUND_BYTES_MAX {
                    Swept::Done(Answer::error(
                        "ERR partywall: the names are too long for one reply [key-space-too-large]",
                    ))
                } else if at_end {
                    Swept::Done(Answer::Bulks(std::mem::take(found).into_iter().collect()))
                } else {
                    Swept::Again
                }
            }
            Aim::Count(sum) => {
                *sum += page.number;
                if at_end {
                    Swept::Done(Answer::Integer(i64::try_from(*sum).unwrap_or(i64::MAX)))
                } else {
                    Swept::Again
                }
            }
            Aim::Random { wrapped } => match page.keys.first() {
                Some(key) => Swept::Done(Answer::Bulk(key.to_vec())),
                None if at_end && *wrapped => Swept::Done(Answer::Null),
                None => {
                    *wrapped |= at_end;
                    Swept::Again
                }
            },
            Aim::Unlink if at_end => Swept::Done(Answer::Ok),
            Aim::Unlink => Swept::Again,
        })
    }
}

/// One run of the script.
struct Run<'r> {
    op: &'static str,
    pattern: &'r [u8],
    cursor: &'r [u8],
    count: u64,
    budget: u64,
    kind: &'r [u8],
    whole: bool,
}

impl Run<'_> {
    fn put(&self, view: View<'_>, out: &mut BytesMut) {
        let prefix = view.tenancy.prefix();
        let (head, strip) = if view.as_stored {
            (b"".as_slice(), 0)
        } else {
            (view.tenancy.pattern(), prefix.len())
        };
        let command = if self.op == "unlink" { b"EVAL".as_slice() } else { b"EVAL_RO" };
        put_header(12, out);
        for argument in [command, SCRIPT, b"0", self.op.as_bytes(), prefix] {
            put_bulk(&[argument], out);
        }
        put_bulk(&[head, self.pattern], out);
        put_bulk(&[self.cursor], out);
        put_bulk(&[self.count.to_string().as_bytes()], out);
        put_bulk(&[self.budget.to_string().as_bytes()], out);
        put_bulk(&[self.kind], out);
        put_bulk(&[strip.to_string().as_bytes()], out);
        put_bulk(&[if self.whole { b"1" } else { b"0" }], out);
    }
}
