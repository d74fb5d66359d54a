//! Views to text.

use std::fmt::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::bson::{Document, Value};

/// Milliseconds since 1970 of the first date that RFC 3339 cannot write.
const YEAR_10_000: i64 = 253_402_300_800_000;

/// Appends a document's text. It calls itself for each of the document's levels, whose number was
/// bounded when it was read.
///
/// # Errors
/// Those of `out`.
pub fn write(document: Document<'_>, out: &mut impl Write) -> fmt::Result {
    put_document(document, out)
}

fn put_document(document: Document<'_>, out: &mut dyn Write) -> fmt::Result {
    out.write_char('{')?;
    for (at, element) in document.elements().enumerate() {
        if at > 0 {
            out.write_char(',')?;
        }
        write!(out, "{}:", text(element.name()))?;
        put(element.value(), out)?;
    }
    out.write_char('}')
}

/// A text between quotes, with escapes.
fn text(text: &str) -> serde_json::Value {
    serde_json::Value::from(text)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

fn put(value: Value<'_>, out: &mut dyn Write) -> fmt::Result {
    match value {
        Value::Double(number) if number.is_finite() => write!(out, "{number:?}"),
        Value::Double(number) if number.is_nan() => out.write_str(r#"{"$numberDouble":"NaN"}"#),
        Value::Double(number) => {
            let sign = if number > 0.0 { "" } else { "-" };
            write!(out, r#"{{"$numberDouble":"{sign}Infinity"}}"#)
        }
        Value::String(string) => write!(out, "{}", text(string)),
        Value::Document(document) => put_document(document, out),
        Value::Array(array) => {
            out.write_char('[')?;
            for (at, value) in array.values().enumerate() {
                if at > 0 {
                    out.write_char(',')?;
                }
                put(value, out)?;
            }
            out.write_char(']')
        }
        Value::Binary(binary) => {
            let (bytes, subtype) = (BASE64.encode(binary.bytes), binary.subtype);
            write!(out, r#"{{"$binary":{{"base64":"{bytes}","subType":"{subtype:02x}"}}}}"#)
        }
        Value::Undefined => out.write_str(r#"{"$undefined":true}"#),
        Value::ObjectId(id) => write!(out, r#"{{"$oid":"{}"}}"#, hex(&id)),
        Value::Boolean(truth) => write!(out, "{truth}"),
        Value::DateTime(time) => put_date(time, out),
        Value::Null => out.write_str("null"),
        Value::RegularExpression { pattern, options } => {
            let (pattern, options) = (text(pattern), text(options));
            write!(out, r#"{{"$regularExpression":{{"pattern":{pattern},"options":{options}}}}}"#)
        }
        Value::DbPointer { namespace, id } => {
            let (namespace, id) = (text(namespace), hex(&id));
            write!(out, r#"{{"$dbPointer":{{"$ref":{namespace},"$id":{{"$oid":"{id}"}}}}}}"#)
        }
        Value::JavaScriptCode(code) => write!(out, r#"{{"$code":{}}}"#, text(code)),
        Value::Symbol(symbol) => write!(out, r#"{{"$symbol":{}}}"#, text(symbol)),
        Value::JavaScriptCodeWithScope { code, scope } => {
            write!(out, r#"{{"$code":{},"$scope":"#, text(code))?;
            put_document(scope, out)?;
            out.write_char('}')
        }
        Value::Int32(number) => write!(out, "{number}"),
        Value::Timestamp { seconds, increment } => {
            write!(out, r#"{{"$timestamp":{{"t":{seconds},"i":{increment}}}}}"#)
        }
        // The relaxed form would be read as the 32-bit integer that it looks like.
        Value::Int64(number) if i32::try_from(number).is_ok() => {
            write!(out, r#"{{"$numberLong":"{number}"}}"#)
        }
        Value::Int64(number) => write!(out, "{number}"),
        Value::Decimal128(bytes) => {
            write!(out, r#"{{"$numberDecimal":"{}"}}"#, bson::Decimal128::from_bytes(bytes))
        }
        Value::MinKey => out.write_str(r#"{"$minKey":1}"#),
        Value::MaxKey => out.write_str(r#"{"$maxKey":1}"#),
    }
}

fn put_date(time: i64, out: &mut dyn Write) -> fmt::Result {
    let date = bson::DateTime::from_millis(time);
    match date.try_to_rfc3339_string() {
        Ok(date) if (0..YEAR_10_000).contains(&time) => write!(out, r#"{{"$date":"{date}"}}"#),
        _ => write!(out, r#"{{"$date":{{"$numberLong":"{time}"}}}}"#),
    }
}
