//! Writing, each value in its shortest form.

use bytes::{BufMut, BytesMut};

/// Appends null.
pub fn put_null(out: &mut BytesMut) {
    out.put_u8(0xC0);
}

/// Appends a truth.
pub fn put_boolean(truth: bool, out: &mut BytesMut) {
    out.put_u8(if truth { 0xC3 } else { 0xC2 });
}

/// Appends a whole number.
pub fn put_integer(number: i64, out: &mut BytesMut) {
    if let Ok(tiny @ -16..=i8::MAX) = i8::try_from(number) {
        out.put_i8(tiny);
    } else if let Ok(small) = i8::try_from(number) {
        out.put_u8(0xC8);
        out.put_i8(small);
    } else if let Ok(medium) = i16::try_from(number) {
        out.put_u8(0xC9);
        out.put_i16(medium);
    } else if let Ok(large) = i32::try_from(number) {
        out.put_u8(0xCA);
        out.put_i32(large);
    } else {
        out.put_u8(0xCB);
        out.put_i64(number);
    }
}

/// Appends a floating-point number.
pub fn put_float(number: f64, out: &mut BytesMut) {
    out.put_u8(0xC1);
    out.put_f64(number);
}

/// Appends bytes.
pub fn put_bytes(bytes: &[u8], out: &mut BytesMut) {
    put_size(bytes.len(), 0xCC, out);
    out.put_slice(bytes);
}

/// Appends a text.
pub fn put_string(text: &str, out: &mut BytesMut) {
    put_tiny_or_size(text.len(), 0x80, 0xD0, out);
    out.put_slice(text.as_bytes());
}

/// Appends what a list of so many values begins with.
pub fn put_list_header(values: usize, out: &mut BytesMut) {
    put_tiny_or_size(values, 0x90, 0xD4, out);
}

/// Appends what a map of so many entries begins with.
pub fn put_map_header(entries: usize, out: &mut BytesMut) {
    put_tiny_or_size(entries, 0xA0, 0xD8, out);
}

/// Appends what a structure begins with. No structure has more than fifteen fields.
pub fn put_structure_header(tag: u8, fields: usize, out: &mut BytesMut) {
    debug_assert!(fields < 16, "a structure has at most fifteen fields");
    out.put_u8(0xB0 | u8::try_from(fields & 0x0F).unwrap_or_default());
    out.put_u8(tag);
}

fn put_tiny_or_size(size: usize, tiny: u8, marker: u8, out: &mut BytesMut) {
    match u8::try_from(size) {
        Ok(size @ 0..=0x0F) => out.put_u8(tiny | size),
        _ => put_size(size, marker, out),
    }
}

/// The marker, plus one for each wider form, and the size.
fn put_size(size: usize, marker: u8, out: &mut BytesMut) {
    if let Ok(size) = u8::try_from(size) {
        out.put_u8(marker);
        out.put_u8(size);
    } else if let Ok(size) = u16::try_from(size) {
        out.put_u8(marker + 1);
        out.put_u16(size);
    } else {
        out.put_u8(marker + 2);
        // What is held in memory comes from messages, which are far shorter than this.
        out.put_u32(u32::try_from(size).unwrap_or(u32::MAX));
    }
}
