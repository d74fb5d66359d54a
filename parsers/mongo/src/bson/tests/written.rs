//! Documents that are written around copies.

use ::bson::{Document as Owned, doc};
use bytes::BytesMut;

use super::*;

fn bytes(document: &Owned) -> Vec<u8> {
    document.to_vec().unwrap()
}

/// What `fill` writes, as the oracle decodes it; it must also be sound.
fn written(fill: impl FnOnce(&mut DocumentWriter<'_>)) -> Owned {
    let mut out = BytesMut::from(&b"before"[..]);
    DocumentWriter::document(&mut out, fill);
    let out = out.strip_prefix(b"before").unwrap();
    read(out).unwrap();
    Owned::from_reader(out).unwrap()
}

#[test]
fn a_filter_is_wrapped_without_being_decoded() {
    let client = bytes(&doc! { "find": "c", "filter": { "$or": [{ "a": 1 }, {}] }, "limit": 3 });
    let client = read(&client).unwrap();
    let out = written(|command| {
        for element in client.elements() {
            if element.name() != "filter" {
                command.copy(element.raw());
                continue;
            }
            command.nested("filter", |filter| {
                filter.array("$and", |and| {
                    and.nested(|guard| guard.value("tenant_id", Value::Int64(7)));
                    and.copy(element.raw());
                });
            });
        }
    });
    let guarded = doc! { "$and": [{ "tenant_id": 7_i64 }, { "$or": [{ "a": 1 }, {}] }] };
    assert_eq!(out, doc! { "find": "c", "filter": guarded, "limit": 3 });
}

#[test]
fn elements_are_renamed_and_appended() {
    let inner = doc! { "a": 1, "b": "x" };
    let client = bytes(&doc! { "from": "c", "inner": inner.clone(), "list": [1, "two"] });
    let client = read(&client).unwrap();
    let list = client.value("list").unwrap().as_array().unwrap();
    let out = written(|document| {
        document.copy_as("to", client.get("from").unwrap().raw());
        document.nested("inner", |nested| {
            nested.copy_all(client.value("inner").unwrap().as_document().unwrap());
            nested.value("c", Value::Boolean(true));
        });
        document.array("list", |array| {
            array.value(Value::Null);
            array.copy_all(list);
            array.array(|nested| nested.value(Value::Double(0.5)));
        });
    });
    let inner = doc! { "a": 1, "b": "x", "c": true };
    let list = ::bson::bson!([null, 1, "two", [0.5]]);
    assert_eq!(out, doc! { "to": "c", "inner": inner, "list": list });
}

#[test]
fn every_value_is_written_as_it_was_read() {
    let elements: Vec<_> = samples()
        .iter()
        .enumerate()
        .map(|(at, (kind, value))| element(kind.byte(), &at.to_string(), value))
        .collect();
    let before = document(&elements);
    let list = document(&[element(0x04, "x", &before)]);
    let mut after = BytesMut::new();
    DocumentWriter::document(&mut after, |document| {
        for element in read(&before).unwrap().elements() {
            document.value(element.name(), element.value());
        }
    });
    assert_eq!(&after[..], before);
    let mut after = BytesMut::new();
    DocumentWriter::document(&mut after, |document| {
        document.array("x", |array| {
            for value in read(&list).unwrap().value("x").unwrap().as_array().unwrap().values() {
                array.value(value);
            }
        });
    });
    assert_eq!(&after[..], list);
}

#[test]
fn a_name_cannot_smuggle_an_element() {
    let out = written(|document| {
        document.value("a\0\x10b", Value::Int32(1));
        document.value("r", Value::RegularExpression { pattern: "p\0x", options: "i\0" });
    });
    let regex = regex("p", "i");
    assert_eq!(out, doc! { "a": 1, "r": regex });
}
