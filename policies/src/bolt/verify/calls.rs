//! Functions and procedures are listed ones, and what a search finds is asked.

use bolt_wire::cypher::syntax::{Call, Function, Yields};
use bolt_wire::cypher::visit::{self, Visit};

use super::super::allowed::{self, HARMLESS_PROCEDURES, SEARCHES, SETTERS};
use super::Verifier;
use crate::Reason;

fn dotted(names: &[bolt_wire::cypher::syntax::Name]) -> String {
    names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(".")
}

impl<'t> Verifier<'_, 't> {
    pub(super) fn function(&mut self, function: &'t Function) {
        let name = dotted(&function.name);
        if !allowed::is_function(&name, &self.policy.functions) {
            let what = format!("function \"{name}\" is not open to tenants");
            self.fail(Reason::FunctionNotAllowed, what);
        }
    }

    pub(super) fn call(&mut self, call: &'t Call) {
        let name = dotted(&call.procedure);
        let mut found = None;
        if let Some((_, column, is_node)) = SEARCHES.iter().find(|(search, ..)| *search == name) {
            found = call.yields.as_ref().and_then(|yields| self.searched(yields, column, *is_node));
            if found.is_none() || call.arguments.is_none() {
                self.missing("what a search finds is not asked for its tenant");
            }
        } else if SETTERS.contains(&name.as_str()) {
            self.setter(call);
        } else if !HARMLESS_PROCEDURES.contains(&name.as_str()) {
            let what = format!("procedure \"{name}\" is not open to tenants");
            self.fail(Reason::ProcedureNotAllowed, what);
        }
        if !SETTERS.contains(&name.as_str()) {
            call.arguments.iter().flatten().for_each(|argument| self.expr(argument));
        }
        for item in call.yields.iter().flat_map(|yields| &yields.items) {
            let name = item.alias.as_ref().unwrap_or(&item.column);
            self.bound.push(&name.text);
            if found == Some(name.text.as_str()) {
                self.note_own(&name.text);
            } else {
                self.note_value(&name.text, None);
            }
        }
        if let Some(condition) = call.yields.as_ref().and_then(|yields| yields.condition.as_ref()) {
            self.expr(condition);
        }
    }

    /// The name of what is found, where the condition asks for its tenant.
    fn searched(&self, yields: &'t Yields, column: &str, is_node: bool) -> Option<&'t str> {
        let item = yields.items.iter().find(|item| item.column.text == column)?;
        let name = item.alias.as_ref().unwrap_or(&item.column).text.as_str();
        let condition = yields.condition.as_ref()?;
        let is_asked = if is_node {
            self.tests_node(condition, name)
        } else {
            self.tests_ends(condition, name)
        };
        // A second item of the same column would go unasked.
        let is_alone = yields.items.iter().filter(|item| item.column.text == column).count() == 1;
        (is_asked && is_alone).then_some(name)
    }

    fn setter(&mut self, call: &'t Call) {
        let Some([entity, key, value]) = call.arguments.as_deref() else {
            return self.fail(Reason::SyntaxNotSupported, "the arguments must be written");
        };
        self.target(entity);
        self.expr(entity);
        self.computed_key(key);
        visit::visit_expr(self, value);
    }
}
