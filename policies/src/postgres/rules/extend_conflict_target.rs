//! Extend an ON CONFLICT target by the tenant column.
//!
//! In a private store `(code)` is unique; in the shared one `(tenant_id, code)` is. An application
//! that names its own columns gets the key that they stand for.

use std::collections::BTreeSet;

use postgres_wire::sql::syntax::{ConflictTarget, IndexElement, IndexKey, OnConflict};

use crate::postgres::ident::quoted;
use crate::postgres::resolved::Table;
use crate::postgres::scope::{Judged, Scope};

impl Scope<'_> {
    pub(super) fn extend_conflict_target(
        &mut self,
        clause: &mut OnConflict,
        table: &Table,
    ) -> Judged<()> {
        let (elements, filter, at) = match &mut clause.target {
            Some(ConflictTarget::Index { elements, filter, at }) => (elements, filter, *at),
            Some(ConflictTarget::Constraint(_)) | None => return Ok(()),
        };
        for element in elements.iter_mut() {
            match &mut element.key {
                IndexKey::Column(_) => {}
                IndexKey::Expression(expr) => self.expr(expr)?,
            }
        }
        self.exprs(filter)?;
        if !is_short_of_tenant(elements, table) {
            return Ok(());
        }
        let tenant = table.tenant_column();
        let end = self.anchors.end_of_list(at).ok_or_else(|| self.lost("a conflict target", at))?;
        self.edits.insert_text(end, format!(", {}", quoted(tenant)));
        elements.push(IndexElement {
            key: IndexKey::Column(tenant.to_owned()),
            collation: Vec::new(),
            operator_class: Vec::new(),
        });
        Ok(())
    }
}

/// Whether the elements are plain columns that no unique key covers, but one does together with the
/// tenant column.
fn is_short_of_tenant(elements: &[IndexElement], table: &Table) -> bool {
    let mut named = BTreeSet::new();
    for element in elements {
        match &element.key {
            IndexKey::Column(name) => named.insert(name.as_str()),
            IndexKey::Expression(_) => return false,
        };
    }
    let is_unique = |columns: &BTreeSet<&str>| {
        table
            .unique
            .iter()
            .any(|key| key.iter().map(String::as_str).collect::<BTreeSet<_>>() == *columns)
    };
    if is_unique(&named) || !named.insert(table.tenant_column()) {
        return false;
    }
    is_unique(&named)
}
