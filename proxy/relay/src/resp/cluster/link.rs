//! The link to one node.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use resp_wire::request::{RequestLimits, RequestScanner, put_bulk, put_header};
use wire::Limits;

use super::Node;
use crate::resp::gather::Gather;

/// A reply that a node owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// To the request with this number.
    Reply(u64),
    /// To a request that nobody waits for any more.
    Nobody,
    /// To a request of ours, which begins with this byte as it did on the first link.
    As(u8),
}

/// How a link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// What is written waits until the node is reached.
    Dialing,
    Open,
    /// It is made anew when it is needed.
    Gone,
}

/// The link to one node.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) node: Arc<Node>,
    pub(super) standing: Standing,
    /// Bytes for the node.
    pub(super) out: BytesMut,
    pub(super) due: VecDeque<Due>,
    pub(super) gather: Gather,
    /// Scripts that the node is known to have.
    loaded: HashSet<[u8; 40]>,
}

impl Link {
    /// A link to `node` on which what was `said` on others is said again.
    pub(super) fn new(node: Arc<Node>, said: &[Said]) -> Self {
        let mut link = Self {
            node,
            standing: Standing::Dialing,
            out: BytesMut::new(),
            due: VecDeque::new(),
            gather: Gather::default(),
            loaded: HashSet::new(),
        };
        said.iter().for_each(|said| link.say(said));
        link
    }

    pub(super) fn say(&mut self, said: &Said) {
        self.write(&said.request, Due::As(said.answered));
    }

    pub(super) fn write(&mut self, request: &[u8], due: Due) {
        self.out.put_slice(request);
        self.due.push_back(due);
    }

    /// Calls the script `name` as `request` says: by the name where the node has it, else by `text`.
    pub(super) fn call(&mut self, request: &[u8], name: [u8; 40], text: &[u8], due: Due) {
        if self.loaded.insert(name) {
            put_by_text(request, text, &mut self.out);
            self.due.push_back(due);
        } else {
            self.write(request, due);
        }
    }

    /// The node was sent the script `name`.
    pub(super) fn has_script(&mut self, name: [u8; 40]) {
        self.loaded.insert(name);
    }

    /// The node has its scripts no more.
    pub(super) fn forget_scripts(&mut self) {
        self.loaded.clear();
    }
}

/// A request that every link has to hear, and how its reply begins.
#[derive(Clone, Debug)]
pub(super) struct Said {
    /// In which of them another takes its place: HELLO in that of HELLO.
    pub(super) name: &'static str,
    pub(super) request: Bytes,
    pub(super) answered: u8,
}

/// Appends EVALSHA as EVAL.
fn put_by_text(request: &[u8], text: &[u8], out: &mut BytesMut) {
    // What was written here is bounded already.
    let limits = Limits { frame_bytes_max: u32::MAX as usize, ..Limits::default() };
    let mut scanner = RequestScanner::new(RequestLimits::after_login(&limits));
    let Ok(Some((request, _))) = scanner.next(request) else { return };
    let is_read_only = request.name().to_ascii_uppercase().ends_with(b"_RO");
    put_header(request.len(), out);
    put_bulk(&[if is_read_only { b"EVAL_RO".as_slice() } else { b"EVAL" }], out);
    put_bulk(&[text], out);
    request.arguments().skip(2).for_each(|argument| put_bulk(&[argument], out));
}
