//! Wrap a relation into a sub-select that holds its guard, where no condition outside may hold it.

use postgres_wire::sql::syntax::{
    Alias, At, Body, ColumnRef, Distinct, ExprKind, FromItem, Query, Select, Target,
};

use super::add_guard::{Guard, unplaced};
use crate::postgres::edit::Part;
use crate::postgres::ident::quoted;
use crate::postgres::resolved::Table;
use crate::postgres::scope::{Judged, Scope};

impl Scope<'_> {
    /// `name AS alias` becomes `(SELECT * FROM name WHERE guard) AS alias`: the same columns in the
    /// same order, under the same name.
    pub(super) fn wrap(&mut self, item: &mut FromItem, table: &Table) -> Judged<()> {
        let FromItem::Relation(range) = item else { return Ok(()) };
        let at = range.at;
        if range.sample.is_some() {
            return Err(self.unsupported("TABLESAMPLE in this place", at));
        }
        let extent =
            self.anchors.relation(at, range.only).ok_or_else(|| self.lost("a relation", at))?;
        let alias = range.alias.take();
        let named = alias.is_some();
        let alias =
            alias.unwrap_or_else(|| Alias { name: range.name.name.clone(), columns: Vec::new() });

        self.edits.insert_text(extent.start as usize, "(SELECT * FROM ");
        self.qualify(range, table)?;
        let star = Target {
            value: unplaced(ExprKind::Column(ColumnRef { names: Vec::new(), star: true })),
            name: None,
            at: At::UNKNOWN,
        };
        let guard = Guard::of(range, table);
        let mut select = Select {
            distinct: Distinct::No,
            targets: vec![star],
            from: vec![FromItem::Relation(range.clone())],
            filter: None,
            group_by: Vec::new(),
            group_distinct: false,
            having: None,
            windows: Vec::new(),
        };
        self.add_to_filter(&mut select.filter, Err(extent.end as usize), vec![guard])?;
        let close = if named { ")".to_owned() } else { format!(") AS {}", quoted(&alias.name)) };
        self.edits.insert(extent.end as usize, vec![Part::Text(close)]);

        let query = Query {
            with: None,
            body: Body::Select(Box::new(select)),
            order_by: Vec::new(),
            limit: None,
            with_ties: false,
            offset: None,
            locking: Vec::new(),
        };
        *item = FromItem::Query { lateral: false, query: Box::new(query), alias: Some(alias) };
        Ok(())
    }
}
