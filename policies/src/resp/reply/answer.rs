//! Answers of ours.

use std::borrow::Cow;

use bytes::BytesMut;
use resp_wire::reply::{
    Kind, put_aggregate, put_bulk, put_error, put_integer, put_null, put_simple,
};
use resp_wire::request::Request;

use super::error_line::bytes_of;
use super::{Answered, ReplyRule};
use crate::resp::outgoing::{self, ANSWERED};
use crate::resp::scope::name_of;

/// The version of the protocol that a connection speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// RESP2.
    #[default]
    Resp2,
    /// RESP3.
    Resp3,
}

/// A reply that is made here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// `OK`
    Ok,
    /// A number.
    Integer(i64),
    /// A string.
    Bulk(Vec<u8>),
    /// Strings.
    Bulks(Vec<Vec<u8>>),
    /// Numbers.
    Integers(Vec<i64>),
    /// Nothing.
    Null,
    /// ROLE of a server without replicas.
    Role,
    /// An error, code and text, in bytes of one character each.
    Error(Cow<'static, str>),
}

impl Answer {
    /// An error, code and text.
    #[must_use]
    pub fn error(line: impl Into<Cow<'static, str>>) -> Self {
        Self::Error(line.into())
    }

    /// Appends the reply as `protocol` has it.
    pub fn put(&self, protocol: Protocol, out: &mut BytesMut) {
        match self {
            Self::Ok => put_simple(b"OK", out),
            Self::Integer(number) => put_integer(*number, out),
            Self::Bulk(text) => put_bulk(text, out),
            Self::Bulks(texts) => {
                put_aggregate(Kind::Array, texts.len(), out);
                for text in texts {
                    put_bulk(text, out);
                }
            }
            Self::Integers(numbers) => {
                put_aggregate(Kind::Array, numbers.len(), out);
                for number in numbers {
                    put_integer(*number, out);
                }
            }
            Self::Null => put_null(
                match protocol {
                    Protocol::Resp2 => Kind::Bulk,
                    Protocol::Resp3 => Kind::Null,
                },
                out,
            ),
            Self::Role => {
                put_aggregate(Kind::Array, 3, out);
                put_bulk(b"master", out);
                put_integer(0, out);
                put_aggregate(Kind::Array, 0, out);
            }
            Self::Error(line) => put_error(&bytes_of(line), out),
        }
    }
}

/// Writes what travels in place of a request that is answered here.
pub(in crate::resp) fn answer(
    request: &Request<'_>,
    answer: Answer,
    out: &mut BytesMut,
) -> ReplyRule {
    put_answered(name_of(request), answer, out)
}

/// As [`answer`], for the command of this name.
pub(in crate::resp) fn put_answered(
    command: &str,
    answer: Answer,
    out: &mut BytesMut,
) -> ReplyRule {
    outgoing::put(&[b"ECHO", ANSWERED], out);
    ReplyRule::Answer(Box::new(Answered { command: command.to_owned(), answer }))
}
