//! Procedures: those that are listed, and of what they find only the tenant's.

use bolt_wire::cypher::quote_name;
use bolt_wire::cypher::syntax::{Call, Expr, ExprKind, Literal, Name};
use bolt_wire::cypher::visit::Visit;
use wire::Span;

use super::super::allowed::{HARMLESS_PROCEDURES, SEARCHES, SETTERS};
use super::scope::Scope;
use crate::Reason;

/// How many more candidates than are asked for a search of vectors looks at, since some of the
/// nearest are other tenants'.
const CANDIDATES_MORE: u32 = 1_000;

impl<'t> Scope<'_, 't> {
    /// A call of a procedure. `is_alone` when it is the whole statement: then it needs no YIELD, and
    /// what it yields are the statement's columns.
    pub(super) fn call(&mut self, call: &'t Call, is_alone: bool) {
        let names: Vec<&str> = call.procedure.iter().map(|name| name.text.as_str()).collect();
        let name = names.join(".");
        call.arguments.iter().flatten().for_each(|argument| self.expr(argument));
        if let Some(yields) = &call.yields {
            self.add_yields(yields);
            yields.condition.iter().for_each(|condition| self.expr(condition));
        }
        if let Some((_, column, is_node)) = SEARCHES.iter().find(|(search, ..)| *search == name) {
            self.search(call, column, *is_node, is_alone);
        } else if SETTERS.contains(&name.as_str()) {
            self.setter(call);
        } else if !HARMLESS_PROCEDURES.contains(&name.as_str())
            && !self.answer_catalog(call, &name, is_alone)
        {
            let span = call.procedure.first().map_or(call.span, |name| name.span);
            let what = format!("procedure \"{name}\" is not open to tenants");
            self.refuse(Reason::ProcedureNotAllowed, span, what);
        }
    }

    /// The key is the second argument.
    fn setter(&mut self, call: &'t Call) {
        let Some(property) = self.guard.property() else { return };
        match call.arguments.as_deref() {
            Some([_, key, _]) => self.written_key(key, property.to_owned()),
            Some(_) | None => self.refuse_arguments(call),
        }
    }

    fn refuse_arguments(&mut self, call: &'t Call) {
        self.refuse_syntax(call.span, "write the arguments of this procedure in parentheses");
    }

    /// A search in an index of everybody's.
    fn search(&mut self, call: &'t Call, column: &str, is_node: bool, is_alone: bool) {
        let Some(arguments) = &call.arguments else { return self.refuse_arguments(call) };
        let is_of_vectors = call.procedure.iter().any(|name| name.text == "vector");
        let test_of = |scope: &Self, value: &str| {
            if is_node { scope.guard.is_own(value) } else { scope.guard.lies_between_own(value) }
        };
        let items = call.yields.iter().flat_map(|yields| &yields.items);
        let found = items.clone().find(|item| item.column.text == column);
        let value = match found.map(|item| item.alias.as_ref().unwrap_or(&item.column)) {
            Some(name) => self.quoted(name),
            None if call.yields.as_ref().is_some_and(|yields| !yields.star) => self.name(),
            None => format!("`{column}`"),
        };
        let test = test_of(self, &value);
        let close = self.begin_search(call, arguments, is_of_vectors);
        match &call.yields {
            Some(yields) if !yields.star => {
                let Some(first) = yields.items.first() else { return };
                if found.is_none() {
                    self.names.has_ours = true;
                    self.edits.before(first.column.span, format!("`{column}` AS {value} ,"));
                }
                match &yields.condition {
                    Some(condition) => {
                        self.edits.before(condition.span, format!("{test} AND ("));
                        self.edits.after(condition.span, ")");
                    }
                    None => self.edits.after(yields.span, format!("WHERE {test}")),
                }
                let names = items.map(|item| item.alias.as_ref().unwrap_or(&item.column));
                let names: Vec<String> = names.map(|name| self.quoted(name)).collect();
                self.end_search(yields.span, &names.join(", "), &close, is_alone);
            }
            yields => {
                let columns = format!("`{column}`, `score`");
                let yielded = format!("YIELD {columns} WHERE {test}");
                match yields {
                    Some(yields) => self.edits.replace(yields.span, yielded),
                    None => self.edits.after(call.span, yielded),
                }
                if !is_alone {
                    self.refuse_syntax(call.span, "a call in a query names what it yields");
                }
                self.end_search(call.span, &columns, &close, is_alone);
            }
        }
    }

    /// A search of vectors finds a number of the nearest, which may be other tenants': it is made
    /// to find more, in a sub-query that ends at the number. Returns what ends the sub-query.
    fn begin_search(
        &mut self,
        call: &'t Call,
        arguments: &'t [Expr],
        is_of_vectors: bool,
    ) -> Option<String> {
        if !is_of_vectors {
            return None;
        }
        let [_, count, _] = arguments else {
            self.refuse_arguments(call);
            return None;
        };
        let is_constant =
            matches!(&count.kind, ExprKind::Literal(Literal::Integer(_)) | ExprKind::Parameter(_));
        if !is_constant || call.optional {
            self.refuse_syntax(
                count.span,
                "the number of neighbours must be a literal or a parameter",
            );
        }
        let number = count.span.of(self.parsed.text()).unwrap_or_default().to_owned();
        let number = if let ExprKind::Parameter(parameter) = &count.kind {
            format!("${}", quote_name(&parameter.name).unwrap_or_default())
        } else {
            number
        };
        self.edits.before(call.span, "CALL (*) {");
        self.edits.after(count.span, format!("+ {CANDIDATES_MORE}"));
        Some(number)
    }

    fn end_search(&mut self, span: Span, columns: &str, limit: &Option<String>, is_alone: bool) {
        if let Some(limit) = limit {
            self.edits.after(span, format!("RETURN {columns} LIMIT {limit} }}"));
        }
        if is_alone {
            self.edits.after(span, format!("RETURN {columns}"));
        }
    }

    pub(super) fn quoted(&mut self, name: &Name) -> String {
        quote_name(&name.text).unwrap_or_else(|_| {
            self.refuse_syntax(name.span, "an escape in a name");
            String::new()
        })
    }
}
