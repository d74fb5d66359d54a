//! Where in the text an edit belongs: anchors found in the token stream.
//!
//! The grammar's tree tells where most nodes begin, and of clauses nothing. So a clause is found by
//! walking tokens from a node that is located, stepping over brackets. Nothing here is trusted: an
//! edit in the wrong place makes a text whose tree is not the edited one, and is refused.

use postgres_wire::sql::lexer::{TokenKind, Tokens};
use postgres_wire::sql::syntax::At;
use wire::Span;

/// The tokens of a text, and the ways to find a place among them.
pub(super) struct Anchors<'a> {
    tokens: &'a Tokens<'a>,
}

/// A clause that begins with a keyword: the places of its first and behind its last token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clause {
    /// Offset of the first token behind the keyword.
    pub(super) start: usize,
    /// Offset just behind the last token.
    pub(super) end: usize,
}

/// The keywords that end any clause of a SELECT's FROM and WHERE.
const CLAUSE_ENDS: &[&str] = &[
    "group",
    "having",
    "window",
    "union",
    "intersect",
    "except",
    "order",
    "limit",
    "offset",
    "fetch",
    "for",
    "returning",
];

impl<'a> Anchors<'a> {
    pub(super) fn new(tokens: &'a Tokens<'a>) -> Self {
        Self { tokens }
    }

    /// The span of the token at `at`.
    pub(super) fn span(&self, at: At) -> Option<Span> {
        let index = self.at(at)?;
        Some(self.tokens.get(index)?.span)
    }

    /// The index of the token that begins at `at`.
    fn at(&self, at: At) -> Option<usize> {
        let offset = at.offset()?;
        let index = self.tokens.at_or_after(offset)?;
        (self.start(index)? == offset).then_some(index)
    }

    fn start(&self, index: usize) -> Option<usize> {
        self.tokens.get(index).map(|token| token.span.start as usize)
    }

    fn end(&self, index: usize) -> Option<usize> {
        self.tokens.get(index).map(|token| token.span.end as usize)
    }

    fn is_punct(&self, index: usize, punct: u8) -> bool {
        self.tokens.get(index).is_some_and(|token| token.kind == TokenKind::Punct(punct))
    }

    /// Whether the token is this keyword, and stands where a keyword can: not behind a dot, and not
    /// as the name that an AS gives.
    fn keyword(&self, index: usize, word: &str) -> bool {
        if !self.tokens.is_keyword(index, word) {
            return false;
        }
        let Some(before) = index.checked_sub(1) else { return true };
        let named_by_as = self.tokens.is_keyword(before, "as")
            && !before.checked_sub(1).is_some_and(|more| self.tokens.is_keyword(more, "as"));
        !named_by_as && !self.is_punct(before, b'.')
    }

    /// Walks from token `from` to the first one on the same level that `stop` accepts, or that ends
    /// the level. Returns its index, which may be one past the last token.
    fn walk(&self, from: usize, stop: impl Fn(usize) -> bool) -> Option<usize> {
        let mut index = from;
        while self.tokens.get(index).is_some() {
            let is = |puncts: &[u8]| puncts.iter().any(|punct| self.is_punct(index, *punct));
            if is(b")];") || stop(index) {
                return Some(index);
            }
            index = if is(b"([") { self.tokens.matching(index)? + 1 } else { index + 1 };
        }
        Some(index)
    }

    fn ends_clause(&self, index: usize) -> bool {
        let within_group = |index: usize| {
            self.tokens.is_keyword(index, "group")
                && index
                    .checked_sub(1)
                    .is_some_and(|before| self.tokens.is_keyword(before, "within"))
        };
        let on_conflict =
            self.keyword(index, "on") && self.tokens.is_keyword(index + 1, "conflict");
        on_conflict
            || CLAUSE_ENDS.iter().any(|word| self.keyword(index, word)) && !within_group(index)
    }

    /// Whether the token is a FROM that begins a clause, and not that of IS DISTINCT FROM.
    fn begins_from(&self, index: usize) -> bool {
        let word = |back: usize, word: &str| {
            index.checked_sub(back).is_some_and(|before| self.tokens.is_keyword(before, word))
        };
        self.keyword(index, "from") && !(word(1, "distinct") && (word(2, "is") || word(2, "not")))
    }

    /// The FROM and what follows it up to the end of FROM and WHERE: index of the FROM token.
    fn select_from(&self, first_target: At) -> Option<usize> {
        let index = self.walk(self.at(first_target)?, |index| {
            self.begins_from(index) || self.keyword(index, "where") || self.ends_clause(index)
        })?;
        self.begins_from(index).then_some(index)
    }

    /// Just behind the last target of the list whose first target begins at `first_target`.
    pub(super) fn end_of_targets(&self, first_target: At) -> Option<usize> {
        let index = self.walk(self.at(first_target)?, |index| {
            self.begins_from(index) || self.keyword(index, "where") || self.ends_clause(index)
        })?;
        self.end(index.checked_sub(1)?)
    }

    /// The place behind FROM of a SELECT without WHERE, or its WHERE clause.
    pub(super) fn filter_of_select(&self, first_target: At) -> Option<Result<Clause, usize>> {
        self.filter_behind(self.select_from(first_target)? + 1)
    }

    /// The same, for a FROM list whose first relation begins at `name`.
    pub(super) fn filter_behind_relation(&self, name: At) -> Option<Result<Clause, usize>> {
        self.filter_behind(self.at(name)?)
    }

    /// From token `index` on: the WHERE clause, or else the place where one belongs.
    fn filter_behind(&self, index: usize) -> Option<Result<Clause, usize>> {
        let index =
            self.walk(index, |index| self.keyword(index, "where") || self.ends_clause(index))?;
        if self.keyword(index, "where") {
            let end = self.walk(index + 1, |index| self.ends_clause(index))?;
            Some(Ok(Clause { start: self.start(index + 1)?, end: self.end(end.checked_sub(1)?)? }))
        } else {
            Some(Err(self.end(index.checked_sub(1)?)?))
        }
    }

    /// The WHERE of DO UPDATE, or the place where one belongs.
    pub(super) fn filter_of_conflict(&self, on: At) -> Option<Result<Clause, usize>> {
        let action = self.walk(self.at(on)?, |index| self.keyword(index, "do"))?;
        self.filter_behind(action + 1)
    }

    /// Before the parenthesis that closes the list which opens at `open`.
    pub(super) fn end_of_list(&self, open: At) -> Option<usize> {
        let open = self.at(open)?;
        if !self.is_punct(open, b'(') {
            return None;
        }
        self.start(self.tokens.matching(open)?)
    }

    /// The ON condition whose leftmost located part is at `part`.
    pub(super) fn on_clause(&self, part: At) -> Option<Clause> {
        let mut on = self.at(part)?;
        while !self.keyword(on, "on") {
            on = on.checked_sub(1)?;
        }
        let end = self.walk(on + 1, |index| {
            self.ends_clause(index)
                || self.is_punct(index, b',')
                || ["where", "on", "using", "join", "cross", "natural"]
                    .iter()
                    .any(|word| self.keyword(index, word))
                || self.begins_outer_or_inner_join(index)
        })?;
        Some(Clause { start: self.start(on + 1)?, end: self.end(end.checked_sub(1)?)? })
    }

    /// LEFT, RIGHT, FULL and INNER also name functions, so they count only before JOIN.
    fn begins_outer_or_inner_join(&self, index: usize) -> bool {
        ["left", "right", "full", "inner"].iter().any(|word| self.keyword(index, word))
            && (self.tokens.is_keyword(index + 1, "join")
                || self.tokens.is_keyword(index + 1, "outer"))
    }

    /// The name tokens of the relation at `name`: `schema . name`.
    fn name_end(&self, name: At) -> Option<usize> {
        let mut last = self.at(name)?;
        while self.is_punct(last + 1, b'.') {
            last += 2;
        }
        Some(last)
    }

    /// The extent of `[ONLY] name [*]`, which a wrapper must enclose.
    pub(super) fn relation(&self, name: At, only: bool) -> Option<Span> {
        let mut first = self.at(name)?;
        let mut last = self.name_end(name)?;
        if only {
            first = first.checked_sub(1)?;
            if self.is_punct(first, b'(') {
                first = first.checked_sub(1)?;
                last += 1;
            }
            if !self.tokens.is_keyword(first, "only") {
                return None;
            }
        } else if self.is_star(last + 1) {
            last += 1;
        }
        Some(Span::new(self.tokens.get(first)?.span.start, self.tokens.get(last)?.span.end))
    }

    fn is_star(&self, index: usize) -> bool {
        self.tokens.text(index) == Some("*")
    }

    /// The TABLE keyword of `TABLE name`.
    pub(super) fn table_keyword(&self, name: At, only: bool) -> Option<Span> {
        let relation = self.relation(name, only)?;
        let first = self.tokens.at_or_after(relation.start as usize)?;
        let before = first.checked_sub(1)?;
        self.keyword(before, "table").then(|| self.tokens.get(before).map(|token| token.span))?
    }

    /// Just behind `name [AS alias]` of INSERT INTO.
    pub(super) fn end_of_insert_target(&self, name: At) -> Option<usize> {
        let last = self.name_end(name)?;
        if self.tokens.is_keyword(last + 1, "as") { self.end(last + 2) } else { self.end(last) }
    }

    /// The list of INSERT's columns: before the parenthesis that closes it.
    pub(super) fn end_of_insert_columns(&self, first_column: At) -> Option<usize> {
        let open = self.at(first_column)?.checked_sub(1)?;
        self.is_punct(open, b'(').then(|| self.start(self.tokens.matching(open)?))?
    }

    /// DEFAULT VALUES behind the INSERT target at `name`.
    pub(super) fn default_values(&self, name: At) -> Option<Span> {
        let default = self.walk(self.at(name)?, |index| {
            self.keyword(index, "default") && self.tokens.is_keyword(index + 1, "values")
        })?;
        Some(Span::new(
            self.tokens.get(default)?.span.start,
            self.tokens.get(default + 1)?.span.end,
        ))
    }

    /// The rows of the VALUES that follow the first one behind `from`: the place before each row's
    /// closing parenthesis.
    pub(super) fn rows_behind(&self, from: At, rows: usize) -> Option<Vec<usize>> {
        let values = self.walk(self.at(from)?, |index| {
            self.keyword(index, "values") && self.is_punct(index + 1, b'(')
        })?;
        let mut open = values + 1;
        let mut ends = Vec::with_capacity(rows);
        for row in 0..rows {
            if row > 0 {
                if !self.is_punct(open, b',') {
                    return None;
                }
                open += 1;
            }
            if !self.is_punct(open, b'(') {
                return None;
            }
            let close = self.tokens.matching(open)?;
            ends.push(self.start(close)?);
            open = close + 1;
        }
        Some(ends)
    }

    /// The `DEFAULT` at `at`.
    pub(super) fn default_keyword(&self, at: At) -> Option<Span> {
        let index = self.at(at)?;
        self.keyword(index, "default").then(|| self.tokens.get(index).map(|token| token.span))?
    }
}
