//! Hints to the planner.

use super::{Parse, Parser, Symbol};
use crate::cypher::syntax::{Hint, HintKind, HintStep, Name};

impl Parser<'_> {
    pub(super) fn hint(&mut self) -> Parse<Hint> {
        let start = self.here();
        self.expect_word("USING")?;
        let kind = match self
            .one_of_at(0, &["INDEX", "TEXT", "RANGE", "POINT", "JOIN", "SCAN", "EXPAND"])
        {
            Some("INDEX") => self.index_hint()?,
            Some("TEXT" | "RANGE" | "POINT") => {
                self.at += 1;
                self.index_hint()?
            }
            Some("JOIN") => {
                self.at += 1;
                self.expect_word("ON")?;
                HintKind::Join(self.names("a variable")?)
            }
            Some("SCAN") => {
                self.at += 1;
                let (variable, label) = self.labelled_variable()?;
                HintKind::Scan { variable, label }
            }
            Some(_) => {
                self.needs_25("USING EXPAND")?;
                self.at += 1;
                self.expand_hint()?
            }
            None => return self.expected("INDEX, SCAN or JOIN"),
        };
        Ok(Hint { kind, span: self.since(start) })
    }

    fn index_hint(&mut self) -> Parse<HintKind> {
        self.expect_word("INDEX")?;
        let seek = self.is_word("SEEK") && self.is_name_at(1);
        self.at += usize::from(seek);
        let (variable, label) = self.labelled_variable()?;
        self.expect(Symbol::LeftParen)?;
        let properties = self.names("a property")?;
        self.expect(Symbol::RightParen)?;
        Ok(HintKind::Index { seek, variable, label, properties })
    }

    fn labelled_variable(&mut self) -> Parse<(Name, Name)> {
        let variable = self.name("a variable")?;
        self.expect(Symbol::Colon)?;
        Ok((variable, self.name("a label or type")?))
    }

    fn expand_hint(&mut self) -> Parse<HintKind> {
        let mut steps = Vec::new();
        loop {
            self.eat_one_of(&["ALL", "INTO"]);
            let ends = if self.eat_word("FROM") {
                let from = self.name("a variable")?;
                self.expect_word("TO")?;
                Some((from, self.name("a variable")?))
            } else {
                None
            };
            let via = if self.eat_word("VIA") { Some(self.name("a variable")?) } else { None };
            if ends.is_none() && via.is_none() {
                return self.expected("FROM or VIA");
            }
            steps.push(HintStep { ends, via });
            if !self.eat(Symbol::Comma) {
                return Ok(HintKind::Expand(steps));
            }
        }
    }
}
