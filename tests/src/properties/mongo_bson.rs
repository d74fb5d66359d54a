//! Documents of MongoDB's, as bytes and as text.

use bytes::BytesMut;
use mongo_wire::Bounds;
use mongo_wire::bson::{Document, DocumentWriter, RawElement, Shallow, Value};
use mongo_wire::extjson;

/// What is read can be looked at to its innermost value, and written again as it came, by copying
/// and by value; the looser reader sees the same elements. Text that is read is a document, or an
/// unsound one, but never a different one when it is written and read again.
pub fn mongo_bson(input: &[u8]) {
    let bounds = Bounds::default();
    if let Ok(document) = Document::read(input, &bounds) {
        sound(document);
        let mut text = String::new();
        extjson::write(document, &mut text).expect("a string takes all that is written");
        // It is JSON; an object in it may look like a value of a type without being one.
        assert!(!matches!(extjson::read(&text), Err(extjson::ExtJsonError::NotObject)), "{text}");
    } else if let Ok(shallow) = Shallow::read(input) {
        let _ = shallow.elements().count();
        for element in shallow.elements().flatten() {
            loose(element);
        }
    }
    let Ok(text) = str::from_utf8(input) else { return };
    let Ok(bytes) = extjson::read(text) else { return };
    let Ok(document) = Document::read(&bytes, &bounds) else { return };
    sound(document);
    let mut again = String::new();
    extjson::write(document, &mut again).expect("a string takes all that is written");
    // A date before 1970 is a level more than its text may have been.
    let read = match extjson::read(&again) {
        Err(extjson::ExtJsonError::Json(_)) => return,
        read => read.unwrap_or_else(|error| panic!("{again}: {error}")),
    };
    let mut twice = String::new();
    let document =
        Document::read(&read, &bounds).unwrap_or_else(|fault| panic!("{again}: {fault}"));
    extjson::write(document, &mut twice).expect("a string takes all that is written");
    assert_eq!(again, twice);
}

fn sound(document: Document<'_>) {
    let mut copied = BytesMut::new();
    DocumentWriter::document(&mut copied, |writer| {
        document.elements().for_each(|element| writer.copy(element.raw()));
    });
    let mut valued = BytesMut::new();
    DocumentWriter::document(&mut valued, |writer| {
        document.elements().for_each(|element| writer.value(element.name(), element.value()));
    });
    assert_eq!(copied, document.bytes());
    assert_eq!(valued, document.bytes());
    let shallow = Shallow::read(document.bytes()).expect("what is sound looks so");
    let mut others = shallow.elements();
    for element in document.elements() {
        assert_eq!(others.next(), Some(Ok(element.raw())));
        let found = document.get(element.name()).map(|found| found.value_span());
        assert_eq!(found, Some(element.value_span()), "a name stands once");
        loose(element.raw());
        match element.value() {
            Value::Document(nested) | Value::JavaScriptCodeWithScope { scope: nested, .. } => {
                sound(nested);
            }
            Value::Array(array) => {
                for (index, entry) in array.elements().enumerate() {
                    assert_eq!(entry.name(), index.to_string());
                    if let Value::Document(nested) = entry.value() {
                        sound(nested);
                    }
                }
            }
            value => assert_eq!(value.kind(), element.kind()),
        }
    }
    assert_eq!(others.next(), None);
}

fn loose(element: RawElement<'_>) {
    let _ = (element.as_i64(), element.is_truthy(), element.as_str(), element.nested().is_ok());
}
