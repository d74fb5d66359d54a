//! Expressions.

use pg_raw_parse::list::NodeList;
use pg_raw_parse::raw::{
    A_Expr_Kind, BoolExprType, CoercionForm, MinMaxOp, NullTestType, SubLinkType,
};
use pg_raw_parse::{ConstValue, Node, nodes};

use super::names::strings;
use super::{Converted, Converter, required, unknown, unknown_form};
use crate::sql::syntax::{
    At, Call, CallFlags, ColumnRef, Compound, Const, Expr, ExprKind, Form, Indirection, Operation,
    OperationKind, SubLink, SubLinkKind, TypeName,
};

impl Converter {
    pub(super) fn exprs(&mut self, list: &NodeList) -> Converted<Vec<Expr>> {
        list.iter().map(|node| self.expr(node)).collect()
    }

    pub(super) fn optional(&mut self, node: Node<'_>) -> Converted<Option<Expr>> {
        match node {
            Node::None => Ok(None),
            node => self.expr(node).map(Some),
        }
    }

    pub(super) fn expr(&mut self, node: Node<'_>) -> Converted<Expr> {
        self.nested(At::UNKNOWN, |this| this.expr_here(node))
    }

    fn expr_here(&mut self, node: Node<'_>) -> Converted<Expr> {
        match node {
            Node::ColumnRef(column) => column_ref(column),
            Node::ParamRef(parameter) => {
                let at = At::new(parameter.location);
                match u16::try_from(parameter.number) {
                    Ok(number) if number > 0 => Ok(Expr { kind: ExprKind::Parameter(number), at }),
                    Ok(_) | Err(_) => unknown_form("parameter number", at),
                }
            }
            Node::A_Const(value) => {
                Ok(Expr { kind: ExprKind::Const(constant(value)?), at: At::new(value.location) })
            }
            Node::FuncCall(call) => self.call(call),
            Node::A_Expr(operation) => self.operation(operation),
            Node::TypeCast(cast) => self.cast(cast),
            Node::CollateClause(collate) => self.collate(collate),
            Node::A_Indirection(indirection) => {
                let arg = self.expr(indirection.arg())?;
                let steps = self.indirection(indirection.indirection())?;
                let at = arg.at;
                Ok(Expr { kind: ExprKind::Indirection(Box::new(arg), steps), at })
            }
            Node::SubLink(link) => self.sub_link(link),
            Node::SetToDefault(default) => {
                Ok(Expr { kind: ExprKind::Default, at: At::new(default.location) })
            }
            other => self.compound(other),
        }
    }

    /// The nodes that only hold expressions.
    fn compound(&mut self, node: Node<'_>) -> Converted<Expr> {
        match node {
            Node::BoolExpr(boolean) => {
                let form = match boolean.boolop {
                    BoolExprType::AND_EXPR => Form::And,
                    BoolExprType::OR_EXPR => Form::Or,
                    BoolExprType::NOT_EXPR => Form::Not,
                    _ => return unknown(node, At::new(boolean.location)),
                };
                self.list(form, boolean.args(), boolean.location)
            }
            Node::CaseExpr(case) => self.case(case),
            Node::CoalesceExpr(coalesce) => {
                self.list(Form::Coalesce, coalesce.args(), coalesce.location)
            }
            Node::MinMaxExpr(minmax) => {
                let form =
                    if minmax.op == MinMaxOp::IS_LEAST { Form::Least } else { Form::Greatest };
                self.list(form, minmax.args(), minmax.location)
            }
            Node::NullTest(test) => {
                let form = if test.nulltesttype == NullTestType::IS_NULL {
                    Form::IsNull
                } else {
                    Form::IsNotNull
                };
                Ok(compound(form, vec![self.expr(test.arg())?], test.location))
            }
            Node::BooleanTest(test) => {
                let part = self.expr(test.arg())?;
                Ok(compound(Form::BooleanTest(test.booltesttype), vec![part], test.location))
            }
            Node::RowExpr(row) => {
                let explicit = row.row_format == CoercionForm::COERCE_EXPLICIT_CALL;
                self.list(Form::Row { explicit }, row.args(), row.location)
            }
            Node::A_ArrayExpr(array) => self.list(Form::Array, array.elements(), array.location),
            Node::NodeList(list) => self.list(Form::List, list, -1),
            Node::NamedArgExpr(argument) => {
                let name = required(argument.name(), "NamedArgExpr")?.to_owned();
                let part = self.expr(argument.arg())?;
                Ok(compound(Form::NamedArgument(name), vec![part], argument.location))
            }
            Node::GroupingFunc(grouping) => {
                self.list(Form::Grouping, grouping.args(), grouping.location)
            }
            Node::GroupingSet(set) => {
                self.list(Form::GroupingSet(set.kind), set.content(), set.location)
            }
            Node::SQLValueFunction(value) => {
                Ok(compound(Form::SqlValue(value.op, value.typmod), Vec::new(), value.location))
            }
            other => self.special(other),
        }
    }

    fn list(&mut self, form: Form, parts: &NodeList, location: i32) -> Converted<Expr> {
        Ok(compound(form, self.exprs(parts)?, location))
    }

    fn case(&mut self, case: &nodes::CaseExpr) -> Converted<Expr> {
        let operand = self.optional(case.arg())?;
        let form_operand = operand.is_some();
        let mut parts: Vec<Expr> = operand.into_iter().collect();
        for branch in case.args() {
            match branch {
                Node::CaseWhen(branch) => {
                    parts.push(self.expr(branch.expr())?);
                    parts.push(self.expr(branch.result())?);
                }
                other => return unknown(other, At::new(case.location)),
            }
        }
        let default = self.optional(case.defresult())?;
        let form = Form::Case { operand: form_operand, default: default.is_some() };
        parts.extend(default);
        Ok(compound(form, parts, case.location))
    }

    fn call(&mut self, call: &nodes::FuncCall) -> Converted<Expr> {
        let arguments = self.exprs(call.args())?;
        let at = leftmost(At::new(call.location), &arguments);
        let kind = ExprKind::Call(Box::new(Call {
            name: strings(call.funcname())?,
            arguments,
            order_by: self.sort_keys(call.agg_order())?,
            filter: self.optional(call.agg_filter())?,
            over: call.over().map(|window| self.window(window)).transpose()?,
            flags: CallFlags {
                within_group: call.agg_within_group,
                star: call.agg_star,
                distinct: call.agg_distinct,
                variadic: call.func_variadic,
                sql_syntax: call.funcformat == CoercionForm::COERCE_SQL_SYNTAX,
            },
        }));
        Ok(Expr { kind, at })
    }

    fn operation(&mut self, operation: &nodes::A_Expr) -> Converted<Expr> {
        let place = At::new(operation.location);
        let kind = match operation.kind {
            A_Expr_Kind::AEXPR_OP => OperationKind::Plain,
            A_Expr_Kind::AEXPR_OP_ANY => OperationKind::Any,
            A_Expr_Kind::AEXPR_OP_ALL => OperationKind::All,
            A_Expr_Kind::AEXPR_DISTINCT => OperationKind::Distinct,
            A_Expr_Kind::AEXPR_NOT_DISTINCT => OperationKind::NotDistinct,
            A_Expr_Kind::AEXPR_NULLIF => OperationKind::NullIf,
            A_Expr_Kind::AEXPR_IN => OperationKind::In,
            A_Expr_Kind::AEXPR_LIKE => OperationKind::Like,
            A_Expr_Kind::AEXPR_ILIKE => OperationKind::ILike,
            A_Expr_Kind::AEXPR_SIMILAR => OperationKind::Similar,
            A_Expr_Kind::AEXPR_BETWEEN => OperationKind::Between,
            A_Expr_Kind::AEXPR_NOT_BETWEEN => OperationKind::NotBetween,
            A_Expr_Kind::AEXPR_BETWEEN_SYM => OperationKind::BetweenSymmetric,
            A_Expr_Kind::AEXPR_NOT_BETWEEN_SYM => OperationKind::NotBetweenSymmetric,
            _ => return unknown_form("A_Expr", place),
        };
        let left = self.optional(operation.lexpr())?;
        let right = self.expr(operation.rexpr())?;
        let at = left.as_ref().map_or(place.leftmost(right.at), |left| left.at.leftmost(place));
        let name = strings(operation.name())?;
        Ok(Expr {
            kind: ExprKind::Operation(Box::new(Operation { kind, name, left, right, at: place })),
            at,
        })
    }

    fn cast(&mut self, cast: &nodes::TypeCast) -> Converted<Expr> {
        let arg = self.expr(cast.arg())?;
        let type_name = self.type_name(cast.type_name())?;
        let at = At::new(cast.location).leftmost(arg.at).leftmost(type_name.at);
        Ok(Expr { kind: ExprKind::Cast(Box::new(arg), type_name), at })
    }

    fn collate(&mut self, collate: &nodes::CollateClause) -> Converted<Expr> {
        let arg = self.expr(collate.arg())?;
        let at = At::new(collate.location).leftmost(arg.at);
        Ok(Expr { kind: ExprKind::Collate(Box::new(arg), strings(collate.collname())?), at })
    }

    pub(super) fn indirection(&mut self, steps: &NodeList) -> Converted<Vec<Indirection>> {
        steps
            .iter()
            .map(|step| match step {
                Node::String(name) => {
                    Ok(Indirection::Field(required(name.sval(), "String")?.to_owned()))
                }
                Node::A_Star(_) => Ok(Indirection::Star),
                Node::A_Indices(index) if index.is_slice => Ok(Indirection::Slice(
                    self.optional(index.lidx())?,
                    self.optional(index.uidx())?,
                )),
                Node::A_Indices(index) => Ok(Indirection::Index(self.expr(index.uidx())?)),
                other => unknown(other, At::UNKNOWN),
            })
            .collect()
    }

    fn sub_link(&mut self, link: &nodes::SubLink) -> Converted<Expr> {
        let place = At::new(link.location);
        let kind = match link.sub_link_type {
            SubLinkType::EXISTS_SUBLINK => SubLinkKind::Exists,
            SubLinkType::ALL_SUBLINK => SubLinkKind::All,
            SubLinkType::ANY_SUBLINK => SubLinkKind::Any,
            SubLinkType::EXPR_SUBLINK => SubLinkKind::Scalar,
            SubLinkType::ARRAY_SUBLINK => SubLinkKind::Array,
            _ => return unknown_form("SubLink", place),
        };
        let query = match link.subselect() {
            Node::SelectStmt(select) => self.query(select)?,
            other => return unknown(other, place),
        };
        let test = self.optional(link.testexpr())?;
        let operator = strings(link.oper_name())?;
        let at = test.as_ref().map_or(place, |test| test.at.leftmost(place));
        Ok(Expr { kind: ExprKind::SubLink(Box::new(SubLink { kind, test, operator, query })), at })
    }
}

fn leftmost(at: At, parts: &[Expr]) -> At {
    parts.iter().fold(at, |at, part| at.leftmost(part.at))
}

/// A compound without types.
pub(super) fn compound(form: Form, parts: Vec<Expr>, location: i32) -> Expr {
    typed_compound(form, parts, Vec::new(), location)
}

/// A compound with types.
pub(super) fn typed_compound(
    form: Form,
    parts: Vec<Expr>,
    types: Vec<TypeName>,
    location: i32,
) -> Expr {
    let at = leftmost(At::new(location), &parts);
    Expr { kind: ExprKind::Compound(Box::new(Compound { form, parts, types })), at }
}

pub(super) fn constant(value: &nodes::A_Const) -> Converted<Const> {
    Ok(match value.val() {
        None => Const::Null,
        Some(ConstValue::Integer(number)) => Const::Integer(number),
        Some(ConstValue::Float(number)) => Const::Number(number.to_owned()),
        Some(ConstValue::Boolean(value)) => Const::Boolean(value),
        Some(ConstValue::String(text)) => Const::String(text.to_owned()),
        Some(ConstValue::BitString(bits)) => Const::Bits(bits.to_owned()),
        Some(_) => return unknown_form("constant", At::new(value.location)),
    })
}

fn column_ref(column: &nodes::ColumnRef) -> Converted<Expr> {
    let at = At::new(column.location);
    let mut names = Vec::new();
    let mut star = false;
    for field in column.fields() {
        match field {
            Node::String(name) if !star => {
                names.push(required(name.sval(), "String")?.to_owned());
            }
            Node::A_Star(_) if !star => star = true,
            other => return unknown(other, at),
        }
    }
    Ok(Expr { kind: ExprKind::Column(ColumnRef { names, star }), at })
}
