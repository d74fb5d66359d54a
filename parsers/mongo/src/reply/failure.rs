//! A command that failed, as the server says it.

use std::borrow::Cow;

use crate::bson::{DocumentWriter, Value};

/// Why a command failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure<'t> {
    /// The error's number.
    pub code: i32,
    /// The error's text, for people.
    pub errmsg: &'t str,
}

impl Failure<'_> {
    /// Writes the fields of a reply that says so, in the server's order.
    pub fn put(&self, reply: &mut DocumentWriter<'_>) {
        reply.value("ok", Value::Double(0.0));
        reply.value("errmsg", Value::String(self.errmsg));
        reply.value("code", Value::Int32(self.code));
        reply.value("codeName", Value::String(&code_name(self.code)));
    }

    /// Writes the fields of an entry of `writeErrors`, for the write with this index in its batch.
    pub fn put_write_error(&self, index: i32, entry: &mut DocumentWriter<'_>) {
        entry.value("index", Value::Int32(index));
        entry.value("code", Value::Int32(self.code));
        entry.value("errmsg", Value::String(self.errmsg));
    }
}

/// The name of an error's number: drivers show it, and some compare it. Numbers that stand for a
/// place in the server have none of their own.
#[must_use]
pub fn code_name(code: i32) -> Cow<'static, str> {
    Cow::Borrowed(match code {
        1 => "InternalError",
        2 => "BadValue",
        6 => "HostUnreachable",
        9 => "FailedToParse",
        11 => "UserNotFound",
        13 => "Unauthorized",
        14 => "TypeMismatch",
        15 => "Overflow",
        16 => "InvalidLength",
        17 => "ProtocolError",
        18 => "AuthenticationFailed",
        20 => "IllegalOperation",
        22 => "InvalidBSON",
        26 => "NamespaceNotFound",
        27 => "IndexNotFound",
        43 => "CursorNotFound",
        48 => "NamespaceExists",
        59 => "CommandNotFound",
        66 => "ImmutableField",
        72 => "InvalidOptions",
        73 => "InvalidNamespace",
        91 => "ShutdownInProgress",
        115 => "CommandNotSupported",
        202 => "NetworkInterfaceExceededTimeLimit",
        251 => "NoSuchTransaction",
        263 => "OperationNotSupportedInTransaction",
        334 => "MechanismUnavailable",
        352 => "UnsupportedOpQueryCommand",
        10_334 => "BSONObjectTooLarge",
        11_000 => "DuplicateKey",
        other => return Cow::Owned(format!("Location{other}")),
    })
}
