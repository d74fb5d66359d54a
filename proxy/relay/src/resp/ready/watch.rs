//! A script that does not end would stop the server for all tenants.
//!
//! Redis says BUSY to everybody once a script has run for five seconds (`busy-reply-threshold`), and
//! leaves the rest to its operator. So after that time the script is killed. One that has written
//! cannot be killed, by nobody.

use std::time::{Duration, Instant};

use bytes::Bytes;
use resp_wire::request::{put_bulk, put_header};

use crate::Outbox;
use crate::resp::Upstream;
use crate::resp::handshake::put_auth;

/// How long a script may run, or wait for another one.
const SCRIPT_TIME_MAX: Duration = Duration::from_secs(5);

/// Since when the upstream has answered nothing while a script is owed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watch {
    deadline: Instant,
    answered: Option<u64>,
}

impl Watch {
    pub(super) fn new(now: Instant) -> Self {
        Self { deadline: now, answered: None }
    }

    /// When to look again.
    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Whether the time is over at `now`, with so many requests answered. It begins again when
    /// there was progress, and when it is over.
    pub(super) fn is_over(&mut self, now: Instant, answered: u64) -> bool {
        let stands_still = self.answered == Some(answered);
        self.answered = Some(answered);
        self.deadline = now + SCRIPT_TIME_MAX;
        stands_still
    }
}

/// Kills the script that the server runs.
pub(super) fn script_kill(upstream: &Upstream) -> Bytes {
    let mut out = Outbox::default();
    if let Some(account) = upstream.service() {
        put_auth(&account, &mut out);
    }
    put_header(2, &mut out.to_upstream);
    put_bulk(&[b"SCRIPT"], &mut out.to_upstream);
    put_bulk(&[b"KILL"], &mut out.to_upstream);
    put_header(1, &mut out.to_upstream);
    put_bulk(&[b"QUIT"], &mut out.to_upstream);
    out.to_upstream.freeze()
}
