//! Statements and queries.

use super::{Fault, Parse, Parser, Symbol, TokenKind};
use crate::cypher::syntax::{
    Branch, Clause, Dialect, Query, RegularQuery, SetQuantifier, SingleQuery, Statement,
    StatementBody, StatementOption, StatementPrefix,
};

impl Parser<'_> {
    /// One statement, and perhaps a semicolon behind it.
    pub(super) fn statement(&mut self) -> Parse<Statement> {
        let prefix = self.prefix()?;
        let body = match self.command()? {
            Some(command) => StatementBody::Command(Box::new(command)),
            None => StatementBody::Query(self.query()?),
        };
        let semicolon = self.eat(Symbol::Semicolon);
        if !self.is_at_end() {
            let expected =
                if semicolon { "one statement and no more" } else { "the end of the statement" };
            return self.expected(expected);
        }
        Ok(Statement { prefix, body })
    }

    /// `EXPLAIN`, `PROFILE`, `CYPHER …`
    fn prefix(&mut self) -> Parse<StatementPrefix> {
        let start = self.here();
        let mut prefix = StatementPrefix {
            explain: false,
            profile: false,
            version: None,
            dialect: self.dialect,
            options: Vec::new(),
            span: self.since(start),
        };
        loop {
            if self.eat_word("EXPLAIN") {
                prefix.explain = true;
            } else if self.eat_word("PROFILE") {
                prefix.profile = true;
            } else if self.eat_word("CYPHER") {
                self.version(&mut prefix)?;
                while self.is_name_at(0) && self.symbol_at(1) == Some(Symbol::Equal) {
                    prefix.options.push(self.option()?);
                }
            } else {
                break;
            }
            prefix.span = self.since(start);
        }
        if prefix.explain && prefix.profile {
            return self.fail(Fault::NotAllowed("EXPLAIN and PROFILE exclude each other"));
        }
        self.dialect = prefix.version.unwrap_or(self.dialect);
        prefix.dialect = self.dialect;
        Ok(prefix)
    }

    fn version(&mut self, prefix: &mut StatementPrefix) -> Parse<()> {
        let version = match self.peek(0) {
            Some(token) if matches!(token.kind, TokenKind::Integer | TokenKind::Float) => {
                match self.text_of(token.span) {
                    "5" => Dialect::Cypher5,
                    "25" => Dialect::Cypher25,
                    _ => return self.expected("5 or 25"),
                }
            }
            _ => return Ok(()),
        };
        if prefix.version.is_some_and(|other| other != version) {
            return self.fail(Fault::NotAllowed("a statement has one version"));
        }
        self.at += 1;
        prefix.version = Some(version);
        Ok(())
    }

    /// `name=value`. Both stay words: the server takes no quoted ones.
    fn option(&mut self) -> Parse<StatementOption> {
        let Some(word) = self.word_at(0) else { return self.expected("an option") };
        let name = crate::cypher::syntax::Name { text: word.to_owned(), span: self.next_span() };
        self.at += 1;
        self.expect(Symbol::Equal)?;
        let start = self.here();
        let is_negative = self.eat(Symbol::Minus);
        match self.peek(0).map(|token| token.kind) {
            Some(TokenKind::Word) if !is_negative => {}
            Some(TokenKind::Integer | TokenKind::Float) => {}
            _ => return self.expected("an option's value"),
        }
        self.at += 1;
        let value = self.text_of(self.since(start)).to_owned();
        Ok(StatementOption { name, value })
    }

    /// Steps with NEXT between them.
    pub(super) fn query(&mut self) -> Parse<Query> {
        let start = self.here();
        let mut steps = vec![self.regular_query()?];
        while self.is_word("NEXT") {
            self.needs_25("NEXT")?;
            self.at += 1;
            steps.push(self.regular_query()?);
        }
        Ok(Query { steps, span: self.since(start) })
    }

    fn regular_query(&mut self) -> Parse<RegularQuery> {
        if self.is_word("WHEN") {
            self.needs_25("WHEN")?;
            return self.conditional();
        }
        let mut parts = vec![(SetQuantifier::None, self.single_query()?)];
        while self.eat_word("UNION") {
            let quantifier = match self.eat_one_of(&["ALL", "DISTINCT"]) {
                Some("ALL") => SetQuantifier::All,
                Some(_) => SetQuantifier::Distinct,
                None => SetQuantifier::None,
            };
            parts.push((quantifier, self.single_query()?));
        }
        Ok(RegularQuery::Union(parts))
    }

    fn conditional(&mut self) -> Parse<RegularQuery> {
        let mut branches = Vec::new();
        while self.eat_word("WHEN") {
            let condition = self.expr()?;
            self.expect_word("THEN")?;
            branches.push(Branch { condition, query: self.single_query()? });
        }
        let otherwise = if self.eat_word("ELSE") { Some(self.single_query()?) } else { None };
        Ok(RegularQuery::Conditional { branches, otherwise })
    }

    fn single_query(&mut self) -> Parse<SingleQuery> {
        if self.is_symbol(Symbol::LeftBrace) {
            return self.braced(None);
        }
        let mut clauses = Vec::new();
        while let Some(clause) = self.clause()? {
            if let ([], Clause::Use(_)) = (clauses.as_slice(), &clause)
                && self.is_symbol(Symbol::LeftBrace)
            {
                let Clause::Use(graph) = clause else { return self.expected("a clause") };
                return self.braced(Some(graph));
            }
            clauses.push(clause);
        }
        if clauses.is_empty() {
            return self.expected("a clause");
        }
        Ok(SingleQuery::Clauses(clauses))
    }

    fn braced(&mut self, graph: Option<crate::cypher::syntax::Use>) -> Parse<SingleQuery> {
        self.needs_25("a query in braces")?;
        let query = self.query_in_braces()?;
        Ok(SingleQuery::Braced { graph, query: Box::new(query) })
    }

    /// `{ query }`
    pub(super) fn query_in_braces(&mut self) -> Parse<Query> {
        self.expect(Symbol::LeftBrace)?;
        let query = self.in_subquery(Self::query)?;
        self.expect(Symbol::RightBrace)?;
        Ok(query)
    }
}
