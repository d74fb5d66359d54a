//! One pass over a document that leaves nothing to check: iterative, and bounded in depth.
//!
//! Each open document or array is a [`Level`] on a stack of our own, whose height is the depth that
//! is bounded. Nothing here calls itself: a message of 10,000 levels costs an error, not a stack.

use std::collections::HashSet;

use wire::{Cursor, Malformed};

use super::element::{DOCUMENT_BYTES_MIN, RawElement};
use super::index::Index;
use super::value::{binary, text_bytes};
use super::{Fault, Kind};
use crate::{Bounds, le};

/// Names of one document that are compared with each other one by one; from there on by hash.
const COMPARED_NAMES_MAX: usize = 24;

/// Options of regular expressions (bsonspec.org): case, locale, lines, dots, Unicode, spaces.
const REGEX_OPTIONS: &[u8] = b"ilmsux";

/// Checks that `bytes` are one document, all of it sound.
pub(super) fn document(bytes: &[u8], bounds: &Bounds) -> Result<(), Fault> {
    if bytes.len() > bounds.document_bytes_max {
        return Err(Fault::TooLong);
    }
    let mut names = Names::default();
    let mut levels = vec![Level::document(inside(bytes)?, &names)];
    while let Some(level) = levels.last_mut() {
        if level.rest.is_empty() {
            names.close(level);
            levels.pop();
            continue;
        }
        let element = RawElement::scan(&mut level.rest)?;
        level.name(element.name, &mut names)?;
        let nested = match element.kind {
            Kind::Document => Level::document(inside(element.value)?, &names),
            Kind::Array => Level::array(inside(element.value)?),
            Kind::JavaScriptCodeWithScope => Level::document(scope(element.value)?, &names),
            kind => {
                scalar(kind, element.value)?;
                continue;
            }
        };
        if levels.len() >= bounds.depth_max {
            return Err(Fault::TooDeep);
        }
        levels.push(nested);
    }
    Ok(())
}

/// A document or an array that has been begun and not ended.
struct Level<'b> {
    /// Its elements that have not been looked at.
    rest: &'b [u8],
    names: LevelNames<'b>,
}

/// What the names of a level may be.
enum LevelNames<'b> {
    /// Any, but each once. These begin here in [`Names`].
    Few(usize),
    /// Any, but each once. All of them.
    Many(HashSet<&'b [u8]>),
    /// The next must be this number.
    Index(Index),
}

impl<'b> Level<'b> {
    fn document(rest: &'b [u8], names: &Names<'b>) -> Self {
        Self { rest, names: LevelNames::Few(names.open.len()) }
    }

    fn array(rest: &'b [u8]) -> Self {
        Self { rest, names: LevelNames::Index(Index::first()) }
    }

    /// Checks the name of the level's next element.
    fn name(&mut self, name: &'b [u8], names: &mut Names<'b>) -> Result<(), Fault> {
        match &mut self.names {
            LevelNames::Index(index) => {
                let expected = index.name() == name;
                index.advance();
                return if expected { Ok(()) } else { Err(Fault::ArrayIndex) };
            }
            LevelNames::Few(start) => {
                let before = names.open.get(*start..).unwrap_or_default();
                if before.contains(&name) {
                    return Err(Fault::NameTwice);
                }
                if before.len() < COMPARED_NAMES_MAX {
                    names.open.push(name);
                } else {
                    let mut many: HashSet<_> = names.open.drain(*start..).collect();
                    many.insert(name);
                    self.names = LevelNames::Many(many);
                }
            }
            LevelNames::Many(many) => {
                if !many.insert(name) {
                    return Err(Fault::NameTwice);
                }
            }
        }
        str::from_utf8(name).map(|_| ()).map_err(|_| Fault::Encoding)
    }
}

/// The names of all levels that have few: one allocation serves them.
#[derive(Default)]
struct Names<'b> {
    open: Vec<&'b [u8]>,
}

impl Names<'_> {
    /// Forgets the names of a level that is at its end, the innermost.
    fn close(&mut self, level: &Level<'_>) {
        if let LevelNames::Few(start) = level.names {
            self.open.truncate(start);
        }
    }
}

/// What stands between the length of the document that `bytes` are and its final NUL.
fn inside(bytes: &[u8]) -> Result<&[u8], Malformed> {
    let mut cursor = Cursor::new(bytes);
    let length = le::length(&mut cursor, DOCUMENT_BYTES_MIN)?;
    if length != bytes.len() {
        return Err(Malformed("a document is not as long as it says"));
    }
    match cursor.rest().split_last() {
        Some((0, elements)) => Ok(elements),
        _ => Err(Malformed("a document does not end with a NUL")),
    }
}

/// The elements of the scope of a code with scope.
fn scope(value: &[u8]) -> Result<&[u8], Fault> {
    let mut cursor = Cursor::new(value);
    // The length of the whole, by which its extent was found.
    cursor.take(4)?;
    utf8(text_bytes(&mut cursor)?)?;
    Ok(inside(cursor.rest())?)
}

/// Checks a value that holds no elements. Its extent has been found by its type.
fn scalar(kind: Kind, value: &[u8]) -> Result<(), Fault> {
    let mut cursor = Cursor::new(value);
    match kind {
        Kind::String | Kind::JavaScriptCode | Kind::Symbol | Kind::DbPointer => {
            utf8(text_bytes(&mut cursor)?)
        }
        Kind::RegularExpression => {
            utf8(cursor.cstr()?)?;
            let options = cursor.cstr()?;
            let times = |letter| options.iter().filter(|option| **option == letter).count();
            let known = options.iter().all(|option| REGEX_OPTIONS.contains(option));
            if known && REGEX_OPTIONS.iter().all(|letter| times(*letter) <= 1) {
                Ok(())
            } else {
                Err(Malformed("a regular expression has unknown options").into())
            }
        }
        Kind::Binary => Ok(binary(&mut cursor).map(|_| ())?),
        Kind::Boolean => match cursor.u8()? {
            0 | 1 => Ok(()),
            _ => Err(Malformed("a boolean is neither true nor false").into()),
        },
        // Every run of bytes of their length is a value of these.
        Kind::Double
        | Kind::Undefined
        | Kind::ObjectId
        | Kind::DateTime
        | Kind::Null
        | Kind::Int32
        | Kind::Timestamp
        | Kind::Int64
        | Kind::Decimal128
        | Kind::MinKey
        | Kind::MaxKey
        // These hold elements, and are levels of their own.
        | Kind::Document
        | Kind::Array
        | Kind::JavaScriptCodeWithScope => Ok(()),
    }
}

fn utf8(bytes: &[u8]) -> Result<(), Fault> {
    str::from_utf8(bytes).map(|_| ()).map_err(|_| Fault::Encoding)
}
