//! Every name in every expression.

use postgres_wire::sql::syntax::{
    At, Call, CallFlags, Compound, Const, Expr, ExprKind, Indirection, Operation, OperationKind,
    SubLink, TypeName,
};

use super::{Verified, Verifier, unproved};
use crate::postgres::session;

impl Verifier<'_> {
    pub(super) fn expr(&mut self, expr: &Expr) -> Verified {
        let at = expr.at;
        match &expr.kind {
            ExprKind::Column(column) => {
                if let [_, .., field] = column.names.as_slice() {
                    self.suspect(field, at);
                }
                Ok(())
            }
            ExprKind::Const(_) | ExprKind::Default => Ok(()),
            ExprKind::Parameter(number) => {
                *self.parameter_uses.entry(*number).or_default() += 1;
                Ok(())
            }
            ExprKind::Call(call) => self.call(call, at),
            ExprKind::Operation(operation) => self.operation(operation),
            ExprKind::Cast(inner, type_name) => {
                self.type_name(type_name)?;
                self.expr(inner)
            }
            ExprKind::Collate(inner, _) => self.expr(inner),
            ExprKind::Indirection(inner, steps) => {
                self.expr(inner)?;
                self.indirection(steps, at)
            }
            ExprKind::SubLink(link) => {
                let SubLink { kind: _, test, operator, query } = &**link;
                if !operator.is_empty() {
                    self.operator(operator, at)?;
                }
                test.iter().try_for_each(|test| self.expr(test))?;
                self.query(query)
            }
            ExprKind::Compound(compound) => {
                let Compound { form, parts, types } = &**compound;
                if !self.rules.form_open(form) {
                    return Err(unproved("SQL/JSON", at));
                }
                types.iter().try_for_each(|type_name| self.type_name(type_name))?;
                parts.iter().try_for_each(|part| self.expr(part))
            }
        }
    }

    fn call(&mut self, call: &Call, at: At) -> Verified {
        let Call { name, arguments, order_by, filter, over, flags } = call;
        let CallFlags { within_group: _, star: _, distinct: _, variadic: _, sql_syntax: _ } = flags;
        if !self.rules.function_open(name) {
            return Err(unproved(&format!("function \"{}\"", name.join(".")), at));
        }
        match name.last().map(String::as_str) {
            Some("set_config") => {
                session::check_set_config(arguments, &self.rules.search_path)?;
            }
            Some("current_setting") => session::check_current_setting(arguments)?,
            Some(_) | None => {}
        }
        arguments.iter().try_for_each(|argument| self.expr(argument))?;
        self.sort_keys(order_by)?;
        filter.iter().try_for_each(|filter| self.expr(filter))?;
        over.iter().try_for_each(|window| self.window(window))
    }

    fn operation(&mut self, operation: &Operation) -> Verified {
        let Operation { kind, name, left, right, at } = operation;
        match kind {
            OperationKind::Between
            | OperationKind::NotBetween
            | OperationKind::BetweenSymmetric
            | OperationKind::NotBetweenSymmetric => {}
            OperationKind::Plain
            | OperationKind::Any
            | OperationKind::All
            | OperationKind::Distinct
            | OperationKind::NotDistinct
            | OperationKind::NullIf
            | OperationKind::In
            | OperationKind::Like
            | OperationKind::ILike
            | OperationKind::Similar => self.operator(name, *at)?,
        }
        left.iter().try_for_each(|left| self.expr(left))?;
        self.expr(right)
    }

    pub(super) fn operator(&self, name: &[String], at: At) -> Verified {
        if self.rules.operator_open(name) {
            Ok(())
        } else {
            Err(unproved(&format!("operator {}", name.join(".")), at))
        }
    }

    pub(super) fn type_name(&mut self, type_name: &TypeName) -> Verified {
        let TypeName { names, set_of: _, modifiers, array_bounds: _, at } = type_name;
        if !self.rules.type_open(names) {
            return Err(unproved(&format!("type \"{}\"", names.join(".")), *at));
        }
        modifiers.iter().try_for_each(|modifier| self.expr(modifier))
    }

    /// A field may be a column or a call of the function of its name.
    fn suspect(&mut self, field: &str, at: At) {
        if self.rules.field_calls_closed_function(field) {
            self.suspects.push((field.to_owned(), at));
        }
    }

    pub(super) fn indirection(&mut self, steps: &[Indirection], at: At) -> Verified {
        steps.iter().try_for_each(|step| match step {
            Indirection::Field(field) => {
                self.suspect(field, at);
                Ok(())
            }
            Indirection::Star => Ok(()),
            Indirection::Index(index) => self.expr(index),
            Indirection::Slice(low, high) => {
                low.iter().chain(high).try_for_each(|bound| self.expr(bound))
            }
        })
    }
}

/// A constant string or number as text.
pub(super) fn literal_text(value: &Const) -> Option<String> {
    match value {
        Const::String(text) | Const::Number(text) => Some(text.clone()),
        Const::Integer(number) => Some(number.to_string()),
        Const::Null | Const::Boolean(_) | Const::Bits(_) => None,
    }
}
