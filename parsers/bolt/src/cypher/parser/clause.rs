//! Clauses: which one it is, and those that read.

use super::{Fault, Parse, Parser, Symbol};
use crate::cypher::syntax::{
    Clause, GraphReference, Let, Match, MatchMode, SchemaName, Search, SearchIndex, Unwind, Use,
};

impl Parser<'_> {
    /// A clause, or `None` where none begins.
    pub(super) fn clause(&mut self) -> Parse<Option<Clause>> {
        let Some(word) = self.word_at(0).map(str::to_ascii_uppercase) else { return Ok(None) };
        Ok(Some(match word.as_str() {
            "MATCH" => Clause::Match(Box::new(self.match_clause()?)),
            "OPTIONAL" if self.is_word_at(1, "CALL") => self.call_clause()?,
            "OPTIONAL" => Clause::Match(Box::new(self.match_clause()?)),
            "RETURN" => self.return_clause()?,
            "WITH" => self.with_clause()?,
            "UNWIND" => self.unwind_clause()?,
            "CALL" => self.call_clause()?,
            "ORDER" | "SKIP" | "OFFSET" | "LIMIT" => Clause::Page(self.page(true)?),
            "CREATE" => self.create_clause()?,
            "INSERT" => self.insert_clause()?,
            "MERGE" => self.merge_clause()?,
            "SET" => self.set_clause()?,
            "REMOVE" => self.remove_clause()?,
            "DETACH" | "NODETACH" | "DELETE" => self.delete_clause()?,
            "FOREACH" => self.foreach_clause()?,
            "FINISH" => self.finish_clause()?,
            "FILTER" => self.filter_clause()?,
            "FOR" => self.for_clause()?,
            "LET" => self.let_clause()?,
            "LOAD" => self.load_csv_clause()?,
            "USE" => Clause::Use(self.use_clause()?),
            "SHOW" | "TERMINATE" => {
                return self.fail(Fault::NotAllowed("SHOW and TERMINATE are no clauses here"));
            }
            _ => return Ok(None),
        }))
    }

    fn match_clause(&mut self) -> Parse<Match> {
        let start = self.here();
        let optional = self.eat_word("OPTIONAL");
        self.expect_word("MATCH")?;
        let mode = self.match_mode()?;
        let patterns = self.patterns()?;
        let mut hints = Vec::new();
        while self.is_word("USING") {
            hints.push(self.hint()?);
        }
        let mut condition = self.where_clause()?;
        let search = self.search_clause()?;
        if search.is_some() && condition.is_none() {
            condition = self.where_clause()?;
        }
        let span = self.since(start);
        Ok(Match { optional, mode, patterns, hints, condition, search, span })
    }

    /// `REPEATABLE ELEMENTS`, `DIFFERENT RELATIONSHIPS`
    pub(super) fn match_mode(&mut self) -> Parse<Option<MatchMode>> {
        let (mode, one, many) = if self.is_word("REPEATABLE") {
            (MatchMode::RepeatableElements, "ELEMENT", "ELEMENTS")
        } else if self.is_word("DIFFERENT") {
            (MatchMode::DifferentRelationships, "RELATIONSHIP", "RELATIONSHIPS")
        } else {
            return Ok(None);
        };
        if !self.is_one_of(1, &[one, many]) {
            return Ok(None);
        }
        self.needs_25("a match mode")?;
        self.at += 1;
        if self.eat_word(many) {
            return Ok(Some(mode));
        }
        self.expect_word(one)?;
        self.eat_word("BINDINGS");
        Ok(Some(mode))
    }

    pub(super) fn where_clause(&mut self) -> Parse<Option<crate::cypher::syntax::Expr>> {
        if self.eat_word("WHERE") { self.expr().map(Some) } else { Ok(None) }
    }

    fn search_clause(&mut self) -> Parse<Option<Search>> {
        let start = self.here();
        if !self.is_word("SEARCH") {
            return Ok(None);
        }
        self.needs_25("SEARCH")?;
        self.at += 1;
        let variable = self.name("a variable")?;
        self.expect_word("IN")?;
        self.expect(Symbol::LeftParen)?;
        let index = match self.eat_one_of(&["FULLTEXT", "VECTOR"]) {
            Some("VECTOR") => SearchIndex::Vector,
            Some(_) => SearchIndex::Fulltext,
            None => return self.expected("FULLTEXT or VECTOR"),
        };
        self.expect_word("INDEX")?;
        let name = self.schema_name()?;
        self.expect_word("FOR")?;
        let value = self.expr()?;
        let analyzer =
            if self.eat_words(&["WITH", "ANALYZER"]) { Some(self.expr()?) } else { None };
        let condition = self.where_clause()?;
        let skip = match self.eat_one_of(&["OFFSET", "SKIP"]) {
            Some(_) => Some(self.expr()?),
            None => None,
        };
        self.expect_word("LIMIT")?;
        let limit = self.expr()?;
        self.expect(Symbol::RightParen)?;
        let score =
            if self.eat_words(&["SCORE", "AS"]) { Some(self.name("a variable")?) } else { None };
        let span = self.since(start);
        Ok(Some(Search {
            variable,
            index,
            name,
            value,
            analyzer,
            condition,
            skip,
            limit,
            score,
            span,
        }))
    }

    /// A name, or a parameter that holds one.
    pub(super) fn schema_name(&mut self) -> Parse<SchemaName> {
        if self.is_symbol(Symbol::Dollar) {
            self.parameter().map(SchemaName::Parameter)
        } else {
            self.name("a name").map(SchemaName::Name)
        }
    }

    fn unwind_clause(&mut self) -> Parse<Clause> {
        let start = self.here();
        self.expect_word("UNWIND")?;
        let list = self.expr()?;
        self.expect_word("AS")?;
        let variable = self.name("a variable")?;
        Ok(Clause::Unwind(Unwind { list, variable, span: self.since(start) }))
    }

    fn finish_clause(&mut self) -> Parse<Clause> {
        let span = self.next_span();
        self.expect_word("FINISH")?;
        Ok(Clause::Finish(span))
    }

    fn filter_clause(&mut self) -> Parse<Clause> {
        self.needs_25("FILTER")?;
        self.expect_word("FILTER")?;
        // WHERE is noise here, unless it is a variable.
        if self.is_word("WHERE") && self.begins_expr_at(1) {
            self.at += 1;
        }
        self.expr().map(Clause::Filter)
    }

    fn for_clause(&mut self) -> Parse<Clause> {
        let start = self.here();
        self.needs_25("FOR")?;
        self.expect_word("FOR")?;
        let variable = self.name("a variable")?;
        self.expect_word("IN")?;
        let list = self.expr()?;
        Ok(Clause::For(Unwind { list, variable, span: self.since(start) }))
    }

    fn let_clause(&mut self) -> Parse<Clause> {
        self.needs_25("LET")?;
        self.expect_word("LET")?;
        let mut items = Vec::new();
        loop {
            let variable = self.name("a variable")?;
            self.expect(Symbol::Equal)?;
            items.push(Let { variable, value: self.expr()? });
            if !self.eat(Symbol::Comma) {
                return Ok(Clause::Let(items));
            }
        }
    }

    pub(super) fn use_clause(&mut self) -> Parse<Use> {
        let start = self.here();
        self.expect_word("USE")?;
        if self.is_word("GRAPH") && self.begins_graph_at(1) {
            self.at += 1;
        }
        let graph = self.graph_reference()?;
        Ok(Use { graph, span: self.since(start) })
    }

    fn begins_graph_at(&self, ahead: usize) -> bool {
        self.is_name_at(ahead) && !self.is_clause_word_at(ahead)
            || self.symbol_at(ahead) == Some(Symbol::LeftParen)
    }

    fn is_clause_word_at(&self, ahead: usize) -> bool {
        const WORDS: &[&str] = &[
            "MATCH", "OPTIONAL", "RETURN", "WITH", "UNWIND", "CALL", "ORDER", "SKIP", "OFFSET",
            "LIMIT", "CREATE", "INSERT", "MERGE", "SET", "REMOVE", "DETACH", "DELETE", "FOREACH",
            "FINISH", "FILTER", "FOR", "LET", "LOAD", "SHOW",
        ];
        self.is_one_of(ahead, WORDS)
    }

    fn graph_reference(&mut self) -> Parse<GraphReference> {
        if self.eat(Symbol::LeftParen) {
            let inner = self.deeper(Self::graph_reference)?;
            self.expect(Symbol::RightParen)?;
            return Ok(inner);
        }
        if self.is_function() {
            return self.function().map(GraphReference::Function);
        }
        self.dotted_name("a graph").map(GraphReference::Name)
    }
}
