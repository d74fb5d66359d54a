//! Replies of all nodes, in the order of the requests.
//!
//! What is owed first passes as it comes. Replies to later requests stay unread where they are,
//! unless what is owed first comes behind them on the same link.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use resp_wire::reply::{Cursor, Event, Kind as Type};

use super::cursor::put_page;
use super::link::{Due, Said};
use super::redirect::Redirection;
use super::{HOME, Kind, Owed, Router, State, broken};
use crate::Fatal;

/// A request whose reply is told from confirmations, messages and errors.
pub(super) const FENCE: &[u8] = b"*2\r\n$4\r\nPING\r\n$9\r\npartywall\r\n";
/// The reply to it, on a connection that has subscriptions in RESP2.
const FENCED_SUBSCRIBED: &[u8] = b"*2\r\n$4\r\npong\r\n$9\r\npartywall\r\n";
const FENCED: &[u8] = b"$9\r\npartywall\r\n";

/// How what the server sends by itself begins.
const SENT: &[&[u8]] = &[
    b"message",
    b"pmessage",
    b"psubscribe",
    b"punsubscribe",
    b"smessage",
    b"ssubscribe",
    b"subscribe",
    b"sunsubscribe",
    b"unsubscribe",
];

impl Router {
    /// Bytes came from the node of link number `link`. What stays in `input` waits for those of
    /// other links: it is to be offered again when replies have come.
    ///
    /// # Errors
    /// `Fatal` when the connection must end.
    pub fn on_link(&mut self, link: usize, input: &mut BytesMut) -> Result<(), Fatal> {
        while !input.is_empty() && self.read(link, input)? {}
        self.advance()
    }

    /// One step. Whether it led on.
    fn read(&mut self, link: usize, input: &mut BytesMut) -> Result<bool, Fatal> {
        let due = self.link_mut(link)?.due.front().copied();
        let is_head = due == Some(Due::Reply(self.first)) && !self.owed.is_empty();
        if self.passing {
            return if is_head { self.pass(link, input) } else { Ok(false) };
        }
        if link == HOME && self.may_be_sent(input.first().copied()) {
            let Some(frame) = self.gather(link, input)? else { return Ok(false) };
            if self.speaks_resp3 || is_sent(&frame) {
                self.replies.put_slice(&frame);
            } else {
                self.came(link, frame)?;
            }
            return Ok(true);
        }
        if input.first() == Some(&b'>') {
            return Err(broken("a push of a node where nothing was asked for"));
        }
        match due {
            None => return Err(broken("a reply that no request is owed")),
            Some(Due::Nobody | Due::As(_)) => {}
            Some(Due::Reply(_)) if is_head => {
                let passes = matches!(
                    self.owed.front().map(|owed| &owed.kind),
                    Some(Kind::Plain | Kind::Exec)
                );
                if passes && !matches!(input.first(), Some(b'-' | b'!')) {
                    self.passing = true;
                    return self.pass(link, input);
                }
            }
            // What is owed first comes behind it.
            Some(Due::Reply(_)) if self.awaits(link) => {}
            Some(Due::Reply(_)) => return Ok(false),
        }
        let Some(frame) = self.gather(link, input)? else { return Ok(false) };
        self.came(link, frame)?;
        Ok(true)
    }

    /// Whether what begins like this may be something that the server sends by itself.
    fn may_be_sent(&self, first: Option<u8>) -> bool {
        if self.speaks_resp3 {
            return first == Some(b'>');
        }
        let subscribes = matches!(self.owed.front(), Some(Owed { kind: Kind::Subscription, .. }));
        first == Some(b'*') && (self.subscribed || subscribes)
    }

    /// Takes the whole reply at the start of `input`, once it is there.
    fn gather(&mut self, link: usize, input: &mut BytesMut) -> Result<Option<Bytes>, Fatal> {
        let bytes_max = self.limits.frame_bytes_max;
        let bytes = self.link_mut(link)?.gather.whole(input, bytes_max)?;
        Ok(bytes.map(|bytes| input.split_to(bytes).freeze()))
    }

    /// Passes on what is there of the reply that is owed first.
    fn pass(&mut self, link: usize, input: &mut BytesMut) -> Result<bool, Fatal> {
        let (bytes, is_complete) = self.link_mut(link)?.gather.pass(input)?;
        self.replies.put_slice(input.get(..bytes).unwrap_or_default());
        input.advance(bytes);
        if is_complete {
            self.passing = false;
            self.link_mut(link)?.due.pop_front();
            self.pop();
            self.advance()?;
        }
        Ok(bytes > 0 || is_complete)
    }

    /// A whole reply came that was due on this link.
    fn came(&mut self, link: usize, reply: Bytes) -> Result<(), Fatal> {
        let is_confirmation_error =
            matches!(self.owed.front(), Some(Owed { kind: Kind::Subscription, .. }))
                && link == HOME
                && reply.first() == Some(&b'-');
        if is_confirmation_error {
            // In place of the confirmations; the fence is still to come.
            self.replies.put_slice(&reply);
            return Ok(());
        }
        match self.link_mut(link)?.due.pop_front() {
            None => Err(broken("a reply that no request is owed")),
            Some(Due::Nobody) => Ok(()),
            Some(Due::As(first)) if reply.first() == Some(&first) => Ok(()),
            Some(Due::As(_)) => {
                Err(broken("a node answers otherwise than the first to what makes a connection"))
            }
            Some(Due::Reply(number)) => {
                if let Some(owed) = self.owed_mut(number) {
                    owed.state = State::Answered(reply, Some(link));
                }
                self.advance()
            }
        }
    }

    /// Passes on what is answered already, from the front of the queue.
    pub(super) fn advance(&mut self) -> Result<(), Fatal> {
        while !self.passing {
            match self.owed.front() {
                Some(Owed { state: State::Answered(reply, link), .. }) => {
                    let (reply, link) = (reply.clone(), *link);
                    self.answered(reply, link)?;
                }
                Some(Owed { state: State::Waits(_), .. }) => {
                    self.wait();
                    break;
                }
                Some(Owed { state: State::Sent(_), .. }) => break,
                None => {
                    self.settles = false;
                    break;
                }
            }
        }
        Ok(())
    }

    /// The whole reply to what is owed first.
    fn answered(&mut self, reply: Bytes, link: Option<usize>) -> Result<(), Fatal> {
        if let Some(link) = link {
            if let Some(redirection) = Redirection::read(&reply) {
                return self.redirected(&redirection, link);
            }
            if reply.starts_with(b"-NOSCRIPT") && self.calls_anew(link)? {
                return Ok(());
            }
        }
        let Some(owed) = self.pop() else { return Ok(()) };
        match owed.kind {
            Kind::Part(positions) => {
                let join = self.joins.front_mut().ok_or_else(|| broken("a part of nothing"))?;
                let is_whole = join
                    .add(&reply, &positions, &mut self.replies)
                    .map_err(|_| broken("a reply that its request cannot have"))?;
                if is_whole {
                    self.joins.pop_front();
                }
            }
            Kind::Sweep(place) if reply.first() != Some(&b'-') => {
                let nodes = self.cluster.topology().nodes().len();
                put_page(&reply, place, nodes, &mut self.replies)
                    .ok_or_else(|| broken("the reply of another script"))?;
            }
            Kind::Said => self.was_said(owed.name, owed.request, reply),
            Kind::Subscription => {
                if reply != FENCED && reply != FENCED_SUBSCRIBED {
                    return Err(broken("a reply where a confirmation was due"));
                }
                self.subscribed = self.speaks_resp3 || reply == FENCED_SUBSCRIBED;
            }
            Kind::Queued => {
                self.told(owed.request, owed.script);
                self.replies.put_slice(&reply);
            }
            Kind::Plain
            | Kind::Sweep(_)
            | Kind::Watch
            | Kind::Unwatch
            | Kind::Multi
            | Kind::Exec
            | Kind::Discard => {
                self.replies.put_slice(&reply);
            }
        }
        Ok(())
    }

    /// Takes what is owed first off the queue.
    fn pop(&mut self) -> Option<Owed> {
        let owed = self.owed.pop_front()?;
        self.owed_bytes = self.owed_bytes.saturating_sub(owed.request.len());
        if self.barrier == Some(self.first) {
            self.barrier = None;
        }
        self.first += 1;
        if matches!(owed.kind, Kind::Exec | Kind::Discard) {
            self.pin = None;
        }
        Some(owed)
    }

    /// What makes the connection what it is was answered: the other links hear it, too.
    fn was_said(&mut self, name: &'static str, request: Bytes, reply: Bytes) {
        self.replies.put_slice(&reply);
        let Some(answered) = reply.first().copied().filter(|first| *first != b'-') else { return };
        if name == "hello" {
            // A map is RESP3's.
            self.speaks_resp3 = answered == b'%';
        }
        let said = Said { name, request, answered };
        for link in self.links.iter_mut().skip(1) {
            if link.standing != super::Standing::Gone {
                link.say(&said);
            }
        }
        match self.said.iter_mut().find(|known| known.name == name) {
            Some(known) => *known = said,
            None => self.said.push(said),
        }
    }

    /// A script is called by its text after the node said that it has it no more.
    fn calls_anew(&mut self, link: usize) -> Result<bool, Fatal> {
        let Some(head) = self.owed.front_mut() else { return Ok(false) };
        let known = head.script.is_some_and(|name| self.scripts.contains_key(&name));
        if !known || head.attempts > 0 {
            return Ok(false);
        }
        head.attempts += 1;
        self.settles = true;
        self.link_mut(link)?.forget_scripts();
        self.send(self.first, link)?;
        Ok(true)
    }
}

/// Whether an array of RESP2 is something that the server sends by itself.
fn is_sent(frame: &[u8]) -> bool {
    let mut events = Cursor::new(frame);
    let opened = matches!(events.next_event(), Ok(Some(Event::Open { kind: Type::Array, .. })));
    let word = match events.next_event() {
        Ok(Some(Event::Text { kind: Type::Bulk, text })) if opened => text,
        _ => return false,
    };
    SENT.contains(&word)
}
