//! Commands that make and drop indexes and constraints.

use super::{Parse, Parser, Symbol};
use crate::cypher::syntax::{
    Command, Constraint, CreateConstraint, CreateIndex, DropSchema, IndexKind, IndexProperties,
    Name, Properties, SchemaEntity, SchemaName, Use,
};

const KINDS: &[&str] = &["FULLTEXT", "LOOKUP", "POINT", "RANGE", "TEXT", "VECTOR"];

impl Parser<'_> {
    pub(super) fn schema_command(&mut self, graph: Option<Use>, start: u32) -> Parse<Command> {
        if self.eat_word("DROP") {
            let is_index = self.eat_one_of(&["INDEX", "CONSTRAINT"]) == Some("INDEX");
            let name = self.schema_name()?;
            let if_exists = self.eat_words(&["IF", "EXISTS"]);
            let drop = DropSchema { graph, name, if_exists, span: self.since(start) };
            return Ok(if is_index {
                Command::DropIndex(drop)
            } else {
                Command::DropConstraint(drop)
            });
        }
        self.expect_word("CREATE")?;
        let or_replace = self.eat_words(&["OR", "REPLACE"]);
        if self.eat_word("CONSTRAINT") {
            return self.create_constraint(graph, or_replace, start).map(Command::CreateConstraint);
        }
        self.create_index(graph, or_replace, start).map(Command::CreateIndex)
    }

    fn create_index(
        &mut self,
        graph: Option<Use>,
        or_replace: bool,
        start: u32,
    ) -> Parse<CreateIndex> {
        let kind = match self.eat_one_of(KINDS) {
            Some("FULLTEXT") => IndexKind::Fulltext,
            Some("LOOKUP") => IndexKind::Lookup,
            Some("POINT") => IndexKind::Point,
            Some("TEXT") => IndexKind::Text,
            Some("VECTOR") => IndexKind::Vector,
            _ => IndexKind::Range,
        };
        self.expect_word("INDEX")?;
        let (name, if_not_exists) = self.schema_head()?;
        self.expect_word("FOR")?;
        let entity = self.schema_entity()?;
        let labels = match &entity {
            SchemaEntity::Node { labels, .. } => labels.len(),
            SchemaEntity::Relationship { types, .. } => types.len(),
        };
        let properties = match kind {
            IndexKind::Lookup if labels == 0 => self.lookup()?,
            IndexKind::Lookup => return self.expected("a pattern without labels"),
            _ if labels == 0 => return self.expected("a pattern with a label"),
            IndexKind::Fulltext => self.fulltext_properties()?,
            IndexKind::Vector => self.index_properties(true)?,
            _ if labels > 1 => return self.expected("a pattern with one label"),
            IndexKind::Point | IndexKind::Range | IndexKind::Text => {
                self.index_properties(false)?
            }
        };
        let options = self.options()?;
        let span = self.since(start);
        Ok(CreateIndex {
            graph,
            or_replace,
            kind,
            name,
            if_not_exists,
            entity,
            properties,
            options,
            span,
        })
    }

    /// `name IF NOT EXISTS`
    fn schema_head(&mut self) -> Parse<(Option<SchemaName>, bool)> {
        let is_unnamed = self.is_word("FOR") && self.symbol_at(1) == Some(Symbol::LeftParen)
            || self.is_word("IF") && self.is_word_at(1, "NOT") && self.is_word_at(2, "EXISTS");
        let name = if is_unnamed { None } else { Some(self.schema_name()?) };
        Ok((name, self.eat_words(&["IF", "NOT", "EXISTS"])))
    }

    /// `(n:A|B)`, `()-[r:A|B]-()`, with any number of labels or none
    fn schema_entity(&mut self) -> Parse<SchemaEntity> {
        self.expect(Symbol::LeftParen)?;
        if !self.eat(Symbol::RightParen) {
            let (variable, labels) = self.schema_labels()?;
            self.expect(Symbol::RightParen)?;
            return Ok(SchemaEntity::Node { variable, labels });
        }
        let _ = self.eat(Symbol::Less) || self.eat(Symbol::ArrowLeft);
        self.dash()?;
        self.expect(Symbol::LeftBracket)?;
        let (variable, types) = self.schema_labels()?;
        self.expect(Symbol::RightBracket)?;
        self.dash()?;
        let _ = self.eat(Symbol::Greater) || self.eat(Symbol::ArrowRight);
        self.expect(Symbol::LeftParen)?;
        self.expect(Symbol::RightParen)?;
        Ok(SchemaEntity::Relationship { variable, types })
    }

    fn schema_labels(&mut self) -> Parse<(Name, Vec<Name>)> {
        let variable = self.name("a variable")?;
        let mut labels = Vec::new();
        if self.eat(Symbol::Colon) {
            labels.push(self.name("a label or type")?);
            while self.eat(Symbol::Bar) {
                labels.push(self.name("a label or type")?);
            }
        }
        Ok((variable, labels))
    }

    /// `ON EACH labels(n)`; a relationship's may do without EACH
    fn lookup(&mut self) -> Parse<IndexProperties> {
        self.expect_word("ON")?;
        if self.is_word("EACH") && self.is_name_at(1) {
            self.at += 1;
        }
        // The server knows these two by their bare words.
        let Some(function) = self.eat_one_of(&["labels", "type"]) else {
            return self.expected("labels or type");
        };
        self.expect(Symbol::LeftParen)?;
        let argument = self.name("a variable")?;
        self.expect(Symbol::RightParen)?;
        Ok(IndexProperties::Lookup { function, argument })
    }

    /// `ON EACH [n.a, n.b]`
    fn fulltext_properties(&mut self) -> Parse<IndexProperties> {
        self.expect_word("ON")?;
        self.expect_word("EACH")?;
        self.expect(Symbol::LeftBracket)?;
        let properties = self.schema_properties()?;
        self.expect(Symbol::RightBracket)?;
        Ok(IndexProperties::Properties { properties, with: Vec::new() })
    }

    /// `ON (n.a, n.b)`, and for a vector index `WITH [n.c]`
    fn index_properties(&mut self, may_have_with: bool) -> Parse<IndexProperties> {
        self.expect_word("ON")?;
        let properties = self.property_list()?;
        let mut with = Vec::new();
        if may_have_with && self.is_word("WITH") {
            self.needs_25("WITH")?;
            self.at += 1;
            self.expect(Symbol::LeftBracket)?;
            with = self.schema_properties()?;
            self.expect(Symbol::RightBracket)?;
        }
        Ok(IndexProperties::Properties { properties, with })
    }

    /// `n.a` or `(n.a, n.b)`
    fn property_list(&mut self) -> Parse<Vec<(Name, Name)>> {
        if !self.eat(Symbol::LeftParen) {
            return Ok(vec![self.schema_property()?]);
        }
        let properties = self.schema_properties()?;
        self.expect(Symbol::RightParen)?;
        Ok(properties)
    }

    fn schema_properties(&mut self) -> Parse<Vec<(Name, Name)>> {
        let mut properties = vec![self.schema_property()?];
        while self.eat(Symbol::Comma) {
            properties.push(self.schema_property()?);
        }
        Ok(properties)
    }

    fn schema_property(&mut self) -> Parse<(Name, Name)> {
        let variable = self.name("a variable")?;
        self.expect(Symbol::Dot)?;
        Ok((variable, self.name("a property")?))
    }

    fn options(&mut self) -> Parse<Option<Properties>> {
        if !self.eat_word("OPTIONS") {
            return Ok(None);
        }
        match self.properties()? {
            None => self.expected("a map"),
            options => Ok(options),
        }
    }

    fn create_constraint(
        &mut self,
        graph: Option<Use>,
        or_replace: bool,
        start: u32,
    ) -> Parse<CreateConstraint> {
        let (name, if_not_exists) = self.schema_head()?;
        self.expect_word("FOR")?;
        let entity = self.schema_entity()?;
        let has_one_label = match &entity {
            SchemaEntity::Node { labels, .. } => labels.len() == 1,
            SchemaEntity::Relationship { types, .. } => types.len() == 1,
        };
        if !has_one_label {
            return self.expected("a pattern with one label");
        }
        self.expect_word("REQUIRE")?;
        let properties = self.property_list()?;
        let constraint = self.constraint()?;
        let options = self.options()?;
        let span = self.since(start);
        Ok(CreateConstraint {
            graph,
            or_replace,
            name,
            if_not_exists,
            entity,
            properties,
            constraint,
            options,
            span,
        })
    }

    /// `IS UNIQUE`, `IS NODE KEY`, `IS NOT NULL`, `IS :: type`
    fn constraint(&mut self) -> Parse<Constraint> {
        if self.eat(Symbol::DoubleColon) {
            return self.type_().map(Constraint::Typed);
        }
        self.expect_word("IS")?;
        if self.eat(Symbol::DoubleColon) || self.eat_word("TYPED") {
            return self.type_().map(Constraint::Typed);
        }
        if self.eat_words(&["NOT", "NULL"]) {
            return Ok(Constraint::NotNull);
        }
        self.eat_one_of(&["NODE", "RELATIONSHIP", "REL"]);
        match self.eat_one_of(&["UNIQUE", "KEY"]) {
            Some("UNIQUE") => Ok(Constraint::Unique),
            Some(_) => Ok(Constraint::Key),
            None => self.expected("UNIQUE, KEY, NOT NULL or a type"),
        }
    }
}
