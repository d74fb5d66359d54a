//! Commands: those that would change nothing are answered, and indexes are listed. The rest is
//! refused by its first words.

use bolt_wire::cypher::syntax::{
    Command, CreateConstraint, CreateIndex, DropSchema, IndexProperties, SchemaEntity, SchemaName,
};
use wire::Span;

use super::super::resolved::Index;
use super::scope::Scope;
use crate::Reason;

impl<'t> Scope<'_, 't> {
    pub(super) fn command(&mut self, command: &'t Command) {
        match command {
            Command::CreateIndex(create) => self.create_index(create),
            Command::CreateConstraint(create) => self.create_constraint(create),
            Command::DropIndex(drop) => self.drop(drop, "DROP INDEX", false),
            Command::DropConstraint(drop) => self.drop(drop, "DROP CONSTRAINT", true),
            Command::Show(show) => self.show(show),
            Command::Other(other) => self.refuse_command(other.words, other.span),
        }
    }

    pub(super) fn refuse_command(&mut self, words: &str, span: Span) {
        let what = format!("{words} is not open to tenants");
        self.refuse(Reason::StatementNotAllowed, span, what);
    }

    /// The command changes nothing: a statement of ours that changes nothing stands for it.
    fn answer(&mut self, span: Span) {
        self.edits.replace(span, self.nothing());
        self.kind = Some("s");
    }

    fn create_index(&mut self, create: &'t CreateIndex) {
        let properties = match &create.properties {
            IndexProperties::Properties { properties, .. } => {
                properties.iter().map(|(_, property)| property.text.as_str()).collect()
            }
            IndexProperties::Lookup { .. } => Vec::new(),
        };
        let is_there = self.rules.facts.indexes.iter().any(|index| {
            index.kind == create.kind && self.covers(index, &create.entity, &properties)
        });
        let named = self.is_named(create.name.as_ref(), |index| Some(&index.name));
        if create.if_not_exists && create.graph.is_none() && (is_there || named) {
            self.answer(create.span);
        } else {
            self.refuse_command("CREATE INDEX", create.span);
        }
    }

    fn create_constraint(&mut self, create: &'t CreateConstraint) {
        use bolt_wire::cypher::syntax::Constraint;
        let properties: Vec<&str> =
            create.properties.iter().map(|(_, property)| property.text.as_str()).collect();
        let is_there = match create.constraint {
            Constraint::Unique | Constraint::Key => self.rules.facts.indexes.iter().any(|index| {
                index.constraint.is_some() && self.covers(index, &create.entity, &properties)
            }),
            Constraint::NotNull | Constraint::Typed(_) => false,
        };
        let named = self.is_named(create.name.as_ref(), |index| index.constraint.as_ref());
        if create.if_not_exists && create.graph.is_none() && (is_there || named) {
            self.answer(create.span);
        } else {
            self.refuse_command("CREATE CONSTRAINT", create.span);
        }
    }

    fn drop(&mut self, drop: &'t DropSchema, words: &str, is_constraint: bool) {
        let name = |index: &'_ Index| -> Option<String> {
            if is_constraint { index.constraint.clone() } else { Some(index.name.clone()) }
        };
        let SchemaName::Name(dropped) = &drop.name else {
            return self.refuse_command(words, drop.span);
        };
        let is_there = self
            .rules
            .facts
            .indexes
            .iter()
            .any(|index| name(index).as_ref() == Some(&dropped.text));
        if drop.if_exists && drop.graph.is_none() && !is_there {
            self.answer(drop.span);
        } else {
            self.refuse_command(words, drop.span);
        }
    }

    fn is_named(&self, name: Option<&SchemaName>, of: impl Fn(&Index) -> Option<&String>) -> bool {
        match name {
            Some(SchemaName::Name(name)) => {
                self.rules.facts.indexes.iter().any(|index| of(index) == Some(&name.text))
            }
            Some(SchemaName::Parameter(_)) | None => false,
        }
    }

    /// Whether the index is of this entity and these properties, as the tenant sees it: without the
    /// property that tells whose a node is.
    fn covers(&self, index: &Index, entity: &SchemaEntity, properties: &[&str]) -> bool {
        let (labels, is_of_relationships) = match entity {
            SchemaEntity::Node { labels, .. } => (labels, false),
            SchemaEntity::Relationship { types, .. } => (types, true),
        };
        let labels = labels.iter().map(|label| &label.text);
        let seen = index.properties.iter().filter(|name| !self.guard.is_reserved_property(name));
        index.is_of_relationships == is_of_relationships
            && labels.eq(&index.labels_or_types)
            && seen.map(String::as_str).eq(properties.iter().copied())
    }
}
