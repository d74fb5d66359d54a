//! Texts in, documents out, and back.

use bson::doc;

use super::*;
use crate::Bounds;
use crate::bson::{Document, Fault};

fn document(bytes: &[u8]) -> Document<'_> {
    Document::read(bytes, &Bounds::default()).unwrap()
}

fn rewritten(text: &str) -> String {
    let mut out = String::new();
    write(document(&read(text).unwrap()), &mut out).unwrap();
    out
}

#[test]
fn a_command_is_read_in_the_order_of_its_names() {
    let text =
        r#"{"find": "c", "filter": {"b": {"$gt": 10}, "a": [1.0, null, true]}, "$db": "app"}"#;
    let expected = doc! { "find": "c", "filter": { "b": { "$gt": 10 }, "a": [1.0, null, true] }, "$db": "app" };
    assert_eq!(&read(text).unwrap()[..], expected.to_vec().unwrap());
    assert_eq!(rewritten(text), text.replace(": ", ":").replace(", ", ","));
}

#[test]
fn every_type_is_read_and_written_alike() {
    for value in [
        r#"{"$oid":"0123456789abcdef01234567"}"#,
        r#"{"$symbol":"s"}"#,
        r#"{"$code":"f(\"\")"}"#,
        r#"{"$code":"f()","$scope":{"a":{"$numberLong":"1"}}}"#,
        r#"{"$numberLong":"2147483647"}"#,
        "2147483648",
        "-2147483648",
        "1.5",
        "-0.0",
        "1e300",
        r#"{"$numberDouble":"NaN"}"#,
        r#"{"$numberDouble":"-Infinity"}"#,
        r#"{"$numberDecimal":"1.20"}"#,
        r#"{"$binary":{"base64":"AQID","subType":"80"}}"#,
        r#"{"$binary":{"base64":"AQID","subType":"02"}}"#,
        r#"{"$timestamp":{"t":2,"i":4294967295}}"#,
        r#"{"$regularExpression":{"pattern":"^a","options":"ix"}}"#,
        r#"{"$dbPointer":{"$ref":"a.b","$id":{"$oid":"0123456789abcdef01234567"}}}"#,
        r#"{"$date":"2012-12-24T12:15:30.501Z"}"#,
        r#"{"$date":{"$numberLong":"-1"}}"#,
        r#"{"$date":{"$numberLong":"253402300800000"}}"#,
        r#"{"$minKey":1}"#,
        r#"{"$maxKey":1}"#,
        r#"{"$undefined":true}"#,
        r#""\u0000\"\n""#,
        "[]",
        "{}",
        r#"{"$regex":"^a","$options":"i"}"#,
    ] {
        let text = format!(r#"{{"x":{value},"list":[{value}]}}"#);
        assert_eq!(rewritten(&text), text);
    }
}

#[test]
fn canonical_forms_and_uuids_are_read() {
    for (canonical, relaxed) in [
        (r#"{"$numberInt":"1"}"#, "1"),
        (r#"{"$numberDouble":"1.0"}"#, "1.0"),
        (r#"{"$date":{"$numberLong":"0"}}"#, r#"{"$date":"1970-01-01T00:00:00Z"}"#),
        (
            r#"{"$uuid":"00010203-0405-0607-0809-0a0b0c0d0e0f"}"#,
            r#"{"$binary":{"base64":"AAECAwQFBgcICQoLDA0ODw==","subType":"04"}}"#,
        ),
        (
            r#"{"$binary":{"subType":"0","base64":""}}"#,
            r#"{"$binary":{"base64":"","subType":"00"}}"#,
        ),
        ("9223372036854775808", "9.223372036854776e18"),
    ] {
        assert_eq!(rewritten(&format!(r#"{{"x":{canonical}}}"#)), format!(r#"{{"x":{relaxed}}}"#));
    }
}

#[test]
fn a_name_that_stands_twice_is_kept_for_the_validator() {
    let bytes = read(r#"{"find":"c","filter":{},"filter":{"a":1}}"#).unwrap();
    assert_eq!(Document::read(&bytes, &Bounds::default()), Err(Fault::NameTwice));
    let bytes = read(r#"{"x":{"$code":"","$scope":{"a":1,"a":2}}}"#).unwrap();
    assert_eq!(Document::read(&bytes, &Bounds::default()), Err(Fault::NameTwice));
}

#[test]
fn what_only_looks_like_a_type_is_refused() {
    for value in [
        r#"{"$oid":"0123"}"#,
        r#"{"$oid":1}"#,
        r#"{"$oid":"0123456789abcdef01234567","x":1}"#,
        r#"{"$numberInt":"2147483648"}"#,
        r#"{"$numberInt":1}"#,
        r#"{"$numberLong":"x"}"#,
        r#"{"$numberDouble":"inf"}"#,
        r#"{"$numberDecimal":"x"}"#,
        r#"{"$binary":"AQID"}"#,
        r#"{"$binary":{"base64":"AQID","subType":"100"}}"#,
        r#"{"$binary":{"base64":"*","subType":"00"}}"#,
        r#"{"$binary":{"base64":"","subType":"00","x":1}}"#,
        r#"{"$uuid":"1"}"#,
        r#"{"$timestamp":{"t":-1,"i":0}}"#,
        r#"{"$timestamp":{"t":1}}"#,
        r#"{"$date":"yesterday"}"#,
        r#"{"$date":1}"#,
        r#"{"$minKey":2}"#,
        r#"{"$undefined":false}"#,
        r#"{"$scope":{}}"#,
        r#"{"$code":"","x":{}}"#,
        r#"{"$regularExpression":{"pattern":"a"}}"#,
    ] {
        let found = read(&format!(r#"{{"x":[{value}]}}"#));
        assert!(matches!(found, Err(ExtJsonError::Wrapper(_))), "{value}: {found:?}");
    }
    // A wrapper's name that is not the first is a name like others.
    assert_eq!(rewritten(r#"{"x":{"a":1,"$oid":"0"}}"#), r#"{"x":{"a":1,"$oid":"0"}}"#);
}

#[test]
fn a_nul_is_refused_where_bson_has_no_room_for_one() {
    for text in [
        r#"{"a\u0000":1}"#,
        r#"{"x":[{"\u0000":1}]}"#,
        r#"{"x":{"$regularExpression":{"pattern":"\u0000","options":""}}}"#,
        r#"{"x":{"$regularExpression":{"pattern":"","options":"i\u0000"}}}"#,
    ] {
        assert!(matches!(read(text), Err(ExtJsonError::Nul)), "{text}");
    }
}

#[test]
fn what_is_no_object_is_refused() {
    for text in ["", "[]", "1", "\"a\"", "null"] {
        assert!(read(text).is_err(), "{text}");
    }
    let deep = format!("{}1{}", r#"{"a":"#.repeat(10_000), "}".repeat(10_000));
    assert!(matches!(read(&deep), Err(ExtJsonError::Json(_))));
}
