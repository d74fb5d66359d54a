//! Expressions: operators and how tightly they bind.

use super::{Fault, Parse, Parser, Symbol, TokenKind};
use crate::cypher::syntax::{Access, Arithmetic, Comparison, Expr, ExprKind, Slice, Test};

/// How tightly an operator binds, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Or,
    Xor,
    And,
    Not,
    Comparison,
    Test,
    Sum,
    Product,
    Power,
    Sign,
}

impl Level {
    fn tighter(self) -> Self {
        match self {
            Self::Or => Self::Xor,
            Self::Xor => Self::And,
            Self::And => Self::Not,
            Self::Not => Self::Comparison,
            Self::Comparison => Self::Test,
            Self::Test => Self::Sum,
            Self::Sum => Self::Product,
            Self::Product => Self::Power,
            Self::Power | Self::Sign => Self::Sign,
        }
    }
}

impl Parser<'_> {
    pub(super) fn expr(&mut self) -> Parse<Expr> {
        self.deeper(|parser| parser.operation(Level::Or))
    }

    /// An expression whose operators bind at least as tightly as those of a sum: what may stand
    /// behind an operator that compares.
    pub(super) fn compared(&mut self) -> Parse<Expr> {
        self.deeper(|parser| parser.operation(Level::Test))
    }

    fn sum(&mut self) -> Parse<Expr> {
        self.deeper(|parser| parser.operation(Level::Sum))
    }

    /// What stands at the right of an operator.
    fn right_of(&mut self, level: Level) -> Parse<Expr> {
        self.deeper(|parser| parser.operation(level.tighter()))
    }

    /// An expression of operators that bind at least as tightly as `loosest`.
    fn operation(&mut self, loosest: Level) -> Parse<Expr> {
        let start = self.here();
        let mut left = self.operand(loosest)?;
        while let Some(level) = self.operator_level() {
            if level < loosest {
                break;
            }
            left = self.joined(left, level, start)?;
            if level == Level::Test && self.operator_level() == Some(Level::Test) {
                return self.expected("one test of a value and no more");
            }
        }
        Ok(left)
    }

    /// `left` and all that operators of one level join to it.
    fn joined(&mut self, left: Expr, level: Level, start: u32) -> Parse<Expr> {
        let kind = match level {
            Level::Or => ExprKind::Or(self.chain(left, level, "OR")?),
            Level::Xor => ExprKind::Xor(self.chain(left, level, "XOR")?),
            Level::And => ExprKind::And(self.chain(left, level, "AND")?),
            Level::Comparison => {
                let mut rest = Vec::new();
                while let Some(operator) = self.eat_comparison() {
                    rest.push((operator, self.right_of(level)?));
                }
                ExprKind::Comparison(Box::new(left), rest)
            }
            Level::Test => ExprKind::Test(Box::new(left), Box::new(self.test()?)),
            Level::Sum | Level::Product | Level::Power => {
                let mut rest = Vec::new();
                while self.operator_level() == Some(level)
                    && let Some(operator) = self.eat_arithmetic()
                {
                    rest.push((operator, self.right_of(level)?));
                }
                ExprKind::Arithmetic(Box::new(left), rest)
            }
            Level::Not | Level::Sign => return self.expected("an operator"),
        };
        Ok(Expr { kind, span: self.since(start) })
    }

    fn chain(&mut self, left: Expr, level: Level, word: &str) -> Parse<Vec<Expr>> {
        let mut all = vec![left];
        while self.eat_word(word) {
            all.push(self.right_of(level)?);
        }
        Ok(all)
    }

    /// The level of the operator that the next token is.
    fn operator_level(&self) -> Option<Level> {
        if let Some(symbol) = self.symbol_at(0) {
            return Some(match symbol {
                Symbol::Equal
                | Symbol::NotEqual
                | Symbol::Less
                | Symbol::LessEqual
                | Symbol::Greater
                | Symbol::GreaterEqual => Level::Comparison,
                Symbol::EqualTilde | Symbol::DoubleColon => Level::Test,
                Symbol::Colon if self.is_25() => Level::Test,
                Symbol::Plus | Symbol::Minus | Symbol::DoubleBar => Level::Sum,
                Symbol::Star | Symbol::Slash | Symbol::Percent => Level::Product,
                Symbol::Caret => Level::Power,
                _ => return None,
            });
        }
        const WORDS: &[&str] = &["OR", "XOR", "AND", "STARTS", "ENDS", "CONTAINS", "IN", "IS"];
        Some(match self.one_of_at(0, WORDS)? {
            "OR" => Level::Or,
            "XOR" => Level::Xor,
            "AND" => Level::And,
            _ => Level::Test,
        })
    }

    pub(super) fn eat_comparison(&mut self) -> Option<Comparison> {
        let operator = match self.symbol_at(0)? {
            Symbol::Equal => Comparison::Equal,
            Symbol::NotEqual => Comparison::NotEqual,
            Symbol::Less => Comparison::Less,
            Symbol::LessEqual => Comparison::LessEqual,
            Symbol::Greater => Comparison::Greater,
            Symbol::GreaterEqual => Comparison::GreaterEqual,
            _ => return None,
        };
        self.at += 1;
        Some(operator)
    }

    fn eat_arithmetic(&mut self) -> Option<Arithmetic> {
        let operator = match self.symbol_at(0)? {
            Symbol::Plus => Arithmetic::Add,
            Symbol::Minus => Arithmetic::Subtract,
            Symbol::DoubleBar => Arithmetic::Concatenate,
            Symbol::Star => Arithmetic::Multiply,
            Symbol::Slash => Arithmetic::Divide,
            Symbol::Percent => Arithmetic::Remainder,
            Symbol::Caret => Arithmetic::Power,
            _ => return None,
        };
        self.at += 1;
        Some(operator)
    }

    /// `NOT a`, `-a`, or a value with steps into it.
    fn operand(&mut self, loosest: Level) -> Parse<Expr> {
        let start = self.here();
        if loosest <= Level::Not && self.is_word("NOT") && self.begins_expr_at(1) {
            self.at += 1;
            let inner = self.deeper(|parser| parser.operation(Level::Not))?;
            let kind = ExprKind::Not(Box::new(inner));
            return Ok(Expr { kind, span: self.since(start) });
        }
        let negative = self.is_symbol(Symbol::Minus);
        if (negative && !self.is_number_at(1)) || self.is_symbol(Symbol::Plus) {
            self.at += 1;
            let value = Box::new(self.accessed()?);
            let kind = ExprKind::Sign { negative, value };
            return Ok(Expr { kind, span: self.since(start) });
        }
        self.accessed()
    }

    pub(super) fn is_number_at(&self, ahead: usize) -> bool {
        self.peek(ahead).is_some_and(|token| {
            matches!(token.kind, TokenKind::Integer | TokenKind::RadixInteger | TokenKind::Float)
        })
    }

    /// A value and the steps into it.
    pub(super) fn accessed(&mut self) -> Parse<Expr> {
        let start = self.here();
        let value = self.primary()?;
        let mut steps = Vec::new();
        loop {
            match self.symbol_at(0) {
                Some(Symbol::Dot) => {
                    self.at += 1;
                    steps.push(Access::Property(self.name("a property")?));
                }
                Some(Symbol::LeftBracket) => steps.push(self.index()?),
                Some(Symbol::Colon) if !self.is_25() && self.begins_label_at(1) => {
                    self.at += 1;
                    steps.push(Access::Labels(self.label_expr()?));
                }
                None if !self.is_25() && self.begins_is_label() => {
                    self.at += 1;
                    steps.push(Access::Labels(self.label_expr()?));
                }
                _ => break,
            }
        }
        if steps.is_empty() {
            return Ok(value);
        }
        let kind = ExprKind::Access(Box::new(value), steps);
        Ok(Expr { kind, span: self.since(start) })
    }

    /// `[a]`, `[a..b]`
    fn index(&mut self) -> Parse<Access> {
        self.expect(Symbol::LeftBracket)?;
        if self.eat(Symbol::DotDot) {
            let to = self.slice_end()?;
            return Ok(Access::Slice(Slice { from: None, to }));
        }
        let from = self.expr()?;
        if self.eat(Symbol::DotDot) {
            let to = self.slice_end()?;
            return Ok(Access::Slice(Slice { from: Some(from), to }));
        }
        self.expect(Symbol::RightBracket)?;
        Ok(Access::Index(from))
    }

    fn slice_end(&mut self) -> Parse<Option<Expr>> {
        if self.eat(Symbol::RightBracket) {
            return Ok(None);
        }
        let to = self.expr()?;
        self.expect(Symbol::RightBracket)?;
        Ok(Some(to))
    }

    /// `STARTS WITH a`, `IS NULL`: what is tested for, without the value.
    pub(super) fn test(&mut self) -> Parse<Test> {
        if self.eat(Symbol::EqualTilde) {
            return self.sum().map(Test::Matches);
        }
        if self.eat(Symbol::DoubleColon) {
            return Ok(Test::Typed { not: false, of: self.type_()? });
        }
        if self.eat(Symbol::Colon) {
            return Ok(Test::Labels { not: false, labels: self.label_expr()? });
        }
        match self.eat_one_of(&["STARTS", "ENDS", "CONTAINS", "IN", "IS"]) {
            Some("STARTS") => {
                self.expect_word("WITH")?;
                self.sum().map(Test::StartsWith)
            }
            Some("ENDS") => {
                self.expect_word("WITH")?;
                self.sum().map(Test::EndsWith)
            }
            Some("CONTAINS") => self.sum().map(Test::Contains),
            Some("IN") => self.sum().map(Test::In),
            Some(_) => self.is_test(),
            None => self.expected("a test"),
        }
    }

    /// What stands behind `IS`.
    fn is_test(&mut self) -> Parse<Test> {
        let not = self.eat_word("NOT");
        if self.eat_word("NULL") {
            return Ok(Test::Null { not });
        }
        if self.eat(Symbol::DoubleColon) || self.eat_word("TYPED") {
            return Ok(Test::Typed { not, of: self.type_()? });
        }
        let forms = &["NFC", "NFD", "NFKC", "NFKD"];
        if self.is_word("NORMALIZED")
            || self.is_one_of(0, forms) && self.is_word_at(1, "NORMALIZED")
        {
            self.eat_one_of(forms);
            self.at += 1;
            return Ok(Test::Normalized { not });
        }
        if !self.is_25() {
            return if self.begins_label_at(0) {
                self.fail(Fault::NeedsCypher25("this test"))
            } else {
                self.expected("NULL, a type or NORMALIZED")
            };
        }
        if self.is_word("LABELED") && self.begins_label_at(1) {
            self.at += 1;
        }
        Ok(Test::Labels { not, labels: self.label_expr()? })
    }

    /// Whether what stands there can only follow a value, so that a word in front of it is a name.
    fn is_operand_before(&self, ahead: usize) -> bool {
        matches!(
            self.symbol_at(ahead),
            Some(
                Symbol::Caret
                    | Symbol::Colon
                    | Symbol::Comma
                    | Symbol::Dot
                    | Symbol::Equal
                    | Symbol::Greater
                    | Symbol::GreaterEqual
                    | Symbol::Less
                    | Symbol::LessEqual
                    | Symbol::NotEqual
                    | Symbol::Percent
                    | Symbol::RightBrace
                    | Symbol::RightBracket
                    | Symbol::RightParen
                    | Symbol::Slash
                    | Symbol::Star
            )
        )
    }

    /// Whether an expression may begin `ahead` tokens after the next. Of words, those that stand
    /// between expressions begin none.
    pub(super) fn begins_expr_at(&self, ahead: usize) -> bool {
        const BETWEEN: &[&str] = &[
            "AS", "AND", "OR", "XOR", "IN", "IS", "CONTAINS", "ORDER", "SKIP", "LIMIT", "THEN",
            "WHERE",
        ];
        let Some(token) = self.peek(ahead) else { return false };
        match token.kind {
            TokenKind::Word => !self.is_one_of(ahead, BETWEEN) || self.is_operand_before(ahead + 1),
            TokenKind::Name
            | TokenKind::QuotedName
            | TokenKind::String
            | TokenKind::Integer
            | TokenKind::RadixInteger
            | TokenKind::Float => true,
            TokenKind::Symbol(symbol) => matches!(
                symbol,
                Symbol::LeftParen
                    | Symbol::LeftBracket
                    | Symbol::LeftBrace
                    | Symbol::Dollar
                    | Symbol::Minus
                    | Symbol::Plus
            ),
        }
    }
}
