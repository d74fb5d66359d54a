//! What is made is the tenant's, and what tells whose a node is is not written.

use bolt_wire::cypher::syntax::{
    Access, Case, Comparison, Expr, ExprKind, Factor, LabelChange, LabelExpr, LabelExprKind,
    LabelSign, Literal, MapProjection, NodePattern, Path, PathPattern, ProjectionItem, Properties,
    RemoveItem, SetItem, Test, WhenTest,
};
use bolt_wire::cypher::visit::Visit;

use super::super::tenancy::LABEL_PREFIX;
use super::tests_of::is_variable;
use super::{Carrier, Verifier, Whose};
use crate::Reason;

impl<'t> Verifier<'_, 't> {
    /// A pattern of CREATE, INSERT or MERGE.
    pub(super) fn made(&mut self, pattern: &'t PathPattern) {
        let Path::Factors(factors) = &pattern.path else {
            return self.fail(Reason::SyntaxNotSupported, "a shortest path is not made");
        };
        let bound = self.bound.clone();
        for (index, factor) in factors.iter().enumerate() {
            match factor {
                Factor::Node(node) => self.made_node(node),
                Factor::Relationship(relationship) => {
                    self.relationship_parts(relationship);
                    let before = index.checked_sub(1).and_then(|before| factors.get(before));
                    self.note_made_relationship(before, factors.get(index + 1), &bound);
                    let names = relationship.body.iter().flat_map(|body| &body.variable);
                    for name in names {
                        self.note_own(&name.text);
                        self.bound.push(&name.text);
                    }
                }
                Factor::Parenthesized(_) => {
                    self.fail(Reason::SyntaxNotSupported, "a path in parentheses is not made");
                }
            }
        }
        self.bound.extend(pattern.variable.iter().map(|name| name.text.as_str()));
    }

    fn made_node(&mut self, node: &'t NodePattern) {
        self.values(node.properties.as_ref());
        let name = node.variable.as_ref().map(|name| name.text.as_str());
        if name.is_some_and(|name| self.bound.contains(&name)) {
            // The server refuses labels and properties here.
            return;
        }
        self.bound.extend(name);
        self.note_made(node);
        if self.whose(node) != Whose::Own {
            self.missing("a node is made without its tenant");
        }
        if let Some(labels) = &node.labels {
            self.made_labels(&labels.expr);
        }
        self.owned_alone(node.properties.as_ref());
    }

    /// A property that is the tenant's is so once, which `whose` has seen to; a label that is made
    /// is the tenant's own, or is no tenant's and not shared.
    fn made_labels(&mut self, labels: &'t LabelExpr) {
        match &labels.kind {
            LabelExprKind::Name(name) => self.written_label(&name.text, true),
            LabelExprKind::And(_, all) => all.iter().for_each(|labels| self.made_labels(labels)),
            LabelExprKind::Parenthesized(inner) => self.made_labels(inner),
            LabelExprKind::Dynamic(dynamic) => self.computed_labels(&dynamic.value),
            LabelExprKind::Any | LabelExprKind::Not(_) | LabelExprKind::Or(_) => {
                self.fail(Reason::SyntaxNotSupported, "what is made has each of its labels");
            }
        }
    }

    fn owned_alone(&mut self, properties: Option<&'t Properties>) {
        let (Some(Properties::Map(map)), Carrier::Property { name, .. }) =
            (properties, self.carrier)
        else {
            return;
        };
        if map.entries.iter().filter(|(key, _)| key.text == name).count() > 1 {
            self.fail(Reason::ReservedName, "a node is made with two tenants");
        }
    }

    fn written_label(&mut self, name: &str, may_be_own: bool) {
        let is_own = matches!(self.carrier, Carrier::Label(own) if own == name);
        let is_reserved =
            matches!(self.carrier, Carrier::Label(_)) && name.starts_with(LABEL_PREFIX);
        if is_reserved && !(is_own && may_be_own) {
            self.fail(Reason::ReservedName, "a label of a tenant's is written");
        }
        if self.is_shared_label(name) {
            self.fail(Reason::SharedRelationReadOnly, "a label of shared nodes is written");
        }
    }

    pub(super) fn set_item(&mut self, item: &'t SetItem) {
        match item {
            // Maps come from keys that are written down, parameters that were looked through, and own
            // nodes, unless a function that was opened makes them.
            SetItem::Add(assignment) if self.policy.functions.is_empty() => {
                self.target_variable(&assignment.variable.text);
                self.expr(&assignment.value);
            }
            SetItem::Add(assignment) | SetItem::Replace(assignment) => {
                self.target_variable(&assignment.variable.text);
                self.replaced(&assignment.variable.text, &assignment.value);
            }
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

    fn changed_labels(&mut self, change: &'t LabelChange) {
        self.target_variable(&change.variable.text);
        for item in &change.labels {
            match &item.label {
                LabelSign::Name(name) => self.written_label(&name.text, false),
                LabelSign::Dynamic(value) => self.computed_labels(value),
            }
        }
    }

    fn changed_property(&mut self, target: &'t Expr) {
        self.target(target);
        let ExprKind::Access(value, steps) = &target.kind else {
            return self.fail(Reason::SyntaxNotSupported, "this is no property");
        };
        self.expr(value);
        let Some((last, steps)) = steps.split_last() else { return };
        for step in steps {
            match step {
                Access::Index(index) => self.expr(index),
                Access::Property(_) => {}
                Access::Labels(_) | Access::Slice(_) => {
                    self.fail(Reason::SyntaxNotSupported, "this is no property");
                }
            }
        }
        match last {
            Access::Index(key) => self.computed_key(key),
            Access::Property(key) => {
                if matches!(self.carrier, Carrier::Property { name, .. } if name == key.text) {
                    self.fail(Reason::ReservedName, "the tenant's property is written");
                }
            }
            Access::Labels(_) | Access::Slice(_) => {
                self.fail(Reason::SyntaxNotSupported, "this is no property");
            }
        }
    }

    /// A key that is computed ends the statement when it is the tenant's property.
    pub(super) fn computed_key(&mut self, key: &'t Expr) {
        let Carrier::Property { name, .. } = self.carrier else { return self.expr(key) };
        let is_checked = checked_item(key).is_some_and(|(variable, case)| {
            fails_where(case, variable, &|test| is_equal(test, variable, name))
        });
        let is_another =
            matches!(&key.kind, ExprKind::Literal(Literal::String(text)) if text != name);
        if is_checked || is_another {
            self.expr(key);
        } else {
            self.fail(Reason::ReservedName, "a key that is computed may be the tenant's property");
        }
    }

    /// Labels that are computed end the statement when one of them may not be written.
    fn computed_labels(&mut self, value: &'t Expr) {
        let shared = &self.policy.shared_labels;
        let is_reserved = matches!(self.carrier, Carrier::Label(_));
        let is_checked = checked_list_of(value).is_some_and(|(variable, case)| {
            let prefix = !is_reserved
                || fails_where(case, variable, &|test| begins_with(test, variable, LABEL_PREFIX));
            prefix
                && shared.iter().all(|label| {
                    fails_where(case, variable, &|test| is_equal(test, variable, label))
                })
        });
        if is_checked || (!is_reserved && shared.is_empty()) {
            self.expr(value);
        } else {
            self.fail(Reason::ReservedName, "a label that is computed may be a tenant's");
        }
    }

    /// What replaces all properties keeps the one that tells whose the node is.
    fn replaced(&mut self, target: &'t str, value: &'t Expr) {
        let Carrier::Property { name, .. } = self.carrier else { return self.expr(value) };
        let kept = kept_item(value).filter(|(variable, projection)| {
            projection.variable.text == *variable && keeps(projection, target, name)
        });
        match (kept, &value.kind) {
            (Some(_), ExprKind::Function(function)) => {
                let list = function.arguments.first().map(|list| &list.kind);
                if let Some(ExprKind::ListComprehension(list)) = list {
                    self.expr(&list.list);
                } else {
                    self.fail(Reason::Internal, "the list of a map that is kept is not found");
                }
            }
            (_, _) => {
                self.fail(Reason::UnprovableTenantValue, "all properties are replaced");
            }
        }
    }
}

/// `head([v IN … | v {…}])`
fn kept_item(expr: &Expr) -> Option<(&str, &MapProjection)> {
    let (variable, value) = head_of(expr)?;
    let ExprKind::MapProjection(projection) = &value.kind else { return None };
    Some((variable, projection))
}

/// `v {.*, property: target.property}`
fn keeps(projection: &MapProjection, target: &str, property: &str) -> bool {
    let [ProjectionItem::All(_), ProjectionItem::Entry(key, value)] = projection.items.as_slice()
    else {
        return false;
    };
    let ExprKind::Access(of, steps) = &value.kind else { return false };
    let [Access::Property(read)] = steps.as_slice() else { return false };
    key.text == property && read.text == property && is_variable(of, target)
}

/// `head([v IN … | value])`
fn head_of(expr: &Expr) -> Option<(&str, &Expr)> {
    let ExprKind::Function(function) = &expr.kind else { return None };
    let ([name], [list]) = (function.name.as_slice(), function.arguments.as_slice()) else {
        return None;
    };
    name.text.eq_ignore_ascii_case("head").then(|| list_of(list))?
}

/// `[v IN … | value]`
fn list_of(expr: &Expr) -> Option<(&str, &Expr)> {
    let ExprKind::ListComprehension(list) = &expr.kind else { return None };
    Some((list.variable.text.as_str(), list.value.as_ref()?))
}

fn case_of<'e>((variable, value): (&'e str, &'e Expr)) -> Option<(&'e str, &'e Case)> {
    let ExprKind::Case(case) = &value.kind else { return None };
    Some((variable, case))
}

fn checked_item(expr: &Expr) -> Option<(&str, &Case)> {
    case_of(head_of(expr)?)
}

fn checked_list_of(expr: &Expr) -> Option<(&str, &Case)> {
    case_of(list_of(expr)?)
}

/// `CASE WHEN test OR … THEN toString(date(v)) ELSE v END`, which fails for what passes the test: no
/// such text is a date.
fn fails_where(case: &Case, variable: &str, is_test: &dyn Fn(&Expr) -> bool) -> bool {
    let ([branch], Some(otherwise), None) =
        (case.branches.as_slice(), &case.otherwise, &case.value)
    else {
        return false;
    };
    let [WhenTest::Equals(when)] = branch.when.as_slice() else { return false };
    let tests = if let ExprKind::Or(all) = &when.kind {
        all.as_slice()
    } else {
        std::slice::from_ref(when)
    };
    is_variable(otherwise, variable)
        && inner_of(&branch.then, "toString")
            .and_then(|date| inner_of(date, "date"))
            .is_some_and(|text| is_variable(text, variable))
        && tests.iter().any(is_test)
}

/// The argument of this function.
fn inner_of<'e>(expr: &'e Expr, function: &str) -> Option<&'e Expr> {
    let ExprKind::Function(found) = &expr.kind else { return None };
    match (found.name.as_slice(), found.arguments.as_slice()) {
        ([name], [argument]) if name.text.eq_ignore_ascii_case(function) => Some(argument),
        (_, _) => None,
    }
}

fn is_text(expr: &Expr, text: &str) -> bool {
    matches!(&expr.kind, ExprKind::Literal(Literal::String(found)) if found == text)
}

/// `v = 'text'`
fn is_equal(test: &Expr, variable: &str, text: &str) -> bool {
    let ExprKind::Comparison(left, rest) = &test.kind else { return false };
    let [(Comparison::Equal, right)] = rest.as_slice() else { return false };
    is_variable(left, variable) && is_text(right, text)
}

/// `v STARTS WITH 'text'`
fn begins_with(test: &Expr, variable: &str, text: &str) -> bool {
    let ExprKind::Test(value, test) = &test.kind else { return false };
    let Test::StartsWith(start) = &**test else { return false };
    is_variable(value, variable) && is_text(start, text)
}
