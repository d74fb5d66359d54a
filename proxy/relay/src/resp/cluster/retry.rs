//! Requests that a node did not serve: redirected, or not reached.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::link::{Due, Standing};
use super::redirect::Redirection;
use super::{Aim, HOME, Kind, Node, Owed, Router, RouterEffect, State, broken};
use crate::Fatal;

/// How often one request is sent. With the pauses in between it waits some four seconds, which a
/// slot takes to move, and clients for a reply.
const ATTEMPTS_MAX: u32 = 13;
/// Redirections that are followed at once. Two nodes may each take the other for the owner.
pub(super) const HOPS_MAX: u32 = 3;
/// As how many attempts one counts that found no node: it may have taken long.
const UNREACHED_ATTEMPTS: u32 = 3;
/// The first pause, and how often it doubles.
const PAUSE: Duration = Duration::from_millis(10);
const DOUBLINGS_MAX: u32 = 6;

/// What a client is told in the end.
const UNSERVED: &[u8] = b"-ERR partywall: the cluster cannot answer for these keys now\r\n";
/// What a node says of keys in several slots, and means by a redirection of a transaction's part.
const CROSS_SLOT: &[u8] = b"-CROSSSLOT Keys in request don't hash to the same slot\r\n";

impl Router {
    /// The node is connected that [`RouterEffect::Dial`] named.
    pub fn on_dialed(&mut self, link: usize) {
        if let Some(link) = self.links.get_mut(link) {
            link.standing = Standing::Open;
        }
    }

    /// The node could not be reached. Nothing was sent to it.
    ///
    /// # Errors
    /// `Fatal` when it is the home.
    pub fn on_unreached(&mut self, link: usize, what: &str) -> Result<(), Fatal> {
        if link == HOME {
            return Err(Fatal::Unavailable(what.to_owned()));
        }
        self.link_mut(link)?.standing = Standing::Gone;
        for owed in &mut self.owed {
            if matches!(owed.state, State::Sent(on) if on == link) {
                owed.state = State::Waits(None);
                owed.attempts += UNREACHED_ATTEMPTS;
            }
        }
        self.leave_link(link);
        self.settles = true;
        self.advance()
    }

    /// A node's link ended.
    ///
    /// # Errors
    /// `Fatal` when something was owed on it, or it is the home.
    pub fn on_lost(&mut self, link: usize, what: &str) -> Result<(), Fatal> {
        let is_needed = link == HOME || self.is_pinned_to(link);
        let lost = self.link_mut(link)?;
        if is_needed || !lost.due.is_empty() {
            return Err(Fatal::Unavailable(format!("{}: {what}", lost.node)));
        }
        lost.standing = Standing::Gone;
        Ok(())
    }

    /// The topology was asked for; what is known of it may be new.
    ///
    /// # Errors
    /// `Fatal` when the connection must end.
    pub fn on_refreshed(&mut self) -> Result<(), Fatal> {
        self.check_bond()?;
        let doublings = self.owed.front().map_or(0, |owed| owed.attempts).min(DOUBLINGS_MAX);
        self.effects.push(RouterEffect::Pause(PAUSE * 2_u32.pow(doublings)));
        Ok(())
    }

    /// The time is over that [`RouterEffect::Pause`] named.
    ///
    /// # Errors
    /// `Fatal` when the connection must end.
    pub fn on_pause(&mut self) -> Result<(), Fatal> {
        self.waits = false;
        let Some(Owed { state: State::Waits(from), aim, attempts, .. }) = self.owed.front_mut()
        else {
            return self.advance();
        };
        *attempts += 1;
        let (from, aim, attempts) = (*from, *aim, *attempts);
        if attempts > ATTEMPTS_MAX || (from.is_some() && self.link_of(aim) == from) {
            return self.give_up();
        }
        self.resend()?;
        self.advance()
    }

    /// Has what is owed first sent again, later.
    pub(super) fn wait(&mut self) {
        if !self.waits {
            self.waits = true;
            self.effects.push(RouterEffect::Refresh);
        }
    }

    /// A node says that what is owed first is not to be had there.
    pub(super) fn redirected(
        &mut self,
        redirection: &Redirection,
        link: usize,
    ) -> Result<(), Fatal> {
        let Some(head) = self.owed.front_mut() else { return Ok(()) };
        self.settles = true;
        head.attempts += 1;
        let (attempts, aim) = (head.attempts, head.aim);
        if attempts > ATTEMPTS_MAX {
            return self.give_up();
        }
        match head.kind {
            Kind::Watch => return self.watch_redirected(),
            Kind::Queued | Kind::Exec | Kind::Discard => {
                return self.transaction_redirected(redirection, link);
            }
            _ => {}
        }
        let from = Some(link).filter(|_| head.runs_script);
        head.state = State::Waits(None);
        let said_by = Arc::clone(&self.link_mut(link)?.node);
        match redirection {
            Redirection::Moved { slot, address } if from.is_none() => {
                if aim == Aim::Slot(*slot)
                    && self.follow(*slot, address, &said_by)
                    && attempts <= HOPS_MAX
                {
                    return self.resend();
                }
            }
            // It may be a script's own word: only the cluster's counts then.
            Redirection::Moved { .. } => {
                if let Some(head) = self.owed.front_mut() {
                    head.state = State::Waits(from);
                }
            }
            Redirection::Ask { address } => {
                if self.bound {
                    return Err(super::moved_away());
                }
                let node = self.cluster.topology().find(address, &said_by).map(Arc::clone);
                if let Some(node) = node
                    && attempts <= HOPS_MAX
                {
                    let link = self.link_to(&node);
                    self.link_mut(link)?.write(b"*1\r\n$6\r\nASKING\r\n", Due::As(b'+'));
                    return self.send(self.first, link);
                }
            }
            // What was sent behind it may have been served: it would be served out of order.
            Redirection::Later if self.is_followed(aim) => return self.give_up(),
            Redirection::Later => {}
        }
        Ok(())
    }

    /// Takes note of a slot's new owner. Whether it is a known node.
    pub(super) fn follow(&mut self, slot: u16, address: &[u8], said_by: &Node) -> bool {
        let node = self.cluster.topology().find(address, said_by).map(Arc::clone);
        if let Some(node) = &node {
            self.cluster.moved(slot, node);
        }
        node.is_some()
    }

    /// Whether another request about what `aim` means was sent behind what is owed first.
    fn is_followed(&self, aim: Aim) -> bool {
        self.owed
            .iter()
            .skip(1)
            .any(|owed| owed.aim == aim && !matches!(owed.state, State::Waits(_)))
    }

    /// Sends what is owed first to the node that has it now.
    fn resend(&mut self) -> Result<(), Fatal> {
        match self.owed.front().map(|owed| &owed.kind) {
            Some(Kind::Queued | Kind::Exec | Kind::Discard) => self.resume_transaction(),
            Some(_) => self.dispatch(self.first),
            None => Ok(()),
        }
    }

    /// Answers what is owed first with an error.
    pub(super) fn give_up(&mut self) -> Result<(), Fatal> {
        let in_transaction = matches!(
            self.owed.front().map(|owed| &owed.kind),
            Some(Kind::Queued | Kind::Exec | Kind::Discard)
        );
        if in_transaction {
            return self.abort_transaction(UNSERVED);
        }
        self.answer_first(UNSERVED)
    }

    /// Answers what is owed first, with what a node says of keys in several slots.
    pub(super) fn cross_slot(&mut self) -> Result<(), Fatal> {
        self.answer_first(CROSS_SLOT)
    }

    pub(super) fn answer_first(&mut self, reply: &'static [u8]) -> Result<(), Fatal> {
        let head = self.owed.front_mut().ok_or_else(|| broken("an answer to nothing"))?;
        head.state = State::Answered(Bytes::from_static(reply), None);
        self.advance()
    }
}
