//! Functions that have a grammar of their own.

use super::{Parse, Parser, Symbol};
use crate::cypher::syntax::{
    AllReduce, ExprKind, ListPredicate, ListQuantifier, Normalize, PropertyExists, Reduce,
    ScalarType, Trim, TrimSide, VectorDistance, VectorValue,
};

impl Parser<'_> {
    /// What a bare word and a parenthesis begin, if it is no function like others.
    pub(super) fn special(&mut self) -> Parse<Option<ExprKind>> {
        let Some(word) = self.word_at(0).map(str::to_ascii_lowercase) else { return Ok(None) };
        Ok(Some(match word.as_str() {
            "count" if self.symbol_at(2) == Some(Symbol::Star) => {
                self.at += 3;
                self.expect(Symbol::RightParen)?;
                ExprKind::CountStar
            }
            "all" | "any" | "none" | "single" if self.is_name_at(2) && self.is_word_at(3, "IN") => {
                self.list_predicate()?
            }
            "reduce" if self.is_fold() => self.reduce()?,
            "allreduce" if self.is_fold() => self.all_reduce()?,
            "shortestpath" | "allshortestpaths" => self.shortest_path_expr()?,
            "normalize" => self.normalize()?,
            "trim" => self.trim()?,
            "vector" if self.is_25() => self.vector_value()?,
            "vector_distance" if self.is_25() => self.vector_distance(true)?,
            "vector_norm" if self.is_25() => self.vector_distance(false)?,
            "property_exists" if self.is_25() => self.property_exists()?,
            _ => return Ok(None),
        }))
    }

    /// Whether `f(name =` stands here.
    fn is_fold(&self) -> bool {
        self.is_name_at(2) && self.symbol_at(3) == Some(Symbol::Equal)
    }

    fn list_predicate(&mut self) -> Parse<ExprKind> {
        let quantifier = match self.eat_one_of(&["ALL", "ANY", "NONE", "SINGLE"]) {
            Some("ALL") => ListQuantifier::All,
            Some("ANY") => ListQuantifier::Any,
            Some("NONE") => ListQuantifier::None,
            _ => ListQuantifier::Single,
        };
        self.expect(Symbol::LeftParen)?;
        let variable = self.name("a variable")?;
        self.expect_word("IN")?;
        let list = self.expr()?;
        let condition = self.where_clause()?;
        self.expect(Symbol::RightParen)?;
        let predicate = ListPredicate { quantifier, variable, list, condition };
        Ok(ExprKind::ListPredicate(Box::new(predicate)))
    }

    fn shortest_path_expr(&mut self) -> Parse<ExprKind> {
        let path = self.deeper(Self::shortest_path)?;
        Ok(ExprKind::ShortestPath(Box::new(path)))
    }

    fn reduce(&mut self) -> Parse<ExprKind> {
        let reduce = self.fold()?;
        self.expect(Symbol::RightParen)?;
        Ok(ExprKind::Reduce(reduce))
    }

    fn all_reduce(&mut self) -> Parse<ExprKind> {
        self.needs_25("allReduce")?;
        let reduce = self.fold()?;
        self.expect(Symbol::Comma)?;
        let condition = self.expr()?;
        self.expect(Symbol::RightParen)?;
        Ok(ExprKind::AllReduce(Box::new(AllReduce { reduce: *reduce, condition })))
    }

    /// `f(accumulator = start, variable IN list | step`, without what closes it
    fn fold(&mut self) -> Parse<Box<Reduce>> {
        self.at += 1;
        let open = self.at;
        self.expect(Symbol::LeftParen)?;
        let accumulator = self.name("a variable")?;
        self.expect(Symbol::Equal)?;
        let start = self.expr()?;
        self.expect(Symbol::Comma)?;
        let variable = self.name("a variable")?;
        self.expect_word("IN")?;
        let list = self.before_bar(open, Self::expr)?;
        self.expect(Symbol::Bar)?;
        let step = self.expr()?;
        Ok(Box::new(Reduce { accumulator, start, variable, list, step }))
    }

    fn normalize(&mut self) -> Parse<ExprKind> {
        self.at += 1;
        self.expect(Symbol::LeftParen)?;
        let value = self.expr()?;
        let form = if self.eat(Symbol::Comma) {
            let span = self.next_span();
            if self.eat_one_of(&["NFC", "NFD", "NFKC", "NFKD"]).is_none() {
                return self.expected("NFC, NFD, NFKC or NFKD");
            }
            Some(span)
        } else {
            None
        };
        self.expect(Symbol::RightParen)?;
        Ok(ExprKind::Normalize(Box::new(Normalize { value, form })))
    }

    fn trim(&mut self) -> Parse<ExprKind> {
        self.at += 1;
        self.expect(Symbol::LeftParen)?;
        let is_side = self.is_one_of(0, &["BOTH", "LEADING", "TRAILING"])
            && (self.is_word_at(1, "FROM") || self.begins_expr_at(1))
            && self.symbol_at(1) != Some(Symbol::LeftParen);
        let side = if !is_side {
            None
        } else {
            match self.eat_one_of(&["BOTH", "LEADING", "TRAILING"]) {
                Some("BOTH") => Some(TrimSide::Both),
                Some("LEADING") => Some(TrimSide::Leading),
                _ => Some(TrimSide::Trailing),
            }
        };
        let is_bare = self.is_word("FROM") && self.begins_expr_at(1);
        let mut characters = if is_bare { None } else { Some(self.expr()?) };
        let value = if self.eat_word("FROM") {
            self.expr()?
        } else {
            match characters.take() {
                Some(value) if side.is_none() => value,
                _ => return self.expected("FROM"),
            }
        };
        if self.is_symbol(Symbol::Comma) && side.is_none() && characters.is_none() {
            return self.expected("FROM or )");
        }
        self.expect(Symbol::RightParen)?;
        Ok(ExprKind::Trim(Box::new(Trim { side, characters, value })))
    }

    fn vector_value(&mut self) -> Parse<ExprKind> {
        self.at += 1;
        self.expect(Symbol::LeftParen)?;
        let value = self.expr()?;
        self.expect(Symbol::Comma)?;
        let dimension = self.expr()?;
        self.expect(Symbol::Comma)?;
        let coordinate: ScalarType = self.coordinate_type()?;
        self.not_null();
        self.expect(Symbol::RightParen)?;
        let vector = VectorValue { value, dimension, coordinate };
        Ok(ExprKind::VectorValue(Box::new(vector)))
    }

    /// `vector_distance(a, b, metric)`, `vector_norm(a, metric)`
    fn vector_distance(&mut self, of_two: bool) -> Parse<ExprKind> {
        const METRICS: &[&str] =
            &["EUCLIDEAN", "EUCLIDEAN_SQUARED", "MANHATTAN", "COSINE", "DOT", "HAMMING"];
        self.at += 1;
        self.expect(Symbol::LeftParen)?;
        let first = self.expr()?;
        self.expect(Symbol::Comma)?;
        let second = if of_two {
            let second = self.expr()?;
            self.expect(Symbol::Comma)?;
            Some(second)
        } else {
            None
        };
        let metric = self.next_span();
        if self.eat_one_of(METRICS).is_none() {
            return self.expected("a metric");
        }
        self.expect(Symbol::RightParen)?;
        let distance = VectorDistance { first, second, metric };
        Ok(ExprKind::VectorDistance(Box::new(distance)))
    }

    fn property_exists(&mut self) -> Parse<ExprKind> {
        self.at += 1;
        self.expect(Symbol::LeftParen)?;
        let variable = self.name("a variable")?;
        self.expect(Symbol::Comma)?;
        let property = self.name("a property")?;
        self.expect(Symbol::RightParen)?;
        Ok(ExprKind::PropertyExists(Box::new(PropertyExists { variable, property })))
    }
}
