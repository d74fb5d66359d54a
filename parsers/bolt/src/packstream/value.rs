//! Values as a tree, for what is looked into or made here.

use bytes::{BufMut, BytesMut};

use super::{
    Item, PackError, Raw, Reader, put_boolean, put_bytes, put_float, put_integer, put_list_header,
    put_map_header, put_null, put_string, put_structure_header,
};

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// No value.
    Null,
    /// Truth.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A floating-point number.
    Float(f64),
    /// Bytes.
    Bytes(&'a [u8]),
    /// Text.
    String(&'a str),
    /// Values in order.
    List(Vec<Value<'a>>),
    /// Values by name, in the order of the wire.
    Map(Vec<(&'a str, Value<'a>)>),
    /// A tag and its fields.
    Structure {
        /// Which structure.
        tag: u8,
        /// Its fields.
        fields: Vec<Value<'a>>,
    },
    /// A value as it came.
    Raw(Raw<'a>),
}

impl<'a> Value<'a> {
    /// Reads one.
    ///
    /// # Errors
    /// `PackError`
    pub fn read(reader: &mut Reader<'a>) -> Result<Self, PackError> {
        // Checked first: nesting is bounded before anything recursive runs.
        let raw = reader.value()?;
        Self::build(&mut Reader::new(raw.bytes(), super::Structures::All))
    }

    fn build(reader: &mut Reader<'a>) -> Result<Self, PackError> {
        Ok(match reader.item()? {
            Item::Null => Self::Null,
            Item::Boolean(truth) => Self::Boolean(truth),
            Item::Integer(number) => Self::Integer(number),
            Item::Float(number) => Self::Float(number),
            Item::Bytes(bytes) => Self::Bytes(bytes),
            Item::String(text) => Self::String(text),
            Item::List(count) => Self::List(Self::several(count, reader)?),
            Item::Map(count) => {
                let mut entries = Vec::with_capacity(count);
                for _ in 0..count {
                    entries.push((reader.key()?, Self::build(reader)?));
                }
                Self::Map(entries)
            }
            Item::Structure { tag, fields } => {
                Self::Structure { tag, fields: Self::several(fields, reader)? }
            }
        })
    }

    fn several(count: usize, reader: &mut Reader<'a>) -> Result<Vec<Self>, PackError> {
        let mut values = Vec::with_capacity(count);
        for _ in 0..count {
            values.push(Self::build(reader)?);
        }
        Ok(values)
    }

    /// Appends it in its shortest form.
    pub fn write(&self, out: &mut BytesMut) {
        match self {
            Self::Null => put_null(out),
            Self::Boolean(truth) => put_boolean(*truth, out),
            Self::Integer(number) => put_integer(*number, out),
            Self::Float(number) => put_float(*number, out),
            Self::Bytes(bytes) => put_bytes(bytes, out),
            Self::String(text) => put_string(text, out),
            Self::List(values) => {
                put_list_header(values.len(), out);
                values.iter().for_each(|value| value.write(out));
            }
            Self::Map(entries) => {
                put_map_header(entries.len(), out);
                for (key, value) in entries {
                    put_string(key, out);
                    value.write(out);
                }
            }
            Self::Structure { tag, fields } => {
                put_structure_header(*tag, fields.len(), out);
                fields.iter().for_each(|field| field.write(out));
            }
            Self::Raw(raw) => out.put_slice(raw.bytes()),
        }
    }
}
