//! Replies in, and what is seen of them.

use bson::{Document as Owned, doc};

use super::*;
use crate::bson::Value;
use crate::frame::Header;
use crate::message::op_msg;

fn framed(op_code: i32, body: &[u8]) -> Vec<u8> {
    let length = i32::try_from(body.len() + 16).unwrap();
    [&[length, 3, 7, op_code].map(i32::to_le_bytes).concat(), body].concat()
}

fn reply(flags: u32, body: &Owned) -> Vec<u8> {
    framed(OP_MSG, &[&flags.to_le_bytes()[..], &[0], &body.to_vec().unwrap()].concat())
}

fn read(bytes: &[u8]) -> Result<Reply<'_>, Defect> {
    Reply::read(Header::read(bytes).unwrap().unwrap().frame(bytes).unwrap())
}

#[test]
fn a_cursor_is_found_and_its_batch_is_not_looked_into() {
    for batch in ["firstBatch", "nextBatch"] {
        let documents = bson::bson!([{ "a": 1 }, { "ns": "x.y", "id": 9_i64 }]);
        let cursor = doc! { batch: documents, "id": 77_i64, "ns": "app.c", "more": 1 };
        let bytes = reply(2, &doc! { "cursor": cursor, "ok": 1.0, "operationTime": 1 });
        let found = read(&bytes).unwrap();
        assert_eq!((found.request_id, found.response_to, found.ok), (3, 7, true));
        assert!(found.flags.more_to_come);
        let cursor = found.cursor.unwrap();
        assert_eq!((cursor.id, cursor.ns, cursor.batch.name), (77, "app.c", batch.as_bytes()));
        assert_eq!(cursor.batch.nested().unwrap().elements().count(), 2);
    }
    // What stands in a batch need not be sound for the rest to be found.
    let mut bytes = reply(
        0,
        &doc! { "cursor": { "firstBatch": [{ "abc": 1 }], "id": 0_i64, "ns": "a.b" }, "ok": 1 },
    );
    let at = bytes.windows(3).position(|window| window == b"abc").unwrap();
    bytes[at] = 0xff;
    assert_eq!(read(&bytes).unwrap().cursor.unwrap().id, 0);
}

#[test]
fn errors_are_found() {
    let bytes = reply(0, &doc! { "ok": 0.0, "errmsg": "no", "code": 13, "codeName": "U" });
    let found = read(&bytes).unwrap();
    assert_eq!((found.ok, found.code, found.errmsg), (false, Some(13), Some("no")));
    let errors = doc! { "n": 0, "writeErrors": [{ "index": 0, "code": 11000, "errmsg": "E" }],
    "writeConcernError": { "code": 64 }, "ok": 1 };
    let bytes = reply(0, &errors);
    let found = read(&bytes).unwrap();
    assert!(found.ok && found.cursor.is_none());
    let errors: Vec<_> = found.write_errors.unwrap().elements().map(Result::unwrap).collect();
    let code = errors[0].nested().unwrap().get("code").unwrap().unwrap();
    assert_eq!((errors.len(), code.as_i64()), (1, Some(11_000)));
    assert!(found.write_concern_error.is_some());
}

#[test]
fn ok_is_read_as_drivers_read_it() {
    use bson::Bson;
    for (ok, expected) in [
        (Bson::Double(1.0), true),
        (Bson::Int32(1), true),
        (Bson::Int64(1), true),
        (Bson::Boolean(true), true),
        (Bson::Double(0.0), false),
        (Bson::Int32(0), false),
        (Bson::Boolean(false), false),
        (Bson::Null, false),
        (Bson::String("1".to_owned()), false),
    ] {
        assert_eq!(read(&reply(0, &doc! { "ok": ok.clone() })).unwrap().ok, expected, "{ok:?}");
    }
    assert!(!read(&reply(0, &doc! {})).unwrap().ok);
}

#[test]
fn a_cursor_that_lacks_something_is_none() {
    for cursor in [
        doc! { "firstBatch": [], "ns": "a.b" },
        doc! { "firstBatch": [], "id": 1_i64 },
        doc! { "id": 1_i64, "ns": "a.b" },
        doc! { "firstBatch": {}, "id": 1_i64, "ns": "a.b" },
        doc! { "firstBatch": [], "id": "1", "ns": "a.b" },
    ] {
        let bytes = reply(0, &doc! { "cursor": cursor, "ok": 1 });
        assert_eq!(read(&bytes).unwrap().cursor, None);
    }
    assert_eq!(read(&reply(0, &doc! { "cursor": 1, "ok": 1 })).unwrap().cursor, None);
}

#[test]
fn what_is_no_reply_is_not_understood() {
    let sound =
        reply(0, &doc! { "cursor": { "firstBatch": [1, 2], "id": 0_i64, "ns": "a.b" }, "ok": 1 });
    for end in 16..sound.len() {
        assert!(read(&framed(OP_MSG, &sound[16..end])).is_err(), "cut at {end}");
    }
    assert!(read(&framed(OP_MSG, &[&sound[16..], &[0]].concat())).is_err());
    assert_eq!(read(&framed(1, &sound[16..])), Err(Defect::OpCode));
    assert_eq!(read(&reply(4, &doc! {})), Err(Defect::Flag));
    let mut sequence = sound.clone();
    sequence[20] = 1;
    assert_eq!(read(&sequence), Err(Defect::SectionKind));
}

#[test]
fn a_failure_is_said_as_the_server_says_it() {
    let failure = Failure { code: 59, errmsg: "no such command" };
    let mut out = bytes::BytesMut::new();
    op_msg([3, 7], Flags::default(), &mut out, |body| failure.put(body));
    let found = read(&out).unwrap();
    assert_eq!((found.request_id, found.response_to), (3, 7));
    assert_eq!((found.ok, found.code, found.errmsg), (false, Some(59), Some("no such command")));
    let name = found.body.get("codeName").unwrap().unwrap();
    assert_eq!(name.as_str(), Some("CommandNotFound"));
    assert_eq!(code_name(40_431), "Location40431");
}

#[test]
fn a_failed_write_has_its_place_in_the_batch() {
    let failure = Failure { code: 13, errmsg: "no" };
    let mut out = bytes::BytesMut::new();
    op_msg([3, 7], Flags::default(), &mut out, |body| {
        body.value("n", Value::Int32(0));
        body.array("writeErrors", |errors| {
            errors.nested(|entry| failure.put_write_error(2, entry));
        });
        body.value("ok", Value::Double(1.0));
    });
    let found = read(&out).unwrap();
    let errors: Vec<_> = found.write_errors.unwrap().elements().map(Result::unwrap).collect();
    let index = errors[0].nested().unwrap().get("index").unwrap().unwrap();
    assert_eq!((found.ok, errors.len(), index.as_i64()), (true, 1, Some(2)));
}

#[test]
fn every_defect_has_a_code_of_the_servers() {
    use crate::bson::Fault;
    for (defect, name) in [
        (Defect::Malformed(Malformed("x")), "FailedToParse"),
        (Defect::Bson(Fault::NameTwice), "Location40413"),
        (Defect::Bson(Fault::TooDeep), "Overflow"),
        (Defect::Bson(Fault::TooLong), "BSONObjectTooLarge"),
        (Defect::Bson(Fault::ArrayIndex), "InvalidBSON"),
        (Defect::SequenceTwice, "Location40431"),
        (Defect::SequenceInBody, "Location40433"),
        (Defect::NoDatabase, "Location40571"),
        (Defect::Database, "InvalidNamespace"),
        (Defect::NotHello, "UnsupportedOpQueryCommand"),
        (Defect::Argument, "TypeMismatch"),
    ] {
        assert_eq!(code_name(defect.code()), name, "{defect}");
    }
}
