//! Conditions that hold for every row, and the ones among them that are guards.

use postgres_wire::sql::syntax::{
    At, ColumnRef, Const, Expr, ExprKind, Form, Operation, OperationKind, Range, TypeName,
};

use super::expr::literal_text;
use super::{Carrier, Verifier};
use crate::postgres::resolved::Table;

/// A value that stands where a tenant's id should.
pub(super) enum TenantValue {
    /// The exemplar, which only we write.
    Exemplar,
    /// A literal of the client's.
    Literal(String, At),
    /// A parameter.
    Parameter(u16, At),
}

/// The parts of a condition that must all hold: AND, taken apart.
pub(super) fn conjuncts<'e>(condition: Option<&'e Expr>, into: &mut Vec<&'e Expr>) {
    let Some(condition) = condition else { return };
    match &condition.kind {
        ExprKind::Compound(compound) if compound.form == Form::And => {
            for part in &compound.parts {
                conjuncts(Some(part), into);
            }
        }
        ExprKind::Compound(_)
        | ExprKind::Column(_)
        | ExprKind::Parameter(_)
        | ExprKind::Const(_)
        | ExprKind::Call(_)
        | ExprKind::Operation(_)
        | ExprKind::Cast(_, _)
        | ExprKind::Collate(_, _)
        | ExprKind::Indirection(_, _)
        | ExprKind::SubLink(_)
        | ExprKind::Default => into.push(condition),
    }
}

impl Verifier<'_> {
    /// Finds the guard of `range` among `conditions` and notes what it demands. `alone` tells that
    /// no other range is in sight, so that a bare column name is the range's.
    pub(super) fn guarded(
        &mut self,
        range: &Range,
        table: &Table,
        conditions: &[&Expr],
        alone: bool,
    ) -> bool {
        let found = conditions.iter().find_map(|condition| {
            let (column, value) = self.equality(condition)?;
            let named = names_tenant_column(column, range, table, self.carrier, alone);
            let value = tenant_value(value, table, self.carrier)?;
            let ours = matches!(value, TenantValue::Exemplar);
            (named && (ours || self.carrier == Carrier::Client)).then_some(value)
        });
        match found {
            Some(value) => {
                self.demand(value);
                true
            }
            None => false,
        }
    }

    /// Takes `column = ANY (ARRAY[value])` apart, and of the client's own `column = value`, too.
    fn equality<'e>(&self, condition: &'e Expr) -> Option<(&'e ColumnRef, &'e Expr)> {
        let ExprKind::Operation(operation) = &condition.kind else { return None };
        let Operation { kind, name, left: Some(left), right, at: _ } = &**operation else {
            return None;
        };
        let clients = self.carrier == Carrier::Client;
        let equal = match name.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["pg_catalog", "="] => true,
            ["="] => clients && !self.rules.equality_is_overloaded(),
            _ => false,
        };
        if !equal {
            return None;
        }
        let value = match kind {
            OperationKind::Any => only_element(right)?,
            OperationKind::Plain if clients => right,
            OperationKind::Plain
            | OperationKind::All
            | OperationKind::Distinct
            | OperationKind::NotDistinct
            | OperationKind::NullIf
            | OperationKind::In
            | OperationKind::Like
            | OperationKind::ILike
            | OperationKind::Similar
            | OperationKind::Between
            | OperationKind::NotBetween
            | OperationKind::BetweenSymmetric
            | OperationKind::NotBetweenSymmetric => return None,
        };
        match (&left.kind, &value.kind) {
            (ExprKind::Column(column), _) => Some((column, value)),
            (_, ExprKind::Column(column)) if clients => Some((column, left)),
            _ => None,
        }
    }

    /// Notes what a value demands of the tenant and of Bind.
    pub(super) fn demand(&mut self, value: TenantValue) {
        match value {
            TenantValue::Exemplar => {}
            TenantValue::Literal(text, at) => self.proof.literals.push((text, at)),
            TenantValue::Parameter(number, at) => {
                self.tenant_parameters.entry(number).or_insert((0, at)).0 += 1;
            }
        }
    }
}

/// The element of `ARRAY[element]`.
fn only_element(array: &Expr) -> Option<&Expr> {
    let ExprKind::Compound(array) = &array.kind else { return None };
    match (&array.form, array.parts.as_slice()) {
        (Form::Array, [element]) => Some(element),
        _ => None,
    }
}

/// Whether a column reference means the range's tenant column and can mean nothing else.
fn names_tenant_column(
    column: &ColumnRef,
    range: &Range,
    table: &Table,
    carrier: Carrier<'_>,
    alone: bool,
) -> bool {
    if column.star {
        return false;
    }
    let tenant = table.tenant_column();
    let names: Vec<&str> = column.names.iter().map(String::as_str).collect();
    match (&range.alias, names.as_slice()) {
        (Some(alias), [name, column]) => {
            alias.columns.is_empty() && *name == alias.name && *column == tenant
        }
        (None, [schema, name, column]) => {
            *schema == table.schema && *name == table.name && *column == tenant
        }
        (None, [name, column]) => {
            carrier == Carrier::Client && *name == range.name.name && *column == tenant
        }
        (alias, [column]) => {
            let plain = alias.as_ref().is_none_or(|alias| alias.columns.is_empty());
            carrier == Carrier::Client && alone && plain && *column == tenant
        }
        (Some(_) | None, _) => false,
    }
}

/// Reads an expression as a tenant's id: the exemplar cast to the column's exact type, or a literal
/// or parameter, bare or cast to a type that holds ids whole.
pub(super) fn tenant_value(
    value: &Expr,
    table: &Table,
    carrier: Carrier<'_>,
) -> Option<TenantValue> {
    match &value.kind {
        ExprKind::Cast(inner, type_name) => {
            let exact = is_type(type_name, &[table.tenant_type()], true);
            let whole = is_type(type_name, &["uuid", "int8", "int4", "text", "varchar"], false);
            match (&inner.kind, carrier) {
                (ExprKind::Const(Const::String(text)), Carrier::Exemplar(id))
                    if exact && text == id =>
                {
                    Some(TenantValue::Exemplar)
                }
                (_, Carrier::Exemplar(_) | Carrier::Client) => bare_value(inner).filter(|_| whole),
            }
        }
        ExprKind::Const(_) | ExprKind::Parameter(_) => bare_value(value),
        ExprKind::Column(_)
        | ExprKind::Call(_)
        | ExprKind::Operation(_)
        | ExprKind::Collate(_, _)
        | ExprKind::Indirection(_, _)
        | ExprKind::SubLink(_)
        | ExprKind::Compound(_)
        | ExprKind::Default => None,
    }
}

fn bare_value(value: &Expr) -> Option<TenantValue> {
    match &value.kind {
        ExprKind::Const(constant) => {
            literal_text(constant).map(|text| TenantValue::Literal(text, value.at))
        }
        ExprKind::Parameter(number) => Some(TenantValue::Parameter(*number, value.at)),
        ExprKind::Column(_)
        | ExprKind::Call(_)
        | ExprKind::Operation(_)
        | ExprKind::Cast(_, _)
        | ExprKind::Collate(_, _)
        | ExprKind::Indirection(_, _)
        | ExprKind::SubLink(_)
        | ExprKind::Compound(_)
        | ExprKind::Default => None,
    }
}

/// Whether a type is one of `pg_catalog`'s `names`, without modifiers or array bounds.
fn is_type(type_name: &TypeName, names: &[&str], qualified: bool) -> bool {
    let plain =
        type_name.modifiers.is_empty() && type_name.array_bounds.is_empty() && !type_name.set_of;
    let named = match type_name.names.as_slice() {
        [schema, name] => schema == "pg_catalog" && names.contains(&name.as_str()),
        [name] => !qualified && names.contains(&name.as_str()),
        _ => false,
    };
    plain && named
}
