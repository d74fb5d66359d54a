//! Transactions: all of one is on one node, which its first key says.
//!
//! MULTI is answered here and sent with the first request behind it. What was queued is kept until
//! EXEC is answered: when the slot has moved, all of it is queued again on the other node, as
//! nothing has run. Watched keys cannot be taken along: a slot that moves counts as a change of
//! them.

use std::sync::Arc;

use bytes::Bytes;

use super::link::Due;
use super::redirect::Redirection;
use super::route::Route;
use super::{Aim, HOME, Kind, Owed, Router, State};
use crate::Fatal;

const OK: &[u8] = b"+OK\r\n";
const QUEUED: &[u8] = b"+QUEUED\r\n";
const MULTI: &[u8] = b"*1\r\n$5\r\nMULTI\r\n";
const DISCARD: &[u8] = b"*1\r\n$7\r\nDISCARD\r\n";
const UNWATCH: &[u8] = b"*1\r\n$7\r\nUNWATCH\r\n";
/// EXEC's reply when a watched key has changed.
const NOTHING: (&[u8], &[u8]) = (b"*-1\r\n", b"_\r\n");
const ABORTED: &[u8] = b"-EXECABORT Transaction discarded because of previous errors.\r\n";

/// A transaction, or what is watched for one.
#[derive(Debug, Default)]
pub(super) struct Pin {
    /// Where it is; `None` before its first key, or anything else that has to be asked of a node.
    link: Option<usize>,
    slot: Option<u16>,
    watches: bool,
    /// Whether the client sent MULTI.
    begun: bool,
    /// Whether the node was sent it.
    entered: bool,
    /// What was queued and told, in order.
    log: Vec<(Bytes, Option<[u8; 40]>)>,
    log_bytes: usize,
    end: End,
}

/// How a transaction ends for reasons of ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum End {
    /// Not at all: the node says how.
    #[default]
    Open,
    /// As after a change of a watched key.
    Lost,
    /// As after an error.
    Aborted,
}

impl Router {
    pub(super) fn in_transaction(&self) -> bool {
        self.pin.as_ref().is_some_and(|pin| pin.begun)
    }

    pub(super) fn is_pinned_to(&self, link: usize) -> bool {
        self.pin.as_ref().is_some_and(|pin| pin.link == Some(link))
    }

    /// A transaction is not on this link any more, which could not be made.
    pub(super) fn leave_link(&mut self, link: usize) {
        if let Some(pin) = self.pin.as_mut().filter(|pin| pin.link == Some(link)) {
            pin.link = None;
            pin.entered = false;
            if pin.watches {
                pin.end = End::Lost;
            }
        }
    }

    pub(super) fn begin_transaction(&mut self, route: &Route, request: Bytes) -> Result<(), Fatal> {
        self.pin.get_or_insert_default().begun = true;
        self.answer(route, request, Bytes::from_static(OK))
    }

    pub(super) fn watch(&mut self, route: &Route, request: Bytes) -> Result<(), Fatal> {
        let link = match &self.pin {
            Some(pin) if pin.end != End::Open => {
                return self.answer(route, request, Bytes::from_static(OK));
            }
            Some(pin) => pin.link,
            None => self.link_of(route.aim),
        };
        let pin = self.pin.get_or_insert_default();
        pin.watches = true;
        if let Aim::Slot(slot) = route.aim {
            pin.slot.get_or_insert(slot);
        }
        let owed = Owed::new(route, request, Kind::Watch);
        let Some(link) = link else { return self.push(owed) };
        pin.link = Some(link);
        let number = self.number();
        self.enqueue(owed);
        self.send(number, link)
    }

    pub(super) fn unwatch(&mut self, route: Route, request: Bytes) -> Result<(), Fatal> {
        if let Some(link) = self.pin.take().and_then(|pin| pin.link)
            && link != HOME
        {
            self.link_mut(link)?.write(UNWATCH, Due::Nobody);
        }
        self.push(Owed::new(&route, request, Kind::Unwatch))
    }

    /// What is watched has moved: the transaction will end as if it had changed.
    pub(super) fn watch_redirected(&mut self) -> Result<(), Fatal> {
        let aim = self.owed.front().map(|owed| owed.aim);
        let pin = self.pin.get_or_insert_default();
        if aim != pin.slot.map(Aim::Slot) {
            return self.cross_slot();
        }
        pin.end = End::Lost;
        if let Some(link) = pin.link.take() {
            self.link_mut(link)?.write(UNWATCH, Due::Nobody);
        }
        self.answer_first(OK)
    }

    /// A request inside of a transaction.
    pub(super) fn take_queued(&mut self, route: Route, request: Bytes) -> Result<(), Fatal> {
        let kind = match route.kind {
            Kind::Exec => Kind::Exec,
            Kind::Discard => Kind::Discard,
            _ => Kind::Queued,
        };
        let owed = Owed::new(&route, request, kind);
        let slot = self.slot_of(route.aim);
        let pin = self.pin.get_or_insert_default();
        if pin.end != End::Open {
            self.enqueue(owed);
            return self.answer_queued();
        }
        let (is_first_key, link) = (pin.slot.is_none() && slot.is_some(), pin.link);
        pin.slot = pin.slot.or(slot);
        if is_first_key && link.is_some() && self.link_of(route.aim) != link {
            self.abandon()?;
        }
        let number = self.number();
        self.enqueue(owed);
        match &self.pin {
            Some(Pin { entered: true, link: Some(link), .. }) => self.send(number, *link),
            _ => self.resume_transaction(),
        }
    }

    /// The slot that what `aim` means has to be in.
    fn slot_of(&self, aim: Aim) -> Option<u16> {
        match aim {
            Aim::Slot(slot) => Some(slot),
            Aim::Near if self.is_tagged => Some(self.near),
            Aim::Home | Aim::Near | Aim::Place(_) => None,
        }
    }

    /// A request was queued, and the client told.
    pub(super) fn told(&mut self, request: Bytes, script: Option<[u8; 40]>) {
        if let Some(pin) = &mut self.pin {
            pin.log_bytes += request.len();
            pin.log.push((request, script));
        }
    }

    /// A node says that a part of the transaction is not to be had there. Nothing of it has run.
    pub(super) fn transaction_redirected(
        &mut self,
        redirection: &Redirection,
        link: usize,
    ) -> Result<(), Fatal> {
        let said_by = Arc::clone(&self.link_mut(link)?.node);
        let Some(head) = self.owed.front() else { return Ok(()) };
        let is_own = !matches!(head.kind, Kind::Queued)
            || self.slot_of(head.aim) == self.pin.as_ref().and_then(|pin| pin.slot);
        if !is_own {
            return self.cross_slot();
        }
        let hops = head.attempts;
        self.abandon()?;
        let pin = self.pin.get_or_insert_default();
        if pin.watches || pin.log_bytes > self.limits.frame_bytes_max {
            pin.end = End::Lost;
            return self.answer_queued();
        }
        match redirection {
            Redirection::Moved { slot, address } => {
                if self.follow(*slot, address, &said_by) && hops <= super::retry::HOPS_MAX {
                    return self.resume_transaction();
                }
                Ok(())
            }
            // Inside of MULTI no node can be asked for what is on its way to it.
            Redirection::Ask { .. } | Redirection::Later => Ok(()),
        }
    }

    /// Leaves the node that the transaction is on. What was sent there is to be sent again.
    fn abandon(&mut self) -> Result<(), Fatal> {
        let Some(pin) = &mut self.pin else { return Ok(()) };
        let has_entered = std::mem::take(&mut pin.entered);
        let Some(link) = pin.link.take() else { return Ok(()) };
        let mut has_ended = false;
        let first = self.first;
        let mut voided = Vec::new();
        for (number, owed) in (first..).zip(&mut self.owed) {
            let ends = matches!(owed.kind, Kind::Exec | Kind::Discard);
            if !ends && !matches!(owed.kind, Kind::Queued) {
                continue;
            }
            has_ended |= ends && !matches!(owed.state, State::Waits(_));
            owed.state = State::Waits(None);
            voided.push(Due::Reply(number));
        }
        let link = self.link_mut(link)?;
        for due in &mut link.due {
            if voided.contains(due) {
                *due = Due::Nobody;
            }
        }
        if has_entered && !has_ended {
            link.write(DISCARD, Due::Nobody);
        }
        Ok(())
    }

    /// Queues all of the transaction on the node that has it now.
    pub(super) fn resume_transaction(&mut self) -> Result<(), Fatal> {
        let Some(pin) = &self.pin else { return Ok(()) };
        let link = match (pin.link, pin.slot) {
            (Some(link), _) => Some(link),
            (None, Some(slot)) => self.link_of(Aim::Slot(slot)),
            (None, None) => Some(HOME),
        };
        let Some(link) = link else {
            self.settles = true;
            return Ok(());
        };
        if self.bound && link != HOME {
            return Err(super::moved_away());
        }
        let pin = self.pin.get_or_insert_default();
        (pin.link, pin.entered) = (Some(link), true);
        let log = pin.log.clone();
        self.link_mut(link)?.write(MULTI, Due::As(b'+'));
        for (request, script) in log {
            self.write(link, &request, script, Due::Nobody)?;
        }
        let first = self.first;
        let waiting: Vec<u64> = (first..)
            .zip(&self.owed)
            .filter(|(_, owed)| {
                matches!(owed.kind, Kind::Queued | Kind::Exec | Kind::Discard)
                    && matches!(owed.state, State::Waits(_))
            })
            .map(|(number, _)| number)
            .collect();
        waiting.into_iter().try_for_each(|number| self.send(number, link))
    }

    /// The transaction cannot be had: what is owed first hears `why`, EXEC that it was aborted.
    pub(super) fn abort_transaction(&mut self, why: &'static [u8]) -> Result<(), Fatal> {
        self.abandon()?;
        self.pin.get_or_insert_default().end = End::Aborted;
        if let Some(head) = self.owed.front_mut() {
            head.state = State::Answered(Bytes::from_static(why), None);
        }
        self.answer_queued()
    }

    /// Answers here what waits of a transaction that cannot be had.
    fn answer_queued(&mut self) -> Result<(), Fatal> {
        let nothing = if self.speaks_resp3 { NOTHING.1 } else { NOTHING.0 };
        let Some(pin) = &mut self.pin else { return Ok(()) };
        for owed in &mut self.owed {
            if !matches!(owed.state, State::Waits(_)) {
                continue;
            }
            let reply = match owed.kind {
                // A request that no node knows.
                Kind::Queued if owed.name.is_empty() => {
                    pin.end = End::Aborted;
                    b"-ERR unknown command\r\n".as_slice()
                }
                Kind::Queued => QUEUED,
                Kind::Exec if pin.end == End::Aborted => ABORTED,
                Kind::Exec => nothing,
                Kind::Discard => OK,
                _ => continue,
            };
            owed.state = State::Answered(Bytes::from_static(reply), None);
        }
        self.advance()
    }
}
