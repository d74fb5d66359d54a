//! Text to bytes.
//!
//! Extended JSON specification, "Conversion table": an object whose first name is one of the table's
//! is a value of that type, or nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::BytesMut;

use super::ExtJsonError;
use super::json::Json;
use crate::bson::{ArrayWriter, Binary, DocumentWriter, Value};

/// The bytes of the document that `text` writes. They are not validated: a name may stand twice.
///
/// # Errors
/// `ExtJsonError`.
pub fn read(text: &str) -> Result<BytesMut, ExtJsonError> {
    let Json::Object(fields) = serde_json::from_str(text)? else {
        return Err(ExtJsonError::NotObject);
    };
    let mut out = BytesMut::new();
    DocumentWriter::document(&mut out, |writer| put_fields(&fields, writer))?;
    Ok(out)
}

fn put_fields(
    fields: &[(String, Json)],
    writer: &mut DocumentWriter<'_>,
) -> Result<(), ExtJsonError> {
    fields.iter().try_for_each(|(name, json)| {
        if name.contains('\0') {
            return Err(ExtJsonError::Nul);
        }
        put(json, &mut Place::Field(writer, name))
    })
}

/// Where a value is written.
enum Place<'p, 'o> {
    Field(&'p mut DocumentWriter<'o>, &'p str),
    Entry(&'p mut ArrayWriter<'o>),
}

impl Place<'_, '_> {
    fn value(&mut self, value: Value<'_>) {
        match self {
            Self::Field(writer, name) => writer.value(name, value),
            Self::Entry(writer) => writer.value(value),
        }
    }

    fn nested<R>(&mut self, fill: impl FnOnce(&mut DocumentWriter<'_>) -> R) -> R {
        match self {
            Self::Field(writer, name) => writer.nested(name, fill),
            Self::Entry(writer) => writer.nested(fill),
        }
    }

    fn code_with_scope<R>(
        &mut self,
        code: &str,
        fill: impl FnOnce(&mut DocumentWriter<'_>) -> R,
    ) -> R {
        match self {
            Self::Field(writer, name) => writer.code_with_scope(name, code, fill),
            Self::Entry(writer) => writer.code_with_scope(code, fill),
        }
    }

    fn array<R>(&mut self, fill: impl FnOnce(&mut ArrayWriter<'_>) -> R) -> R {
        match self {
            Self::Field(writer, name) => writer.array(name, fill),
            Self::Entry(writer) => writer.array(fill),
        }
    }
}

fn put(json: &Json, place: &mut Place<'_, '_>) -> Result<(), ExtJsonError> {
    match json {
        Json::Null => place.value(Value::Null),
        Json::Bool(truth) => place.value(Value::Boolean(*truth)),
        Json::Int(number) => {
            place.value(i32::try_from(*number).map_or(Value::Int64(*number), Value::Int32))
        }
        Json::Double(number) => place.value(Value::Double(*number)),
        Json::String(text) => place.value(Value::String(text)),
        Json::Array(entries) => {
            return place.array(|writer| {
                entries.iter().try_for_each(|entry| put(entry, &mut Place::Entry(writer)))
            });
        }
        Json::Object(fields) => return put_object(fields, place),
    }
    Ok(())
}

/// The names that make an object a value of another type.
const WRAPPERS: [&str; 17] = [
    "$oid",
    "$symbol",
    "$numberInt",
    "$numberLong",
    "$numberDouble",
    "$numberDecimal",
    "$binary",
    "$uuid",
    "$code",
    "$scope",
    "$timestamp",
    "$regularExpression",
    "$dbPointer",
    "$date",
    "$minKey",
    "$maxKey",
    "$undefined",
];

fn put_object(fields: &[(String, Json)], place: &mut Place<'_, '_>) -> Result<(), ExtJsonError> {
    let first = fields.first().map(|(name, _)| name.as_str());
    let Some(wrapper) = WRAPPERS.iter().find(|wrapper| first == Some(**wrapper)) else {
        return place.nested(|writer| put_fields(fields, writer));
    };
    put_wrapper(wrapper, fields, place).ok_or(ExtJsonError::Wrapper(wrapper))?
}

/// Writes the value of the type that `wrapper` stands for; `None` when the object is not of its form.
fn put_wrapper(
    wrapper: &str,
    fields: &[(String, Json)],
    place: &mut Place<'_, '_>,
) -> Option<Result<(), ExtJsonError>> {
    if let ("$code" | "$scope", [_, _]) = (wrapper, fields) {
        return put_code_with_scope(fields, place);
    }
    let [(_, json)] = fields else { return None };
    match (wrapper, json) {
        ("$oid", Json::String(text)) => place.value(Value::ObjectId(object_id(text)?)),
        ("$symbol", Json::String(text)) => place.value(Value::Symbol(text)),
        ("$code", Json::String(text)) => place.value(Value::JavaScriptCode(text)),
        ("$numberInt", Json::String(text)) => place.value(Value::Int32(text.parse().ok()?)),
        ("$numberLong", Json::String(text)) => place.value(Value::Int64(text.parse().ok()?)),
        ("$numberDouble", Json::String(text)) => place.value(Value::Double(double(text)?)),
        ("$numberDecimal", Json::String(text)) => {
            let decimal: bson::Decimal128 = text.parse().ok()?;
            place.value(Value::Decimal128(decimal.bytes()));
        }
        ("$binary", json) => {
            let [Json::String(text), Json::String(subtype)] = pair(json, ["base64", "subType"])?
            else {
                return None;
            };
            let subtype = u8::from_str_radix(subtype, 16).ok()?;
            place.value(Value::Binary(Binary { subtype, bytes: &BASE64.decode(text).ok()? }));
        }
        ("$uuid", Json::String(text)) => {
            let uuid = bson::Uuid::parse_str(text).ok()?.bytes();
            place.value(Value::Binary(Binary { subtype: 4, bytes: &uuid }));
        }
        ("$timestamp", json) => {
            let [Json::Int(seconds), Json::Int(increment)] = pair(json, ["t", "i"])? else {
                return None;
            };
            let (seconds, increment) = (u32::try_from(*seconds), u32::try_from(*increment));
            place.value(Value::Timestamp { seconds: seconds.ok()?, increment: increment.ok()? });
        }
        ("$regularExpression", json) => {
            let [Json::String(pattern), Json::String(options)] =
                pair(json, ["pattern", "options"])?
            else {
                return None;
            };
            if pattern.contains('\0') || options.contains('\0') {
                return Some(Err(ExtJsonError::Nul));
            }
            place.value(Value::RegularExpression { pattern, options });
        }
        ("$dbPointer", json) => {
            let [Json::String(namespace), Json::Object(id)] = pair(json, ["$ref", "$id"])? else {
                return None;
            };
            let [(name, Json::String(id))] = &id[..] else { return None };
            let id = object_id(id).filter(|_| name == "$oid")?;
            place.value(Value::DbPointer { namespace, id });
        }
        ("$date", json) => place.value(Value::DateTime(date(json)?)),
        ("$minKey", Json::Int(1)) => place.value(Value::MinKey),
        ("$maxKey", Json::Int(1)) => place.value(Value::MaxKey),
        ("$undefined", Json::Bool(true)) => place.value(Value::Undefined),
        _ => return None,
    }
    Some(Ok(()))
}

fn put_code_with_scope(
    fields: &[(String, Json)],
    place: &mut Place<'_, '_>,
) -> Option<Result<(), ExtJsonError>> {
    let field = |wanted| fields.iter().find(|(name, _)| name == wanted).map(|(_, json)| json);
    let (Json::String(code), Json::Object(scope)) = (field("$code")?, field("$scope")?) else {
        return None;
    };
    Some(place.code_with_scope(code, |writer| put_fields(scope, writer)))
}

/// The values of an object that has these two names and no more, in either order.
fn pair<'j>(json: &'j Json, names: [&str; 2]) -> Option<[&'j Json; 2]> {
    let Json::Object(fields) = json else { return None };
    let [one, other] = &fields[..] else { return None };
    let [first, second] = if one.0 == names[0] { [one, other] } else { [other, one] };
    (first.0 == names[0] && second.0 == names[1]).then_some([&first.1, &second.1])
}

fn object_id(text: &str) -> Option<[u8; 12]> {
    bson::oid::ObjectId::parse_str(text).ok().map(|id| id.bytes())
}

/// A double in its canonical form, where infinities and not-a-number have these spellings only.
fn double(text: &str) -> Option<f64> {
    match text {
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        _ => text.parse().ok().filter(|number: &f64| number.is_finite()),
    }
}

/// A date: of either form, in milliseconds since 1970.
fn date(json: &Json) -> Option<i64> {
    match json {
        Json::String(text) => {
            bson::DateTime::parse_rfc3339_str(text).ok().map(|date| date.timestamp_millis())
        }
        Json::Object(fields) => match &fields[..] {
            [(name, Json::String(text))] if name == "$numberLong" => text.parse().ok(),
            _ => None,
        },
        _ => None,
    }
}
