//! Look at every name in an expression: columns, functions, operators, types.

use postgres_wire::sql::syntax::{
    At, Call, ColumnDefinition, ColumnRef, Compound, Const, Expr, ExprKind, Indirection, Operation,
    OperationKind, SubLink, TypeName,
};

use crate::Reason;
use crate::postgres::scope::{Judged, Scope};

impl Scope<'_> {
    /// Judges an expression and the sub-selects in it.
    pub(in crate::postgres) fn expr(&mut self, expr: &mut Expr) -> Judged<()> {
        let at = expr.at;
        match &mut expr.kind {
            ExprKind::Column(column) => self.check_column(column, at),
            ExprKind::Const(value) => self.check_constant(value),
            ExprKind::Parameter(_) | ExprKind::Default => Ok(()),
            ExprKind::Call(call) => self.call(call, at),
            ExprKind::Operation(operation) => self.operation(operation),
            ExprKind::Cast(inner, type_name) => {
                self.check_type(type_name)?;
                self.expr(inner)
            }
            ExprKind::Collate(inner, _) => self.expr(inner),
            ExprKind::Indirection(inner, steps) => {
                self.expr(inner)?;
                self.indirection(steps, at)
            }
            ExprKind::SubLink(link) => self.sub_link(link, at),
            ExprKind::Compound(compound) => {
                let Compound { form, parts, types } = &mut **compound;
                if !self.rules.form_open(form) {
                    return Err(self.unsupported("this SQL/JSON syntax", at).hint(
                        "Use the functions: jsonb_build_object, to_jsonb, jsonb_path_query.",
                    ));
                }
                types.iter_mut().try_for_each(|type_name| self.check_type(type_name))?;
                self.exprs(parts)
            }
        }
    }

    /// The exemplar stands for the tenant alone; that a client writes the same text by chance is as
    /// good as impossible, and refused.
    fn check_constant(&self, value: &Const) -> Judged<()> {
        match value {
            Const::String(text) if text == self.exemplar => {
                Err(self.lost("a tenant id of its own", At::UNKNOWN))
            }
            Const::String(_)
            | Const::Null
            | Const::Integer(_)
            | Const::Number(_)
            | Const::Boolean(_)
            | Const::Bits(_) => Ok(()),
        }
    }

    fn call(&mut self, call: &mut Call, at: At) -> Judged<()> {
        if !self.rules.function_open(&call.name) {
            let name = call.name.join(".");
            let what = format!("function \"{name}\" is not open to tenants");
            return Err(self
                .reject(Reason::FunctionNotAllowed, what, at)
                .hint("An operator can open a function of your own with [postgres] functions."));
        }
        self.check_setting_call(call, at)?;
        self.exprs(&mut call.arguments)?;
        self.sort_keys(&mut call.order_by)?;
        self.exprs(&mut call.filter)?;
        match &mut call.over {
            Some(window) => self.window(window),
            None => Ok(()),
        }
    }

    fn operation(&mut self, operation: &mut Operation) -> Judged<()> {
        match operation.kind {
            OperationKind::Plain
            | OperationKind::Any
            | OperationKind::All
            | OperationKind::Distinct
            | OperationKind::NotDistinct
            | OperationKind::NullIf
            | OperationKind::In
            | OperationKind::Like
            | OperationKind::ILike
            | OperationKind::Similar => self.check_operator(&operation.name, operation.at)?,
            // The grammar gives the word; what runs are <= and >=.
            OperationKind::Between
            | OperationKind::NotBetween
            | OperationKind::BetweenSymmetric
            | OperationKind::NotBetweenSymmetric => {}
        }
        self.exprs(&mut operation.left)?;
        self.expr(&mut operation.right)
    }

    pub(in crate::postgres) fn check_operator(&self, name: &[String], at: At) -> Judged<()> {
        if self.rules.operator_open(name) {
            return Ok(());
        }
        let what = format!("operator {} is not open to tenants", name.join("."));
        Err(self
            .reject(Reason::OperatorNotAllowed, what, at)
            .hint("An operator of an extension is opened with [postgres] operators."))
    }

    pub(super) fn check_type(&mut self, type_name: &mut TypeName) -> Judged<()> {
        self.exprs(&mut type_name.modifiers)?;
        if self.rules.type_open(&type_name.names) {
            return Ok(());
        }
        let what = format!("type \"{}\" is not open to tenants", type_name.names.join("."));
        Err(self.reject(Reason::TypeNotAllowed, what, type_name.at))
    }

    pub(super) fn check_column_definitions(
        &mut self,
        columns: &mut [ColumnDefinition],
    ) -> Judged<()> {
        columns.iter_mut().try_for_each(|column| self.check_type(&mut column.type_name))
    }

    fn sub_link(&mut self, link: &mut SubLink, at: At) -> Judged<()> {
        if !link.operator.is_empty() {
            self.check_operator(&link.operator, at)?;
        }
        self.exprs(&mut link.test)?;
        self.query(&mut link.query)
    }

    pub(super) fn indirection(&mut self, steps: &mut [Indirection], at: At) -> Judged<()> {
        steps.iter_mut().try_for_each(|step| match step {
            Indirection::Field(name) => self.check_attribute(name, at),
            Indirection::Star => Ok(()),
            Indirection::Index(index) => self.expr(index),
            Indirection::Slice(low, high) => {
                self.exprs(low)?;
                self.exprs(high)
            }
        })
    }

    /// `o.f` calls `f(o)` when `o` has no column `f`, and `(x).f` calls `f(x)` for any `x`
    /// (PostgreSQL, "Composite Types").
    fn check_column(&self, column: &ColumnRef, at: At) -> Judged<()> {
        let (range, attribute) = match column.names.as_slice() {
            [] | [_] => return Ok(()),
            [.., range, attribute] => (range, attribute),
        };
        let is_column = || {
            self.levels()
                .flat_map(|level| level.ranges.iter())
                .find(|named| named.name == *range)
                .and_then(|named| named.table.as_ref())
                .is_some_and(|table| table.has_column(attribute))
        };
        if column.star || is_column() { Ok(()) } else { self.check_attribute(attribute, at) }
    }

    fn check_attribute(&self, name: &str, at: At) -> Judged<()> {
        if !self.rules.field_calls_closed_function(name) {
            return Ok(());
        }
        let what = format!("\"{name}\" is the name of a function, which a field would call");
        Err(self.reject(Reason::AttributeNotAllowed, what, at))
    }
}
