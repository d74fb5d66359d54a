//! Writes documents: new elements, and copies of elements that stand in others.
//!
//! A document is written in place, its length filled in at its end, so each byte is copied once. What
//! is written is not thereby sound: a name may stand twice, or what was nested may now be too deep.
//! Who sends it reads it again first.

use bytes::{BufMut, BytesMut};

use super::index::Index;
use super::{Array, Binary, Document, Kind, RawElement, Value};

/// Writes the elements of one document.
#[derive(Debug)]
pub struct DocumentWriter<'o> {
    out: &'o mut BytesMut,
}

/// Writes the elements of one array, and numbers them.
#[derive(Debug)]
pub struct ArrayWriter<'o> {
    out: &'o mut BytesMut,
    next: Index,
}

/// Appends the length, what `fill` writes, and the final NUL.
fn enclosed<R>(out: &mut BytesMut, fill: impl FnOnce(&mut BytesMut) -> R) -> R {
    measured(out, |out| {
        let result = fill(out);
        out.put_u8(0);
        result
    })
}

/// Appends a length that counts itself and what `fill` writes.
pub(crate) fn measured<R>(out: &mut BytesMut, fill: impl FnOnce(&mut BytesMut) -> R) -> R {
    let start = out.len();
    out.put_i32_le(0);
    let result = fill(out);
    let length = i32::try_from(out.len() - start).unwrap_or(i32::MAX);
    if let Some(field) = out.get_mut(start..).and_then(|rest| rest.first_chunk_mut()) {
        *field = length.to_le_bytes();
    }
    result
}

/// Appends a type and a name. A name ends at its first NUL, as no name can hold one.
fn put_name(out: &mut BytesMut, kind: Kind, name: &[u8]) {
    out.put_u8(kind.byte());
    out.put_slice(name.split(|byte| *byte == 0).next().unwrap_or_default());
    out.put_u8(0);
}

impl<'o> DocumentWriter<'o> {
    /// Appends to `out` the document whose elements `fill` writes.
    pub fn document<R>(
        out: &'o mut BytesMut,
        fill: impl FnOnce(&mut DocumentWriter<'_>) -> R,
    ) -> R {
        enclosed(out, |out| fill(&mut DocumentWriter { out }))
    }

    /// Copies an element.
    pub fn copy(&mut self, element: RawElement<'_>) {
        self.out.put_slice(element.bytes);
    }

    /// Copies an element's value under another name.
    pub fn copy_as(&mut self, name: &str, element: RawElement<'_>) {
        put_name(self.out, element.kind, name.as_bytes());
        self.out.put_slice(element.value);
    }

    /// Copies all elements of a document.
    pub fn copy_all(&mut self, document: Document<'_>) {
        self.out.put_slice(document.elements_bytes());
    }

    /// Writes a value.
    pub fn value(&mut self, name: &str, value: Value<'_>) {
        put_name(self.out, value.kind(), name.as_bytes());
        put_value(self.out, value);
    }

    /// Writes a document whose elements `fill` writes.
    pub fn nested<R>(&mut self, name: &str, fill: impl FnOnce(&mut DocumentWriter<'_>) -> R) -> R {
        put_name(self.out, Kind::Document, name.as_bytes());
        DocumentWriter::document(self.out, fill)
    }

    /// Writes a code whose scope's elements `fill` writes.
    pub fn code_with_scope<R>(
        &mut self,
        name: &str,
        code: &str,
        fill: impl FnOnce(&mut DocumentWriter<'_>) -> R,
    ) -> R {
        put_name(self.out, Kind::JavaScriptCodeWithScope, name.as_bytes());
        put_code_with_scope(self.out, code, fill)
    }

    /// Writes an array whose elements `fill` writes.
    pub fn array<R>(&mut self, name: &str, fill: impl FnOnce(&mut ArrayWriter<'_>) -> R) -> R {
        put_name(self.out, Kind::Array, name.as_bytes());
        enclosed(self.out, |out| fill(&mut ArrayWriter { out, next: Index::first() }))
    }
}

impl ArrayWriter<'_> {
    fn put_index(&mut self, kind: Kind) {
        put_name(self.out, kind, self.next.name());
        self.next.advance();
    }

    /// Copies an element's value.
    pub fn copy(&mut self, element: RawElement<'_>) {
        self.put_index(element.kind);
        self.out.put_slice(element.value);
    }

    /// Copies all elements of an array.
    pub fn copy_all(&mut self, array: Array<'_>) {
        for element in array.elements() {
            self.copy(element.raw());
        }
    }

    /// Writes a value.
    pub fn value(&mut self, value: Value<'_>) {
        self.put_index(value.kind());
        put_value(self.out, value);
    }

    /// Writes a document whose elements `fill` writes.
    pub fn nested<R>(&mut self, fill: impl FnOnce(&mut DocumentWriter<'_>) -> R) -> R {
        self.put_index(Kind::Document);
        DocumentWriter::document(self.out, fill)
    }

    /// Writes a code whose scope's elements `fill` writes.
    pub fn code_with_scope<R>(
        &mut self,
        code: &str,
        fill: impl FnOnce(&mut DocumentWriter<'_>) -> R,
    ) -> R {
        self.put_index(Kind::JavaScriptCodeWithScope);
        put_code_with_scope(self.out, code, fill)
    }

    /// Writes an array whose elements `fill` writes.
    pub fn array<R>(&mut self, fill: impl FnOnce(&mut ArrayWriter<'_>) -> R) -> R {
        self.put_index(Kind::Array);
        enclosed(self.out, |out| fill(&mut ArrayWriter { out, next: Index::first() }))
    }
}

fn put_text(out: &mut BytesMut, text: &str) {
    out.put_i32_le(i32::try_from(text.len().saturating_add(1)).unwrap_or(i32::MAX));
    out.put_slice(text.as_bytes());
    out.put_u8(0);
}

/// Appends a text that ends at its first NUL.
fn put_cstr(out: &mut BytesMut, text: &str) {
    out.put_slice(text.split('\0').next().unwrap_or_default().as_bytes());
    out.put_u8(0);
}

fn put_code_with_scope<R>(
    out: &mut BytesMut,
    code: &str,
    fill: impl FnOnce(&mut DocumentWriter<'_>) -> R,
) -> R {
    measured(out, |out| {
        put_text(out, code);
        DocumentWriter::document(out, fill)
    })
}

fn put_value(out: &mut BytesMut, value: Value<'_>) {
    match value {
        Value::Double(number) => out.put_f64_le(number),
        Value::String(text) | Value::JavaScriptCode(text) | Value::Symbol(text) => {
            put_text(out, text);
        }
        Value::Document(document) => out.put_slice(document.bytes()),
        Value::Array(array) => out.put_slice(array.bytes()),
        Value::Binary(binary) => {
            let length = i32::try_from(binary.bytes.len()).unwrap_or(i32::MAX);
            if binary.subtype == Binary::OLD {
                out.put_i32_le(length.saturating_add(4));
                out.put_u8(binary.subtype);
            }
            out.put_i32_le(length);
            if binary.subtype != Binary::OLD {
                out.put_u8(binary.subtype);
            }
            out.put_slice(binary.bytes);
        }
        Value::Undefined | Value::Null | Value::MinKey | Value::MaxKey => {}
        Value::ObjectId(id) => out.put_slice(&id),
        Value::Boolean(truth) => out.put_u8(u8::from(truth)),
        Value::DateTime(number) | Value::Int64(number) => out.put_i64_le(number),
        Value::RegularExpression { pattern, options } => {
            put_cstr(out, pattern);
            put_cstr(out, options);
        }
        Value::DbPointer { namespace, id } => {
            put_text(out, namespace);
            out.put_slice(&id);
        }
        Value::JavaScriptCodeWithScope { code, scope } => {
            put_code_with_scope(out, code, |writer| writer.copy_all(scope));
        }
        Value::Int32(number) => out.put_i32_le(number),
        Value::Timestamp { seconds, increment } => {
            out.put_u32_le(increment);
            out.put_u32_le(seconds);
        }
        Value::Decimal128(bytes) => out.put_slice(&bytes),
    }
}
