//! CALL, of procedures and of sub-queries, and LOAD CSV.

use super::{Parse, Parser, Symbol};
use crate::cypher::syntax::{
    BatchError, Call, Clause, Disjoint, Expr, InTransactions, LoadCsv, Subquery, SubqueryScope,
    YieldItem, Yields,
};

impl Parser<'_> {
    pub(super) fn call_clause(&mut self) -> Parse<Clause> {
        let start = self.here();
        let optional = self.eat_word("OPTIONAL");
        self.expect_word("CALL")?;
        match self.symbol_at(0) {
            Some(Symbol::LeftBrace | Symbol::LeftParen) => {
                self.subquery(start, optional).map(|call| Clause::Subquery(Box::new(call)))
            }
            _ => self.procedure_call(start, optional).map(Clause::Call),
        }
    }

    fn procedure_call(&mut self, start: u32, optional: bool) -> Parse<Call> {
        let procedure = self.dotted_name("a procedure or a sub-query")?;
        let arguments = if self.eat(Symbol::LeftParen) {
            Some(self.exprs_until(Symbol::RightParen)?)
        } else {
            None
        };
        let yields = if self.is_word("YIELD") { Some(self.yields()?) } else { None };
        Ok(Call { optional, procedure, arguments, yields, span: self.since(start) })
    }

    /// Expressions and the sign behind them.
    pub(super) fn exprs_until(&mut self, closing: Symbol) -> Parse<Vec<Expr>> {
        let mut exprs = Vec::new();
        if self.eat(closing) {
            return Ok(exprs);
        }
        loop {
            exprs.push(self.expr()?);
            if !self.eat(Symbol::Comma) {
                break;
            }
        }
        self.expect(closing)?;
        Ok(exprs)
    }

    fn yields(&mut self) -> Parse<Yields> {
        let start = self.here();
        self.expect_word("YIELD")?;
        if self.eat(Symbol::Star) {
            let span = self.since(start);
            return Ok(Yields { star: true, items: Vec::new(), condition: None, span });
        }
        let mut items = Vec::new();
        loop {
            let column = self.name("a column")?;
            let alias = if self.eat_word("AS") { Some(self.name("a variable")?) } else { None };
            items.push(YieldItem { column, alias });
            if !self.eat(Symbol::Comma) {
                break;
            }
        }
        let condition = self.where_clause()?;
        Ok(Yields { star: false, items, condition, span: self.since(start) })
    }

    fn subquery(&mut self, start: u32, optional: bool) -> Parse<Subquery> {
        let scope = if self.eat(Symbol::LeftParen) { Some(self.scope()?) } else { None };
        let query = self.query_in_braces()?;
        let in_transactions =
            if self.eat_word("IN") { Some(self.in_transactions()?) } else { None };
        Ok(Subquery { optional, scope, query, in_transactions, span: self.since(start) })
    }

    fn scope(&mut self) -> Parse<SubqueryScope> {
        let scope = match self.symbol_at(0) {
            Some(Symbol::Star) => {
                self.at += 1;
                SubqueryScope::All
            }
            Some(Symbol::RightParen) => SubqueryScope::Names(Vec::new()),
            _ => SubqueryScope::Names(self.names("a variable")?),
        };
        self.expect(Symbol::RightParen)?;
        Ok(scope)
    }

    fn in_transactions(&mut self) -> Parse<InTransactions> {
        let mut with = InTransactions::default();
        if !self.is_word("TRANSACTIONS") {
            if !(self.is_word("CONCURRENT") && self.is_word_at(1, "TRANSACTIONS")) {
                with.concurrency = Some(self.expr()?);
            }
            self.expect_word("CONCURRENT")?;
            with.concurrent = true;
        }
        self.expect_word("TRANSACTIONS")?;
        loop {
            if self.eat_word("OF") {
                with.rows.push(self.expr()?);
                if self.eat_one_of(&["ROWS", "ROW"]).is_none() {
                    return self.expected("ROWS");
                }
            } else if self.eat_words(&["ON", "ERROR"]) {
                with.on_error.push(self.batch_error()?);
            } else if self.eat_words(&["REPORT", "STATUS"]) {
                self.expect_word("AS")?;
                with.report.push(self.name("a variable")?);
            } else if self.is_word("DISJOINT") {
                with.disjoint.push(self.disjoint()?);
            } else {
                return Ok(with);
            }
        }
    }

    fn batch_error(&mut self) -> Parse<BatchError> {
        if self.is_word("RETRY") {
            self.needs_25("ON ERROR RETRY")?;
            self.at += 1;
            return self.retry();
        }
        match self.eat_one_of(&["BREAK", "CONTINUE", "FAIL"]) {
            Some("BREAK") => Ok(BatchError::Break),
            Some("CONTINUE") => Ok(BatchError::Continue),
            Some(_) => Ok(BatchError::Fail),
            None => self.expected("BREAK, CONTINUE, FAIL or RETRY"),
        }
    }

    fn retry(&mut self) -> Parse<BatchError> {
        let is_timed = self.eat_word("FOR") || !self.ends_retry();
        let seconds = if is_timed {
            let seconds = self.expr()?;
            if self.eat_one_of(&["SEC", "SECOND", "SECONDS"]).is_none() {
                return self.expected("SECONDS");
            }
            Some(seconds)
        } else {
            None
        };
        let then = if self.eat_word("THEN") {
            Some(Box::new(self.deeper(Self::batch_error)?))
        } else {
            None
        };
        match then.as_deref() {
            Some(BatchError::Retry { .. }) => self.expected("BREAK, CONTINUE or FAIL"),
            _ => Ok(BatchError::Retry { seconds, then }),
        }
    }

    /// Whether no time follows RETRY.
    fn ends_retry(&self) -> bool {
        !matches!(
            self.peek(0).map(|token| token.kind),
            Some(super::TokenKind::Integer | super::TokenKind::Float)
        ) && self.symbol_at(0) != Some(Symbol::Dollar)
    }

    fn disjoint(&mut self) -> Parse<Disjoint> {
        self.needs_25("DISJOINT BY")?;
        self.expect_word("DISJOINT")?;
        self.expect_word("BY")?;
        if self.eat(Symbol::LeftParen) {
            return self.exprs_until(Symbol::RightParen).map(Disjoint::By);
        }
        match self.eat_one_of(&["AUTO", "NONE"]) {
            Some("AUTO") => Ok(Disjoint::Auto),
            Some(_) => Ok(Disjoint::None),
            None => self.expected("AUTO, NONE or expressions"),
        }
    }

    pub(super) fn load_csv_clause(&mut self) -> Parse<Clause> {
        let start = self.here();
        self.expect_word("LOAD")?;
        self.expect_word("CSV")?;
        let headers = self.eat_words(&["WITH", "HEADERS"]);
        self.expect_word("FROM")?;
        let from = self.expr()?;
        self.expect_word("AS")?;
        let variable = self.name("a variable")?;
        let terminator =
            if self.eat_word("FIELDTERMINATOR") { Some(self.string("a string")?) } else { None };
        let span = self.since(start);
        Ok(Clause::LoadCsv(LoadCsv { headers, from, variable, terminator, span }))
    }
}
