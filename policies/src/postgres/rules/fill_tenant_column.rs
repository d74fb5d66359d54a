//! Give every inserted row its tenant.

use postgres_wire::sql::syntax::{
    Assignee, At, Body, Expr, ExprKind, FromItem, Insert, Query, Range, Select, Target,
};
use std::sync::Arc;

use super::add_guard::tenant_constant;
use super::resolve_relation::Meaning;
use crate::postgres::edit::Part;
use crate::postgres::ident::quoted;
use crate::postgres::resolved::Table;
use crate::postgres::scope::{Judged, Scope};
use crate::{Reason, Rejection};

impl Scope<'_> {
    pub(in crate::postgres) fn insert(&mut self, insert: &mut Insert) -> Judged<()> {
        self.level(|this| {
            this.with(insert.with.as_mut())?;
            let table = this.write_target(&insert.into)?;
            for column in &mut insert.columns {
                this.indirection(&mut column.indirection, column.at)?;
            }
            this.fill(insert, &table)?;
            this.qualify(&mut insert.into, &table)?;
            if let Some(clause) = &mut insert.on_conflict {
                this.extend_conflict_target(clause, &table)?;
                this.guard_conflict(clause, &insert.into, &table)?;
            }
            this.returning(insert.returning.as_mut())
        })
    }

    fn fill(&mut self, insert: &mut Insert, table: &Arc<Table>) -> Judged<()> {
        let at = insert.into.at;
        let Some(source) = insert.source.as_deref_mut() else {
            return self.fill_default_values(insert, table);
        };
        let width = if insert.columns.is_empty() { Some(self.width(source, at)?) } else { None };
        self.query(source)?;
        let tenant = table.tenant_column();
        let place = match width {
            None => insert.columns.iter().position(|column| column.column == tenant),
            Some(width) => {
                let names = table.columns.get(..width).ok_or_else(|| {
                    let what = "INSERT has more expressions than target columns".to_owned();
                    self.reject(Reason::SyntaxError, what, at)
                })?;
                insert.columns = names.iter().map(|column| assignee(&column.name)).collect();
                names.iter().position(|column| column.name == tenant)
            }
        };
        match place {
            Some(place) => self.fill_defaults(source, place, table, at)?,
            None => self.append(source, table, at, true)?,
        }
        self.fill_column_list(insert, table, width.is_some(), place.is_none())
    }

    /// Adds the tenant to the list of columns, or writes the list that position implies.
    fn fill_column_list(
        &mut self,
        insert: &mut Insert,
        table: &Table,
        implied: bool,
        short: bool,
    ) -> Judged<()> {
        let first = insert.columns.first().map_or(At::UNKNOWN, |column| column.at);
        let at = insert.into.at;
        if short {
            insert.columns.push(assignee(table.tenant_column()));
        }
        if implied {
            let names: Vec<String> =
                insert.columns.iter().map(|column| quoted(&column.column)).collect();
            let end = self
                .anchors
                .end_of_insert_target(at)
                .ok_or_else(|| self.lost("the INSERT target", at))?;
            self.edits.insert_text(end, format!(" ({})", names.join(", ")));
        } else if short {
            let end = self
                .anchors
                .end_of_insert_columns(first)
                .ok_or_else(|| self.lost("the column list", first))?;
            self.edits.insert_text(end, format!(", {}", quoted(table.tenant_column())));
        }
        Ok(())
    }

    fn fill_default_values(&mut self, insert: &mut Insert, table: &Table) -> Judged<()> {
        let at = insert.into.at;
        let span =
            self.anchors.default_values(at).ok_or_else(|| self.lost("DEFAULT VALUES", at))?;
        let tenant = table.tenant_column();
        let prefix = format!("({}) VALUES (", quoted(tenant));
        let mut parts = Self::tenant_parts(&prefix, table.tenant_type());
        parts.push(Part::Text(")".to_owned()));
        self.edits.replace(span.start as usize, (span.end - span.start) as usize, parts);
        insert.columns = vec![assignee(tenant)];
        insert.source = Some(Box::new(Query {
            with: None,
            body: Body::Values(vec![vec![tenant_constant(self.exemplar, table.tenant_type())]]),
            order_by: Vec::new(),
            limit: None,
            with_ties: false,
            offset: None,
            locking: Vec::new(),
        }));
        Ok(())
    }

    /// DEFAULT for the tenant column means the tenant.
    fn fill_defaults(
        &mut self,
        source: &mut Query,
        place: usize,
        table: &Table,
        at: At,
    ) -> Judged<()> {
        let rows = match &mut source.body {
            Body::Values(rows) => rows,
            Body::Select(_) | Body::SetOperation { operation: _, all: _, left: _, right: _ } => {
                return Ok(());
            }
        };
        for value in rows.iter_mut().filter_map(|row| row.get_mut(place)) {
            if value.kind != ExprKind::Default {
                continue;
            }
            let span =
                self.anchors.default_keyword(value.at).ok_or_else(|| self.lost("DEFAULT", at))?;
            let length = (span.end - span.start) as usize;
            let parts = Self::tenant_parts("", table.tenant_type());
            self.edits.replace(span.start as usize, length, parts);
            *value = tenant_constant(self.exemplar, table.tenant_type());
        }
        Ok(())
    }

    /// Appends the tenant to every row that the source yields.
    fn append(&mut self, source: &mut Query, table: &Table, into: At, top: bool) -> Judged<()> {
        match &mut source.body {
            Body::Select(select) => self.append_target(select, table, into),
            Body::Values(rows) if top => self.append_values(rows, table, into),
            Body::Values(_) => Err(self.unsupported("VALUES inside a set operation", into)),
            Body::SetOperation { operation: _, all: _, left, right } => {
                self.append(left, table, into, false)?;
                self.append(right, table, into, false)
            }
        }
    }

    fn append_target(&mut self, select: &mut Select, table: &Table, into: At) -> Judged<()> {
        let first = select.targets.first().map_or(At::UNKNOWN, |target| target.at);
        if first.offset().is_none() {
            return Err(self.unsupported("TABLE as the source of INSERT", into));
        }
        let end = self
            .anchors
            .end_of_targets(first)
            .ok_or_else(|| self.lost("the target list", first))?;
        self.edits.insert(end, Self::tenant_parts(", ", table.tenant_type()));
        let value = tenant_constant(self.exemplar, table.tenant_type());
        select.targets.push(Target { value, name: None, at: At::UNKNOWN });
        Ok(())
    }

    fn append_values(&mut self, rows: &mut [Vec<Expr>], table: &Table, into: At) -> Judged<()> {
        let ends =
            self.anchors.rows_behind(into, rows.len()).ok_or_else(|| self.lost("VALUES", into))?;
        for (row, end) in rows.iter_mut().zip(ends) {
            self.edits.insert(end, Self::tenant_parts(", ", table.tenant_type()));
            row.push(tenant_constant(self.exemplar, table.tenant_type()));
        }
        Ok(())
    }

    /// How many columns a source yields, for an INSERT without a column list.
    fn width(&self, source: &Query, at: At) -> Judged<usize> {
        match &source.body {
            Body::Values(rows) => Ok(rows.first().map_or(0, Vec::len)),
            Body::SetOperation { operation: _, all: _, left, right: _ } => self.width(left, at),
            Body::Select(select) => {
                let mut width = 0;
                for target in &select.targets {
                    width += match &target.value.kind {
                        ExprKind::Column(column) if column.star => {
                            let range = column.names.last();
                            self.star_width(source, &select.from, range)
                                .ok_or_else(|| self.unknown_width(at))?
                        }
                        ExprKind::Indirection(_, _) => return Err(self.unknown_width(at)),
                        ExprKind::Column(_)
                        | ExprKind::Parameter(_)
                        | ExprKind::Const(_)
                        | ExprKind::Call(_)
                        | ExprKind::Operation(_)
                        | ExprKind::Cast(_, _)
                        | ExprKind::Collate(_, _)
                        | ExprKind::SubLink(_)
                        | ExprKind::Compound(_)
                        | ExprKind::Default => 1,
                    };
                }
                Ok(width)
            }
        }
    }

    fn unknown_width(&self, at: At) -> Rejection {
        self.unsupported("INSERT without a column list from this query", at)
            .hint("Name the columns: INSERT INTO table (a, b) SELECT …")
    }

    /// How many columns `*` or `range.*` stands for, where FROM is a list of plain relations.
    fn star_width(
        &self,
        source: &Query,
        from: &[FromItem],
        range: Option<&String>,
    ) -> Option<usize> {
        let mut width = 0;
        for item in from {
            let FromItem::Relation(relation) = item else { return None };
            let name = relation.alias.as_ref().map_or(&relation.name.name, |alias| &alias.name);
            if range.is_none_or(|range| range == name) {
                width += self.relation_width(source, relation)?;
            }
        }
        Some(width)
    }

    fn relation_width(&self, source: &Query, relation: &Range) -> Option<usize> {
        let with = source.with.iter().flat_map(|with| with.ctes.iter());
        if with.into_iter().any(|cte| cte.name == relation.name.name) {
            return None;
        }
        match self.meaning(relation) {
            Ok(Meaning::Scoped(table) | Meaning::Shared(table)) => Some(table.columns.len()),
            Ok(Meaning::Cte | Meaning::Catalog) | Err(_) => None,
        }
    }
}

fn assignee(name: &str) -> Assignee {
    Assignee { column: name.to_owned(), indirection: Vec::new(), at: At::UNKNOWN }
}
