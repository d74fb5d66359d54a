//! The guard of a range, and its way into a condition.

use postgres_wire::sql::syntax::{
    At, ColumnRef, Compound, Const, Expr, ExprKind, Form, FromItem, Operation, OperationKind,
    Range, Select, TypeName,
};

use crate::postgres::anchor::Clause;
use crate::postgres::edit::Part;
use crate::postgres::ident::quoted;
use crate::postgres::resolved::Table;
use crate::postgres::scope::{Judged, Scope};

/// `range.column = ANY (ARRAY[tenant])`, in the one form that nothing in the session can bend: an
/// operator and a type of `pg_catalog`, the column qualified by the range's own name.
///
/// A plain `=` would be evaluated late: the planner takes an equality with a constant out of the
/// conditions, as an equivalence, and puts it back behind the others. A condition of the client's
/// that costs no more would then see the rows of all tenants, and show them in its errors. Over an
/// array of one the same comparison costs half of any function, and conditions go by cost.
pub(in crate::postgres) struct Guard {
    column: Vec<String>,
    type_name: String,
}

impl Guard {
    /// The guard of a range, by its alias or else by its full name.
    pub(super) fn of(range: &Range, table: &Table) -> Self {
        let mut column = match &range.alias {
            Some(alias) => vec![alias.name.clone()],
            None => vec![table.schema.clone(), table.name.clone()],
        };
        column.push(table.tenant_column().to_owned());
        Self { column, type_name: table.tenant_type().to_owned() }
    }

    fn parts(&self) -> Vec<Part> {
        let column: Vec<String> = self.column.iter().map(|name| quoted(name)).collect();
        let prefix = format!("{} OPERATOR(pg_catalog.=) ANY (ARRAY[", column.join("."));
        let mut parts = Scope::tenant_parts(&prefix, &self.type_name);
        parts.push(Part::Text("])".to_owned()));
        parts
    }

    fn expr(&self, exemplar: &str) -> Expr {
        let array = compound(Form::Array, vec![tenant_constant(exemplar, &self.type_name)]);
        unplaced(ExprKind::Operation(Box::new(Operation {
            kind: OperationKind::Any,
            name: vec!["pg_catalog".to_owned(), "=".to_owned()],
            left: Some(unplaced(ExprKind::Column(ColumnRef {
                names: self.column.clone(),
                star: false,
            }))),
            right: array,
            at: At::UNKNOWN,
        })))
    }
}

/// An expression that the client did not write.
pub(super) fn unplaced(kind: ExprKind) -> Expr {
    Expr { kind, at: At::UNKNOWN }
}

fn compound(form: Form, parts: Vec<Expr>) -> Expr {
    unplaced(ExprKind::Compound(Box::new(Compound { form, parts, types: Vec::new() })))
}

/// The tree of [`Scope::tenant_parts`].
pub(super) fn tenant_constant(exemplar: &str, type_name: &str) -> Expr {
    let type_name = TypeName {
        names: vec!["pg_catalog".to_owned(), type_name.to_owned()],
        set_of: false,
        modifiers: Vec::new(),
        array_bounds: Vec::new(),
        at: At::UNKNOWN,
    };
    let id = unplaced(ExprKind::Const(Const::String(exemplar.to_owned())));
    unplaced(ExprKind::Cast(Box::new(id), type_name))
}

/// A condition in the text, or the place where a WHERE belongs.
pub(in crate::postgres) type FilterPlace = Result<Clause, usize>;

impl Scope<'_> {
    /// Where the WHERE of a SELECT stands or belongs.
    pub(in crate::postgres) fn filter_place(&mut self, select: &Select) -> Judged<FilterPlace> {
        let first = select.targets.first().map_or(At::UNKNOWN, |target| target.at);
        let found = if first.offset().is_some() {
            self.anchors.filter_of_select(first)
        } else {
            // `TABLE name`, which the grammar reads as a SELECT of a star that stands nowhere, and a
            // SELECT without targets: both are found by their first relation.
            let Some(FromItem::Relation(range)) = select.from.first() else {
                return Err(self.unsupported("a SELECT without targets", At::UNKNOWN));
            };
            if !select.targets.is_empty() {
                let table = self
                    .anchors
                    .table_keyword(range.at, range.only)
                    .ok_or_else(|| self.lost("TABLE", range.at))?;
                let length = (table.end - table.start) as usize;
                let select_all = vec![Part::Text("SELECT * FROM".to_owned())];
                self.edits.replace(table.start as usize, length, select_all);
            }
            self.anchors.filter_behind_relation(range.at)
        };
        found.ok_or_else(|| self.lost("FROM", first))
    }

    /// Puts guards before what the client asks for: `guards AND (condition)`.
    pub(in crate::postgres) fn add_to_filter(
        &mut self,
        filter: &mut Option<Expr>,
        place: FilterPlace,
        guards: Vec<Guard>,
    ) -> Judged<()> {
        let mut parts = Vec::new();
        for guard in &guards {
            if !parts.is_empty() {
                parts.push(Part::Text(" AND ".to_owned()));
            }
            parts.extend(guard.parts());
        }
        match (&filter, place) {
            (Some(_), Ok(clause)) => {
                parts.push(Part::Text(" AND (".to_owned()));
                self.edits.insert(clause.start, parts);
                self.edits.insert_text(clause.end, ")");
            }
            (None, Err(end)) => {
                parts.insert(0, Part::Text(" WHERE ".to_owned()));
                self.edits.insert(end, parts);
            }
            (Some(_), Err(_)) | (None, Ok(_)) => return Err(self.lost("WHERE", At::UNKNOWN)),
        }
        let mut conditions: Vec<Expr> =
            guards.iter().map(|guard| guard.expr(self.exemplar)).collect();
        conditions.extend(filter.take());
        *filter = match conditions.len() {
            1 => conditions.pop(),
            _ => Some(compound(Form::And, conditions)),
        };
        Ok(())
    }
}
