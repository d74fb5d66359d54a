//! The replies that are still to come, in the order of the requests.

use std::collections::VecDeque;

use bytes::BytesMut;
use policies::mongo::ReplyRule;

use crate::mongo::answer::Asked;

/// What is owed to the client.
#[derive(Debug, Default)]
pub(super) struct Owed {
    queue: VecDeque<Reply>,
    /// Bytes of ours that wait for their turn.
    held: usize,
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

    /// Bytes of ours that wait for their turn: a client may ask for much while one reply is slow.
    pub(super) fn held(&self) -> usize {
        self.held
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
        let mut reply = BytesMut::new();
        write(&mut reply);
        if !reply.is_empty() {
            self.held += reply.len();
            self.queue.push_back(Reply::Ours(reply));
        }
    }

    /// The upstream has answered the request at the front: what is ours behind it has its turn.
    pub(super) fn answered(&mut self, out: &mut BytesMut) {
        self.queue.pop_front();
        while let Some(Reply::Ours(reply)) = self.queue.front() {
            self.held -= reply.len();
            out.extend_from_slice(reply);
            self.queue.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ours_waits_and_is_counted() {
        let (mut owed, mut out) = (Owed::default(), BytesMut::new());
        owed.say(&mut out, |out| out.extend_from_slice(b"at once"));
        assert_eq!((&out[..], owed.held(), owed.len()), (&b"at once"[..], 0, 0));
        let owing = || Owing { asked: Asked::default(), rule: ReplyRule::Raw, instead: None };
        owed.expect(owing());
        for _ in 0..3 {
            owed.say(&mut out, |out| out.extend_from_slice(b", later"));
        }
        owed.expect(owing());
        assert_eq!((owed.held(), owed.len(), out.len()), (21, 5, 7));
        owed.answered(&mut out);
        assert_eq!((&out[7..], owed.held(), owed.len()), (&b", later, later, later"[..], 0, 1));
        assert!(owed.front().is_some());
    }
}
