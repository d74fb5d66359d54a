//! Clauses that write.

use wire::Span;

use super::written::{self, Written};
use super::{Fault, Parse, Parser, Symbol};
use crate::cypher::syntax::{
    Access, Assignment, Clause, Create, Delete, Expr, ExprKind, Foreach, LabelChange, LabelItem,
    LabelSign, Merge, MergeAction, PathPattern, RemoveItem, SetItem,
};

/// What is set or removed behind a value: its last step.
fn is_place(target: &Expr) -> bool {
    let ExprKind::Access(_, steps) = &target.kind else { return false };
    matches!(steps.last(), Some(Access::Property(_) | Access::Index(_)))
}

impl Parser<'_> {
    pub(super) fn create_clause(&mut self) -> Parse<Clause> {
        let start = self.here();
        self.expect_word("CREATE")?;
        let patterns = self.written_patterns(Written::Create)?;
        Ok(Clause::Create(Create { patterns, span: self.since(start) }))
    }

    fn written_patterns(&mut self, written: Written) -> Parse<Vec<PathPattern>> {
        let patterns = self.patterns()?;
        patterns.iter().try_for_each(|pattern| written::check(pattern, written))?;
        Ok(patterns)
    }

    pub(super) fn insert_clause(&mut self) -> Parse<Clause> {
        let start = self.here();
        self.expect_word("INSERT")?;
        let patterns = self.written_patterns(Written::Insert)?;
        Ok(Clause::Insert(Create { patterns, span: self.since(start) }))
    }

    pub(super) fn merge_clause(&mut self) -> Parse<Clause> {
        let start = self.here();
        self.expect_word("MERGE")?;
        let pattern = self.path_pattern()?;
        written::check(&pattern, Written::Merge)?;
        let mut actions = Vec::new();
        while self.eat_word("ON") {
            let on_create = match self.eat_one_of(&["CREATE", "MATCH"]) {
                Some(word) => word == "CREATE",
                None => return self.expected("CREATE or MATCH"),
            };
            self.expect_word("SET")?;
            actions.push(MergeAction { on_create, items: self.set_items()? });
        }
        Ok(Clause::Merge(Merge { pattern, actions, span: self.since(start) }))
    }

    pub(super) fn set_clause(&mut self) -> Parse<Clause> {
        self.expect_word("SET")?;
        self.set_items().map(Clause::Set)
    }

    fn set_items(&mut self) -> Parse<Vec<SetItem>> {
        let mut items = vec![self.set_item()?];
        while self.eat(Symbol::Comma) {
            items.push(self.set_item()?);
        }
        Ok(items)
    }

    fn set_item(&mut self) -> Parse<SetItem> {
        let start = self.here();
        if self.is_name_at(0) {
            match self.symbol_at(1) {
                Some(Symbol::Equal) => return self.assignment(start).map(SetItem::Replace),
                Some(Symbol::PlusEqual) => return self.assignment(start).map(SetItem::Add),
                _ if self.begins_labels_at(1) => {
                    return self.label_change(start).map(SetItem::Labels);
                }
                _ => {}
            }
        }
        let target = self.place()?;
        self.expect(Symbol::Equal)?;
        let value = self.expr()?;
        Ok(SetItem::Property { target, value, span: self.since(start) })
    }

    /// A value and steps into it, the last of them a property or an index.
    fn place(&mut self) -> Parse<Expr> {
        let target = self.deeper(Self::accessed)?;
        if is_place(&target) { Ok(target) } else { self.expected("a property") }
    }

    fn assignment(&mut self, start: u32) -> Parse<Assignment> {
        let variable = self.name("a variable")?;
        self.at += 1;
        let value = self.expr()?;
        Ok(Assignment { variable, value, span: self.since(start) })
    }

    fn begins_labels_at(&self, ahead: usize) -> bool {
        self.symbol_at(ahead) == Some(Symbol::Colon) || self.is_word_at(ahead, "IS")
    }

    fn label_change(&mut self, start: u32) -> Parse<LabelChange> {
        let variable = self.name("a variable")?;
        let mut labels = Vec::new();
        loop {
            let is = labels.is_empty() && self.is_word("IS");
            if !is && !self.is_symbol(Symbol::Colon) {
                break;
            }
            self.at += 1;
            let label = if self.is_symbol(Symbol::Dollar) {
                LabelSign::Dynamic(self.dynamic_label()?)
            } else {
                LabelSign::Name(self.name("a label")?)
            };
            labels.push(LabelItem { is, label });
        }
        Ok(LabelChange { variable, labels, span: self.since(start) })
    }

    /// `$(expr)`
    fn dynamic_label(&mut self) -> Parse<Expr> {
        self.expect(Symbol::Dollar)?;
        self.expect(Symbol::LeftParen)?;
        let value = self.expr()?;
        self.expect(Symbol::RightParen)?;
        Ok(value)
    }

    pub(super) fn remove_clause(&mut self) -> Parse<Clause> {
        self.expect_word("REMOVE")?;
        let mut items = Vec::new();
        loop {
            let start = self.here();
            items.push(if self.is_name_at(0) && self.begins_labels_at(1) {
                RemoveItem::Labels(self.label_change(start)?)
            } else {
                RemoveItem::Property(self.place()?)
            });
            if !self.eat(Symbol::Comma) {
                return Ok(Clause::Remove(items));
            }
        }
    }

    pub(super) fn delete_clause(&mut self) -> Parse<Clause> {
        let start = self.here();
        let detach = self.eat_one_of(&["DETACH", "NODETACH"]) == Some("DETACH");
        self.expect_word("DELETE")?;
        let mut values = vec![self.expr()?];
        while self.eat(Symbol::Comma) {
            values.push(self.expr()?);
        }
        Ok(Clause::Delete(Delete { detach, values, span: self.since(start) }))
    }

    pub(super) fn foreach_clause(&mut self) -> Parse<Clause> {
        let start = self.here();
        self.expect_word("FOREACH")?;
        let open = self.at;
        self.expect(Symbol::LeftParen)?;
        let variable = self.name("a variable")?;
        self.expect_word("IN")?;
        let list = self.before_bar(open, Self::expr)?;
        self.expect(Symbol::Bar)?;
        let clauses = self.deeper(Self::foreach_clauses)?;
        self.expect(Symbol::RightParen)?;
        let span = self.since(start);
        Ok(Clause::Foreach(Foreach { variable, list, clauses, span }))
    }

    fn foreach_clauses(&mut self) -> Parse<Vec<Clause>> {
        let mut clauses = Vec::new();
        while !self.is_symbol(Symbol::RightParen) {
            let start = self.next_span();
            match self.clause()? {
                Some(clause) if writes(&clause) => clauses.push(clause),
                Some(_) => return Err(not_in_foreach(start)),
                None => return self.expected("a clause that writes"),
            }
        }
        if clauses.is_empty() { self.expected("a clause that writes") } else { Ok(clauses) }
    }
}

/// Whether FOREACH may hold the clause.
fn writes(clause: &Clause) -> bool {
    match clause {
        Clause::Create(_)
        | Clause::Delete(_)
        | Clause::Foreach(_)
        | Clause::Insert(_)
        | Clause::Merge(_)
        | Clause::Remove(_)
        | Clause::Set(_) => true,
        Clause::Call(_)
        | Clause::Filter(_)
        | Clause::Finish(_)
        | Clause::For(_)
        | Clause::Let(_)
        | Clause::LoadCsv(_)
        | Clause::Match(_)
        | Clause::Page(_)
        | Clause::Return(_)
        | Clause::Subquery(_)
        | Clause::Unwind(_)
        | Clause::Use(_)
        | Clause::With(_) => false,
    }
}

fn not_in_foreach(span: Span) -> super::CypherError {
    super::CypherError::new(span, Fault::NotAllowed("FOREACH holds only clauses that write"))
}
