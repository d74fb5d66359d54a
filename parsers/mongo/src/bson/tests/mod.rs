//! Documents in, views out; hostile bytes refused; and the `bson` crate as the oracle of both.

mod hostile;
mod oracle;
mod views;
mod written;

use super::*;
use crate::Bounds;

/// The bytes of one element.
fn element(kind: u8, name: &str, value: &[u8]) -> Vec<u8> {
    [&[kind], name.as_bytes(), &[0], value].concat()
}

/// The bytes of a document with these elements.
fn document(elements: &[Vec<u8>]) -> Vec<u8> {
    let elements = elements.concat();
    let length = i32::try_from(elements.len() + 5).unwrap();
    [&length.to_le_bytes()[..], &elements, &[0]].concat()
}

/// A length and a text with its NUL.
fn text(text: &[u8]) -> Vec<u8> {
    let length = i32::try_from(text.len() + 1).unwrap();
    [&length.to_le_bytes()[..], text, &[0]].concat()
}

fn read(bytes: &[u8]) -> Result<Document<'_>, Fault> {
    Document::read(bytes, &Bounds::default())
}

/// A regular expression for the oracle.
fn regex(pattern: &str, options: &str) -> ::bson::Regex {
    ::bson::Regex { pattern: pattern.try_into().unwrap(), options: options.try_into().unwrap() }
}

/// One value of each type, with the bytes that it has.
fn samples() -> Vec<(Kind, Vec<u8>)> {
    let inner = document(&[element(0x10, "a", &[1, 0, 0, 0])]);
    let list = document(&[element(0x0A, "0", &[]), element(0x08, "1", &[1])]);
    let scope = [text(b"f()"), inner.clone()].concat();
    let scope_length = i32::try_from(scope.len() + 4).unwrap().to_le_bytes();
    vec![
        (Kind::Double, 1.5_f64.to_le_bytes().to_vec()),
        (Kind::String, text("\u{e4}\0b".as_bytes())),
        (Kind::Document, inner),
        (Kind::Array, list),
        (Kind::Binary, b"\x03\0\0\0\x80abc".to_vec()),
        (Kind::Binary, b"\x07\0\0\0\x02\x03\0\0\0abc".to_vec()),
        (Kind::Undefined, Vec::new()),
        (Kind::ObjectId, b"0123456789ab".to_vec()),
        (Kind::Boolean, vec![0]),
        (Kind::Boolean, vec![1]),
        (Kind::DateTime, (-1_i64).to_le_bytes().to_vec()),
        (Kind::Null, Vec::new()),
        (Kind::RegularExpression, b"^a.*\0imx\0".to_vec()),
        (Kind::DbPointer, [text(b"a.b"), b"0123456789ab".to_vec()].concat()),
        (Kind::JavaScriptCode, text(b"f()")),
        (Kind::Symbol, text(b"s")),
        (Kind::JavaScriptCodeWithScope, [scope_length.to_vec(), scope].concat()),
        (Kind::Int32, 7_i32.to_le_bytes().to_vec()),
        (Kind::Timestamp, b"\x01\0\0\0\x02\0\0\0".to_vec()),
        (Kind::Int64, i64::MIN.to_le_bytes().to_vec()),
        (Kind::Decimal128, b"0123456789abcdef".to_vec()),
        (Kind::MinKey, Vec::new()),
        (Kind::MaxKey, Vec::new()),
    ]
}
