//! Messages there and back, and bodies that are none.

use bytes::BytesMut;

use super::*;
use crate::packstream::Value;

const NEWEST: Version = Version::new(6, 1);

fn written(write: impl FnOnce(&mut BytesMut)) -> BytesMut {
    let mut out = BytesMut::new();
    write(&mut out);
    out
}

#[test]
fn run_is_written_as_it_was_read() {
    let body = b"\xB3\x10\x88RETURN $\xA1\x81a\xB1D\x01\xA2\x82db\x85neo4j\x87unknown\x91\x01";
    let Ok(Request::Run(run)) = Request::read(body, NEWEST) else { panic!("not a RUN") };
    assert_eq!(run.statement, "RETURN $");
    assert_eq!(run.extra.string("db"), Ok(Some("neo4j")));
    assert_eq!(written(|out| run.write(out)), body[..]);
}

#[test]
fn run_is_strict_where_the_server_is_not() {
    let read = |body: &[u8]| Request::read(body, NEWEST).map(|_| ());
    assert_eq!(read(b"\xB3\x10\x80\xA0\xA0\x00"), Err(PackError::Trailing.into()));
    assert_eq!(read(b"\xB2\x10\x80\xA0"), Err(Defect::Fields));
    assert_eq!(read(b"\xB4\x10\x80\xA0\xA0\xA0"), Err(Defect::Fields));
    assert_eq!(read(b"\xDC\x03\x10\x80\xA0\xA0"), Err(PackError::UnknownMarker(0xDC).into()));
    let twice = b"\xB3\x10\x80\xA0\xA2\x82db\x81a\x82db\x81b";
    assert_eq!(read(twice), Err(PackError::DuplicateKey.into()));
    let node = b"\xB3\x10\x80\xA1\x81n\x91\xB3N\x01\x90\xA0\xA0";
    assert_eq!(read(node), Err(PackError::Structure(b'N').into()));
    let huge = b"\xB3\x10\x80\xA1\x81n\xD6\x80\0\0\0";
    assert_eq!(read(huge), Err(PackError::Oversized.into()));
    assert_eq!(read(b"\xB3\x10\x82\xC3\x28\xA0\xA0"), Err(PackError::Encoding.into()));
    assert_eq!(read(b"\x91\x10"), Err(PackError::Type("a structure").into()));
    assert_eq!(read(b""), Err(PackError::Truncated.into()));
}

#[test]
fn a_version_knows_its_messages() {
    let body = b"\xB1\x6A\xA1\x86scheme\x84none";
    let Ok(Request::Logon(logon)) = Request::read(body, Version::V5_1) else {
        panic!("not a LOGON")
    };
    assert_eq!(logon.auth.string("scheme"), Ok(Some("none")));
    assert_eq!(written(|out| logon.write(out)), body[..]);
    assert_eq!(Request::read(body, Version::V5_0), Err(Defect::UnknownTag(0x6A)));
    assert_eq!(Request::read(b"\xB0\x6B", Version::V4_4), Err(Defect::UnknownTag(0x6B)));
    let telemetry = b"\xB1\x54\x02";
    let expected = Ok(Request::Telemetry(Telemetry { api: 2 }));
    assert_eq!(Request::read(telemetry, Version::V5_4), expected);
    assert_eq!(Request::read(telemetry, Version::new(5, 3)), Err(Defect::UnknownTag(0x54)));
    for tag in [0x00, 0x03, 0x0E, 0x4E, 0x70, 0x71, 0x7F] {
        assert_eq!(Request::read(&[0xB0, tag], NEWEST), Err(Defect::UnknownTag(tag)));
    }
}

#[test]
fn messages_without_fields() {
    let cases: [(Request<'_>, BytesMut); 5] = [
        (Request::Commit(Commit), written(|out| Commit.write(out))),
        (Request::Goodbye(Goodbye), written(|out| Goodbye.write(out))),
        (Request::Logoff(Logoff), written(|out| Logoff.write(out))),
        (Request::Reset(Reset), written(|out| Reset.write(out))),
        (Request::Rollback(Rollback), written(|out| Rollback.write(out))),
    ];
    for (request, body) in cases {
        assert_eq!(Request::read(&body, NEWEST), Ok(request.clone()));
        let with_field = [0xB1, body[1], 0xA0];
        assert_eq!(Request::read(&with_field, NEWEST), Err(Defect::Fields), "{request:?}");
    }
}

#[test]
fn pull_and_discard_have_no_room_for_anything_else() {
    for batch in [Batch::ALL, Batch { n: Some(1_000), qid: Some(3) }, Batch { n: None, qid: None }]
    {
        let body = written(|out| Pull(batch).write(out));
        assert_eq!(Request::read(&body, NEWEST), Ok(Request::Pull(Pull(batch))));
        let body = written(|out| Discard(batch).write(out));
        assert_eq!(Request::read(&body, NEWEST), Ok(Request::Discard(Discard(batch))));
    }
    let text = b"\xB1\x3F\xA2\x81n\xFF\x81q\x81x";
    assert_eq!(Request::read(text, NEWEST), Err(PackError::Type("n and qid alone").into()));
    let text = b"\xB1\x3F\xA1\x81n\x81x";
    assert_eq!(Request::read(text, NEWEST), Err(PackError::Type("an integer").into()));
}

#[test]
fn begin_hello_and_route() {
    let body = b"\xB1\x11\xA1\x84mode\x81r";
    let Ok(Request::Begin(begin)) = Request::read(body, NEWEST) else { panic!("not a BEGIN") };
    assert_eq!(begin.extra.string("mode"), Ok(Some("r")));
    assert_eq!(written(|out| begin.write(out)), body[..]);
    let body = b"\xB1\x01\xA1\x8Auser_agent\x81x";
    let Ok(Request::Hello(hello)) = Request::read(body, NEWEST) else { panic!("not a HELLO") };
    assert_eq!(written(|out| hello.write(out)), body[..]);
    let body = b"\xB3\x66\xA1\x87address\x83a:1\x91\x82bm\xA1\x82db\x85neo4j";
    let Ok(Request::Route(route)) = Request::read(body, NEWEST) else { panic!("not a ROUTE") };
    assert_eq!(route.routing.string("address"), Ok(Some("a:1")));
    assert_eq!(route.extra.string("db"), Ok(Some("neo4j")));
    assert!(Request::read(b"\xB3\x66\xA0\xC0\xA0", NEWEST).is_ok());
    assert!(Request::read(b"\xB3\x66\xA0\x90\xA1\x82db\x01", NEWEST).is_err());
    assert!(Request::read(b"\xB3\x66\xA0\x90\xC0", NEWEST).is_err());
}

#[test]
fn responses() {
    let success = b"\xB1\x70\xA1\x86fields\x91\x81n";
    let Ok(Response::Success(read)) = Response::read(success) else { panic!("not a SUCCESS") };
    assert_eq!(written(|out| read.write(out)), success[..]);
    assert_eq!(Response::read(b"\xB0\x7E"), Ok(Response::Ignored(Ignored)));
    assert_eq!(written(|out| Ignored.write(out)), b"\xB0\x7E"[..]);
    // What a RECORD holds is not looked at.
    assert_eq!(Response::read(b"\xB1\x71\x91\xDF"), Ok(Response::Record));
    assert!(is_record([0xB1, 0x71]) && !is_record([0xB1, 0x70]) && !is_record([0xB2, 0x71]));
    assert_eq!(Response::read(b"\xB2\x71\x90\x90"), Err(Defect::UnknownTag(0x71)));
    assert_eq!(Response::read(b"\xB1\x10\x80"), Err(Defect::UnknownTag(0x10)));
    assert_eq!(Response::read(b"\xB1\x70\xA0\x00"), Err(PackError::Trailing.into()));
    let nodes = b"\xB1\x70\xA1\x81x\xB4N\x01\x90\xA0\x81e";
    assert!(Response::read(nodes).is_ok());
}

#[test]
fn failures_have_the_form_of_their_version() {
    let fault = Fault {
        code: "Neo.ClientError.Security.Forbidden",
        gql_status: "42NFF",
        description: "error: syntax error or access rule violation",
        message: "partywall: no",
    };
    for (version, keys) in [
        (Version::V5_6, &["code", "message"][..]),
        (
            Version::V5_7,
            &["neo4j_code", "message", "gql_status", "description", "diagnostic_record"],
        ),
    ] {
        let failure = Failure::new(fault, version);
        let found: Vec<&str> = failure.metadata.iter().map(|(key, _)| key).collect();
        assert_eq!(found, keys);
        let body = written(|out| failure.write(out));
        let Ok(Response::Failure(read)) = Response::read(&body) else { panic!("not a FAILURE") };
        assert_eq!(read.code(), Ok(Some(fault.code)));
        assert_eq!(
            read.metadata.get("message").map(|raw| raw.value()),
            Some(Ok(Value::String(fault.message)))
        );
    }
}

#[test]
fn credentials_are_not_shown() {
    let hello = b"\xB1\x01\xA1\x8Bcredentials\x86secret";
    let logon = b"\xB1\x6A\xA1\x8Bcredentials\x86secret";
    for body in [&hello[..], logon] {
        let shown = format!("{:?}", Request::read(body, NEWEST).unwrap());
        assert!(shown.starts_with("Hello(") || shown.starts_with("Logon("), "{shown}");
        assert!(!shown.contains("secret") && !shown.contains("115"), "{shown}");
    }
}
