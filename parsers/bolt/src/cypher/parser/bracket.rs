//! Lists, comprehensions and projections of maps.

use super::{Parse, Parser, Symbol};
use crate::cypher::syntax::{
    ExprKind, ListComprehension, MapProjection, Name, PatternComprehension, ProjectionItem,
};

impl Parser<'_> {
    /// What `[` opens.
    pub(super) fn brackets(&mut self) -> Parse<ExprKind> {
        if self.is_name_at(1) && self.is_word_at(2, "IN") && !self.has_comma_in(self.at) {
            return self.list_comprehension();
        }
        if self.opens_pattern_comprehension() {
            return self.pattern_comprehension();
        }
        self.expect(Symbol::LeftBracket)?;
        self.exprs_until(Symbol::RightBracket).map(ExprKind::List)
    }

    /// Reads on with `read`, to which the last bar directly in the brackets that open at `open` is
    /// the end and no label's.
    pub(super) fn before_bar<T>(
        &mut self,
        open: usize,
        read: impl FnOnce(&mut Self) -> Parse<T>,
    ) -> Parse<T> {
        let bar = self.last_bar_in(open).unwrap_or(usize::MAX);
        let outer = std::mem::replace(&mut self.last_bar, bar);
        let result = read(self);
        self.last_bar = outer;
        result
    }

    fn list_comprehension(&mut self) -> Parse<ExprKind> {
        let open = self.at;
        self.expect(Symbol::LeftBracket)?;
        let variable = self.name("a variable")?;
        self.expect_word("IN")?;
        let (list, condition) =
            self.before_bar(open, |parser| Ok((parser.expr()?, parser.where_clause()?)))?;
        let value = if self.eat(Symbol::Bar) { Some(self.expr()?) } else { None };
        self.expect(Symbol::RightBracket)?;
        let comprehension = ListComprehension { variable, list, condition, value };
        Ok(ExprKind::ListComprehension(Box::new(comprehension)))
    }

    /// Whether `[` is followed by a path and then WHERE or a bar.
    fn opens_pattern_comprehension(&self) -> bool {
        let begin = self.at
            + if self.is_name_at(1) && self.symbol_at(2) == Some(Symbol::Equal) { 3 } else { 1 };
        let Some(end) = self.behind_path(begin) else { return false };
        let ahead = end - self.at;
        self.symbol_at(ahead) == Some(Symbol::Bar) || self.is_word_at(ahead, "WHERE")
    }

    fn pattern_comprehension(&mut self) -> Parse<ExprKind> {
        let open = self.at;
        self.expect(Symbol::LeftBracket)?;
        let variable = if self.is_name_at(0) {
            let name = self.name("a variable")?;
            self.expect(Symbol::Equal)?;
            Some(name)
        } else {
            None
        };
        let start = self.here();
        let factors = self.path()?;
        let pattern_span = self.since(start);
        let condition = self.before_bar(open, Self::where_clause)?;
        self.expect(Symbol::Bar)?;
        let value = self.expr()?;
        self.expect(Symbol::RightBracket)?;
        let comprehension =
            PatternComprehension { variable, factors, pattern_span, condition, value };
        Ok(ExprKind::PatternComprehension(Box::new(comprehension)))
    }

    /// `{.a, .*, b, c: 1}` behind a variable
    pub(super) fn map_projection(&mut self, variable: Name) -> Parse<ExprKind> {
        self.expect(Symbol::LeftBrace)?;
        let mut items = Vec::new();
        if !self.is_symbol(Symbol::RightBrace) {
            loop {
                items.push(self.projection_item()?);
                if !self.eat(Symbol::Comma) {
                    break;
                }
            }
        }
        self.expect(Symbol::RightBrace)?;
        Ok(ExprKind::MapProjection(Box::new(MapProjection { variable, items })))
    }

    fn projection_item(&mut self) -> Parse<ProjectionItem> {
        let start = self.here();
        if self.eat(Symbol::Dot) {
            if self.eat(Symbol::Star) {
                return Ok(ProjectionItem::All(self.since(start)));
            }
            return self.name("a property").map(ProjectionItem::Property);
        }
        let name = self.name("a property or a variable")?;
        if self.eat(Symbol::Colon) {
            return Ok(ProjectionItem::Entry(name, self.expr()?));
        }
        Ok(ProjectionItem::Variable(name))
    }
}
