//! Expressions: known and open to their innermost operand.

use mongo_wire::bson::{Document, Value};
use mongo_wire::survey::{self, ExpressionClass, VariableClass};

use super::{Unproved, Verifier};

impl Verifier<'_> {
    /// Walks an expression. Returns whether evaluating it can fail.
    pub(super) fn expression(&self, value: Value<'_>) -> Result<bool, Unproved> {
        match (value.as_str(), value.as_array(), value.as_document()) {
            (Some(text), _, _) => match text.strip_prefix("$$") {
                None => Ok(false),
                Some(rest) => variable(rest).map(|()| false),
            },
            (_, Some(array), _) => {
                let mut can_fail = false;
                for value in array.values() {
                    can_fail |= self.expression(value)?;
                }
                Ok(can_fail)
            }
            (_, _, Some(document)) => self.operation(document),
            (None, None, None) => self.no_code(value).map(|()| false),
        }
    }

    /// An operator and its operands, or fields.
    fn operation(&self, document: Document<'_>) -> Result<bool, Unproved> {
        let mut can_fail = false;
        let mut elements = document.elements().peekable();
        let operator = elements.peek().map_or("", |first| first.name());
        if !operator.starts_with('$') {
            for element in elements {
                if element.name().starts_with('$') {
                    return Err("an operator stands beside fields");
                }
                can_fail |= self.expression(element.value())?;
            }
            return Ok(can_fail);
        }
        let (Some(element), None) = (elements.next(), elements.next()) else {
            return Err("an operator has something beside it");
        };
        match survey::expression(operator) {
            Some(ExpressionClass::Literal) => self.no_code(element.value()).map(|()| false),
            Some(ExpressionClass::Meta) => self.no_code(element.value()).map(|()| true),
            Some(ExpressionClass::Total) => self.expression(element.value()),
            Some(ExpressionClass::Variables | ExpressionClass::Operands) => {
                self.expression(element.value()).map(|_| true)
            }
            Some(ExpressionClass::Refused) | None => {
                Err("an operator of an expression is not open")
            }
        }
    }
}

/// A variable: one of the client's, which begin with a small letter, or an open one of the server's.
fn variable(rest: &str) -> Result<(), Unproved> {
    let name = rest.split_once('.').map_or(rest, |(name, _)| name);
    let first = name.bytes().next().unwrap_or_default();
    if first.is_ascii_lowercase() || !first.is_ascii() {
        return Ok(());
    }
    match survey::variable(name) {
        Some(VariableClass::Plain) => Ok(()),
        Some(VariableClass::Refused) | None => Err("a variable of the server's is not open"),
    }
}
