//! What the upstream owes: one entry for each message that it will answer, in order.
//!
//! PostgreSQL answers in order, and after an error in the extended protocol ignores everything up to
//! Sync. Both rules are followed here, so that at every moment it is known which message an answer
//! is for. An answer that was not due ends the connection. What is answered here, without the
//! upstream, would be one more kind of entry, given out when it comes to the front.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use postgres_wire::message::backend::tag;

use policies::postgres::Plan;

use super::statements::{Source, Statement};

/// A message that the upstream has still to answer.
#[derive(Debug)]
pub(super) enum Owed {
    /// `1`. The statement's change is pending under this name.
    Parse(Arc<str>, Arc<Statement>),
    /// `2`. The portal's change is pending under this name; the statement is known where there is one
    /// that it can be only.
    Bind(Arc<str>, Option<Arc<Statement>>),
    /// `t`, then as for a portal.
    DescribeStatement,
    /// `T` or `n`.
    DescribePortal,
    /// `C`, `I` or `s`, after rows. The statement is known where there is one that it can be only.
    Execute(Option<Arc<Statement>>),
    /// `3`. The statement's change is pending under this name.
    CloseStatement(Arc<str>),
    /// `3`. The portal's change is pending under this name.
    ClosePortal(Arc<str>),
    /// `Z`.
    Sync,
    /// `Z`, after the answers of every statement in it. With the texts, where they differ.
    Query(Arc<Plan>, Option<Box<Source>>),
    /// `E`, in whose place goes this one.
    Refusal(Bytes),
    /// The same, then `Z`.
    RefusedQuery(Bytes),
}

impl Owed {
    /// Bytes that are kept for it, beyond its own few.
    fn bytes(&self) -> usize {
        match self {
            Self::Query(_, Some(source)) => source.bytes(),
            Self::Refusal(error) | Self::RefusedQuery(error) => error.len(),
            Self::Query(_, None)
            | Self::Parse(..)
            | Self::Bind(..)
            | Self::DescribeStatement
            | Self::DescribePortal
            | Self::Execute(_)
            | Self::CloseStatement(_)
            | Self::ClosePortal(_)
            | Self::Sync => 0,
        }
    }
}

/// All that is owed, in order.
#[derive(Debug, Default)]
pub(super) struct OwedReplies {
    queue: VecDeque<Owed>,
    bytes: usize,
}

/// What an answer does to the message that it is for.
#[derive(Debug)]
pub(super) enum Answered {
    /// More is to come.
    Partly,
    /// That was all.
    Wholly(Owed),
}

/// An answer that is not due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotDue;

impl OwedReplies {
    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn push(&mut self, owed: Owed) {
        self.bytes += owed.bytes();
        self.queue.push_back(owed);
    }

    pub(super) fn front(&self) -> Option<&Owed> {
        self.queue.front()
    }

    pub(super) fn pop(&mut self) -> Option<Owed> {
        let owed = self.queue.pop_front()?;
        self.bytes -= owed.bytes();
        Some(owed)
    }

    /// Takes an answer that is neither an error nor a notice nor a report.
    pub(super) fn on_answer(&mut self, answer: u8) -> Result<Answered, NotDue> {
        let front = self.queue.front_mut().ok_or(NotDue)?;
        let whole = match (&*front, answer) {
            (Owed::DescribeStatement, tag::PARAMETER_DESCRIPTION) => {
                *front = Owed::DescribePortal;
                false
            }
            (Owed::Parse(..), tag::PARSE_COMPLETE)
            | (Owed::Bind(..), tag::BIND_COMPLETE)
            | (Owed::DescribePortal, tag::ROW_DESCRIPTION | tag::NO_DATA)
            | (
                Owed::Execute(_),
                tag::COMMAND_COMPLETE | tag::EMPTY_QUERY_RESPONSE | tag::PORTAL_SUSPENDED,
            )
            | (Owed::CloseStatement(_) | Owed::ClosePortal(_), tag::CLOSE_COMPLETE)
            | (Owed::Sync | Owed::Query(..), tag::READY_FOR_QUERY) => true,
            (
                Owed::Query(..),
                tag::COMMAND_COMPLETE | tag::EMPTY_QUERY_RESPONSE | tag::ROW_DESCRIPTION,
            )
            | (
                Owed::Query(..) | Owed::Execute(_),
                tag::DATA_ROW
                | tag::COPY_DATA
                | tag::COPY_DONE
                | tag::COPY_IN_RESPONSE
                | tag::COPY_OUT_RESPONSE,
            ) => false,
            _ => return Err(NotDue),
        };
        if !whole {
            return Ok(Answered::Partly);
        }
        self.pop().map(Answered::Wholly).ok_or(NotDue)
    }

    /// The error that the message at the front must get has come. Gives ours, which goes to the
    /// client in its place, if it is one that was refused.
    pub(super) fn on_refused_query(&mut self) -> Option<Bytes> {
        let front = self.queue.front_mut()?;
        let Owed::RefusedQuery(error) = front else { return None };
        let error = std::mem::take(error);
        self.bytes -= error.len();
        *front = Owed::Sync;
        Some(error)
    }

    /// Removes the next message that the upstream ignores after an error: all before a Sync. `None`
    /// when there is no more.
    pub(super) fn pop_ignored(&mut self) -> Option<Owed> {
        if matches!(self.front(), Some(Owed::Sync)) { None } else { self.pop() }
    }

    /// The upstream begins to wait for COPY data, and ignores each Sync that was sent before the
    /// client knew. Anything else behind the COPY breaks the protocol.
    pub(super) fn on_copy_in(&mut self) -> Result<(), NotDue> {
        if self.queue.iter().skip(1).all(|owed| matches!(owed, Owed::Sync)) {
            self.queue.truncate(1);
            Ok(())
        } else {
            Err(NotDue)
        }
    }
}
