//! Close: forgets a prepared statement or a portal.

use super::Target;
use crate::message::Defect;

/// `C`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Close<'a> {
    /// What is forgotten.
    pub target: Target<'a>,
}

impl<'a> Close<'a> {
    pub(super) fn read(body: &'a [u8]) -> Result<Self, Defect> {
        Target::read(body).map(|target| Self { target })
    }
}
