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
    for letter in text.chars() {
        match u8::try_from(letter) {
            // An error is one line, whatever a client's name holds.
            Ok(b'\r' | b'\n') => line.push(b' '),
            // Bytes that the client sent were read as one character each.
            Ok(byte) => line.push(byte),
            Err(_) => line.push(b'?'),
        }
    }
    line.extend_from_slice(b"\r\n");
    Bytes::from(line)
}
