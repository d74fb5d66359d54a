//! Documents that no driver writes.

use super::*;

fn refused(elements: &[Vec<u8>]) -> Fault {
    read(&document(elements)).unwrap_err()
}

fn malformed(kind: u8, value: &[u8]) {
    let fault = refused(&[element(kind, "x", value)]);
    assert!(matches!(fault, Fault::Malformed(_)), "{kind:#x} {value:?}: {fault:?}");
}

#[test]
fn documents_are_cut_nowhere() {
    for (kind, value) in samples() {
        let bytes = document(&[element(kind.byte(), "x", &value)]);
        for end in 0..bytes.len() {
            assert!(read(&bytes[..end]).is_err(), "{kind:?} cut at {end}");
            // The same with a length that fits, so that the cut is found inside.
            let cut = bytes.get(4..end).unwrap_or_default();
            let length = i32::try_from(cut.len() + 5).unwrap().to_le_bytes();
            let shorter = [&length[..], cut, &[0]].concat();
            let whole = cut.is_empty() || end == bytes.len() - 1;
            assert!(whole || read(&shorter).is_err(), "{kind:?} closed at {end}");
        }
        assert!(read(&[&bytes[..], &[0]].concat()).is_err(), "{kind:?} with a byte behind");
    }
}

#[test]
fn lengths_neither_lie_nor_are_negative() {
    for length in [0, 4, 6, -5, i32::MIN, i32::MAX] {
        let bytes = [&length.to_le_bytes()[..], &[0]].concat();
        assert!(read(&bytes).is_err(), "{length}");
        malformed(0x03, &bytes);
        malformed(0x04, &bytes);
    }
    for length in [0, -1, i32::MIN, i32::MAX, 3, 1] {
        for kind in [0x02, 0x0D, 0x0E] {
            malformed(kind, &[&length.to_le_bytes()[..], b"a\0"].concat());
        }
    }
    for length in [-1, 4, i32::MIN, i32::MAX] {
        malformed(0x05, &[&length.to_le_bytes()[..], b"\0abc"].concat());
    }
    malformed(0x03, b"\x05\0\0\0\x01");
    assert!(read(b"\x05\0\0\0\x01").is_err());
}

#[test]
fn an_old_binary_repeats_its_length_exactly() {
    for inner in [-1, 2, 4, i32::MAX] {
        let value = [b"\x07\0\0\0\x02", &i32::to_le_bytes(inner)[..], b"abc"].concat();
        malformed(0x05, &value);
    }
    malformed(0x05, b"\x03\0\0\0\x02abc");
}

#[test]
fn a_code_with_scope_is_filled_exactly() {
    let scope = document(&[]);
    for length in [-1_i32, 0, 13, 15, 100] {
        let value = [&length.to_le_bytes()[..], &text(b"")[..], &scope].concat();
        malformed(0x0F, &value);
    }
    // The text takes from the scope, or the scope does not reach the end.
    malformed(0x0F, &[&15_i32.to_le_bytes()[..], &text(b"")[..], &scope, &[0]].concat());
    malformed(0x0F, &[&14_i32.to_le_bytes()[..], &2_i32.to_le_bytes(), b"\0", &scope].concat());
}

#[test]
fn a_boolean_is_one_of_two_bytes() {
    for byte in 2..=u8::MAX {
        malformed(0x08, &[byte]);
    }
}

#[test]
fn regex_options_are_known_and_once() {
    malformed(0x0B, b"a\0ii\0");
    malformed(0x0B, b"a\0g\0");
    malformed(0x0B, b"a\0I\0");
    assert!(read(&document(&[element(0x0B, "x", b"a\0xi\0")])).is_ok());
}

#[test]
fn unknown_types_are_refused() {
    for byte in (0..=u8::MAX).filter(|byte| Kind::from_byte(*byte).is_none()) {
        malformed(byte, &[0; 16]);
    }
}

#[test]
fn names_and_texts_are_utf8() {
    let bad = b"\xc3\x28";
    let named = [&[0x0A][..], bad, &[0]].concat();
    assert_eq!(refused(std::slice::from_ref(&named)), Fault::Encoding);
    let nested = document(&[named]);
    for kind in [0x02, 0x0D, 0x0E] {
        assert_eq!(refused(&[element(kind, "x", &text(bad))]), Fault::Encoding);
    }
    let pointer = [text(bad), b"0123456789ab".to_vec()].concat();
    assert_eq!(refused(&[element(0x0C, "x", &pointer)]), Fault::Encoding);
    assert_eq!(refused(&[element(0x0B, "x", b"\xff\0\0")]), Fault::Encoding);
    assert_eq!(refused(&[element(0x03, "x", &nested)]), Fault::Encoding);
    // A surrogate, an overlong form, a code point behind the last.
    for bytes in [&b"\xed\xa0\x80"[..], b"\xc0\x80", b"\xf4\x90\x80\x80"] {
        assert_eq!(refused(&[element(0x02, "x", &text(bytes))]), Fault::Encoding);
    }
}

#[test]
fn a_name_stands_once_at_every_level() {
    let twice = [element(0x0A, "a", &[]), element(0x08, "b", &[1]), element(0x10, "a", &[0; 4])];
    assert_eq!(refused(&twice), Fault::NameTwice);
    let inner = document(&twice);
    let in_array = document(&[element(0x03, "0", &inner)]);
    let code = [text(b""), inner.clone()].concat();
    let code = [&i32::try_from(code.len() + 4).unwrap().to_le_bytes()[..], &code].concat();
    assert_eq!(refused(&[element(0x03, "x", &inner)]), Fault::NameTwice);
    assert_eq!(refused(&[element(0x04, "x", &in_array)]), Fault::NameTwice);
    assert_eq!(refused(&[element(0x0F, "x", &code)]), Fault::NameTwice);
    assert_eq!(refused(&[element(0x0A, "", &[]), element(0x0A, "", &[])]), Fault::NameTwice);
    // The same name at two levels, or in two neighbours, is two names; so is it behind a level.
    let one = document(&[element(0x0A, "a", &[])]);
    let fine = document(&[element(0x03, "a", &one), element(0x03, "b", &one)]);
    assert!(read(&fine).is_ok());
    let behind = [element(0x0A, "a", &[]), element(0x03, "b", &one), element(0x0A, "a", &[])];
    assert_eq!(refused(&behind), Fault::NameTwice);
}

#[test]
fn a_name_stands_once_among_many() {
    for count in [1, 23, 24, 25, 26, 1_000] {
        let mut elements: Vec<_> =
            (0..count).map(|number| element(0x0A, &format!("n{number}"), &[])).collect();
        assert!(read(&document(&elements)).is_ok(), "{count}");
        for again in [0, count / 2, count - 1] {
            elements.push(element(0x0A, &format!("n{again}"), &[]));
            assert_eq!(refused(&elements), Fault::NameTwice, "{again} of {count}");
            elements.pop();
        }
    }
}

#[test]
fn an_array_counts() {
    for names in
        [&["1"][..], &["0", "2"], &["00"], &["", "1"], &["0", "0"], &["a"], &["0", "01"], &["-0"]]
    {
        let elements: Vec<_> = names.iter().map(|name| element(0x0A, name, &[])).collect();
        let fault = refused(&[element(0x04, "x", &document(&elements))]);
        assert_eq!(fault, Fault::ArrayIndex, "{names:?}");
    }
    let elements: Vec<_> =
        (0..1_001).map(|number| element(0x0A, &number.to_string(), &[])).collect();
    let bytes = document(&[element(0x04, "x", &document(&elements))]);
    let array = read(&bytes).unwrap().value("x").unwrap().as_array().unwrap();
    assert_eq!(array.values().count(), 1_001);
}

/// `depth` levels, the outermost included, of documents, arrays and code with scope in turn.
fn nested(depth: usize) -> Vec<u8> {
    let mut bytes = document(&[]);
    for level in 1..depth {
        bytes = match level % 3 {
            0 => document(&[element(0x03, "0", &bytes)]),
            1 => document(&[element(0x04, "0", &bytes)]),
            _ => {
                let code = [text(b""), bytes].concat();
                let length = i32::try_from(code.len() + 4).unwrap().to_le_bytes();
                document(&[element(0x0F, "0", &[&length[..], &code].concat())])
            }
        };
    }
    bytes
}

/// So many levels of documents, written from outside in, as copying them from inside out takes long.
fn deep(depth: usize) -> Vec<u8> {
    let level = |below: usize| {
        let length = i32::try_from(below * 8 + 5).unwrap().to_le_bytes();
        if below == 0 { length.to_vec() } else { [&length[..], b"\x030\0"].concat() }
    };
    let mut bytes: Vec<u8> = (0..depth).rev().flat_map(level).collect();
    bytes.resize(bytes.len() + depth, 0);
    bytes
}

#[test]
fn depth_is_bounded() {
    let most = Bounds::default().depth_max;
    assert!(read(&nested(most)).is_ok());
    assert_eq!(read(&nested(most + 1)), Err(Fault::TooDeep));
    assert_eq!(read(&deep(10_000)), Err(Fault::TooDeep));
    let narrow = Bounds { depth_max: 2, ..Bounds::default() };
    assert!(Document::read(&nested(2), &narrow).is_ok());
    assert_eq!(Document::read(&nested(3), &narrow), Err(Fault::TooDeep));
}

#[test]
fn deep_nesting_needs_no_stack() {
    let bytes = deep(100_000);
    let small = std::thread::Builder::new().stack_size(64 << 10);
    let bounds = Bounds { depth_max: usize::MAX, ..Bounds::default() };
    let read = small.spawn(move || Document::read(&bytes, &bounds).map(|_| ())).unwrap();
    assert_eq!(read.join().unwrap(), Ok(()));
}

#[test]
fn a_document_is_not_longer_than_the_server_takes() {
    let bounds = Bounds { document_bytes_max: 64, ..Bounds::default() };
    let long = |bytes: usize| document(&[element(0x02, "x", &text(&vec![b'a'; bytes - 13]))]);
    assert!(Document::read(&long(64), &bounds).is_ok());
    assert_eq!(Document::read(&long(65), &bounds), Err(Fault::TooLong));
}
