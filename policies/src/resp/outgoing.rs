//! Requests as they are written for the upstream.

use bytes::BytesMut;
use resp_wire::command::{Begin, Command, Find};
use resp_wire::request::{Request, put_bulk, put_header};

use super::Tenancy;

/// A command that no server has. What was refused is sent as this, and fails.
pub(super) const REFUSED: &[u8] = b"partywall.refused";
/// What is answered here is sent as an ECHO of this.
pub(super) const ANSWERED: &[u8] = b"partywall";

/// Writes one request, argument by argument.
pub(super) struct Outgoing<'o> {
    tenancy: &'o Tenancy,
    out: &'o mut BytesMut,
}

impl<'o> Outgoing<'o> {
    /// Begins a request of `count` arguments, the name included.
    pub(super) fn begin(count: usize, tenancy: &'o Tenancy, out: &'o mut BytesMut) -> Self {
        put_header(count, out);
        Self { tenancy, out }
    }

    /// An argument that names nothing of the store's.
    pub(super) fn plain(&mut self, argument: &[u8]) -> &mut Self {
        put_bulk(&[argument], self.out);
        self
    }

    /// The name of a key or channel.
    pub(super) fn name(&mut self, name: &[u8]) -> &mut Self {
        put_bulk(&[self.tenancy.prefix(), name], self.out);
        self
    }

    /// A pattern of names.
    pub(super) fn pattern(&mut self, pattern: &[u8]) -> &mut Self {
        put_bulk(&[self.tenancy.pattern(), pattern], self.out);
        self
    }

    /// An argument in two parts of which `head` says what kind of name `name` is.
    pub(super) fn name_behind(&mut self, head: &[u8], name: &[u8]) -> &mut Self {
        put_bulk(&[head, self.tenancy.prefix(), name], self.out);
        self
    }

    /// As [`name_behind`](Self::name_behind), for a pattern.
    pub(super) fn pattern_behind(&mut self, head: &[u8], pattern: &[u8]) -> &mut Self {
        put_bulk(&[head, self.tenancy.pattern(), pattern], self.out);
        self
    }
}

/// Writes `request` again with the arguments for which `is_name` says so prefixed.
pub(super) fn prefix_where(
    request: &Request<'_>,
    tenancy: &Tenancy,
    out: &mut BytesMut,
    is_name: impl Fn(usize) -> bool,
) {
    let mut outgoing = Outgoing::begin(request.len(), tenancy, out);
    for (index, argument) in request.arguments().enumerate() {
        if is_name(index) {
            outgoing.name(argument);
        } else {
            outgoing.plain(argument);
        }
    }
}

/// Writes `request` again as it is.
pub(super) fn copy(request: &Request<'_>, out: &mut BytesMut) {
    put_header(request.len(), out);
    for argument in request.arguments() {
        put_bulk(&[argument], out);
    }
}

/// Writes a request of `arguments`, none of which is a client's.
pub(super) fn put(arguments: &[&[u8]], out: &mut BytesMut) {
    put_header(arguments.len(), out);
    for argument in arguments {
        put_bulk(&[argument], out);
    }
}

/// Whether the argument at `index` could be a key of `command`, whatever number of keys a request
/// claims to have.
pub(super) fn may_be_key(command: &Command, index: usize) -> bool {
    command.keys.iter().any(|spec| {
        let begin = match spec.begin {
            Begin::Index(begin) => usize::from(begin),
            Begin::Keyword { .. } | Begin::Unknown => 1,
        };
        match spec.find {
            Find::Range { last, .. } => {
                let count = usize::try_from(last).map_or(usize::MAX, |last| begin + last + 1);
                (begin..count).contains(&index)
            }
            Find::KeyNumber { first, .. } => index >= begin + usize::from(first),
            Find::Unknown => index >= begin,
        }
    })
}
