//! PasswordMessage: a password, or its MD5 form. We send it and never ask for it.

use bytes::BytesMut;

use super::{put_tagged, put_text};

/// Appends a PasswordMessage. Nothing of `password` is copied elsewhere.
pub fn password(password: &str, out: &mut BytesMut) {
    put_tagged(b'p', out, |out| put_text(password, out));
}
