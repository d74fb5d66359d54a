//! The maps in messages: a few entries that matter, and others that are kept as they came.

use std::borrow::Cow;

use bytes::{BufMut, BytesMut};

use super::{Item, PackError, Raw, Reader, Structures, Value, put_map_header, put_string};

/// A map whose keys are read and whose values are kept as bytes, in the order of the wire.
///
/// INVARIANT: no key stands twice, and each value is whole and checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dictionary<'a> {
    entries: Vec<(Cow<'a, str>, Cow<'a, [u8]>)>,
}

impl<'a> Dictionary<'a> {
    /// Without entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a map.
    ///
    /// # Errors
    /// `PackError`, `Type` when it is none.
    pub fn read(reader: &mut Reader<'a>) -> Result<Self, PackError> {
        // Walked over first, which finds duplicate keys and bounds what is reserved.
        let mut entries = Reader::new(reader.value()?.bytes(), Structures::All);
        let Item::Map(count) = entries.item()? else { return Err(PackError::Type("a map")) };
        let mut dictionary = Self { entries: Vec::with_capacity(count) };
        for _ in 0..count {
            let key = entries.key()?;
            let value = entries.value()?;
            dictionary.entries.push((Cow::Borrowed(key), Cow::Borrowed(value.bytes())));
        }
        Ok(dictionary)
    }

    /// Appends it as a map.
    pub fn write(&self, out: &mut BytesMut) {
        put_map_header(self.entries.len(), out);
        for (key, value) in &self.entries {
            put_string(key, out);
            out.put_slice(value);
        }
    }

    /// The entry's value.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Raw<'_>> {
        let (_, value) = self.entries.iter().find(|(name, _)| name == key)?;
        Some(Raw::checked(value))
    }

    /// The entry's text; `None` when there is no entry or it is null.
    ///
    /// # Errors
    /// `Type` when it is something else.
    pub fn string(&self, key: &str) -> Result<Option<&str>, PackError> {
        self.present(key).map(Raw::string).transpose()
    }

    /// The entry's number; `None` when there is no entry or it is null.
    ///
    /// # Errors
    /// `Type` when it is something else.
    pub fn integer(&self, key: &str) -> Result<Option<i64>, PackError> {
        self.present(key).map(Raw::integer).transpose()
    }

    /// The entry's truth; `None` when there is no entry or it is null.
    ///
    /// # Errors
    /// `Type` when it is something else.
    pub fn boolean(&self, key: &str) -> Result<Option<bool>, PackError> {
        self.present(key).map(Raw::boolean).transpose()
    }

    /// The entry's map; `None` when there is no entry or it is null.
    ///
    /// # Errors
    /// `Type` when it is something else.
    pub fn dictionary(&self, key: &str) -> Result<Option<Dictionary<'_>>, PackError> {
        self.present(key).map(Raw::dictionary).transpose()
    }

    fn present(&self, key: &str) -> Option<Raw<'_>> {
        self.get(key).filter(|value| !value.is_null())
    }

    /// Sets the entry, in the place of one that is there.
    pub fn set(&mut self, key: &'a str, value: &Value<'_>) {
        let mut out = BytesMut::new();
        value.write(&mut out);
        self.put(key, Cow::Owned(out.to_vec()));
    }

    /// Sets the entry to a value as it came.
    pub fn set_raw(&mut self, key: &'a str, value: Raw<'a>) {
        self.put(key, Cow::Borrowed(value.bytes()));
    }

    /// Sets the entry to a map.
    pub fn set_dictionary(&mut self, key: &'a str, map: &Dictionary<'_>) {
        let mut out = BytesMut::new();
        map.write(&mut out);
        self.put(key, Cow::Owned(out.to_vec()));
    }

    /// Sets the entry under a name that is made for it.
    pub fn set_owned(&mut self, key: String, value: &Value<'_>) {
        let mut out = BytesMut::new();
        value.write(&mut out);
        self.put(key, Cow::Owned(out.to_vec()));
    }

    fn put(&mut self, key: impl Into<Cow<'a, str>>, bytes: Cow<'a, [u8]>) {
        let key = key.into();
        match self.entries.iter_mut().find(|(name, _)| *name == key) {
            Some((_, value)) => *value = bytes,
            None => self.entries.push((key, bytes)),
        }
    }

    /// Keeps only the entries whose names pass.
    pub fn retain(&mut self, mut is_kept: impl FnMut(&str) -> bool) {
        self.entries.retain(|(key, _)| is_kept(key));
    }

    /// Takes the entry away; whether there was one.
    pub fn remove(&mut self, key: &str) -> bool {
        let before = self.entries.len();
        self.entries.retain(|(name, _)| name != key);
        self.entries.len() < before
    }

    /// Its entries, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, Raw<'_>)> {
        self.entries.iter().map(|(key, value)| (key.as_ref(), Raw::checked(value)))
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The same, independent of what it was read from.
    #[must_use]
    pub fn into_owned(self) -> Dictionary<'static> {
        let owned = |(key, value): (Cow<'a, str>, Cow<'a, [u8]>)| {
            (Cow::Owned(key.into_owned()), Cow::Owned(value.into_owned()))
        };
        Dictionary { entries: self.entries.into_iter().map(owned).collect() }
    }
}
