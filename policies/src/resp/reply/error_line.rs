//! A refusal in the protocol's own words.

use bytes::Bytes;

use crate::{Reason, Rejection};

/// The error line of `rejection`, from `-` to CRLF: `NOPERM` and the client's text, or the server's
/// own error, code and all, for what a server would refuse as well.
#[must_use]
pub fn error_line(rejection: &Rejection) -> Bytes {
    let text = rejection.client_text();
    let mut line = Vec::with_capacity(text.len() + 16);
    line.push(b'-');
    if rejection.reason != Reason::SyntaxError {
        line.extend_from_slice(b"NOPERM ");
    }
    line.extend_from_slice(&bytes_of(&text));
    line.extend_from_slice(b"\r\n");
    Bytes::from(line)
}

/// The bytes of a text in which bytes that a client sent stand as one character each. An error is
/// one line, whatever a client's name holds.
pub(super) fn bytes_of(text: &str) -> Vec<u8> {
    let byte = |letter| match u8::try_from(letter) {
        Ok(b'\r' | b'\n') => b' ',
        Ok(byte) => byte,
        Err(_) => b'?',
    };
    text.chars().map(byte).collect()
}
