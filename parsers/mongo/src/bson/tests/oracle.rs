//! The `bson` crate as the oracle: what it encodes we accept and read alike, and what we accept it
//! decodes to the same.

use std::collections::HashSet;

use ::bson::{Bson, Document as Owned, RawBsonRef, RawDocument, spec::BinarySubtype};
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-c$.]{0,3}", any::<[char; 2]>().prop_map(|name| name.iter().collect())]
        .prop_filter("a NUL", |name| !name.contains('\0'))
}

fn scalar() -> impl Strategy<Value = Bson> {
    prop_oneof![
        any::<f64>().prop_map(Bson::Double),
        any::<String>().prop_map(Bson::String),
        any::<bool>().prop_map(Bson::Boolean),
        any::<i32>().prop_map(Bson::Int32),
        any::<i64>().prop_map(Bson::Int64),
        any::<[u8; 12]>().prop_map(|id| Bson::ObjectId(id.into())),
        any::<i64>().prop_map(|time| Bson::DateTime(::bson::DateTime::from_millis(time))),
        any::<(u32, u32)>().prop_map(|(time, increment)| {
            Bson::Timestamp(::bson::Timestamp { time, increment })
        }),
        any::<(i64, i8)>().prop_map(|(digits, exponent)| {
            Bson::Decimal128(format!("{digits}E{exponent}").parse().unwrap())
        }),
        (any::<u8>(), vec(any::<u8>(), 0..20)).prop_map(|(subtype, bytes)| {
            Bson::Binary(::bson::Binary { subtype: BinarySubtype::from(subtype), bytes })
        }),
        ("[^\0]{0,5}", "i?l?m?s?u?x?")
            .prop_map(|(pattern, options)| { Bson::RegularExpression(regex(&pattern, &options)) }),
        any::<String>().prop_map(Bson::JavaScriptCode),
        any::<String>().prop_map(Bson::Symbol),
        Just(Bson::Undefined),
        Just(Bson::Null),
        Just(Bson::MinKey),
        Just(Bson::MaxKey),
    ]
}

fn owned() -> impl Strategy<Value = Owned> {
    let value = scalar().prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..12).prop_map(Bson::Array),
            fields(inner.clone()).prop_map(Bson::Document),
            (any::<String>(), fields(inner)).prop_map(|(code, scope)| {
                Bson::JavaScriptCodeWithScope(::bson::JavaScriptCodeWithScope { code, scope })
            }),
        ]
    });
    fields(value)
}

fn fields(value: impl Strategy<Value = Bson>) -> impl Strategy<Value = Owned> {
    vec((name(), value), 0..8).prop_map(|fields| fields.into_iter().collect())
}

/// Whether two readers see the same in a document, down to its innermost level.
fn same(ours: Document<'_>, theirs: &RawDocument) -> bool {
    let theirs: Vec<_> = theirs.iter().map(Result::unwrap).collect();
    ours.elements().count() == theirs.len()
        && ours.elements().zip(theirs).all(|(element, (name, value))| {
            element.name() == name.as_str() && same_value(element.value(), value)
        })
}

fn same_value(ours: Value<'_>, theirs: RawBsonRef<'_>) -> bool {
    match (ours, theirs) {
        (Value::Double(a), RawBsonRef::Double(b)) => a.to_bits() == b.to_bits(),
        (Value::String(a), RawBsonRef::String(b))
        | (Value::JavaScriptCode(a), RawBsonRef::JavaScriptCode(b))
        | (Value::Symbol(a), RawBsonRef::Symbol(b)) => a == b,
        (Value::Document(a), RawBsonRef::Document(b)) => same(a, b),
        (Value::Array(a), RawBsonRef::Array(b)) => {
            let theirs: Vec<_> = b.into_iter().map(Result::unwrap).collect();
            a.values().count() == theirs.len()
                && a.values().zip(theirs).all(|(ours, theirs)| same_value(ours, theirs))
        }
        (Value::Binary(a), RawBsonRef::Binary(b)) => {
            a.subtype == u8::from(b.subtype) && a.bytes == b.bytes
        }
        (Value::ObjectId(a), RawBsonRef::ObjectId(b)) => a == b.bytes(),
        (Value::Boolean(a), RawBsonRef::Boolean(b)) => a == b,
        (Value::DateTime(a), RawBsonRef::DateTime(b)) => a == b.timestamp_millis(),
        (Value::RegularExpression { pattern, options }, RawBsonRef::RegularExpression(b)) => {
            pattern == b.pattern.as_str() && options == b.options.as_str()
        }
        // The oracle shows nothing of what is in one.
        (Value::DbPointer { .. }, RawBsonRef::DbPointer(_)) => true,
        (
            Value::JavaScriptCodeWithScope { code, scope },
            RawBsonRef::JavaScriptCodeWithScope(b),
        ) => code == b.code && same(scope, b.scope),
        (Value::Int32(a), RawBsonRef::Int32(b)) => a == b,
        (Value::Int64(a), RawBsonRef::Int64(b)) => a == b,
        (Value::Timestamp { seconds, increment }, RawBsonRef::Timestamp(b)) => {
            (seconds, increment) == (b.time, b.increment)
        }
        (Value::Decimal128(a), RawBsonRef::Decimal128(b)) => a == b.bytes(),
        (Value::Undefined, RawBsonRef::Undefined)
        | (Value::Null, RawBsonRef::Null)
        | (Value::MinKey, RawBsonRef::MinKey)
        | (Value::MaxKey, RawBsonRef::MaxKey) => true,
        _ => false,
    }
}

/// Names are found by whoever reads them, first or last.
fn names_differ(document: Document<'_>) -> bool {
    let names: HashSet<_> = document.elements().map(|element| element.name()).collect();
    names.len() == document.elements().count()
}

proptest! {
    #[test]
    fn what_the_oracle_encodes_is_read_alike(owned in owned()) {
        let bytes = owned.to_vec().unwrap();
        let document = read(&bytes).unwrap();
        prop_assert!(same(document, RawDocument::from_bytes(&bytes).unwrap()));
        prop_assert!(names_differ(document));
        for element in document.elements() {
            let found = document.get(element.name());
            prop_assert_eq!(found.map(|found| found.raw()), Some(element.raw()));
        }
    }

    #[test]
    fn what_is_cut_or_changed_is_refused_or_read_alike(
        owned in owned(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = owned.to_vec().unwrap();
        prop_assert!(read(&bytes[..cut.index(bytes.len())]).is_err());
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(document) = read(&bytes) {
            let raw = RawDocument::from_bytes(&bytes).unwrap();
            prop_assert!(same(document, raw));
            // With no name twice, the owned decoder loses nothing either, and what it encodes is
            // read alike again.
            let again = Owned::from_reader(&bytes[..]).unwrap().to_vec().unwrap();
            prop_assert!(read(&again).is_ok());
            prop_assert_eq!(again.len(), bytes.len());
        }
    }

    #[test]
    fn what_is_copied_is_what_was_there(owned in owned()) {
        let bytes = owned.to_vec().unwrap();
        let document = read(&bytes).unwrap();
        let mut values = bytes::BytesMut::new();
        let mut copies = bytes::BytesMut::new();
        DocumentWriter::document(&mut values, |writer| {
            for element in document.elements() {
                writer.value(element.name(), element.value());
            }
        });
        DocumentWriter::document(&mut copies, |writer| {
            for element in document.elements() {
                writer.copy(element.raw());
            }
        });
        prop_assert_eq!(&values[..], &bytes[..]);
        prop_assert_eq!(&copies[..], &bytes[..]);
    }

    #[test]
    fn what_is_written_as_text_is_read_as_it_was(owned in owned()) {
        let bytes = owned.to_vec().unwrap();
        let mut text = String::new();
        crate::extjson::write(read(&bytes).unwrap(), &mut text).unwrap();
        let again = crate::extjson::read(&text).unwrap();
        prop_assert_eq!(&again[..], &bytes[..], "{}", text);
    }
}
