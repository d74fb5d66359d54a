//! Items of FROM.

use super::{DEPTH_MAX, Generator, Range};
use crate::schema::{TABLES, Table, Type};

impl Generator<'_> {
    /// Writes a FROM list and puts its ranges in scope, at a level that is there already.
    pub(super) fn range_list(&mut self, depth: u32) -> String {
        if depth >= DEPTH_MAX {
            return self.relation();
        }
        match self.below(10) {
            0..=3 => self.relation(),
            4 => {
                let (left, right) = (self.relation(), self.small_item(depth));
                format!("{left}, {right}")
            }
            5..=8 => self.join(depth),
            _ => self.item(depth),
        }
    }

    pub(super) fn push_range(&mut self, range: Range) {
        if let Some(level) = self.scopes.last_mut() {
            level.push(range);
        }
    }

    pub(super) fn ranges(&self) -> Vec<Range> {
        self.scopes.last().cloned().unwrap_or_default()
    }

    fn table(&mut self) -> Option<&'static Table> {
        let count = u32::try_from(TABLES.len()).unwrap_or(1);
        let index = self.below(count) as usize;
        TABLES.get(index)
    }

    fn is_taken(&self, name: &str) -> bool {
        self.ranges().iter().any(|range| range.name == name)
    }

    /// A table or a common table expression by name.
    pub(super) fn relation(&mut self) -> String {
        if !self.ctes.is_empty() && self.one_in(2) {
            let ctes = self.ctes.clone();
            let cte = self.pick(&ctes);
            let alias = self.name("w");
            self.push_range(Range::of(alias.clone(), cte.columns));
            return format!("{} AS {alias}", cte.name);
        }
        let Some(table) = self.table() else { return String::new() };
        self.table_as_range(table)
    }

    fn table_as_range(&mut self, table: &Table) -> String {
        let qualified = if table.name.contains('.') || self.one_in(4) {
            if table.name.contains('.') {
                table.name.to_owned()
            } else {
                format!("public.{}", table.name)
            }
        } else {
            self.spelling(table.name)
        };
        let shadowed = self.ctes.iter().any(|cte| cte.name == table.name);
        let qualified = if shadowed { format!("public.{}", table.name) } else { qualified };
        let (open, close) = match self.below(12) {
            10 => ("ONLY ", ""),
            11 => ("ONLY (", ")"),
            _ => ("", ""),
        };
        let mut columns = owned(table.columns);
        let bare = table.bare.to_owned();
        let mut is_renamed = false;
        let (alias, name) = if self.one_in(2) || self.is_taken(&bare) {
            let name = self.name("a");
            let keyword = self.pick(&["AS ", ""]);
            if self.one_in(6) {
                let renamed = self.rename(&mut columns);
                is_renamed = true;
                (format!(" {keyword}{name}({renamed})"), name)
            } else {
                (format!(" {keyword}{name}"), name)
            }
        } else {
            (String::new(), bare)
        };
        let sample = if open.is_empty() && table.writable && self.one_in(25) {
            " TABLESAMPLE BERNOULLI (100)"
        } else {
            ""
        };
        let range = Range::of(name, columns);
        self.push_range(Range { lockable: table.writable, renamed: is_renamed, ..range });
        format!("{open}{qualified}{close}{alias}{sample}")
    }

    /// The same name, otherwise spelt.
    fn spelling(&mut self, name: &str) -> String {
        match self.below(6) {
            4 if !name.starts_with('"') => name.to_uppercase(),
            5 if !name.starts_with('"') => format!("\"{name}\""),
            _ => name.to_owned(),
        }
    }

    /// A column alias list: some of the columns get other names, perhaps each other's.
    fn rename(&mut self, columns: &mut [(String, Type)]) -> String {
        let count = 1 + self.below(u32::try_from(columns.len()).unwrap_or(1)) as usize;
        let tenant_first = self.one_in(3);
        let mut names = Vec::new();
        for (index, (column, _)) in columns.iter_mut().take(count).enumerate() {
            *column = if index == 0 && tenant_first {
                "tenant_id".to_owned()
            } else {
                format!("r{index}")
            };
            names.push(column.clone());
        }
        if tenant_first
            && let Some((hidden, _)) =
                columns.iter_mut().skip(count).find(|(name, _)| name == "tenant_id")
        {
            // It is ambiguous now; nothing generated means it.
            "r".clone_into(hidden);
        }
        names.join(", ")
    }

    /// An item that adds a handful of rows, for lists without a join condition.
    fn small_item(&mut self, depth: u32) -> String {
        if self.one_in(3) { self.item(depth) } else { self.relation() }
    }

    /// Anything but a plain table.
    pub(super) fn item(&mut self, depth: u32) -> String {
        match self.below(9) {
            0..=2 => self.sub_select(depth, false),
            3 => self.sub_select(depth, true),
            4 => {
                let name = self.name("v");
                let rows = format!("(1, {}), (2, 'paid'), (3, NULL)", self.literal(Type::Text));
                self.push_named(&name, &[("n", Type::Int), ("t", Type::Text)]);
                format!("(VALUES {rows}) AS {name}(n, t)")
            }
            5 => {
                let name = self.name("g");
                self.push_named(&name, &[("n", Type::Int)]);
                let end = 1 + self.below(4);
                format!("generate_series(1, {end}) AS {name}(n)")
            }
            6 => {
                let arrays = self.array_query(Type::Texts, depth + 1);
                let name = self.name("u");
                self.push_named(&name, &[("t", Type::Text), ("o", Type::Int)]);
                format!("unnest({arrays}) WITH ORDINALITY AS {name}(t, o)")
            }
            7 => {
                let name = self.name("f");
                self.push_named(&name, &[("a", Type::Int), ("b", Type::Text)]);
                format!(
                    "ROWS FROM (generate_series(1, 3), unnest(ARRAY['x', 'y'])) AS {name}(a, b)"
                )
            }
            _ => {
                let name = self.name("j");
                self.push_named(&name, &[("k", Type::Text), ("v", Type::Json)]);
                format!("jsonb_each({}) AS {name}(k, v)", "'{\"x\": 1, \"y\": [2]}'::jsonb")
            }
        }
    }

    pub(super) fn push_named(&mut self, name: &str, columns: &[(&str, Type)]) {
        self.push_range(Range::of(name.to_owned(), owned(columns)));
    }

    /// A sub-select in FROM. Without LATERAL it does not see its neighbours.
    fn sub_select(&mut self, depth: u32, lateral: bool) -> String {
        let hidden = if lateral { None } else { self.scopes.pop() };
        let types = self.types();
        let query = self.query_of(&types, depth + 1);
        if let Some(level) = hidden {
            self.scopes.push(level);
        }
        let name = self.name("q");
        let columns: Vec<(String, Type)> =
            types.iter().enumerate().map(|(index, of)| (format!("c{index}"), *of)).collect();
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let (lateral, names) = (if lateral { "LATERAL " } else { "" }, names.join(", "));
        self.push_range(Range::of(name.clone(), columns));
        format!("{lateral}({query}) AS {name}({names})")
    }

    /// The types of a few columns.
    pub(super) fn types(&mut self) -> Vec<Type> {
        let count = 1 + self.below(3);
        let mut types = vec![Type::Int];
        for _ in 0..count {
            types.push(self.pick(Type::COMMON));
        }
        types
    }
}

pub(super) fn owned(columns: &[(&str, Type)]) -> Vec<(String, Type)> {
    columns.iter().map(|(name, of)| ((*name).to_owned(), *of)).collect()
}
