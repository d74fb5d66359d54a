//! Requests that no server can follow.

use std::fmt;

use bytes::BufMut;

/// What is wrong with a request. The stream cannot be followed any further: answer the text and
/// end the connection, as the server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// An argument longer than the client may send before it has logged in.
    BulkBeforeLogin,
    /// An argument's length is no number, negative, or over the limit.
    BulkLength,
    /// The line in front of an argument does not end.
    BulkLine,
    /// More arguments than the client may send before it has logged in.
    CountBeforeLogin,
    /// The number of arguments is no number, or over the limit.
    CountLength,
    /// The line in front of the arguments does not end.
    CountLine,
    /// An argument does not begin with `$`, but with this byte.
    ExpectedBulk(u8),
    /// An inline request does not end.
    InlineLine,
    /// An inline request's quotes do not close, or something follows the closing one.
    InlineQuotes,
    /// An argument does not end where its length says. The server does not look at the two bytes
    /// there; we do not carry on what we do not understand.
    Terminator,
    /// All arguments together are over the limit.
    TooBig,
}

impl Violation {
    /// Appends the server's error line, CRLF included.
    pub fn put(self, out: &mut impl BufMut) {
        out.put_slice(b"-ERR Protocol error: ");
        if let Self::ExpectedBulk(byte) = self {
            out.put_slice(b"expected '$', got '");
            // The server cleans its error lines in the same way: one line stays one line.
            out.put_u8(if matches!(byte, b'\r' | b'\n') { b' ' } else { byte });
            out.put_u8(b'\'');
        } else {
            out.put_slice(self.text().as_bytes());
        }
        out.put_slice(b"\r\n");
    }

    fn text(self) -> &'static str {
        match self {
            Self::BulkBeforeLogin => "unauthenticated bulk length",
            Self::BulkLength => "invalid bulk length",
            Self::BulkLine => "too big bulk count string",
            Self::CountBeforeLogin => "unauthenticated multibulk length",
            Self::CountLength => "invalid multibulk length",
            Self::CountLine => "too big mbulk count string",
            Self::ExpectedBulk(_) => "expected '$'",
            Self::InlineLine => "too big inline request",
            Self::InlineQuotes => "unbalanced quotes in request",
            Self::Terminator => "expected CRLF behind an argument",
            Self::TooBig => "too big request",
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Protocol error: ")?;
        f.write_str(self.text())?;
        match self {
            Self::ExpectedBulk(byte) => write!(f, ", got '{}'", byte.escape_ascii()),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Violation {}
