//! Labels and types.

use super::{Fault, Parse, Parser, Symbol};
use crate::cypher::syntax::{Conjunction, DynamicLabels, LabelExpr, LabelExprKind, Labels};

/// Words that follow IS in tests that are none of labels.
const NO_LABELS: &[&str] = &["NOT", "NULL", "TYPED", "NORMALIZED", "NFC", "NFD", "NFKC", "NFKD"];

impl Parser<'_> {
    /// `:A|B`, `IS A`, or nothing.
    pub(super) fn labels(&mut self) -> Parse<Option<Labels>> {
        let start = self.here();
        let is = self.is_word("IS");
        if !is && !self.is_symbol(Symbol::Colon) {
            return Ok(None);
        }
        self.at += 1;
        let expr = self.label_expr()?;
        let labels = Labels { is, expr, span: self.since(start) };
        if is_mixed(&labels) {
            return Err(super::CypherError::new(
                labels.span,
                Fault::NotAllowed("`:` joins no labels beside `&`, `|`, `!`, `%` or IS"),
            ));
        }
        Ok(Some(labels))
    }

    /// Whether a label may begin `ahead` tokens after the next.
    pub(super) fn begins_label_at(&self, ahead: usize) -> bool {
        self.is_name_at(ahead)
            || match self.symbol_at(ahead) {
                Some(Symbol::Percent | Symbol::Exclamation | Symbol::LeftParen) => true,
                Some(Symbol::Dollar) => self.is_dynamic_at(ahead),
                _ => false,
            }
    }

    /// Whether a word that IS tests for stands there, which to Cypher 5 is no bare label behind it.
    pub(super) fn is_no_label_at(&self, ahead: usize) -> bool {
        !self.is_25() && self.is_one_of(ahead, NO_LABELS)
    }

    /// Whether `IS` and labels stand here, and no other test.
    pub(super) fn begins_is_label(&self) -> bool {
        self.is_word("IS") && !self.is_one_of(1, NO_LABELS) && self.begins_label_at(1)
    }

    fn is_dynamic_at(&self, ahead: usize) -> bool {
        self.symbol_at(ahead + 1) == Some(Symbol::LeftParen)
            || self.is_one_of(ahead + 1, &["ALL", "ANY"])
                && self.symbol_at(ahead + 2) == Some(Symbol::LeftParen)
    }

    /// `A|B`, and all that binds more tightly.
    pub(super) fn label_expr(&mut self) -> Parse<LabelExpr> {
        self.deeper(|parser| {
            let start = parser.here();
            let first = parser.label_and()?;
            let mut all = vec![first];
            while parser.is_symbol(Symbol::Bar) && parser.at != parser.last_bar {
                parser.at += 1;
                parser.eat(Symbol::Colon);
                all.push(parser.label_and()?);
            }
            let span = parser.since(start);
            Ok(one_or(all, |all| LabelExpr { kind: LabelExprKind::Or(all), span }))
        })
    }

    fn label_and(&mut self) -> Parse<LabelExpr> {
        let start = self.here();
        let mut all = vec![self.label_not()?];
        let sign = if self.is_symbol(Symbol::Colon) { Symbol::Colon } else { Symbol::Ampersand };
        while self.eat(sign) {
            all.push(self.label_not()?);
        }
        if all.len() > 1 && matches!(self.symbol_at(0), Some(Symbol::Colon | Symbol::Ampersand)) {
            return self.fail(Fault::NotAllowed("`:` and `&` do not join the same labels"));
        }
        let conjunction = match sign {
            Symbol::Colon => Conjunction::Colon,
            _ => Conjunction::Ampersand,
        };
        let span = self.since(start);
        Ok(one_or(all, |all| LabelExpr { kind: LabelExprKind::And(conjunction, all), span }))
    }

    fn label_not(&mut self) -> Parse<LabelExpr> {
        let start = self.here();
        if self.eat(Symbol::Exclamation) {
            let inner = self.deeper(Self::label_not)?;
            let kind = LabelExprKind::Not(Box::new(inner));
            return Ok(LabelExpr { kind, span: self.since(start) });
        }
        let kind = match self.symbol_at(0) {
            Some(Symbol::LeftParen) => {
                self.at += 1;
                let inner = self.label_expr()?;
                self.expect(Symbol::RightParen)?;
                LabelExprKind::Parenthesized(Box::new(inner))
            }
            Some(Symbol::Percent) => {
                self.at += 1;
                LabelExprKind::Any
            }
            Some(Symbol::Dollar) => LabelExprKind::Dynamic(self.dynamic_labels()?),
            _ => LabelExprKind::Name(self.name("a label")?),
        };
        Ok(LabelExpr { kind, span: self.since(start) })
    }

    /// `$(expr)`, `$all(expr)`, `$any(expr)`
    fn dynamic_labels(&mut self) -> Parse<DynamicLabels> {
        self.expect(Symbol::Dollar)?;
        let (all, any) = match self.eat_one_of(&["ALL", "ANY"]) {
            Some("ALL") => (true, false),
            Some(_) => (false, true),
            None => (false, false),
        };
        self.expect(Symbol::LeftParen)?;
        let value = Box::new(self.expr()?);
        self.expect(Symbol::RightParen)?;
        Ok(DynamicLabels { any, all, value })
    }
}

fn one_or(mut all: Vec<LabelExpr>, several: impl FnOnce(Vec<LabelExpr>) -> LabelExpr) -> LabelExpr {
    match (all.pop(), all.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            all.extend(last);
            several(all)
        }
    }
}

/// Whether `:` joins labels beside another sign: the server refuses it, and an addition to it would
/// bind otherwise than it reads.
fn is_mixed(labels: &Labels) -> bool {
    fn holds(expr: &LabelExpr, wanted: fn(&LabelExprKind) -> bool) -> bool {
        wanted(&expr.kind)
            || match &expr.kind {
                LabelExprKind::And(_, all) | LabelExprKind::Or(all) => {
                    all.iter().any(|expr| holds(expr, wanted))
                }
                LabelExprKind::Not(inner) | LabelExprKind::Parenthesized(inner) => {
                    holds(inner, wanted)
                }
                LabelExprKind::Any | LabelExprKind::Dynamic(_) | LabelExprKind::Name(_) => false,
            }
    }
    let has_colon =
        holds(&labels.expr, |kind| matches!(kind, LabelExprKind::And(Conjunction::Colon, _)));
    let has_other = holds(&labels.expr, |kind| match kind {
        LabelExprKind::And(Conjunction::Ampersand, _)
        | LabelExprKind::Any
        | LabelExprKind::Not(_)
        | LabelExprKind::Or(_)
        | LabelExprKind::Parenthesized(_) => true,
        LabelExprKind::And(Conjunction::Colon, _)
        | LabelExprKind::Dynamic(_)
        | LabelExprKind::Name(_) => false,
    });
    has_colon && (labels.is || has_other)
}
