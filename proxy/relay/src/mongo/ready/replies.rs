//! The upstream's replies.

use bytes::{Buf, BytesMut};
use mongo_wire::frame::{Frame, Header};
use policies::mongo::rewrite_reply;

use super::owed::Owing;
use super::passing::Passing;
use super::{Ready, drained, misbehaved};
use crate::mongo::frames::of_upstream;
use crate::{Event, Fatal, Outbox};

impl Ready {
    /// Bytes came from the upstream.
    pub(in crate::mongo) fn on_upstream(
        &mut self,
        input: &mut BytesMut,
        out: &mut Outbox,
    ) -> Result<(), Fatal> {
        while self.next_reply(input, out)? {
            self.owed.answered(&mut out.to_client);
        }
        if input.is_empty() {
            *input = BytesMut::new();
        }
        if self.is_draining && self.is_quiet() { Err(drained()) } else { Ok(()) }
    }

    /// Takes the next reply, or as much of it as there is. Whether that was all of it.
    fn next_reply(&mut self, input: &mut BytesMut, out: &mut Outbox) -> Result<bool, Fatal> {
        if self.passing.is_none() && self.may_pass(input) {
            self.passing = Passing::begin(input, &mut out.to_client);
        }
        let Some(passing) = &mut self.passing else {
            let Some(frame) = of_upstream(input)? else { return Ok(false) };
            let bytes = frame.bytes.len();
            self.on_reply(frame, &mut out.to_client, &mut out.events)?;
            input.advance(bytes);
            return Ok(true);
        };
        if !passing.pass(input, &mut out.to_client) {
            return Ok(false);
        }
        let whole = BytesMut::from(passing.around());
        let frame = of_upstream(&whole)?.ok_or_else(|| misbehaved("a reply of two lengths"))?;
        let mut read = BytesMut::new();
        self.on_reply(frame, &mut read, &mut out.events)?;
        if read != whole {
            // The client has it as it came.
            return Err(misbehaved("a reply that should not have passed"));
        }
        self.passing = None;
        Ok(true)
    }

    /// Whether the reply at the start of `input` is due, and travels as it came.
    fn may_pass(&self, input: &[u8]) -> bool {
        let header = Header::read(input).ok().flatten();
        let due = self.owed.front().filter(|owing| {
            owing.instead.is_none()
                && header.is_some_and(|header| header.response_to == owing.asked.number())
        });
        due.zip(self.own.as_ref()).is_some_and(|(owing, own)| owing.rule.passes(own))
    }

    /// Reads a reply, and appends to `to_client` what of it the client sees.
    fn on_reply(
        &self,
        frame: Frame<'_>,
        to_client: &mut BytesMut,
        events: &mut Vec<Event>,
    ) -> Result<(), Fatal> {
        let Some(Owing { asked, rule, instead }) = self.owed.front() else {
            return Err(misbehaved("a reply that no request is owed"));
        };
        if frame.header.response_to != asked.number() {
            return Err(misbehaved("the reply to another request"));
        }
        let own = self.own.as_ref();
        let own = own.ok_or_else(|| misbehaved("a reply to what was never judged"))?;
        let start = to_client.len();
        let answered = rewrite_reply(rule, own, frame, to_client)
            .map_err(|defect| misbehaved(&defect.to_string()))?;
        if let Some(instead) = instead {
            to_client.truncate(start);
            to_client.extend_from_slice(instead);
        }
        if answered.more_to_come {
            to_client.truncate(start);
            return Err(misbehaved("a reply that another follows, which nobody asked for"));
        }
        if let Some(cursor) = answered.opened {
            self.shared.open(cursor);
        }
        self.shared.close(&answered.closed);
        events.extend(answered.refused.map(|rejection| Event::StatementRejected {
            rejection,
            fingerprint: 0,
            observed: false,
        }));
        Ok(())
    }
}
