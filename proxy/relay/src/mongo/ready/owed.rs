//! The replies that are still to come, in the order of the requests.

use std::collections::VecDeque;

use bytes::BytesMut;
use policies::mongo::ReplyRule;

use crate::mongo::answer::Asked;

/// What is owed to the client.
#[derive(Debug, Default)]
pub(super) struct Owed {
    queue: VecDeque<Reply>,
}

#[derive(Debug)]
enum Reply {
    /// By the upstream.
    Upstream(Owing),
    /// By us: this. It waits for those before it.
    Ours(BytesMut),
}

/// A request whose reply the upstream owes.
#[derive(Debug)]
pub(super) struct Owing {
    /// The request. Its number is that which the reply must name.
    pub(super) asked: Asked,
    /// How its reply reads.
    pub(super) rule: ReplyRule,
    /// What the client reads in the place of that reply, where the request is one of ours.
    pub(super) instead: Option<BytesMut>,
}

impl Owed {
    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    /// The request that the upstream answers next. What is ours is never at the front.
    pub(super) fn front(&self) -> Option<&Owing> {
        match self.queue.front() {
            Some(Reply::Upstream(owing)) => Some(owing),
            Some(Reply::Ours(_)) | None => None,
        }
    }

    /// Takes note of a request that travels.
    pub(super) fn expect(&mut self, owing: Owing) {
        self.queue.push_back(Reply::Upstream(owing));
    }

    /// Where a reply of our own is to be written: to the client, or behind what is owed.
    pub(super) fn say(&mut self, out: &mut BytesMut, write: impl FnOnce(&mut BytesMut)) {
        if self.queue.is_empty() {
            return write(out);
        }
        if let Some(Reply::Ours(last)) = self.queue.back_mut() {
            return write(last);
        }
        let mut reply = BytesMut::new();
        write(&mut reply);
        if !reply.is_empty() {
            self.queue.push_back(Reply::Ours(reply));
        }
    }

    /// The upstream has answered the request at the front: what is ours behind it has its turn.
    pub(super) fn answered(&mut self, out: &mut BytesMut) {
        self.queue.pop_front();
        while let Some(Reply::Ours(reply)) = self.queue.front() {
            out.extend_from_slice(reply);
            self.queue.pop_front();
        }
    }
}
