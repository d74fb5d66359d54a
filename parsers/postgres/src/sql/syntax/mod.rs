//! The syntax that a policy can judge, as plain Rust data.
//!
//! libpg_query's tree has some 270 kinds of node. What tenants may send needs a fraction of them,
//! and a judge must look at every field of those. So the C tree is converted once, by
//! [`super::parse`], into the types below: a kind of node that has no place here is refused by its
//! name, and everything that has a place is matched exhaustively by whoever walks it.
//!
//! Nodes that only hold expressions and have no name to resolve (AND, CASE, COALESCE, ROW, ...) are
//! one variant, [`ExprKind::Compound`], told apart by a [`Form`]. They matter for equality, which is
//! how an edited tree is compared with a re-parsed one; positions do not take part in it.

mod expr;
mod query;
mod statement;
mod write;

use wire::Span;

pub use expr::*;
pub use query::*;
pub use statement::*;
pub use write::*;

/// A byte offset in the statement's text. All offsets are equal: where a node stands is no part of
/// what it means.
#[derive(Clone, Copy, Debug)]
pub struct At(u32);

impl PartialEq for At {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for At {}

impl At {
    /// The place of a node that the grammar does not locate.
    pub const UNKNOWN: Self = Self(u32::MAX);

    /// A place from the grammar's own number, in which -1 stands for unknown.
    #[must_use]
    pub fn new(location: i32) -> Self {
        u32::try_from(location).map_or(Self::UNKNOWN, Self)
    }

    /// The offset, where it is known.
    #[must_use]
    pub fn offset(self) -> Option<usize> {
        if self.0 == u32::MAX { None } else { Some(self.0 as usize) }
    }

    /// The empty span at this offset, where it is known.
    #[must_use]
    pub fn span(self) -> Option<Span> {
        if self.0 == u32::MAX { None } else { Some(Span::at(self.0)) }
    }

    /// The one further to the left; unknown places do not count.
    #[must_use]
    pub fn leftmost(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }
}
