//! What an upstream sends, and what we send in its place, byte for byte.

use bytes::BytesMut;

use super::*;

#[test]
fn what_we_send_to_clients() {
    let mut out = BytesMut::new();
    Authentication::put_ok(&mut out);
    Authentication::put_sasl(["SCRAM-SHA-256"], &mut out);
    Authentication::put_sasl_continue("r=x", &mut out);
    Authentication::put_sasl_final("v=y", &mut out);
    ParameterStatus::put("TimeZone", "UTC", &mut out);
    BackendKeyData { key: b"\0\0\0\x01\0\0\0\x02" }.put(&mut out).unwrap();
    ReadyForQuery { status: TransactionStatus::Failed }.put(&mut out);
    negotiate_protocol_version(2, vec!["_pq_.x".to_owned()], &mut out);
    assert_eq!(
        out,
        &b"R\0\0\0\x08\0\0\0\0R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0\
            R\0\0\0\x0b\0\0\0\x0br=xR\0\0\0\x0b\0\0\0\x0cv=y\
            S\0\0\0\x11TimeZone\0UTC\0K\0\0\0\x0c\0\0\0\x01\0\0\0\x02Z\0\0\0\x05E\
            v\0\0\0\x13\0\x03\0\x02\0\0\0\x01_pq_.x\0"[..]
    );
    assert!(BackendKeyData { key: b"short" }.put(&mut out).is_err());
}

#[test]
fn what_we_send_is_read_back() {
    let mut out = BytesMut::new();
    ParameterStatus::put("a", "b", &mut out);
    assert_eq!(ParameterStatus::read(&out[5..]), Ok(ParameterStatus { name: b"a", value: b"b" }));
    for status in
        [TransactionStatus::Idle, TransactionStatus::InTransaction, TransactionStatus::Failed]
    {
        out.clear();
        ReadyForQuery { status }.put(&mut out);
        assert_eq!(ReadyForQuery::read(&out[5..]), Ok(ReadyForQuery { status }));
    }
    out.clear();
    Authentication::put_sasl(["A", "B"], &mut out);
    assert_eq!(Authentication::read(&out[5..]), Ok(Authentication::Sasl(vec![b"A", b"B"])));
}

#[test]
fn authentication() {
    let parse = Authentication::read;
    assert_eq!(parse(b"\0\0\0\0"), Ok(Authentication::Ok));
    assert_eq!(parse(b"\0\0\0\x03"), Ok(Authentication::CleartextPassword));
    assert_eq!(parse(b"\0\0\0\x05abcd"), Ok(Authentication::Md5Password(*b"abcd")));
    assert_eq!(parse(b"\0\0\0\x0br=x"), Ok(Authentication::SaslContinue(b"r=x")));
    assert_eq!(parse(b"\0\0\0\x0cv=y"), Ok(Authentication::SaslFinal(b"v=y")));
    assert_eq!(parse(b"\0\0\0\x07any"), Ok(Authentication::Unknown(7)));
    for malformed in
        [&b"\0\0\0"[..], b"\0\0\0\0x", b"\0\0\0\x03x", b"\0\0\0\x05abc", b"\0\0\0\x05abcde"]
    {
        assert!(parse(malformed).is_err(), "{malformed:?}");
    }
    for malformed in [&b"\0\0\0\x0a"[..], b"\0\0\0\x0aA\0", b"\0\0\0\x0aA\0\0x"] {
        assert!(parse(malformed).is_err(), "{malformed:?}");
    }
}

#[test]
fn errors_and_notices() {
    let body = b"SFEHLER\0VERROR\0C23505\0Mduplicate\0DKey (a)=(1)\0P7\0\0";
    let mut fields = ErrorFields::read(body).unwrap();
    assert_eq!((fields.code(), fields.is_fatal()), ("23505", false));
    assert_eq!(fields.get(field::POSITION), Some("7"));
    assert!(fields.remove(field::DETAIL) && !fields.remove(field::HINT));
    fields.set(field::POSITION, "3");
    let mut out = BytesMut::new();
    fields.clone().put_error(&mut out);
    assert_eq!(out, &b"E\0\0\0\x29SFEHLER\0VERROR\0C23505\0Mduplicate\0P3\0\0"[..]);
    out.clear();
    fields.put_notice(&mut out);
    assert_eq!(out.first(), Some(&b'N'));

    let fatal = ErrorFields::read(b"SFATAL\0C57P01\0\0").unwrap();
    assert!(fatal.is_fatal(), "an old server has no severity that is never translated");
    assert_eq!(ErrorFields::read(b"M\xff\0\0").unwrap().get(field::MESSAGE), Some("\u{fffd}"));
    for malformed in [&b""[..], b"M", b"Mx", b"Mx\0", b"Mx\0\0\0"] {
        assert!(ErrorFields::read(malformed).is_err(), "{malformed:?}");
    }
}

#[test]
fn our_own_errors() {
    let mut out = BytesMut::new();
    ErrorFields::new(Severity::Fatal, "08P01", "no").with(field::HINT, "yes").put_error(&mut out);
    assert_eq!(out, &b"E\0\0\0\x23SFATAL\0VFATAL\0C08P01\0Mno\0Hyes\0\0"[..]);
}

#[test]
fn small_messages_are_used_up() {
    assert!(ReadyForQuery::read(b"I").is_ok());
    assert!(ParameterStatus::read(b"a\0b\0").is_ok());
    for malformed in [&b""[..], b"X", b"II"] {
        assert!(ReadyForQuery::read(malformed).is_err(), "{malformed:?}");
    }
    for malformed in [&b""[..], b"a\0", b"a\0b", b"a\0b\0c"] {
        assert!(ParameterStatus::read(malformed).is_err(), "{malformed:?}");
    }
    assert!(BackendKeyData::read(&[0; 8]).is_ok() && BackendKeyData::read(&[0; 260]).is_ok());
    assert!(BackendKeyData::read(&[0; 7]).is_err() && BackendKeyData::read(&[0; 261]).is_err());
}
