//! RETURN and WITH, and what follows their items.

use super::{Parse, Parser, Symbol};
use crate::cypher::syntax::{
    Clause, GroupBy, Item, Page, Projection, SetQuantifier, SortItem, With,
};

impl Parser<'_> {
    pub(super) fn return_clause(&mut self) -> Parse<Clause> {
        self.expect_word("RETURN")?;
        Ok(Clause::Return(Box::new(self.projection()?)))
    }

    pub(super) fn with_clause(&mut self) -> Parse<Clause> {
        self.expect_word("WITH")?;
        let projection = self.projection()?;
        let condition = self.where_clause()?;
        Ok(Clause::With(Box::new(With { projection, condition })))
    }

    pub(super) fn projection(&mut self) -> Parse<Projection> {
        let start = self.here();
        // To Cypher 5, ALL is a name here.
        let is_all_a_name = self.is_word("ALL") && !self.is_25();
        let quantifier = if is_all_a_name { SetQuantifier::None } else { self.set_quantifier() };
        let star = if self.is_symbol(Symbol::Star) {
            let span = self.next_span();
            self.at += 1;
            Some(span)
        } else {
            None
        };
        let mut items = Vec::new();
        if star.is_none() {
            items.push(self.item()?);
        }
        while self.eat(Symbol::Comma) {
            items.push(self.item()?);
        }
        let group_by = self.group_by()?;
        let page = self.page(false)?;
        Ok(Projection { quantifier, star, items, group_by, page, span: self.since(start) })
    }

    /// DISTINCT or ALL, unless they are names here.
    pub(super) fn set_quantifier(&mut self) -> SetQuantifier {
        let quantifier = match self.one_of_at(0, &["DISTINCT", "ALL"]) {
            Some("DISTINCT") if self.begins_expr_at(1) || self.is_star_at(1) => {
                SetQuantifier::Distinct
            }
            // `all(x IN xs)` is an expression of its own.
            Some("ALL")
                if self.symbol_at(1) != Some(Symbol::LeftParen)
                    && (self.begins_expr_at(1) || self.is_star_at(1)) =>
            {
                SetQuantifier::All
            }
            _ => return SetQuantifier::None,
        };
        self.at += 1;
        quantifier
    }

    fn is_star_at(&self, ahead: usize) -> bool {
        self.symbol_at(ahead) == Some(Symbol::Star)
    }

    fn item(&mut self) -> Parse<Item> {
        let value = self.expr()?;
        let alias = if self.eat_word("AS") { Some(self.name("an alias")?) } else { None };
        Ok(Item { value, alias })
    }

    fn group_by(&mut self) -> Parse<Option<GroupBy>> {
        if !(self.is_word("GROUP") && self.is_word_at(1, "BY")) {
            return Ok(None);
        }
        self.needs_25("GROUP BY")?;
        self.at += 2;
        if self.symbol_at(0) == Some(Symbol::LeftParen)
            && self.symbol_at(1) == Some(Symbol::RightParen)
        {
            self.at += 2;
            return Ok(Some(GroupBy::Keys(Vec::new())));
        }
        if self.is_word("ALL") && self.symbol_at(1) != Some(Symbol::LeftParen) {
            self.at += 1;
            return Ok(Some(GroupBy::All));
        }
        let mut keys = vec![self.expr()?];
        while self.eat(Symbol::Comma) {
            keys.push(self.expr()?);
        }
        Ok(Some(GroupBy::Keys(keys)))
    }

    /// `ORDER BY … SKIP … LIMIT …`; `is_clause` if one of them must be there.
    pub(super) fn page(&mut self, is_clause: bool) -> Parse<Page> {
        let mut page = Page::default();
        if self.eat_words(&["ORDER", "BY"]) {
            loop {
                page.order_by.push(self.sort_item()?);
                if !self.eat(Symbol::Comma) {
                    break;
                }
            }
        }
        if self.eat_one_of(&["SKIP", "OFFSET"]).is_some() {
            page.skip = Some(self.expr()?);
        }
        if self.eat_word("LIMIT") {
            page.limit = Some(self.expr()?);
        }
        if is_clause && page == Page::default() {
            return self.expected("ORDER BY, SKIP or LIMIT");
        }
        Ok(page)
    }

    fn sort_item(&mut self) -> Parse<SortItem> {
        let value = self.expr()?;
        let direction = self.eat_one_of(&["ASC", "ASCENDING", "DESC", "DESCENDING"]);
        let descending = direction.is_some_and(|word| word.starts_with("DESC"));
        Ok(SortItem { value, descending })
    }
}
