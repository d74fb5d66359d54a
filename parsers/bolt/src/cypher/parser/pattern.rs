//! Patterns.

use super::{Fault, Parse, Parser, Symbol, TokenKind};
use crate::cypher::syntax::{
    Factor, Length, NodePattern, ParenthesizedPath, Path, PathMode, PathPattern, Properties,
    Quantifier, RelationshipBody, RelationshipPattern, Repetition, Selector, SelectorKind,
    ShortestPath, WholeNumber,
};

/// What a selector begins with.
const SELECTORS: &[&str] = &["ALL", "ANY", "SHORTEST", "WALK", "TRAIL", "ACYCLIC"];
const SHORTEST_PATHS: &[&str] = &["shortestPath", "allShortestPaths"];

impl Parser<'_> {
    pub(super) fn patterns(&mut self) -> Parse<Vec<PathPattern>> {
        let mut patterns = vec![self.path_pattern()?];
        while self.eat(Symbol::Comma) {
            patterns.push(self.path_pattern()?);
        }
        Ok(patterns)
    }

    /// `p = SHORTEST 1 (a)-->(b)`
    pub(super) fn path_pattern(&mut self) -> Parse<PathPattern> {
        let start = self.here();
        let variable = if self.is_name_at(0) && self.symbol_at(1) == Some(Symbol::Equal) {
            let name = self.name("a variable")?;
            self.at += 1;
            Some(name)
        } else {
            None
        };
        let selector = self.selector()?;
        let path = if self.begins_shortest_path() {
            Path::Shortest(self.shortest_path()?)
        } else {
            Path::Factors(self.factors()?)
        };
        Ok(PathPattern { variable, selector, path, span: self.since(start) })
    }

    /// Whether a pattern without its name begins at a word, `ahead` tokens after the next.
    pub(super) fn begins_pattern_word_at(&self, ahead: usize) -> bool {
        let is_call = self.symbol_at(ahead + 1) == Some(Symbol::LeftParen);
        self.is_one_of(ahead, SHORTEST_PATHS) && is_call
            || self.is_one_of(ahead, SELECTORS)
                && !matches!(
                    self.symbol_at(ahead + 1),
                    Some(
                        Symbol::RightParen
                            | Symbol::Colon
                            | Symbol::LeftBrace
                            | Symbol::Comma
                            | Symbol::Equal
                    )
                )
                && !self.is_one_of(ahead + 1, &["IS", "WHERE"])
                // A number of paths may be a parameter, behind these two words.
                && (self.symbol_at(ahead + 1) != Some(Symbol::Dollar)
                    || self.is_one_of(ahead, &["ANY", "SHORTEST"]) && self.is_25())
    }

    fn selector(&mut self) -> Parse<Option<Selector>> {
        let start = self.here();
        let kind = match self.eat_one_of(SELECTORS) {
            None => return Ok(None),
            Some("ALL") if self.eat_word("SHORTEST") => SelectorKind::AllShortest,
            Some("ALL") => SelectorKind::All,
            Some("ANY") if self.eat_word("SHORTEST") => SelectorKind::AnyShortest,
            Some("ANY") => SelectorKind::Any(self.path_count()?),
            Some("SHORTEST") => {
                let count = self.path_count()?;
                return self.shortest(count, start).map(Some);
            }
            Some(_) => {
                self.at -= 1;
                SelectorKind::All
            }
        };
        let mode = self.path_mode()?;
        self.eat_one_of(&["PATHS", "PATH"]);
        Ok(Some(Selector { kind, mode, span: self.since(start) }))
    }

    /// `SHORTEST 1 PATHS`, `SHORTEST GROUPS`
    fn shortest(
        &mut self,
        count: Option<crate::cypher::syntax::Expr>,
        start: u32,
    ) -> Parse<Selector> {
        let mode = self.path_mode()?;
        self.eat_one_of(&["PATHS", "PATH"]);
        let kind = if self.eat_one_of(&["GROUPS", "GROUP"]).is_some() {
            SelectorKind::ShortestGroups(count)
        } else {
            match count {
                Some(count) => SelectorKind::Shortest(count),
                None => return self.expected("a number of paths or GROUPS"),
            }
        };
        Ok(Selector { kind, mode, span: self.since(start) })
    }

    /// A number or a parameter.
    fn path_count(&mut self) -> Parse<Option<crate::cypher::syntax::Expr>> {
        let is_number = self.peek(0).is_some_and(|token| token.kind == TokenKind::Integer);
        if !is_number && !self.is_symbol(Symbol::Dollar) {
            return Ok(None);
        }
        self.primary().map(Some)
    }

    fn path_mode(&mut self) -> Parse<Option<PathMode>> {
        let mode = match self.one_of_at(0, &["ACYCLIC", "TRAIL", "WALK"]) {
            None => return Ok(None),
            Some("ACYCLIC") => PathMode::Acyclic,
            Some("TRAIL") => PathMode::Trail,
            Some(_) => PathMode::Walk,
        };
        self.needs_25("a path mode")?;
        self.at += 1;
        Ok(Some(mode))
    }

    pub(super) fn begins_shortest_path(&self) -> bool {
        self.is_one_of(0, SHORTEST_PATHS) && self.symbol_at(1) == Some(Symbol::LeftParen)
    }

    pub(super) fn shortest_path(&mut self) -> Parse<ShortestPath> {
        let start = self.here();
        let all = self.eat_one_of(SHORTEST_PATHS) == Some("allShortestPaths");
        self.expect(Symbol::LeftParen)?;
        let factors = self.factors()?;
        self.expect(Symbol::RightParen)?;
        Ok(ShortestPath { all, factors, span: self.since(start) })
    }

    /// Nodes with relationships between them, and parentheses.
    pub(super) fn factors(&mut self) -> Parse<Vec<Factor>> {
        let mut factors = Vec::new();
        while self.is_symbol(Symbol::LeftParen) {
            if self.opens_parenthesized_path() {
                factors.push(Factor::Parenthesized(Box::new(self.parenthesized_path()?)));
                continue;
            }
            factors.push(Factor::Node(self.node()?));
            while self.begins_relationship() {
                factors.push(Factor::Relationship(self.relationship()?));
                factors.push(Factor::Node(self.node()?));
            }
        }
        if factors.is_empty() { self.expected("a pattern") } else { Ok(factors) }
    }

    fn opens_parenthesized_path(&self) -> bool {
        self.symbol_at(1) == Some(Symbol::LeftParen)
            || self.is_name_at(1) && self.symbol_at(2) == Some(Symbol::Equal)
            || self.begins_pattern_word_at(1)
    }

    fn parenthesized_path(&mut self) -> Parse<ParenthesizedPath> {
        let start = self.here();
        self.expect(Symbol::LeftParen)?;
        let pattern = self.deeper(Self::path_pattern)?;
        let condition = self.where_clause()?;
        self.expect(Symbol::RightParen)?;
        let quantifier = self.quantifier()?;
        Ok(ParenthesizedPath { pattern, condition, quantifier, span: self.since(start) })
    }

    fn node(&mut self) -> Parse<NodePattern> {
        let start = self.here();
        self.expect(Symbol::LeftParen)?;
        let variable = self.element_variable()?;
        let labels = self.labels()?;
        let properties = self.properties()?;
        let condition = self.where_clause()?.map(Box::new);
        self.expect(Symbol::RightParen)?;
        Ok(NodePattern { variable, labels, properties, condition, span: self.since(start) })
    }

    /// The name of a node or a relationship. A word WHERE or IS is one only where it cannot begin
    /// what these words begin.
    fn element_variable(&mut self) -> Parse<Option<crate::cypher::syntax::Name>> {
        let is_variable = if self.is_word("WHERE") {
            !self.begins_expr_at(1)
                || self.is_word_at(1, "WHERE") && self.begins_expr_at(2)
                || self.is_word_at(1, "IS") && self.begins_label_at(2)
                || self.is_symbol_at(1, Symbol::LeftBrace) && !self.is_25()
        } else if self.is_word("IS") {
            !self.begins_label_at(1) || self.is_word_at(1, "IS") && self.begins_label_at(2)
        } else {
            self.is_name_at(0)
        };
        if is_variable { self.name("a variable").map(Some) } else { Ok(None) }
    }

    pub(super) fn properties(&mut self) -> Parse<Option<Properties>> {
        match self.symbol_at(0) {
            Some(Symbol::LeftBrace) => self.map().map(|map| Some(Properties::Map(map))),
            Some(Symbol::Dollar) => {
                self.parameter().map(|parameter| Some(Properties::Parameter(parameter)))
            }
            _ => Ok(None),
        }
    }

    fn relationship(&mut self) -> Parse<RelationshipPattern> {
        let start = self.here();
        let left = self.eat(Symbol::Less) || self.eat(Symbol::ArrowLeft);
        self.dash()?;
        let body = if self.is_symbol(Symbol::LeftBracket) {
            Some(Box::new(self.relationship_body()?))
        } else {
            None
        };
        self.dash()?;
        let right = self.eat(Symbol::Greater) || self.eat(Symbol::ArrowRight);
        let quantifier = self.quantifier()?;
        let span = self.since(start);
        Ok(RelationshipPattern { left, right, body, quantifier, span })
    }

    pub(super) fn dash(&mut self) -> Parse<()> {
        if self.eat(Symbol::Minus) || self.eat(Symbol::ArrowDash) {
            return Ok(());
        }
        self.expected("-")
    }

    fn relationship_body(&mut self) -> Parse<RelationshipBody> {
        let start = self.here();
        self.expect(Symbol::LeftBracket)?;
        let variable = self.element_variable()?;
        let types = self.labels()?;
        let length = if self.is_symbol(Symbol::Star) { Some(self.length()?) } else { None };
        let properties = self.properties()?;
        let condition = self.where_clause()?;
        self.expect(Symbol::RightBracket)?;
        let span = self.since(start);
        Ok(RelationshipBody { variable, types, length, properties, condition, span })
    }

    fn whole_number(&mut self) -> Parse<Option<WholeNumber>> {
        let Some(token) = self.peek(0).copied() else { return Ok(None) };
        if token.kind != TokenKind::Integer {
            return Ok(None);
        }
        match self.text_of(token.span).replace('_', "").parse() {
            Ok(value) => {
                self.at += 1;
                Ok(Some(WholeNumber { value, span: token.span }))
            }
            Err(_) => self.fail(Fault::Number),
        }
    }

    /// `*`, `*2`, `*2..`, `*..3`, `*2..3`
    fn length(&mut self) -> Parse<Length> {
        let start = self.here();
        self.expect(Symbol::Star)?;
        let from = self.whole_number()?;
        let bounds = if self.eat(Symbol::DotDot) {
            Repetition::Between(from, self.whole_number()?)
        } else {
            from.map_or(Repetition::Plus, Repetition::Exactly)
        };
        Ok(Length { bounds, span: self.since(start) })
    }

    /// `+`, `*`, `{2}`, `{2,3}`
    fn quantifier(&mut self) -> Parse<Option<Quantifier>> {
        let start = self.here();
        let bounds = match self.symbol_at(0) {
            Some(Symbol::Plus) => {
                self.at += 1;
                Repetition::Plus
            }
            Some(Symbol::Star) => {
                self.at += 1;
                Repetition::Star
            }
            Some(Symbol::LeftBrace) => {
                self.at += 1;
                let from = self.whole_number()?;
                let bounds = if self.eat(Symbol::Comma) {
                    Repetition::Between(from, self.whole_number()?)
                } else {
                    match from {
                        Some(number) => Repetition::Exactly(number),
                        None => return self.expected("a number"),
                    }
                };
                self.expect(Symbol::RightBrace)?;
                bounds
            }
            _ => return Ok(None),
        };
        Ok(Some(Quantifier { bounds, span: self.since(start) }))
    }
}
