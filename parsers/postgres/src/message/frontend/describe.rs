//! Describe: asks what a prepared statement or a portal takes and gives.

use wire::{Cursor, Malformed};

use crate::message::{Defect, Name};

/// `D`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Describe<'a> {
    /// What is described.
    pub target: Target<'a>,
}

/// A prepared statement or a portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// `S`
    Statement(Name<'a>),
    /// `P`
    Portal(Name<'a>),
}

impl<'a> Target<'a> {
    pub(super) fn read(body: &'a [u8]) -> Result<Self, Defect> {
        let mut cursor = Cursor::new(body);
        let kind = cursor.u8()?;
        let name = cursor.cstr()?;
        cursor.finish()?;
        match kind {
            b'S' => Name::new(name).map(Self::Statement),
            b'P' => Name::new(name).map(Self::Portal),
            _ => Err(Malformed("the target is neither a statement nor a portal").into()),
        }
    }
}

impl<'a> Describe<'a> {
    pub(super) fn read(body: &'a [u8]) -> Result<Self, Defect> {
        Target::read(body).map(|target| Self { target })
    }
}
