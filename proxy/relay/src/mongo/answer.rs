//! Replies of our own, in the form in which the client asked.

use bytes::BytesMut;
use mongo_wire::bson::{Document, DocumentWriter, Value};
use mongo_wire::frame::{Frame, OP_MSG, OP_QUERY};
use mongo_wire::message::{Flags, op_msg, op_reply};
use mongo_wire::reply::Failure;
use mongo_wire::{Bounds, Defect};
use policies::{Reason, Rejection};

/// What a client is told when its store is not there: HostUnreachable, which drivers take for "try
/// again".
pub(super) const UNAVAILABLE: Failure<'static> =
    Failure { code: 6, errmsg: "partywall: the store cannot be reached now" };
/// What a client is told whose connection the proxy ends: ShutdownInProgress, likewise.
pub(super) const SHUTDOWN: Failure<'static> =
    Failure { code: 91, errmsg: "partywall: the connection is ended by the proxy" };

/// What a client is told where we cannot say what we meant to.
const UNSAID: Failure<'static> = Failure { code: 1, errmsg: "partywall: no answer [internal]" };

/// A request that is to be answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// The client's number for it.
    number: i32,
    form: Form,
    /// What drivers must be told when nobody knows what became of it.
    label: Option<Label>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Form {
    /// OP_MSG.
    #[default]
    Msg,
    /// OP_QUERY, which OP_REPLY answers.
    Query,
    /// An OP_MSG that wants no reply.
    Silent,
}

/// An error label: what a driver may do about an error (transactions and retryable writes
/// specifications).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// The whole transaction may be tried again.
    TransientTransaction,
    /// The write, or the end of the transaction, may be sent again.
    RetryableWrite,
}

impl Asked {
    /// By a message of which maybe no more than the header and the flags can be read.
    ///
    /// # Errors
    /// `Defect` when not even those can.
    pub(super) fn of(frame: Frame<'_>) -> Result<Self, Defect> {
        let form = match frame.header.op_code {
            OP_QUERY => Form::Query,
            OP_MSG if Flags::read(frame)?.more_to_come => Form::Silent,
            _ => Form::Msg,
        };
        Ok(Self { number: frame.header.request_id, form, label: None })
    }

    /// The same, with what is told when its outcome is unknown.
    pub(super) fn labelled(self, label: Option<Label>) -> Self {
        Self { label, ..self }
    }

    /// The client's number for it, which the reply must name.
    pub(super) fn number(self) -> i32 {
        self.number
    }

    /// Whether the client wants no reply.
    pub(super) fn is_silent(self) -> bool {
        self.form == Form::Silent
    }

    /// Appends a reply of the elements that `fill` writes.
    pub(super) fn answer(self, out: &mut BytesMut, fill: impl FnOnce(&mut DocumentWriter<'_>)) {
        let numbers = [self.number, self.number];
        match self.form {
            Form::Msg => op_msg(numbers, Flags::default(), out, fill),
            Form::Query => op_reply(numbers, out, fill),
            Form::Silent => {}
        }
    }

    /// Appends a reply with this BSON document as its body.
    pub(super) fn answer_with(self, body: &[u8], out: &mut BytesMut) {
        match Document::read(body, &Bounds::default().rewritten()) {
            Ok(body) => self.answer(out, |reply| reply.copy_all(body)),
            Err(_) => self.fail(UNSAID, out),
        }
    }

    /// Appends a reply that says that it failed.
    pub(super) fn fail(self, failure: Failure<'_>, out: &mut BytesMut) {
        self.answer(out, |reply| failure.put(reply));
    }

    /// Appends a reply that says that nobody knows what became of it.
    pub(super) fn fail_unknown(self, failure: Failure<'_>, out: &mut BytesMut) {
        self.answer(out, |reply| {
            failure.put(reply);
            let name = match self.label {
                Some(Label::TransientTransaction) => "TransientTransactionError",
                Some(Label::RetryableWrite) => "RetryableWriteError",
                None => return,
            };
            reply.array("errorLabels", |labels| labels.value(Value::String(name)));
        });
    }
}

/// The server's code for a refusal: its own where it would refuse the same, else Unauthorized.
pub(super) fn code_of(rejection: &Rejection) -> i32 {
    match rejection.reason {
        Reason::CommandUnknown => 59,
        Reason::SyntaxError => 9,
        Reason::StatementTooLarge => 10_334,
        _ => 13,
    }
}
