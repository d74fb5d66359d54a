//! Values there and back, and bytes that are no values.

use bytes::BytesMut;

use super::*;

fn read(bytes: &[u8]) -> Result<Value<'_>, PackError> {
    let mut reader = Reader::new(bytes, Structures::All);
    let value = Value::read(&mut reader)?;
    reader.finish()?;
    Ok(value)
}

fn written(value: &Value<'_>) -> BytesMut {
    let mut out = BytesMut::new();
    value.write(&mut out);
    out
}

#[test]
fn numbers_take_their_shortest_form() {
    for (number, bytes) in [
        (0, &[0x00][..]),
        (127, &[0x7F]),
        (-16, &[0xF0]),
        (-17, &[0xC8, 0xEF]),
        (-128, &[0xC8, 0x80]),
        (128, &[0xC9, 0x00, 0x80]),
        (-129, &[0xC9, 0xFF, 0x7F]),
        (32_768, &[0xCA, 0, 0, 0x80, 0]),
        (2_147_483_648, &[0xCB, 0, 0, 0, 0, 0x80, 0, 0, 0]),
        (i64::MIN, &[0xCB, 0x80, 0, 0, 0, 0, 0, 0, 0]),
    ] {
        assert_eq!(written(&Value::Integer(number)), bytes, "{number}");
        assert_eq!(read(bytes), Ok(Value::Integer(number)));
    }
    // Wider forms than needed are read, too.
    assert_eq!(read(&[0xCB, 0, 0, 0, 0, 0, 0, 0, 1]), Ok(Value::Integer(1)));
    assert_eq!(read(&[0xC8, 1]), Ok(Value::Integer(1)));
}

#[test]
fn sizes_of_all_widths() {
    for size in [0, 15, 16, 255, 256, 65_535, 65_536] {
        let text = "x".repeat(size);
        let list = vec![Value::Null; size];
        for value in [Value::String(&text), Value::Bytes(text.as_bytes()), Value::List(list)] {
            assert_eq!(read(&written(&value)), Ok(value.clone()), "{size}");
        }
        let keys: Vec<String> = (0..size).map(|number| number.to_string()).collect();
        let map = Value::Map(keys.iter().map(|key| (key.as_str(), Value::Null)).collect());
        assert_eq!(read(&written(&map)), Ok(map.clone()), "{size}");
    }
    for (bytes, value) in [
        (&[0xD0, 1, b'a'][..], Value::String("a")),
        (&[0xD2, 0, 0, 0, 1, b'a'], Value::String("a")),
        (&[0xD5, 0, 1, 0xC0], Value::List(vec![Value::Null])),
        (&[0xDA, 0, 0, 0, 0], Value::Map(vec![])),
    ] {
        assert_eq!(read(bytes), Ok(value));
    }
}

#[test]
fn structures_have_their_number_of_fields() {
    let node = b"\xB4N\x01\x91\x81A\xA0\x814";
    assert!(matches!(read(node), Ok(Value::Structure { tag: b'N', .. })));
    assert!(read(b"\xB3N\x01\x91\x81A\xA0").is_ok(), "before 5.0");
    assert_eq!(read(b"\xB2N\x01\x90"), Err(PackError::Structure(b'N')));
    assert_eq!(read(b"\xB1Z\x01"), Err(PackError::Structure(b'Z')));
    let vector = b"\xB2V\xCC\x01\xC6\xCC\x04\0\0\0\0";
    assert!(matches!(read(vector), Ok(Value::Structure { tag: b'V', .. })));
    for (bytes, tag) in [(&node[..], b'N'), (b"\xB3P\x90\x90\x90", b'P')] {
        let value = Reader::new(bytes, Structures::Values).value();
        assert_eq!(value, Err(PackError::Structure(tag)));
        let inside = [&[0x91], bytes].concat();
        let value = Reader::new(&inside, Structures::Values).value();
        assert_eq!(value, Err(PackError::Structure(tag)), "in a list, too");
    }
    let date = b"\xB1D\x01";
    assert_eq!(Reader::new(date, Structures::Values).value().unwrap().bytes(), date);
}

#[test]
fn what_begins_no_value() {
    for marker in [0xC4, 0xC7, 0xCF, 0xD3, 0xD7, 0xDB, 0xDC, 0xDD, 0xDF, 0xE0, 0xEF] {
        assert_eq!(read(&[marker, 0, 0, 0, 0]), Err(PackError::UnknownMarker(marker)));
    }
    assert_eq!(read(&[]), Err(PackError::Truncated));
    assert_eq!(read(&[0xC0, 0xC0]), Err(PackError::Trailing));
    assert_eq!(read(&[0x81, 0xFF]), Err(PackError::Encoding));
    assert_eq!(read(b"\xA1\x01\x01"), Err(PackError::KeyType));
}

#[test]
fn sizes_are_checked_before_anything_is_reserved() {
    for bytes in [
        &[0xD6, 0x80, 0, 0, 0][..],
        &[0xD6, 0xFF, 0xFF, 0xFF, 0xFF],
        &[0xDA, 0x7F, 0xFF, 0xFF, 0xFF],
        &[0x92, 0xC0],
        &[0xA1, 0x80],
        &[0xB4, b'N', 0],
    ] {
        assert_eq!(read(bytes), Err(PackError::Oversized), "{bytes:x?}");
    }
    assert_eq!(read(&[0xD2, 0xFF, 0xFF, 0xFF, 0xFF, b'a']), Err(PackError::Truncated));
    assert_eq!(read(&[0xCE, 0xFF, 0xFF, 0xFF, 0xFF]), Err(PackError::Truncated));
}

#[test]
fn a_key_stands_once() {
    assert_eq!(read(b"\xA2\x81a\x01\x81a\x02"), Err(PackError::DuplicateKey));
    assert_eq!(read(b"\x91\xA1\x81m\xA2\x80\x01\x80\x02"), Err(PackError::DuplicateKey));
    let keys: Vec<String> = (0..40).map(|number| number.to_string()).collect();
    for twice in [0, 15, 16, 39] {
        let mut entries: Vec<_> = keys.iter().map(|key| (key.as_str(), Value::Null)).collect();
        assert!(read(&written(&Value::Map(entries.clone()))).is_ok());
        entries.push((&keys[twice], Value::Null));
        assert_eq!(read(&written(&Value::Map(entries))), Err(PackError::DuplicateKey));
    }
    // In two maps it may.
    assert!(read(b"\x92\xA1\x81a\x01\xA1\x81a\x01").is_ok());
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth: usize| {
        let mut bytes = vec![0x91; depth];
        bytes.push(0xC0);
        bytes
    };
    assert!(read(&nested(DEPTH_MAX)).is_ok());
    assert_eq!(read(&nested(DEPTH_MAX + 1)), Err(PackError::TooDeep));
    assert_eq!(read(&nested(20_000)), Err(PackError::TooDeep));
    // Empty collections count as well.
    let mut bytes = vec![0x91; DEPTH_MAX];
    bytes.push(0x90);
    assert_eq!(read(&bytes), Err(PackError::TooDeep));
}

#[test]
fn a_dictionary_keeps_what_it_does_not_know() {
    let bytes = b"\xA3\x82db\x85neo4j\x81x\xD5\0\x01\xC0\x84mode\xC0";
    let mut reader = Reader::new(bytes, Structures::Values);
    let mut dictionary = Dictionary::read(&mut reader).unwrap();
    assert_eq!(dictionary.string("db"), Ok(Some("neo4j")));
    assert_eq!(dictionary.string("mode"), Ok(None));
    assert_eq!(dictionary.string("nope"), Ok(None));
    assert_eq!(dictionary.integer("db"), Err(PackError::Type("an integer")));
    let mut out = BytesMut::new();
    dictionary.write(&mut out);
    assert_eq!(out, bytes[..], "odd sizes and all");

    dictionary.set("db", &Value::String("other"));
    assert!(dictionary.remove("mode") && !dictionary.remove("mode"));
    dictionary.set("n", &Value::Integer(1));
    out.clear();
    dictionary.write(&mut out);
    assert_eq!(out, b"\xA3\x82db\x85other\x81x\xD5\0\x01\xC0\x81n\x01"[..]);
    assert_eq!(
        Dictionary::read(&mut Reader::new(b"\x90", Structures::All)),
        Err(PackError::Type("a map"))
    );
}
