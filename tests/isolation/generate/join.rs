//! Joins, in every form.

use super::{Generator, Range};
use crate::schema::Type;

impl Generator<'_> {
    pub(super) fn join(&mut self, depth: u32) -> String {
        let left = if self.one_in(4) { self.item(depth) } else { self.relation() };
        let mut text = left;
        let more = 1 + u32::from(self.one_in(3));
        for _ in 0..more {
            text = self.join_to(text, depth);
        }
        if self.one_in(8) { self.named_join(text) } else { text }
    }

    fn join_to(&mut self, left: String, depth: u32) -> String {
        let before = self.ranges().len();
        let grouped = self.one_in(6);
        let right = if grouped {
            let first = self.relation();
            let joined = self.join_to_plain(first, before, depth);
            format!("({joined})")
        } else if self.one_in(4) {
            self.item(depth)
        } else {
            self.relation()
        };
        match self.below(12) {
            0 => format!("{left} CROSS JOIN {right}"),
            1 if before == 1 && !grouped => self.merged(&left, &right, "NATURAL"),
            2 | 3 if before == 1 && !grouped => self.merged(&left, &right, "USING"),
            other => {
                let kind = self.pick(&[
                    "JOIN",
                    "INNER JOIN",
                    "LEFT JOIN",
                    "LEFT OUTER JOIN",
                    "RIGHT JOIN",
                    "FULL JOIN",
                ]);
                let condition = self.join_condition(before, kind == "FULL JOIN", depth);
                let kind = if other == 4 && kind == "JOIN" { "INNER JOIN" } else { kind };
                format!("{left} {kind} {right} ON {condition}")
            }
        }
    }

    /// `a JOIN b ON …`, for parentheses.
    fn join_to_plain(&mut self, left: String, first: usize, depth: u32) -> String {
        let before = self.ranges().len();
        let right = self.relation();
        let kind = self.pick(&["JOIN", "LEFT JOIN", "RIGHT JOIN"]);
        let saved = self.scopes.last_mut().map(|level| level.drain(..first).collect::<Vec<_>>());
        let condition = self.join_condition(before - first, false, depth);
        if let (Some(level), Some(saved)) = (self.scopes.last_mut(), saved) {
            level.splice(0..0, saved);
        }
        format!("{left} {kind} {right} ON {condition}")
    }

    /// An equality between the ranges before `split` and those behind it, and perhaps more.
    fn join_condition(&mut self, split: usize, plain: bool, depth: u32) -> String {
        let ranges = self.ranges();
        let (left, right) = ranges.split_at(split.min(ranges.len()));
        let mut pairs = Vec::new();
        for (a, (x, of)) in columns(left) {
            for (b, (y, other)) in columns(right) {
                if of == other && matches!(of, Type::Int | Type::Text | Type::Uuid | Type::Date) {
                    pairs.push(format!("{a}.{x} = {b}.{y}"));
                }
            }
        }
        let mut condition = self.pick(&pairs);
        if condition.is_empty() {
            condition = if plain { "true".to_owned() } else { self.condition(depth + 1) };
        }
        if plain {
            return condition;
        }
        match self.below(5) {
            2 => format!("{condition} AND {}", self.condition(depth + 1)),
            3 => format!("({condition})"),
            4 => format!("{condition} AND NOT ({})", self.condition(depth + 2)),
            _ => condition,
        }
    }

    /// NATURAL and USING, over the columns that two ranges have in common.
    fn merged(&mut self, left: &str, right: &str, form: &str) -> String {
        let ranges = self.ranges();
        let kind = self.pick(&["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "INNER JOIN"]);
        let common: Vec<String> = match ranges.as_slice() {
            [a, b] => a
                .columns
                .iter()
                .filter(|column| b.columns.contains(column))
                .map(|(name, _)| name.clone())
                .collect(),
            _ => Vec::new(),
        };
        if form == "NATURAL" {
            return format!("{left} NATURAL {kind} {right}");
        }
        if common.is_empty() {
            return format!("{left} CROSS JOIN {right}");
        }
        let column = self.pick(&common);
        let list = if self.one_in(3) { common.join(", ") } else { column };
        let alias = if self.one_in(5) { format!(" AS {}", self.name("m")) } else { String::new() };
        format!("{left} {kind} {right} USING ({list}){alias}")
    }

    /// `(join) AS name`: the names inside are hidden.
    fn named_join(&mut self, join: String) -> String {
        let name = self.name("h");
        let mut seen = Vec::new();
        let mut twice = Vec::new();
        for (_, (column, _)) in columns(&self.ranges()) {
            if seen.contains(column) {
                twice.push(column.clone());
            }
            seen.push(column.clone());
        }
        let visible: Vec<(String, Type)> = columns(&self.ranges())
            .into_iter()
            .map(|(_, column)| column.clone())
            .filter(|(column, _)| !twice.contains(column))
            .collect();
        if let Some(level) = self.scopes.last_mut() {
            *level = vec![Range::of(name.clone(), visible)];
        }
        format!("({join}) AS {name}")
    }
}

fn columns(ranges: &[Range]) -> Vec<(&String, &(String, Type))> {
    ranges
        .iter()
        .flat_map(|range| range.columns.iter().map(move |column| (&range.name, column)))
        .collect()
}
