//! Conditions that ask for the tenant.

use bolt_wire::cypher::syntax::{
    Access, Comparison, Expr, ExprKind, Function, LabelExpr, ListQuantifier, Test,
};

use super::{Carrier, Verifier, Whose};

/// All that must hold for the condition to hold.
fn conjuncts(condition: &Expr) -> Vec<&Expr> {
    let mut found = Vec::new();
    let mut open = vec![condition];
    while let Some(expr) = open.pop() {
        if let ExprKind::And(all) = &expr.kind {
            open.extend(all);
        } else if let ExprKind::Parenthesized(inner) = &expr.kind {
            open.push(inner);
        } else {
            found.push(expr);
        }
    }
    found
}

pub(super) fn is_variable(expr: &Expr, name: &str) -> bool {
    matches!(&expr.kind, ExprKind::Variable(variable) if variable.text == name)
}

/// Whether it is this function, built in, of this variable.
fn is_function_of(expr: &Expr, function: &str, variable: &str) -> bool {
    let ExprKind::Function(found) = &expr.kind else { return false };
    let Function { name, arguments, .. } = &**found;
    match (name.as_slice(), arguments.as_slice()) {
        ([name], [argument]) => {
            name.text.eq_ignore_ascii_case(function) && is_variable(argument, variable)
        }
        (_, _) => false,
    }
}

impl Verifier<'_, '_> {
    /// Whether the condition asks each node of the path `name`.
    pub(super) fn tests_path(&mut self, condition: Option<&Expr>, name: &str) -> bool {
        let Some(condition) = condition else { return false };
        let whose = conjuncts(condition).into_iter().map(|test| self.whose_path(test, name));
        let whose = whose.fold(Whose::Anybodys, |found, this| match (found, this) {
            (Whose::Own, _) | (_, Whose::Own) => Whose::Own,
            (Whose::Shared, _) | (_, Whose::Shared) => Whose::Shared,
            (Whose::Anybodys, Whose::Anybodys) => Whose::Anybodys,
        });
        self.shared.is_read |= whose == Whose::Shared;
        whose != Whose::Anybodys
    }

    /// `all(x IN nodes(name) WHERE x is asked)`
    fn whose_path(&self, test: &Expr, name: &str) -> Whose {
        let ExprKind::ListPredicate(list) = &test.kind else { return Whose::Anybodys };
        let is_all = list.quantifier == ListQuantifier::All;
        match &list.condition {
            Some(asked) if is_all && is_function_of(&list.list, "nodes", name) => {
                self.whose_by(asked, &|expr| is_variable(expr, &list.variable.text))
            }
            Some(_) | None => Whose::Anybodys,
        }
    }

    /// Whose the node is, where the condition holds. `is_it` knows the node.
    fn whose_by(&self, asked: &Expr, is_it: &dyn Fn(&Expr) -> bool) -> Whose {
        if let ExprKind::Parenthesized(inner) = &asked.kind {
            return self.whose_by(inner, is_it);
        }
        if let ExprKind::Or(all) = &asked.kind {
            let each = || all.iter().map(|asked| self.whose_by(asked, is_it));
            return if each().all(|whose| whose == Whose::Own) {
                Whose::Own
            } else if each().all(|whose| whose != Whose::Anybodys) {
                Whose::Shared
            } else {
                Whose::Anybodys
            };
        }
        if let Some((value, labels)) = labels_of(asked) {
            return if is_it(value) { self.whose_label(labels) } else { Whose::Anybodys };
        }
        if self.is_property_of(asked, is_it) { Whose::Own } else { Whose::Anybodys }
    }

    /// `n.tenant_id = $tenant`
    fn is_property_of(&self, asked: &Expr, is_it: &dyn Fn(&Expr) -> bool) -> bool {
        let Carrier::Property { name, parameter, .. } = self.carrier else { return false };
        let ExprKind::Comparison(left, rest) = &asked.kind else { return false };
        let [(Comparison::Equal, right)] = rest.as_slice() else { return false };
        let ExprKind::Access(value, steps) = &left.kind else { return false };
        let [Access::Property(property)] = steps.as_slice() else { return false };
        property.text == name
            && is_it(value)
            && matches!(&right.kind, ExprKind::Parameter(own) if own.name == parameter)
    }

    /// Whether the condition asks the node `name`.
    pub(super) fn tests_node(&self, condition: &Expr, name: &str) -> bool {
        self.tests(condition, &|expr| is_variable(expr, name))
    }

    /// Whether the condition asks both ends of the relationship `name`.
    pub(super) fn tests_ends(&self, condition: &Expr, name: &str) -> bool {
        ["startNode", "endNode"]
            .iter()
            .all(|end| self.tests(condition, &|expr| is_function_of(expr, end, name)))
    }

    fn tests(&self, condition: &Expr, is_it: &dyn Fn(&Expr) -> bool) -> bool {
        conjuncts(condition).into_iter().any(|test| self.whose_by(test, is_it) == Whose::Own)
    }
}

/// `value:A`
fn labels_of(expr: &Expr) -> Option<(&Expr, &LabelExpr)> {
    if let ExprKind::Access(value, steps) = &expr.kind {
        let [Access::Labels(labels)] = steps.as_slice() else { return None };
        Some((value, labels))
    } else if let ExprKind::Test(value, test) = &expr.kind {
        let Test::Labels { not: false, labels } = &**test else { return None };
        Some((value, labels))
    } else {
        None
    }
}
