//! What views show of sound documents.

use super::*;

#[test]
fn every_type_is_read_as_what_it_is() {
    for (kind, value) in samples() {
        let bytes = document(&[element(kind.byte(), "x", &value), element(0x0A, "y", &[])]);
        let document = read(&bytes).unwrap_or_else(|fault| panic!("{kind:?}: {fault}"));
        let x = document.get("x").unwrap();
        assert_eq!((x.kind(), x.value().kind(), x.raw().value), (kind, kind, &value[..]));
        assert_eq!(document.value("y"), Some(Value::Null), "{kind:?}");
        assert_eq!(document.get("z"), None);
    }
}

#[test]
fn values_are_those_that_were_written() {
    let bytes = document(&[
        element(0x01, "double", &1.5_f64.to_le_bytes()),
        element(0x02, "string", &text("\u{e4}\0b".as_bytes())),
        element(0x05, "binary", b"\x03\0\0\0\x04abc"),
        element(0x05, "old", b"\x07\0\0\0\x02\x03\0\0\0abc"),
        element(0x0B, "regex", b"^a\0ix\0"),
        element(0x10, "int", &7_i32.to_le_bytes()),
        element(0x11, "timestamp", b"\x01\0\0\0\x02\0\0\0"),
        element(0x12, "long", &i64::MIN.to_le_bytes()),
    ]);
    let document = read(&bytes).unwrap();
    let expected = [
        Value::Double(1.5),
        Value::String("\u{e4}\0b"),
        Value::Binary(Binary { subtype: 4, bytes: b"abc" }),
        Value::Binary(Binary { subtype: 2, bytes: b"abc" }),
        Value::RegularExpression { pattern: "^a", options: "ix" },
        Value::Int32(7),
        Value::Timestamp { seconds: 2, increment: 1 },
        Value::Int64(i64::MIN),
    ];
    let found: Vec<_> = document.elements().map(|element| element.value()).collect();
    assert_eq!(found, expected);
}

#[test]
fn integers_come_in_three_types() {
    for (value, number) in [
        (Value::Int32(-1), Some(-1)),
        (Value::Int64(i64::MAX), Some(i64::MAX)),
        (Value::Double(1000.0), Some(1000)),
        (Value::Double(-0.0), Some(0)),
        (Value::Double(0.5), None),
        (Value::Double(f64::NAN), None),
        (Value::Double(f64::INFINITY), None),
        (Value::Double(1e300), None),
        (Value::Boolean(true), None),
        (Value::String("1"), None),
    ] {
        assert_eq!(value.as_i64(), number, "{value:?}");
    }
}

#[test]
fn spans_count_from_the_outermost_document() {
    let inner = document(&[element(0x02, "b", &text(b"deep"))]);
    let list = document(&[element(0x03, "0", &inner)]);
    let bytes = document(&[element(0x0A, "first", &[]), element(0x04, "a", &list)]);
    let outer = read(&bytes).unwrap();
    assert_eq!(outer.span(), wire::Span::new(0, u32::try_from(bytes.len()).unwrap()));
    let array = outer.value("a").unwrap().as_array().unwrap();
    let nested = array.values().next().unwrap().as_document().unwrap();
    let slice = |span: wire::Span| &bytes[span.start as usize..span.end as usize];
    assert_eq!(slice(array.span()), list);
    assert_eq!(slice(nested.span()), inner);
    assert_eq!(slice(nested.get("b").unwrap().value_span()), text(b"deep"));

    let (_, code) = samples().into_iter().nth(16).unwrap();
    let bytes = document(&[element(0x0F, "c", &code)]);
    let Some(Value::JavaScriptCodeWithScope { scope, .. }) = read(&bytes).unwrap().value("c")
    else {
        panic!("not a code with scope");
    };
    let span = scope.span();
    assert_eq!(&bytes[span.start as usize..span.end as usize], scope.bytes());
}

#[test]
fn shallow_documents_show_the_same_elements() {
    let elements: Vec<_> =
        samples().iter().map(|(kind, value)| element(kind.byte(), "x", value)).collect();
    let bytes = document(&elements);
    let shallow = Shallow::read(&bytes).unwrap();
    let found: Vec<_> = shallow.elements().map(|element| element.unwrap().bytes).collect();
    assert_eq!(found, elements);
}

#[test]
fn shallow_documents_end_where_they_say() {
    let bytes = document(&[element(0x10, "n", &[1, 0, 0, 0]), element(0x08, "t", &[1])]);
    for end in 0..bytes.len() {
        assert!(Shallow::read(&bytes[..end]).is_err(), "{end}");
    }
    let shallow = Shallow::read(&bytes).unwrap();
    assert_eq!(shallow.get("n").unwrap().unwrap().as_i64(), Some(1));
    assert!(shallow.get("t").unwrap().unwrap().is_truthy());
    assert_eq!(shallow.get("x"), Ok(None));
    let broken = document(&[element(0x0A, "a", &[]), element(0x99, "b", &[])]);
    let shallow = Shallow::read(&broken).unwrap();
    assert!(shallow.get("a").unwrap().is_some());
    assert!(shallow.get("b").is_err());
    assert_eq!(shallow.elements().count(), 2, "an element and the error that ends them");
}
