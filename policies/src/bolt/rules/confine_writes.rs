//! SET and REMOVE: nothing that says whose a node is can be changed, however it is spelt.

use bolt_wire::cypher::syntax::{
    Access, Assignment, Expr, ExprKind, LabelChange, LabelSign, RemoveItem, SetItem,
};
use bolt_wire::cypher::visit::Visit;
use bolt_wire::cypher::{quote_name, quote_string};
use wire::Span;

use super::super::guard::OUR_PREFIX;
use super::super::tenancy::LABEL_PREFIX;
use super::scope::Scope;
use crate::Reason;

impl<'t> Scope<'_, 't> {
    pub(super) fn set_item(&mut self, item: &'t SetItem) {
        match item {
            // No map that a statement can come by has the property, but those of the tenant's own
            // nodes: no key is written so, no parameter has it, and copied it stays what it is.
            // Functions that the policy opens might make one, though.
            SetItem::Add(assignment) if self.rules.policy.functions.is_empty() => {
                self.expr(&assignment.value);
            }
            SetItem::Add(assignment) | SetItem::Replace(assignment) => self.replaced(assignment),
            SetItem::Labels(change) => self.changed_labels(change),
            SetItem::Property { target, value, .. } => {
                self.changed_property(target);
                self.expr(value);
            }
        }
    }

    pub(super) fn remove_item(&mut self, item: &'t RemoveItem) {
        match item {
            RemoveItem::Labels(change) => self.changed_labels(change),
            RemoveItem::Property(target) => self.changed_property(target),
        }
    }

    /// Properties are replaced: the one that says whose the node is keeps its value. A
    /// relationship has none, and gets none.
    fn replaced(&mut self, assignment: &'t Assignment) {
        self.expr(&assignment.value);
        let Some(property) = self.guard.property() else { return };
        let Ok(variable) = quote_name(&assignment.variable.text) else {
            return self.refuse_syntax(assignment.variable.span, "an escape in a variable's name");
        };
        let map = self.name();
        let kept = format!("] | {map} {{.*, `{property}`: {variable}.`{property}`}}])");
        self.edits.before(assignment.value.span, format!("head([{map} IN ["));
        self.edits.after(assignment.value.span, kept);
    }

    fn changed_labels(&mut self, change: &'t LabelChange) {
        for item in &change.labels {
            match &item.label {
                LabelSign::Name(name) => {
                    self.label(&name.text, name.span);
                    self.shared_label(&name.text, name.span);
                }
                LabelSign::Dynamic(value) => self.written_labels(value),
            }
        }
    }

    /// A label of shared nodes is not written.
    pub(super) fn shared_label(&mut self, name: &str, span: Span) {
        if self.guard.is_shared(name) {
            let what = format!("the label \"{name}\" is that of nodes which no tenant writes");
            self.refuse(Reason::SharedRelationReadOnly, span, what);
        }
    }

    /// Labels that are computed: one that a tenant may not write ends the statement with an error.
    pub(super) fn written_labels(&mut self, value: &'t Expr) {
        self.expr(value);
        let label = format!("`{OUR_PREFIX}l`");
        let mut tests = Vec::new();
        if self.guard.property().is_none() {
            tests.push(format!("{label} STARTS WITH '{LABEL_PREFIX}'"));
        }
        for shared in &self.rules.policy.shared_labels {
            tests.push(format!("{label} = {}", quote_string(shared)));
        }
        if tests.is_empty() {
            return;
        }
        let tests = tests.join(" OR ");
        self.edits.before(value.span, format!("[{label} IN [] + ("));
        let end = format!(") | CASE WHEN {tests} THEN toString(date({label})) ELSE {label} END]");
        self.edits.after(value.span, end);
    }

    /// The last step of the target is what is set or removed.
    fn changed_property(&mut self, target: &'t Expr) {
        self.expr(target);
        let Some(property) = self.guard.property() else { return };
        let last = if let ExprKind::Access(_, steps) = &target.kind { steps.last() } else { None };
        match last {
            // Looked at with all others.
            Some(Access::Property(_)) => {}
            Some(Access::Index(key)) => self.written_key(key, property.to_owned()),
            Some(Access::Labels(_) | Access::Slice(_)) | None => {
                self.refuse_syntax(target.span, "this is no property");
            }
        }
    }

    /// A key that is computed: the one that says whose a node is ends the statement with an error.
    pub(super) fn written_key(&mut self, key: &'t Expr, property: String) {
        let name = format!("`{OUR_PREFIX}k`");
        self.edits.before(key.span, format!("head([{name} IN ["));
        let end = format!(
            "] | CASE WHEN {name} = '{property}' THEN toString(date({name})) ELSE {name} END])"
        );
        self.edits.after(key.span, end);
    }
}
