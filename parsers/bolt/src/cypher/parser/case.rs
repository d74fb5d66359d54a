//! CASE.

use super::{Parse, Parser, Symbol};
use crate::cypher::syntax::{Case, CaseBranch, ExprKind, WhenTest};

impl Parser<'_> {
    pub(super) fn case(&mut self) -> Parse<ExprKind> {
        self.expect_word("CASE")?;
        let value = if self.is_word("WHEN") { None } else { Some(self.expr()?) };
        let mut branches = Vec::new();
        while self.eat_word("WHEN") {
            let mut when = Vec::new();
            loop {
                when.push(if value.is_some() {
                    self.when_test()?
                } else {
                    WhenTest::Equals(self.expr()?)
                });
                // Only a compared value has alternatives.
                if value.is_none() || !self.eat(Symbol::Comma) {
                    break;
                }
            }
            self.expect_word("THEN")?;
            branches.push(CaseBranch { when, then: self.expr()? });
        }
        if branches.is_empty() {
            return self.expected("WHEN");
        }
        let otherwise = if self.eat_word("ELSE") { Some(self.expr()?) } else { None };
        self.expect_word("END")?;
        Ok(ExprKind::Case(Box::new(Case { value, branches, otherwise })))
    }

    fn when_test(&mut self) -> Parse<WhenTest> {
        if let Some(comparison) = self.eat_comparison() {
            return Ok(WhenTest::Comparison(comparison, self.compared()?));
        }
        if self.begins_test() {
            return self.test().map(WhenTest::Test);
        }
        self.expr().map(WhenTest::Equals)
    }

    /// Whether a test without its value begins here, and no expression.
    fn begins_test(&self) -> bool {
        match self.symbol_at(0) {
            Some(Symbol::EqualTilde | Symbol::DoubleColon) => return true,
            Some(Symbol::Colon) => return self.is_25(),
            _ => {}
        }
        match self.one_of_at(0, &["STARTS", "ENDS", "CONTAINS", "IN", "IS"]) {
            Some("STARTS" | "ENDS") => self.is_word_at(1, "WITH"),
            Some("CONTAINS" | "IN") => self.is_25() && self.begins_expr_at(1),
            Some(_) => {
                // Without NOT, `IS ::` is a test of Cypher 25; to Cypher 5 it begins with a name.
                self.symbol_at(1) == Some(Symbol::DoubleColon) && self.is_25()
                    || self.is_name_at(1) && !self.is_one_of(1, &["THEN", "AND", "OR", "IN"])
            }
            None => false,
        }
    }
}
