//! Filters: which of them hold for the tenant's documents only.

use mongo_wire::bson::{Array, Document, Value};
use mongo_wire::survey::{self, QueryClass};

use super::super::tenancy::Guard;
use super::{Unproved, Verifier};

impl Verifier<'_> {
    /// Proves that a filter holds for the tenant's documents only.
    pub(super) fn confined(
        &self,
        filter: Option<Value<'_>>,
        guard: Option<Guard<'_>>,
    ) -> Result<(), Unproved> {
        let filter = match (filter, guard) {
            (None | Some(Value::Null), None) => return Ok(()),
            (Some(Value::Document(filter)), _) => filter,
            (Some(_), _) => return Err("a filter is no document"),
            (None, Some(_)) => return Err("a filter is missing"),
        };
        if let Some(guard) = guard
            && !is_confined(filter, guard)
        {
            return Err("a filter does not ask for the tenant's id");
        }
        self.filter(filter, guard, false)
    }

    /// Walks a filter: all its operators are known and open, and where `barred` is false no
    /// expression that can fail stands in the open.
    pub(super) fn filter(
        &self,
        filter: Document<'_>,
        guard: Option<Guard<'_>>,
        barred: bool,
    ) -> Result<(), Unproved> {
        for element in filter.elements() {
            let value = element.value();
            if !element.name().starts_with('$') {
                self.condition(value)?;
                continue;
            }
            match survey::query_operator(element.name()) {
                Some(QueryClass::Logical) => {
                    let clauses: Array<'_> = value.as_array().ok_or("clauses are no array")?;
                    for clause in clauses.values() {
                        let clause = clause.as_document().ok_or("a clause is no document")?;
                        self.filter(clause, guard, barred)?;
                    }
                }
                Some(QueryClass::Expression) => self.guarded(value, guard, barred)?,
                Some(
                    QueryClass::Text
                    | QueryClass::JsonSchema
                    | QueryClass::Comment
                    | QueryClass::Constant,
                ) => self.no_code(value)?,
                Some(
                    QueryClass::Value
                    | QueryClass::Not
                    | QueryClass::ElemMatch
                    | QueryClass::All
                    | QueryClass::Regex
                    | QueryClass::Geo
                    | QueryClass::Refused,
                )
                | None => return Err("an operator of a filter is not open there"),
            }
        }
        Ok(())
    }

    /// An expression that is evaluated on the tenant's documents only, or cannot fail.
    fn guarded(
        &self,
        value: Value<'_>,
        guard: Option<Guard<'_>>,
        barred: bool,
    ) -> Result<(), Unproved> {
        let can_fail = self.expression(value)?;
        let Some(guard) = guard.filter(|_| can_fail && !barred && self.guards_expressions) else {
            return Ok(());
        };
        if is_wrapped(value, guard) {
            Ok(())
        } else {
            Err("an expression could fail on another tenant's document")
        }
    }

    /// What stands below a field.
    pub(super) fn condition(&self, value: Value<'_>) -> Result<(), Unproved> {
        let operators = value.as_document().filter(|document| {
            document.first().is_some_and(|first| {
                first.name().starts_with('$') && !matches!(first.name(), "$ref" | "$id" | "$db")
            })
        });
        let Some(operators) = operators else { return self.no_code(value) };
        for element in operators.elements() {
            let value = element.value();
            match survey::query_operator(element.name()) {
                Some(
                    QueryClass::Value | QueryClass::Regex | QueryClass::Geo | QueryClass::Comment,
                ) => self.no_code(value)?,
                Some(QueryClass::Not) => self.condition(value)?,
                Some(QueryClass::All) => {
                    for each in value.as_array().ok_or("values are no array")?.values() {
                        self.condition(each)?;
                    }
                }
                Some(QueryClass::ElemMatch) => {
                    let document = value.as_document().ok_or("$elemMatch is no document")?;
                    let first = document.first().map_or("", |first| first.name());
                    match survey::query_operator(first) {
                        None | Some(QueryClass::Logical) => self.filter(document, None, true)?,
                        Some(_) => self.condition(value)?,
                    }
                }
                Some(
                    QueryClass::Logical
                    | QueryClass::Expression
                    | QueryClass::Text
                    | QueryClass::JsonSchema
                    | QueryClass::Constant
                    | QueryClass::Refused,
                )
                | None => return Err("an operator below a field is not open there"),
            }
        }
        Ok(())
    }

    /// A value without JavaScript at any depth.
    pub(super) fn no_code(&self, value: Value<'_>) -> Result<(), Unproved> {
        match value {
            Value::Document(document) => {
                document.elements().try_for_each(|element| self.no_code(element.value()))
            }
            Value::Array(array) => array.values().try_for_each(|value| self.no_code(value)),
            Value::JavaScriptCode(_) | Value::JavaScriptCodeWithScope { .. } => {
                Err("there is JavaScript")
            }
            Value::Double(_)
            | Value::String(_)
            | Value::Binary(_)
            | Value::Undefined
            | Value::ObjectId(_)
            | Value::Boolean(_)
            | Value::DateTime(_)
            | Value::Null
            | Value::RegularExpression { .. }
            | Value::DbPointer { .. }
            | Value::Symbol(_)
            | Value::Int32(_)
            | Value::Timestamp { .. }
            | Value::Int64(_)
            | Value::Decimal128(_)
            | Value::MinKey
            | Value::MaxKey => Ok(()),
        }
    }
}

/// Whether all documents that a filter finds have the tenant's id: the clauses of a document hold
/// together, and so do those of an `$and`.
fn is_confined(filter: Document<'_>, guard: Guard<'_>) -> bool {
    filter.elements().any(|element| {
        if element.name() == guard.field {
            return element.value() == guard.value;
        }
        let clauses = element.value().as_array().filter(|_| element.name() == "$and");
        clauses.is_some_and(|clauses| {
            clauses
                .values()
                .any(|clause| clause.as_document().is_some_and(|clause| is_confined(clause, guard)))
        })
    })
}

/// `{$cond: [{$eq: ["$tenant_id", {$literal: id}]}, anything, false]}`
fn is_wrapped(expression: Value<'_>, guard: Guard<'_>) -> bool {
    let wrapped = only(expression, "$cond").and_then(values).and_then(|[test, _, otherwise]| {
        let [path, id] = only(test, "$eq").and_then(values)?;
        let path = path.as_str()?.strip_prefix('$')?;
        let id = only(id, "$literal")?;
        Some(path == guard.field && id == guard.value && otherwise == Value::Boolean(false))
    });
    wrapped == Some(true)
}

/// The value of a document's one element, when that has this name.
fn only<'b>(value: Value<'b>, name: &str) -> Option<Value<'b>> {
    let document = value.as_document()?;
    let value = document.value(name)?;
    document.elements().nth(1).is_none().then_some(value)
}

/// The values of an array of just so many.
fn values<const N: usize>(value: Value<'_>) -> Option<[Value<'_>; N]> {
    let values: Vec<Value<'_>> = value.as_array()?.values().take(N + 1).collect();
    values.first_chunk().copied().filter(|_| values.len() == N)
}
