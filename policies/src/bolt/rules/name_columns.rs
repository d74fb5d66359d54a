//! Columns keep the names that the client's own text gives them.

use bolt_wire::cypher::quote_name;
use bolt_wire::cypher::syntax::{ExprKind, GroupBy, InTransactions, Projection};
use bolt_wire::cypher::visit::Visit;

use super::scope::Scope;

impl<'t> Scope<'_, 't> {
    /// An item of the outermost RETURN without an alias is named by its text, which is printed
    /// otherwise here: it gets that text as its alias. Bare variables and map projections are named
    /// by their variable.
    pub(super) fn name_columns(&mut self, projection: &'t Projection) {
        for item in &projection.items {
            let is_named = item.alias.is_some()
                || matches!(item.value.kind, ExprKind::Variable(_) | ExprKind::MapProjection(_));
            if is_named {
                continue;
            }
            let span = item.value.span;
            match quote_name(span.of(self.parsed.text()).unwrap_or_default()) {
                Ok(name) => self.edits.after(span, format!("AS {name}")),
                Err(_) => self
                    .refuse_syntax(span, "a column with an escape in its name: give it an alias"),
            }
        }
    }

    /// What follows the items.
    pub(super) fn page_of(&mut self, projection: &'t Projection) {
        match &projection.group_by {
            Some(GroupBy::Keys(keys)) => keys.iter().for_each(|key| self.expr(key)),
            Some(GroupBy::All) | None => {}
        }
        let page = &projection.page;
        page.order_by.iter().for_each(|item| self.expr(&item.value));
        page.skip.iter().chain(&page.limit).for_each(|count| self.expr(count));
    }

    /// How a sub-query is cut into transactions.
    pub(super) fn transactions(&mut self, with: &'t InTransactions) {
        use bolt_wire::cypher::syntax::{BatchError, Disjoint};
        with.concurrency.iter().chain(&with.rows).for_each(|count| self.expr(count));
        for disjoint in &with.disjoint {
            match disjoint {
                Disjoint::By(exprs) => exprs.iter().for_each(|expr| self.expr(expr)),
                Disjoint::Auto | Disjoint::None => {}
            }
        }
        let mut errors: Vec<&'t BatchError> = with.on_error.iter().collect();
        while let Some(error) = errors.pop() {
            match error {
                BatchError::Break | BatchError::Continue | BatchError::Fail => {}
                BatchError::Retry { seconds, then } => {
                    seconds.iter().for_each(|count| self.expr(count));
                    errors.extend(then.as_deref());
                }
            }
        }
    }
}
