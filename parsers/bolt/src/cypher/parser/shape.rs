//! Looking ahead: whether a parenthesis opens a node, and nodes a path.
//!
//! `(a)-[b]-(c)` is a path, and might be a subtraction; the server takes the path. The brackets are
//! matched already, so that what stands behind a node is found without reading what is in it.

use super::{Parser, Symbol, TokenKind};

impl Parser<'_> {
    /// The sign at an index of the tokens.
    fn symbol_of(&self, index: usize) -> Option<Symbol> {
        match self.tokens.get(index)?.kind {
            TokenKind::Symbol(symbol) => Some(symbol),
            _ => None,
        }
    }

    fn is_dash(&self, index: usize) -> bool {
        matches!(self.symbol_of(index), Some(Symbol::Minus | Symbol::ArrowDash))
    }

    /// The index behind the bracket that belongs to the one at `index`.
    pub(super) fn behind_partner(&self, index: usize) -> usize {
        self.tokens.get(index).map_or(index, |token| token.partner as usize) + 1
    }

    /// The index behind the node that may begin at `index`.
    fn behind_node(&self, index: usize) -> Option<usize> {
        if self.symbol_of(index)? != Symbol::LeftParen {
            return None;
        }
        let ahead = index + 1 - self.at;
        self.looks_like_node(ahead).then(|| self.behind_partner(index))
    }

    /// Whether what stands behind a parenthesis, `ahead` tokens after the next, may be a node's.
    pub(super) fn looks_like_node(&self, ahead: usize) -> bool {
        if self.begins_node_body(ahead) || self.is_one_of(ahead, &["IS", "WHERE"]) {
            return true;
        }
        // `(n IS NULL)` tests a value.
        let is_test = self.is_word_at(ahead + 1, "IS") && self.is_no_label_at(ahead + 2);
        self.is_name_at(ahead)
            && !is_test
            && (self.begins_node_body(ahead + 1) || self.is_one_of(ahead + 1, &["IS", "WHERE"]))
    }

    /// What may follow a node's name, but for words.
    fn begins_node_body(&self, ahead: usize) -> bool {
        matches!(
            self.symbol_at(ahead),
            Some(Symbol::RightParen | Symbol::Colon | Symbol::LeftBrace | Symbol::Dollar)
        )
    }

    /// The index behind the relationship that may begin at `index`.
    fn behind_relationship(&self, mut index: usize) -> Option<usize> {
        if matches!(self.symbol_of(index), Some(Symbol::Less | Symbol::ArrowLeft)) {
            index += 1;
        }
        if !self.is_dash(index) {
            return None;
        }
        index += 1;
        if self.symbol_of(index) == Some(Symbol::LeftBracket) {
            index = self.behind_partner(index);
        }
        if !self.is_dash(index) {
            return None;
        }
        index += 1;
        if matches!(self.symbol_of(index), Some(Symbol::Greater | Symbol::ArrowRight)) {
            index += 1;
        }
        Some(index)
    }

    /// Whether a relationship begins at the next token.
    pub(super) fn begins_relationship(&self) -> bool {
        self.behind_relationship(self.at).is_some()
    }

    /// The index behind the path of at least one relationship that begins at `index`.
    pub(super) fn behind_path(&self, index: usize) -> Option<usize> {
        let mut end = self.behind_node(index)?;
        let mut is_path = false;
        while let Some(next) = self.behind_relationship(end).and_then(|node| self.behind_node(node))
        {
            end = next;
            is_path = true;
        }
        is_path.then_some(end)
    }

    /// The last bar directly in the brackets that open at `index`: where a comprehension's value
    /// begins, if it has one.
    pub(super) fn last_bar_in(&self, index: usize) -> Option<usize> {
        self.directly_in(index).filter(|at| self.symbol_of(*at) == Some(Symbol::Bar)).last()
    }

    /// Whether a comma stands directly in the brackets that open at `index`, and not between the
    /// alternatives of a CASE.
    pub(super) fn has_comma_in(&self, index: usize) -> bool {
        let mut cases = 0_usize;
        for at in self.directly_in(index) {
            if self.symbol_of(at) == Some(Symbol::Comma) && cases == 0 {
                return true;
            }
            let ahead = at - self.at;
            if self.is_word_at(ahead, "CASE") {
                cases += 1;
            } else if self.is_word_at(ahead, "END") {
                cases = cases.saturating_sub(1);
            }
        }
        false
    }

    /// The tokens directly in the brackets that open at `index`: of brackets among them only the
    /// opening ones.
    fn directly_in(&self, index: usize) -> impl Iterator<Item = usize> {
        let end = self.behind_partner(index).saturating_sub(1);
        std::iter::successors(Some(index + 1), move |at| {
            let partner = self.tokens.get(*at)?.partner as usize;
            Some(partner.max(*at) + 1)
        })
        .take_while(move |at| *at < end)
    }
}
