//! Bind: gives a prepared statement its values.

use wire::{Cursor, Malformed};

use crate::message::{Defect, Name};

/// `B`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bind<'a> {
    /// The portal that is made.
    pub portal: Name<'a>,
    /// The prepared statement that it is made of.
    pub statement: Name<'a>,
    /// Format codes, two bytes each. INVARIANT: 0, 1 or as many as there are values, each 0 or 1.
    formats: &'a [u8],
    /// The values with their lengths. INVARIANT: they are complete.
    values: &'a [u8],
    count: u16,
}

/// Bytes of a format code.
const FORMAT_BYTES: usize = 2;

impl<'a> Bind<'a> {
    pub(super) fn read(body: &'a [u8]) -> Result<Self, Defect> {
        let mut cursor = Cursor::new(body);
        let (portal, statement) = (cursor.cstr()?, cursor.cstr()?);
        let formats = formats(&mut cursor)?;
        let count = cursor.u16()?;
        let before = cursor.clone();
        for _ in 0..count {
            value(&mut cursor)?;
        }
        let bytes = before.clone().rest().len() - cursor.clone().rest().len();
        let values = before.clone().take(bytes)?;
        // Result formats are the server's business, but they end the message.
        self::formats(&mut cursor)?;
        cursor.finish()?;
        let given = formats.len() / FORMAT_BYTES;
        if given > 1 && given != usize::from(count) {
            return Err(Malformed("there are more or fewer parameter formats than values").into());
        }
        let (portal, statement) = (Name::new(portal)?, Name::new(statement)?);
        Ok(Self { portal, statement, formats, values, count })
    }

    /// How many values there are.
    #[must_use]
    pub fn count(&self) -> u16 {
        self.count
    }

    /// The values, for looking them up by number.
    #[must_use]
    pub fn values(&self) -> Values<'a> {
        let mut cursor = Cursor::new(self.values);
        let values = (0..self.count).map_while(|_| value(&mut cursor).ok()).collect();
        Values { formats: self.formats.as_chunks().0, values }
    }
}

/// A Bind message's values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values<'a> {
    formats: &'a [[u8; FORMAT_BYTES]],
    values: Vec<Option<&'a [u8]>>,
}

impl<'a> Values<'a> {
    /// Value `number`, from 1: `None` when there is none, `Some(None)` when it is null.
    #[must_use]
    pub fn value(&self, number: u16) -> Option<Option<&'a [u8]>> {
        self.values.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// Whether value `number`, from 1, is in binary format. No format means text for all, one means
    /// that one for all.
    #[must_use]
    pub fn is_binary(&self, number: u16) -> bool {
        let format = match self.formats {
            [] => None,
            [all] => Some(all),
            each => usize::from(number).checked_sub(1).and_then(|at| each.get(at)),
        };
        format.is_some_and(|format| *format == [0, 1])
    }
}

/// A counted list of format codes: 0 is text, 1 is binary, and there is no third.
fn formats<'a>(cursor: &mut Cursor<'a>) -> Result<&'a [u8], Malformed> {
    let count = usize::from(cursor.u16()?);
    let codes = cursor.take(count * FORMAT_BYTES)?;
    if codes.as_chunks::<FORMAT_BYTES>().0.iter().all(|code| matches!(code, [0, 0 | 1])) {
        Ok(codes)
    } else {
        Err(Malformed("a format code is neither 0 nor 1"))
    }
}

/// A length and as many bytes; -1 is null, and no other length is negative.
fn value<'a>(cursor: &mut Cursor<'a>) -> Result<Option<&'a [u8]>, Malformed> {
    match cursor.i32()? {
        -1 => Ok(None),
        length => {
            let length =
                usize::try_from(length).map_err(|_| Malformed("a value's length is negative"))?;
            cursor.take(length).map(Some)
        }
    }
}
