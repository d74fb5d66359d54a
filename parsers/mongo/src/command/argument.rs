//! Arguments, wherever a client has put them.

use std::slice::Iter;

use crate::bson::{Document, Element, Elements, Value};
use crate::message::{Documents, Sequence};

/// One argument of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argument<'b> {
    /// Its name.
    pub name: &'b str,
    /// Its value, and where that stands.
    pub operand: Operand<'b>,
}

/// An argument's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand<'b> {
    /// Stands in the body.
    Element(Element<'b>),
    /// Stands beside it, and counts as an array of documents.
    Sequence(Sequence<'b>),
}

impl<'b> Operand<'b> {
    /// The value of one that stands in the body.
    #[must_use]
    pub fn value(&self) -> Option<Value<'b>> {
        match self {
            Self::Element(element) => Some(element.value()),
            Self::Sequence(_) => None,
        }
    }

    /// The entries of an array or a sequence; `None` when it is neither.
    #[must_use]
    pub fn batch(&self) -> Option<Batch<'b>> {
        match self {
            Self::Element(element) => {
                element.value().as_array().map(|array| Batch::Array(array.elements()))
            }
            Self::Sequence(sequence) => Some(Batch::Sequence(sequence.documents())),
        }
    }
}

/// The entries of an argument that holds several.
#[derive(Clone, Debug)]
pub enum Batch<'b> {
    /// Those of an array, which need not be documents.
    Array(Elements<'b>),
    /// Those of a sequence.
    Sequence(Documents<'b>),
}

impl<'b> Iterator for Batch<'b> {
    type Item = Value<'b>;

    fn next(&mut self) -> Option<Value<'b>> {
        match self {
            Self::Array(elements) => elements.next().map(|element| element.value()),
            Self::Sequence(documents) => documents.next().map(Value::Document),
        }
    }
}

/// The arguments of a command, in order.
#[derive(Clone, Debug)]
pub struct Arguments<'m, 'b> {
    elements: Elements<'b>,
    sequences: Iter<'m, Sequence<'b>>,
}

impl<'m, 'b> Arguments<'m, 'b> {
    pub(super) fn new(body: Document<'b>, sequences: &'m [Sequence<'b>]) -> Self {
        let mut elements = body.elements();
        // The command's name.
        elements.next();
        Self { elements, sequences: sequences.iter() }
    }
}

impl<'b> Iterator for Arguments<'_, 'b> {
    type Item = Argument<'b>;

    fn next(&mut self) -> Option<Argument<'b>> {
        let in_body = self
            .elements
            .next()
            .map(|element| Argument { name: element.name(), operand: Operand::Element(element) });
        in_body.or_else(|| {
            self.sequences.next().map(|sequence| Argument {
                name: sequence.identifier,
                operand: Operand::Sequence(*sequence),
            })
        })
    }
}
