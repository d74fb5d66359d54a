//! Expressions: what operators stand between.

use std::borrow::Cow;

use super::{Fault, Parse, Parser, Symbol, TokenKind};
use crate::cypher::syntax::{Expr, ExprKind, Function, Literal, Map, SetQuantifier, SubqueryBody};

/// One more than the greatest whole number: a number only with a minus.
const INTEGER_MIN: &str = "9223372036854775808";

impl Parser<'_> {
    pub(super) fn primary(&mut self) -> Parse<Expr> {
        let start = self.here();
        let Some(token) = self.peek(0).copied() else { return self.expected("an expression") };
        let kind = match token.kind {
            TokenKind::Word | TokenKind::Name => self.word()?,
            TokenKind::QuotedName => self.named()?,
            TokenKind::String => ExprKind::Literal(Literal::String(self.string("a string")?)),
            TokenKind::Integer | TokenKind::RadixInteger | TokenKind::Float => {
                ExprKind::Literal(self.number()?)
            }
            TokenKind::Symbol(symbol) => match symbol {
                Symbol::Minus if self.is_number_at(1) => ExprKind::Literal(self.number()?),
                Symbol::Dollar => ExprKind::Parameter(self.parameter()?),
                Symbol::LeftBrace => ExprKind::Map(self.map()?),
                Symbol::LeftBracket => self.brackets()?,
                Symbol::LeftParen => self.parentheses()?,
                _ => return self.expected("an expression"),
            },
        };
        Ok(Expr { kind, span: self.since(start) })
    }

    /// A number, with the minus in front of it.
    fn number(&mut self) -> Parse<Literal> {
        let negative = self.eat(Symbol::Minus);
        let Some(token) = self.peek(0).copied() else { return self.expected("a number") };
        let written = self.text_of(token.span);
        let digits = match written.contains('_') {
            true => Cow::Owned(written.replace('_', "")),
            false => Cow::Borrowed(written),
        };
        let radix = match digits.get(..2) {
            Some("0x") => 16,
            Some("0o") => 8,
            _ => 10,
        };
        let fits = match token.kind {
            TokenKind::Float => true,
            TokenKind::RadixInteger => {
                let digits = digits.get(2..).unwrap_or_default();
                u64::from_str_radix(digits, radix)
                    .is_ok_and(|number| number <= i64::MAX as u64 + u64::from(negative))
            }
            _ => digits.parse::<i64>().is_ok() || negative && digits == INTEGER_MIN,
        };
        if !fits {
            return self.fail(Fault::Number);
        }
        let written = if negative { format!("-{written}") } else { written.to_owned() };
        self.at += 1;
        Ok(if token.kind == TokenKind::Float {
            Literal::Float(written)
        } else {
            Literal::Integer(written)
        })
    }

    /// `{key: value}`
    pub(super) fn map(&mut self) -> Parse<Map> {
        let start = self.here();
        self.expect(Symbol::LeftBrace)?;
        let mut entries = Vec::new();
        if !self.is_symbol(Symbol::RightBrace) {
            loop {
                let key = self.name("a key")?;
                self.expect(Symbol::Colon)?;
                entries.push((key, self.expr()?));
                if !self.eat(Symbol::Comma) {
                    break;
                }
            }
        }
        self.expect(Symbol::RightBrace)?;
        Ok(Map { entries, span: self.since(start) })
    }

    /// `(a)` or `(a)-->(b)`
    fn parentheses(&mut self) -> Parse<ExprKind> {
        if self.behind_path(self.at).is_some() {
            return self.path().map(ExprKind::Pattern);
        }
        self.expect(Symbol::LeftParen)?;
        let inner = self.expr()?;
        self.expect(Symbol::RightParen)?;
        Ok(ExprKind::Parenthesized(Box::new(inner)))
    }

    /// Nodes with relationships between them, and nothing else.
    pub(super) fn path(&mut self) -> Parse<Vec<crate::cypher::syntax::Factor>> {
        use crate::cypher::syntax::Factor;
        let factors = self.deeper(Self::factors)?;
        let is_plain = factors.iter().all(|factor| match factor {
            Factor::Node(_) => true,
            Factor::Relationship(relationship) => relationship.quantifier.is_none(),
            Factor::Parenthesized(_) => false,
        });
        let nodes = factors.iter().filter(|factor| matches!(factor, Factor::Node(_))).count();
        // Each two nodes have a relationship between them.
        if is_plain && nodes * 2 == factors.len() + 1 {
            return Ok(factors);
        }
        self.fail(Fault::NotAllowed("a pattern as an expression repeats nothing"))
    }

    /// What begins with a bare word.
    fn word(&mut self) -> Parse<ExprKind> {
        if let Some(literal) = self.word_literal() {
            self.at += 1;
            return Ok(ExprKind::Literal(literal));
        }
        if self.is_word("CASE") && self.begins_expr_at(1) {
            return self.case();
        }
        match self.symbol_at(1) {
            Some(Symbol::LeftBrace) if self.begins_subquery() => self.subquery_expr(),
            Some(Symbol::LeftParen) => match self.special()? {
                Some(kind) => Ok(kind),
                None => self.named(),
            },
            _ => self.named(),
        }
    }

    fn word_literal(&self) -> Option<Literal> {
        const WORDS: &[&str] = &["TRUE", "FALSE", "NULL", "INF", "INFINITY", "NAN"];
        let word = self.one_of_at(0, WORDS)?;
        if self.is_function() || self.is_symbol_at(1, Symbol::LeftBrace) {
            return None;
        }
        Some(match word {
            "TRUE" => Literal::Boolean(true),
            "FALSE" => Literal::Boolean(false),
            "NULL" => Literal::Null,
            "NAN" => Literal::NotANumber,
            _ => Literal::Infinity,
        })
    }

    /// A function, a map projection, or a variable.
    fn named(&mut self) -> Parse<ExprKind> {
        if self.is_function() {
            return self.function().map(|function| ExprKind::Function(Box::new(function)));
        }
        let variable = self.name("a variable")?;
        if self.is_symbol(Symbol::LeftBrace) {
            return self.map_projection(variable);
        }
        Ok(ExprKind::Variable(variable))
    }

    /// Whether a function's name and its parenthesis stand here.
    pub(super) fn is_function(&self) -> bool {
        let mut ahead = 0;
        while self.is_name_at(ahead) {
            match self.symbol_at(ahead + 1) {
                Some(Symbol::LeftParen) => return true,
                Some(Symbol::Dot) => ahead += 2,
                _ => return false,
            }
        }
        false
    }

    pub(super) fn function(&mut self) -> Parse<Function> {
        let name = self.dotted_name("a function")?;
        self.expect(Symbol::LeftParen)?;
        let quantifier = self.set_quantifier();
        let arguments = self.exprs_until(Symbol::RightParen)?;
        if arguments.is_empty() && quantifier != SetQuantifier::None {
            return self.expected("an argument");
        }
        Ok(Function { name, quantifier, arguments })
    }

    /// Whether a word and a brace begin a sub-query and not a projection of a variable.
    fn begins_subquery(&self) -> bool {
        if !self.is_one_of(0, &["EXISTS", "COUNT", "COLLECT"]) {
            return false;
        }
        let is_projection = match self.symbol_at(2) {
            Some(Symbol::Dot | Symbol::RightBrace) => true,
            Some(_) => false,
            None => {
                self.is_name_at(2)
                    && matches!(
                        self.symbol_at(3),
                        Some(Symbol::Colon | Symbol::Comma | Symbol::RightBrace)
                    )
                    && !self.is_word_at(2, "FINISH")
            }
        };
        !is_projection
    }

    /// `EXISTS { … }`, `COUNT { … }`, `COLLECT { … }`
    fn subquery_expr(&mut self) -> Parse<ExprKind> {
        let word = self.eat_one_of(&["EXISTS", "COUNT", "COLLECT"]);
        if word == Some("COLLECT") {
            return self.query_in_braces().map(|query| ExprKind::Collect(Box::new(query)));
        }
        self.expect(Symbol::LeftBrace)?;
        let body = Box::new(self.in_subquery(Self::subquery_body)?);
        self.expect(Symbol::RightBrace)?;
        Ok(if word == Some("COUNT") { ExprKind::Count(body) } else { ExprKind::Exists(body) })
    }

    fn subquery_body(&mut self) -> Parse<SubqueryBody> {
        let is_patterns = self.is_symbol(Symbol::LeftParen)
            || self.is_name_at(0) && self.symbol_at(1) == Some(Symbol::Equal)
            || self.is_one_of(0, &["REPEATABLE", "DIFFERENT"])
            || self.begins_pattern_word_at(0);
        if !is_patterns {
            return self.query().map(SubqueryBody::Query);
        }
        let mode = self.match_mode()?;
        let patterns = self.patterns()?;
        let condition = self.where_clause()?;
        Ok(SubqueryBody::Patterns { mode, patterns, condition })
    }
}
