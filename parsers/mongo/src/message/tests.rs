//! Messages in, requests out, and those that no driver sends refused.

use bson::{Document as Owned, doc};
use bytes::BytesMut;
use wire::Malformed;

use super::*;
use crate::bson::{Document, Fault, Value};
use crate::frame::{Header, OP_REPLY};

fn framed(op_code: i32, body: &[u8]) -> Vec<u8> {
    let length = i32::try_from(body.len() + 16).unwrap();
    let header = [length, 7, 0, op_code].map(i32::to_le_bytes).concat();
    [&header, body].concat()
}

fn frame(bytes: &[u8]) -> Frame<'_> {
    Header::read(bytes).unwrap().unwrap().frame(bytes).unwrap()
}

fn read(bytes: &[u8]) -> Result<Request<'_>, Defect> {
    Request::read(frame(bytes), &Bounds::default())
}

fn bytes(document: &Owned) -> Vec<u8> {
    document.to_vec().unwrap()
}

fn body(document: &Owned) -> Vec<u8> {
    [&[0], &bytes(document)[..]].concat()
}

fn sequence(identifier: &str, documents: &[Owned]) -> Vec<u8> {
    let documents: Vec<u8> = documents.iter().flat_map(bytes).collect();
    let length = i32::try_from(4 + identifier.len() + 1 + documents.len()).unwrap();
    [&[1], &length.to_le_bytes()[..], identifier.as_bytes(), &[0], &documents].concat()
}

fn msg(flags: u32, sections: &[Vec<u8>]) -> Vec<u8> {
    framed(OP_MSG, &[&flags.to_le_bytes()[..], &sections.concat()].concat())
}

/// The message with a checksum of `sum` of what is in front of it.
fn summed(sections: &[Vec<u8>], sum: impl FnOnce(&[u8]) -> u32) -> Vec<u8> {
    let mut bytes = msg(1, &[sections.concat(), vec![0; 4]]);
    let at = bytes.len() - 4;
    let sum = sum(&bytes[..at]);
    bytes[at..].copy_from_slice(&sum.to_le_bytes());
    bytes
}

fn refused(sections: &[Vec<u8>]) -> Defect {
    read(&msg(0, sections)).unwrap_err()
}

fn ping() -> Owned {
    doc! { "ping": 1, "$db": "app" }
}

#[test]
fn a_body_and_its_sequences_in_any_order() {
    let insert = doc! { "insert": "c", "$db": "app" };
    let documents = [doc! { "a": 1 }, doc! {}, doc! { "a": [2, 3] }];
    let sections = [body(&insert), sequence("documents", &documents)];
    for order in [[0, 1], [1, 0]] {
        let sent = msg(0, &order.map(|at| sections[at].clone()));
        let Request::Msg(message) = read(&sent).unwrap() else { panic!("not an OP_MSG") };
        assert_eq!((message.request_id, message.flags), (7, Flags::default()));
        assert_eq!(message.body.value("insert"), Some(Value::String("c")));
        let [found] = &message.sequences[..] else { panic!("not one sequence") };
        assert_eq!(found.identifier, "documents");
        let found: Vec<_> = found.documents().map(|document| document.bytes().to_vec()).collect();
        assert_eq!(found, documents.each_ref().map(bytes));
    }
}

#[test]
fn flags() {
    for (bits, flags) in [
        (0, Flags::default()),
        (2, Flags { more_to_come: true, exhaust_allowed: false }),
        (1 << 16, Flags { more_to_come: false, exhaust_allowed: true }),
        (0xfffe_0000, Flags::default()),
    ] {
        let bytes = msg(bits, &[body(&ping())]);
        let Request::Msg(message) = read(&bytes).unwrap() else { panic!("not an OP_MSG") };
        assert_eq!(message.flags, flags, "{bits:#x}");
        assert_eq!(Flags::read(frame(&bytes)), Ok(flags));
    }
    for bit in 2..16 {
        let bytes = msg(1 << bit, &[body(&ping())]);
        assert_eq!(read(&bytes), Err(Defect::Flag), "bit {bit}");
        assert_eq!(Flags::read(frame(&bytes)), Err(Defect::Flag));
    }
    // A refusal of what is wrong behind them still knows whether it is to be answered.
    let unanswered = msg(2, &[]);
    assert_eq!(read(&unanswered), Err(Defect::NoBody));
    assert!(Flags::read(frame(&unanswered)).unwrap().more_to_come);
}

#[test]
fn a_checksum_is_verified_and_dropped() {
    let sections = [body(&ping())];
    let right = summed(&sections, crc32c::crc32c);
    let Request::Msg(message) = read(&right).unwrap() else { panic!("not an OP_MSG") };
    assert_eq!(message.flags, Flags::default());
    assert_eq!(message.body.bytes(), bytes(&ping()));
    let wrong = summed(&sections, |bytes| crc32c::crc32c(bytes) ^ 1);
    assert_eq!(read(&wrong), Err(Defect::Checksum));
    // Where the flag is absent, the four bytes are no checksum.
    let mut unannounced = right.clone();
    unannounced[16] = 0;
    assert!(read(&unannounced).is_err());
    let short = framed(OP_MSG, &[1, 0, 0, 0, 0, 0]);
    assert_eq!(read(&short), Err(Malformed("the message ends too early").into()));
}

#[test]
fn one_body_and_each_identifier_once() {
    let (ping, documents) = (body(&ping()), sequence("documents", &[doc! {}]));
    assert_eq!(refused(&[]), Defect::NoBody);
    assert_eq!(refused(std::slice::from_ref(&documents)), Defect::NoBody);
    assert_eq!(refused(&[ping.clone(), ping.clone()]), Defect::SecondBody);
    assert_eq!(
        refused(&[ping.clone(), documents.clone(), documents.clone()]),
        Defect::SequenceTwice
    );
    let three = ["ops", "nsInfo", "documents"].map(|name| sequence(name, &[]));
    assert_eq!(refused(&[vec![ping.clone()], three.to_vec()].concat()), Defect::Sequence);
    let both = body(&doc! { "insert": "c", "documents": [], "$db": "app" });
    assert_eq!(refused(&[both.clone(), documents.clone()]), Defect::SequenceInBody);
    assert_eq!(refused(&[documents, both]), Defect::SequenceInBody);
}

#[test]
fn unknown_kinds_of_sections_end_the_connection() {
    for kind in 2..=u8::MAX {
        let token = [&[kind], &bytes(&doc! { "t": 1 })[..]].concat();
        let defect = refused(&[body(&ping()), token]);
        assert_eq!(defect, Defect::SectionKind);
        assert!(defect.is_fatal());
    }
}

#[test]
fn sections_are_cut_nowhere() {
    let whole =
        [body(&doc! { "insert": "c", "$db": "a" }), sequence("documents", &[doc! { "a": 1 }])];
    let bytes = whole.concat();
    for end in 0..bytes.len() {
        let whole_body = end == whole[0].len();
        assert!(whole_body || read(&msg(0, &[bytes[..end].to_vec()])).is_err(), "cut at {end}");
    }
    assert!(read(&msg(0, &[bytes, vec![0]])).is_err(), "with a byte behind");
    for end in 0..4 {
        assert!(read(&framed(OP_MSG, &[0, 0, 0, 0][..end])).is_err());
    }
}

#[test]
fn a_sequence_ends_where_it_says() {
    let sound = sequence("documents", &[doc! { "a": 1 }]);
    for length in [-1, 0, 3, 4, 13, 14, 15, 25, 27, i32::MAX] {
        let mut lying = sound.clone();
        lying[1..5].copy_from_slice(&i32::to_le_bytes(length));
        assert!(read(&msg(0, &[body(&ping()), lying])).is_err(), "{length}");
    }
    let length = i32::try_from(sound.len() - 1).unwrap();
    assert_eq!(sound[1..5], length.to_le_bytes());
    assert!(read(&msg(0, &[body(&ping()), sound])).is_ok());
}

#[test]
fn every_document_is_validated() {
    let twice = b"\x0b\0\0\0\x0aa\0\x0aa\0\0";
    assert_eq!(refused(&[[&[0], &twice[..]].concat()]), Fault::NameTwice.into());
    let mut documents = [&[1, 0, 0, 0, 0], &b"documents\0"[..], twice].concat();
    let length = i32::try_from(documents.len() - 1).unwrap();
    documents[1..5].copy_from_slice(&length.to_le_bytes());
    assert_eq!(refused(&[body(&ping()), documents]), Fault::NameTwice.into());
    let identifier = [&[1, 7, 0, 0, 0], &b"\xff\xff\0"[..]].concat();
    assert_eq!(refused(&[body(&ping()), identifier]), Fault::Encoding.into());
}

#[test]
fn other_operations_are_refused() {
    for op_code in [0, OP_REPLY, 2001, 2002, 2005, 2006, 2007, 2011] {
        assert_eq!(read(&framed(op_code, &[0; 64])), Err(Defect::OpCode), "{op_code}");
    }
    let compressed = framed(OP_COMPRESSED, b"\xdd\x07\0\0\x40\0\0\0\x02abc");
    assert_eq!(read(&compressed), Err(Defect::Compressed));
}

#[test]
fn a_compressed_message_is_bounded_and_wraps_no_other() {
    let read = |bytes: &[u8]| OpCompressed::read(frame(bytes), 1_000).map(|read| read.bytes);
    let wrapper = |op_code: i32, bytes: i32| {
        let fields = [op_code, bytes].map(i32::to_le_bytes).concat();
        framed(OP_COMPRESSED, &[&fields[..], b"\x02abc"].concat())
    };
    assert_eq!(read(&wrapper(OP_MSG, 984)), Ok(984));
    for bytes in [985, i32::MAX, -1] {
        assert!(matches!(read(&wrapper(OP_MSG, bytes)), Err(Defect::Malformed(_))), "{bytes}");
    }
    for op_code in [OP_COMPRESSED, OP_QUERY, 2001] {
        assert_eq!(read(&wrapper(op_code, 64)), Err(Defect::OpCode));
    }
}

fn query(flags: u32, collection: &str, [skip, limit]: [i32; 2], query: &Owned) -> Vec<u8> {
    let mut body = flags.to_le_bytes().to_vec();
    body.extend(collection.as_bytes());
    body.push(0);
    body.extend([skip, limit].map(i32::to_le_bytes).concat());
    body.extend(bytes(query));
    framed(OP_QUERY, &body)
}

#[test]
fn a_legacy_hello() {
    let hellos = [
        doc! { "isMaster": 1, "helloOk": true },
        doc! { "ismaster": 1 },
        doc! { "hello": 1, "client": { "driver": {} } },
        doc! { "$query": { "isMaster": 1 }, "$readPreference": { "mode": "primary" } },
    ];
    for hello in &hellos {
        for (flags, limit) in [(0, -1), (4, -1), (4, 1)] {
            let bytes = query(flags, "admin.$cmd", [0, limit], hello);
            let Ok(Request::Query(found)) = read(&bytes) else { panic!("{hello}") };
            assert_eq!(found.request_id, 7);
            let name = found.body.first().unwrap().name();
            assert!(["hello", "isMaster", "ismaster"].contains(&name), "{name}");
        }
    }
}

#[test]
fn no_other_legacy_query() {
    let hello = doc! { "isMaster": 1 };
    for bytes in [
        query(0, "app.orders", [0, -1], &hello),
        query(0, "app.$cmd", [0, -1], &hello),
        query(0, "admin.$cmd.sys.inprog", [0, -1], &hello),
        query(0, "admin.$cmd", [1, -1], &hello),
        query(0, "admin.$cmd", [0, 0], &hello),
        query(0, "admin.$cmd", [0, 2], &hello),
        query(1 << 1, "admin.$cmd", [0, -1], &hello),
        query(1 << 6, "admin.$cmd", [0, -1], &hello),
        query(1 << 5, "admin.$cmd", [0, -1], &hello),
        query(0, "admin.$cmd", [0, -1], &doc! {}),
        query(0, "admin.$cmd", [0, -1], &doc! { "ISMASTER": 1 }),
        query(0, "admin.$cmd", [0, -1], &doc! { "find": "c", "isMaster": 1 }),
        query(0, "admin.$cmd", [0, -1], &doc! { "$query": { "find": "c" } }),
        query(0, "admin.$cmd", [0, -1], &doc! { "$query": 1, "isMaster": 1 }),
        query(0, "admin.$cmd", [0, -1], &doc! { "$query": { "isMaster": 1 }, "$explain": true }),
        query(0, "admin.$cmd", [0, -1], &doc! { "$query": { "$query": { "isMaster": 1 } } }),
    ] {
        let defect = read(&bytes).unwrap_err();
        assert_eq!(defect, Defect::NotHello, "{}", bytes.escape_ascii());
        assert!(defect.is_fatal());
    }
    let sound = query(0, "admin.$cmd", [0, -1], &hello);
    let selecting = framed(OP_QUERY, &[&sound[16..], &bytes(&doc! { "a": 1 })].concat());
    assert_eq!(read(&selecting), Err(Defect::NotHello));
    for end in 16..sound.len() {
        assert!(read(&framed(OP_QUERY, &sound[16..end])).is_err(), "cut at {end}");
    }
}

#[test]
fn a_reply_to_a_legacy_hello() {
    let mut out = BytesMut::new();
    op_reply([3, 7], &mut out, |reply| reply.value("ok", Value::Double(1.0)));
    let expected = [
        &[16 + 20 + 17, 3, 7, OP_REPLY, 8].map(i32::to_le_bytes).concat()[..],
        &[0; 12],
        &1_i32.to_le_bytes(),
        &bytes(&doc! { "ok": 1.0 }),
    ];
    assert_eq!(out, expected.concat());
}

#[test]
fn a_message_is_written_as_it_was_read() {
    let sections = [
        body(&doc! { "bulkWrite": 1, "$db": "admin" }),
        sequence("ops", &[doc! { "insert": 0, "document": { "a": 1 } }, doc! {}]),
        sequence("nsInfo", &[doc! { "ns": "a.b" }]),
    ];
    for bits in [0, 2, 1 << 16, 2 | 1 << 16] {
        let before = msg(bits, &sections);
        let Request::Msg(message) = read(&before).unwrap() else { panic!("not an OP_MSG") };
        let mut out = BytesMut::new();
        let written = MessageWriter::message(
            [message.request_id, 0],
            message.flags,
            &mut out,
            |writer| {
                writer.copy_all(message.body);
                Ok::<_, ()>(())
            },
            |writer| {
                let [ops, info] = &message.sequences[..] else { return Err(()) };
                writer.copy(*ops);
                writer.sequence(info.identifier, |writer| {
                    info.documents().for_each(|document: Document<'_>| writer.copy(document));
                });
                Ok(())
            },
        );
        assert_eq!(written, Ok(()));
        assert_eq!(out, before);
    }
}

#[test]
fn of_a_message_that_fails_nothing_is_left() {
    let mut out = BytesMut::from(&b"before"[..]);
    let failed = MessageWriter::message(
        [1, 0],
        Flags::default(),
        &mut out,
        |_| Ok(()),
        |writer| writer.sequence("documents", |writer| writer.document(|_| Err("no"))),
    );
    assert_eq!((failed, &out[..]), (Err("no"), &b"before"[..]));
}
