//! `[limits]`: every one has a default, and bounds within which it makes sense.

use std::ops::RangeInclusive;
use std::time::Duration;

use policies::document::{Reported, Table};

/// `[limits]`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// What one client may make us hold: `frame_bytes_max`, `statement_bytes_max`, `depth_max`,
    /// `statements_max`, `replies_max`, `outbox_bytes_max`.
    pub(crate) wire: wire::Limits,
    /// `connections_max`: clients that one listener serves at a time. Each costs two sockets, and
    /// systems often allow 1024 files a process.
    pub(crate) connections_max: usize,
    /// `handshake_seconds`: how long a client may take until it is known who it is.
    pub(crate) handshake: Duration,
    /// `dial_seconds`: how long an upstream may take to answer.
    pub(crate) dial: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wire: wire::Limits::default(),
            connections_max: 500,
            handshake: Duration::from_secs(30),
            dial: Duration::from_secs(10),
        }
    }
}

/// PostgreSQL takes no message and no value beyond 1 GiB.
const BYTES_MAX: usize = 1 << 30;
/// Less than this, and ordinary start-ups and logins would fail.
const BYTES_MIN: usize = 16 << 10;
/// More entries than this are a slip of the pen: they would take gigabytes for one client.
const COUNT_MAX: usize = 1_000_000;
/// Clients and upstreams that take longer than this are not coming.
const SECONDS_MAX: u64 = 600;

impl Limits {
    pub(super) fn resolve(table: &mut Table<'_>) -> Result<Self, Reported> {
        let Self { wire: usual, connections_max, handshake, dial } = Self::default();
        let frame_bytes_max =
            number(table, "frame_bytes_max", BYTES_MIN..=BYTES_MAX, usual.frame_bytes_max);
        // A statement must fit into a frame.
        let statement_bytes_most = frame_bytes_max.unwrap_or(BYTES_MAX);
        let statement_bytes_max = number(
            table,
            "statement_bytes_max",
            1..=statement_bytes_most,
            usual.statement_bytes_max.min(statement_bytes_most),
        );
        // Beyond the default it is not proved that the stack suffices.
        let depth_max = number(table, "depth_max", 1..=usual.depth_max, usual.depth_max);
        let statements_max = number(table, "statements_max", 1..=COUNT_MAX, usual.statements_max);
        let replies_max = number(table, "replies_max", 1..=COUNT_MAX, usual.replies_max);
        let outbox_bytes_max =
            number(table, "outbox_bytes_max", BYTES_MIN..=BYTES_MAX, usual.outbox_bytes_max);
        let connections_max = number(table, "connections_max", 1..=COUNT_MAX, connections_max);
        let handshake = seconds(table, "handshake_seconds", handshake);
        let dial = seconds(table, "dial_seconds", dial);
        Ok(Self {
            wire: wire::Limits {
                frame_bytes_max: frame_bytes_max?,
                statement_bytes_max: statement_bytes_max?,
                depth_max: depth_max?,
                statements_max: statements_max?,
                replies_max: replies_max?,
                outbox_bytes_max: outbox_bytes_max?,
            },
            connections_max: connections_max?,
            handshake: handshake?,
            dial: dial?,
        })
    }
}

/// The number under `key`, or `usual`.
fn number<N>(
    table: &mut Table<'_>,
    key: &'static str,
    range: RangeInclusive<N>,
    usual: N,
) -> Result<N, Reported>
where
    N: TryFrom<i64> + Copy,
    i64: TryFrom<N>,
{
    let Some(value) = table.get(key) else { return Ok(usual) };
    let bound = |number: N| i64::try_from(number).unwrap_or(i64::MAX);
    let number = value.integer(bound(*range.start())..=bound(*range.end()))?;
    N::try_from(number).map_err(|_| value.refuse("is too large"))
}

fn seconds(
    table: &mut Table<'_>,
    key: &'static str,
    usual: Duration,
) -> Result<Duration, Reported> {
    number(table, key, 1..=SECONDS_MAX, usual.as_secs()).map(Duration::from_secs)
}
