//! Bytes in, messages out, and the same from `pgwire` for what is well formed.

use pgwire::messages::{DecodeContext, PgWireFrontendMessage, ProtocolVersion};

use super::*;
use crate::frame::{self, Header};
use crate::message::Name;

fn framed(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    bytes.extend(u32::try_from(body.len() + 4).unwrap().to_be_bytes());
    bytes.extend(body);
    bytes
}

fn parse(tag: u8, body: &[u8]) -> Result<Option<FrontendMessage<'_>>, Defect> {
    FrontendMessage::read(Frame { tag, body, bytes: &[] })
}

fn name(text: &str) -> Name<'_> {
    Name::new(text.as_bytes()).unwrap()
}

/// Every message, well formed.
fn samples() -> Vec<(u8, &'static [u8])> {
    vec![
        (b'Q', b"SELECT '\xc3\xa4'\0"),
        (b'Q', b"\0"),
        (b'P', b"s1\0SELECT $1\0\0\x02\0\0\0\x17\0\0\0\0"),
        (b'P', b"\0\0\0\0"),
        (b'B', b"p\0s\0\0\x01\0\x01\0\x02\0\0\0\x01x\xff\xff\xff\xff\0\x01\0\0"),
        (b'B', b"\0\0\0\0\0\0\0\0"),
        (b'D', b"Ss1\0"),
        (b'D', b"P\0"),
        (b'C', b"Pp\0"),
        (b'E', b"p\0\0\0\0\x05"),
        (b'H', b""),
        (b'S', b""),
        (b'X', b""),
        (b'c', b""),
        (b'd', b"1\t2\n"),
        (b'f', b"why\0"),
    ]
}

#[test]
fn query_and_parse() {
    let query = FrontendMessage::Query(Query { text: "SELECT 1" });
    assert_eq!(parse(b'Q', b"SELECT 1\0"), Ok(Some(query)));
    let Ok(Some(FrontendMessage::Parse(parse))) =
        parse(b'P', b"s1\0SELECT $1\0\0\x02\0\0\0\x17\0\0\x0b\x86")
    else {
        panic!("not a Parse");
    };
    assert_eq!((parse.name, parse.text), (name("s1"), "SELECT $1"));
    assert_eq!(parse.types().collect::<Vec<_>>(), [23, 2950]);
}

#[test]
fn bind() {
    let body = b"p\0s\0\0\x02\0\0\0\x01\0\x02\0\0\0\x02ab\xff\xff\xff\xff\0\0";
    let Ok(Some(FrontendMessage::Bind(bind))) = parse(b'B', body) else {
        panic!("not a Bind");
    };
    assert_eq!((bind.portal, bind.statement, bind.count()), (name("p"), name("s"), 2));
    let values = bind.values();
    assert_eq!(values.value(0), None);
    assert_eq!(values.value(1), Some(Some(&b"ab"[..])));
    assert_eq!(values.value(2), Some(None));
    assert_eq!(values.value(3), None);
    assert!(!values.is_binary(1) && values.is_binary(2) && !values.is_binary(3));
}

#[test]
fn bind_formats() {
    let bind = |formats: &[u8]| {
        let mut body = b"\0\0".to_vec();
        body.extend(formats);
        body.extend(b"\0\x02\0\0\0\x01a\0\0\0\x01b\0\0");
        match parse(b'B', &body) {
            Ok(Some(FrontendMessage::Bind(bind))) => {
                let values = bind.values();
                Some((values.is_binary(1), values.is_binary(2)))
            }
            _ => None,
        }
    };
    assert_eq!(bind(b"\0\0"), Some((false, false)), "none means text");
    assert_eq!(bind(b"\0\x01\0\x01"), Some((true, true)), "one means all");
    assert_eq!(bind(b"\0\x02\0\x01\0\0"), Some((true, false)));
    assert_eq!(bind(b"\0\x03\0\x01\0\0\0\0"), None, "more formats than values");
    assert_eq!(bind(b"\0\x01\0\x02"), None, "there is no format 2");
    assert_eq!(bind(b"\0\x01\x01\0"), None);
}

#[test]
fn names_and_texts_are_utf8_and_short() {
    let long = [&[b'n'; 64][..], b"\0"].concat();
    assert_eq!(parse(b'Q', b"SELECT '\xff'\0"), Err(Defect::Encoding));
    assert_eq!(parse(b'P', b"\xff\0SELECT 1\0\0\0"), Err(Defect::Encoding));
    assert_eq!(parse(b'P', b"\0SELECT '\xe4'\0\0\0"), Err(Defect::Encoding));
    assert_eq!(parse(b'D', &[b"S", &long[..]].concat()), Err(Defect::NameTooLong));
    assert!(parse(b'D', &[b"S", &long[1..]].concat()).is_ok());
    assert_eq!(parse(b'E', &[&long[..], b"\0\0\0\0"].concat()), Err(Defect::NameTooLong));
    // The form comes first: nothing is said about the text of a message that has none.
    let trailing = parse(b'Q', b"SELECT '\xff'\0\0");
    assert!(matches!(trailing, Err(Defect::Malformed(_))), "{trailing:?}");
}

#[test]
fn every_body_is_used_up() {
    for (tag, body) in samples() {
        let tag_name = char::from(tag);
        assert!(matches!(parse(tag, body), Ok(Some(_))), "{tag_name} {body:?}");
        if tag == b'd' {
            continue;
        }
        let longer = [body, b"\0"].concat();
        assert!(matches!(parse(tag, &longer), Err(Defect::Malformed(_))), "{tag_name} {longer:?}");
        for end in 0..body.len() {
            let cut = &body[..end];
            // A shorter text is a text all the same once its end is there again; a cut one is not.
            assert!(matches!(parse(tag, cut), Err(Defect::Malformed(_))), "{tag_name} {cut:?}");
        }
    }
}

#[test]
fn impossible_counts_are_malformed() {
    for (tag, body) in [
        (b'P', &b"\0\0\xff\xff\0\0\0\x17"[..]),
        (b'B', b"\0\0\0\0\xff\xff\0\0\0\x01a\0\0"),
        (b'B', b"\0\0\0\0\0\x01\x7f\xff\xff\xffa\0\0"),
        (b'B', b"\0\0\0\0\0\x01\xff\xff\xff\xfea\0\0"),
        (b'B', b"\0\0\xff\xff\0\0\0\0"),
        (b'D', b"Xs\0"),
        (b'C', b"\0s\0"),
    ] {
        assert!(matches!(parse(tag, body), Err(Defect::Malformed(_))), "{tag} {body:?}");
    }
}

#[test]
fn unknown_tags_are_not_known() {
    let known = b"BCDEHPQSXcdf";
    for tag in 0..=u8::MAX {
        assert_eq!(bytes_max(tag, 1 << 20).is_some(), known.contains(&tag), "{tag}");
        assert_eq!(matches!(parse(tag, b""), Ok(None)), !known.contains(&tag), "{tag}");
    }
    assert_eq!(bytes_max(b'Q', 1 << 20), Some(1 << 20));
    assert_eq!(bytes_max(b'E', 1 << 20), Some(10_000));
}

/// For what is well formed, `pgwire` reads the same and writes the same bytes.
#[test]
fn pgwire_agrees() {
    let mut context = DecodeContext::new(ProtocolVersion::PROTOCOL3_0);
    context.awaiting_frontend_ssl = false;
    context.awaiting_frontend_startup = false;
    for (tag, body) in samples() {
        let bytes = framed(tag, body);
        let header = Header::read(&bytes).unwrap().unwrap();
        let ours = FrontendMessage::read(header.frame(&bytes).unwrap()).unwrap().unwrap();
        let mut input = BytesMut::from(&bytes[..]);
        let theirs = PgWireFrontendMessage::decode(&mut input, &context).unwrap().unwrap();
        let mut again = BytesMut::new();
        theirs.encode(&mut again).unwrap();
        assert_eq!(again, bytes, "{ours:?}");
        compare(&ours, &theirs);
    }
}

fn compare(ours: &FrontendMessage<'_>, theirs: &PgWireFrontendMessage) {
    use PgWireFrontendMessage as Theirs;
    let text = |name: &Option<String>| name.clone().unwrap_or_default();
    match (ours, theirs) {
        (FrontendMessage::Query(ours), Theirs::Query(theirs)) => {
            assert_eq!(ours.text, theirs.query);
        }
        (FrontendMessage::Parse(ours), Theirs::Parse(theirs)) => {
            assert_eq!((ours.name.as_str(), ours.text), (&*text(&theirs.name), &*theirs.query));
            assert_eq!(ours.types().collect::<Vec<_>>(), theirs.type_oids);
        }
        (FrontendMessage::Bind(ours), Theirs::Bind(theirs)) => {
            assert_eq!(ours.portal.as_str(), text(&theirs.portal_name));
            assert_eq!(ours.statement.as_str(), text(&theirs.statement_name));
            assert_eq!(usize::from(ours.count()), theirs.parameters.len());
            for (number, value) in (1..).zip(&theirs.parameters) {
                assert_eq!(ours.values().value(number), Some(value.as_deref()));
            }
        }
        (FrontendMessage::Describe(Describe { target }), Theirs::Describe(theirs)) => {
            compare_target(*target, theirs.target_type, &text(&theirs.name));
        }
        (FrontendMessage::Close(Close { target }), Theirs::Close(theirs)) => {
            compare_target(*target, theirs.target_type, &text(&theirs.name));
        }
        (FrontendMessage::Execute(ours), Theirs::Execute(theirs)) => {
            assert_eq!(ours.portal.as_str(), text(&theirs.name));
            assert_eq!(ours.rows_max, theirs.max_rows);
        }
        (FrontendMessage::CopyData, Theirs::CopyData(_))
        | (FrontendMessage::CopyDone, Theirs::CopyDone(_))
        | (FrontendMessage::CopyFail, Theirs::CopyFail(_))
        | (FrontendMessage::Flush(_), Theirs::Flush(_))
        | (FrontendMessage::Sync(_), Theirs::Sync(_))
        | (FrontendMessage::Terminate(_), Theirs::Terminate(_)) => {}
        (ours, theirs) => panic!("{ours:?} is {theirs:?} to pgwire"),
    }
}

fn compare_target(ours: Target<'_>, kind: u8, theirs: &str) {
    let (our_kind, name) = match ours {
        Target::Statement(name) => (b'S', name),
        Target::Portal(name) => (b'P', name),
    };
    assert_eq!((our_kind, name.as_str()), (kind, theirs));
}

#[test]
fn what_we_send_upstream() {
    let mut out = BytesMut::new();
    Query::put("SELECT 1", &mut out);
    Execute::put("nowhere", &mut out);
    Sync.put(&mut out);
    Flush.put(&mut out);
    Terminate.put(&mut out);
    assert_eq!(
        out,
        &b"Q\0\0\0\x0dSELECT 1\0E\0\0\0\x10nowhere\0\0\0\0\0S\0\0\0\x04H\0\0\0\x04X\0\0\0\x04"[..]
    );
    out.clear();
    let Ok(Some(FrontendMessage::Parse(parse))) =
        parse(b'P', b"s1\0SELECT $1\0\0\x02\0\0\0\x17\0\0\0\0")
    else {
        panic!("not a Parse");
    };
    parse.put_with("SELECT 2", &mut out);
    assert_eq!(out, &b"P\0\0\0\x1as1\0SELECT 2\0\0\x02\0\0\0\x17\0\0\0\0"[..]);
    out.clear();
    password("secret", &mut out);
    sasl_initial_response("SCRAM-SHA-256", "n,,n=,r=x", &mut out);
    sasl_response("c=biws", &mut out);
    ssl_request(&mut out);
    startup_message([("user".to_owned(), "wall".to_owned())].into(), &mut out);
    assert_eq!(
        out,
        &b"p\0\0\0\x0bsecret\0p\0\0\0\x1fSCRAM-SHA-256\0\0\0\0\x09n,,n=,r=x\
            p\0\0\0\x0ac=biws\0\0\0\x08\x04\xd2\x16\x2f\
            \0\0\0\x13\0\x03\0\0user\0wall\0\0"[..]
    );
}

#[test]
fn startup_packets() {
    let parse = |packet: &'static [u8]| {
        let (body, bytes) = frame::startup(packet).unwrap().unwrap();
        assert_eq!(bytes, packet.len());
        Startup::read(body)
    };
    assert_eq!(parse(b"\0\0\0\x08\x04\xd2\x16\x2f"), Ok(Startup::SslRequest));
    assert_eq!(parse(b"\0\0\0\x08\x04\xd2\x16\x30"), Ok(Startup::GssEncRequest));
    let cancel = CancelRequest { key: b"\0\0\0\x01\0\0\0\x02" };
    assert_eq!(
        parse(b"\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\x01\0\0\0\x02"),
        Ok(Startup::CancelRequest(cancel))
    );
    assert_eq!(
        CancelRequest::packet(cancel.key),
        &b"\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\x01\0\0\0\x02"[..]
    );
    let message = StartupMessage {
        major: 3,
        minor: 2,
        parameters: vec![(b"user", b"acme"), (b"application_name", b"")],
    };
    assert_eq!(
        parse(b"\0\0\0\x25\0\x03\0\x02user\0acme\0application_name\0\0\0"),
        Ok(Startup::StartupMessage(message))
    );
    for malformed in [
        &b"\0\0\0\x09\x04\xd2\x16\x2f\0"[..],
        b"\0\0\0\x0c\x04\xd2\x16\x2e\0\0\0\x01",
        b"\0\0\0\x0f\x04\xd2\x16\x2e\0\0\0\x01\0\0\x02",
        b"\0\0\0\x08\0\x03\0\0",
        b"\0\0\0\x0d\0\x03\0\0user\0",
        b"\0\0\0\x12\0\x03\0\0user\0acme\0",
        b"\0\0\0\x14\0\x03\0\0user\0acme\0\0\0",
    ] {
        assert!(parse(malformed).is_err(), "{malformed:?}");
    }
    assert_eq!(
        parse(b"\0\0\0\x09\0\x02\0\0x"),
        Ok(Startup::StartupMessage(StartupMessage { major: 2, minor: 0, parameters: vec![] }))
    );
}

#[test]
fn cancel_keys_have_up_to_256_secret_bytes() {
    for (secret, fits) in [(3, false), (4, true), (32, true), (256, true), (257, false)] {
        let key = vec![7; 4 + secret];
        let packet = CancelRequest::packet(&key);
        let (body, _) = frame::startup(&packet).unwrap().unwrap();
        assert_eq!(Startup::read(body).is_ok(), fits, "{secret} bytes");
    }
}

#[test]
fn sasl_responses() {
    let parse = SaslInitialResponse::read;
    let expected = SaslInitialResponse { mechanism: b"SCRAM-SHA-256", data: Some(b"n,,n=,r=x") };
    assert_eq!(parse(b"SCRAM-SHA-256\0\0\0\0\x09n,,n=,r=x"), Ok(expected));
    let expected = SaslInitialResponse { mechanism: b"X", data: None };
    assert_eq!(parse(b"X\0\xff\xff\xff\xff"), Ok(expected));
    for malformed in
        [&b"X"[..], b"X\0", b"X\0\xff\xff\xff\xfe", b"X\0\0\0\0\x02a", b"X\0\0\0\0\x01ab"]
    {
        assert!(parse(malformed).is_err(), "{malformed:?}");
    }
}
