//! INSERT, UPDATE and DELETE.

use super::from::owned;
use super::{DEPTH_MAX, Generator, Range, Written};
use crate::schema::{TABLES, Table, Type};

impl Generator<'_> {
    /// A statement that writes.
    pub(super) fn write(&mut self) -> Written {
        let with = if self.one_in(8) { self.with_clause(2, false) } else { String::new() };
        let text = match self.below(8) {
            0..=3 => self.insert(),
            4..=6 => self.update(),
            _ => self.delete(),
        };
        (format!("{with}{text}"), false)
    }

    /// A write that returns a number and a text, for WITH.
    pub(super) fn modifying(&mut self) -> String {
        let Some(table) = self.writable() else { return String::new() };
        let range = Self::target(table, table.bare);
        self.scopes.push(vec![range]);
        let head = match self.below(3) {
            0 => format!("DELETE FROM {}{}", table.name, self.where_clause(1)),
            1 => {
                let assignment = self.assignment(table);
                format!("UPDATE {} SET {assignment}{}", table.name, self.where_clause(1))
            }
            _ => {
                let columns = self.insert_columns(table);
                let row = self.row(table, &columns);
                format!("INSERT INTO {} ({}) VALUES ({row})", table.name, columns.join(", "))
            }
        };
        let returning = format!("{}, {}", self.leaf(Type::Int), self.leaf(Type::Text));
        self.scopes.pop();
        format!("{head} RETURNING {returning}")
    }

    fn writable(&mut self) -> Option<&'static Table> {
        let tables: Vec<usize> = (0..TABLES.len())
            .filter(|index| TABLES.get(*index).is_some_and(|table| table.writable))
            .collect();
        TABLES.get(self.pick(&tables))
    }

    fn target(table: &Table, name: &str) -> Range {
        Range::of(name.to_owned(), owned(table.columns))
    }

    fn insert(&mut self) -> String {
        let Some(table) = self.writable() else { return String::new() };
        let alias = if self.one_in(5) { self.name("i") } else { String::new() };
        let (into, name) = if alias.is_empty() {
            (table.name.to_owned(), table.bare.to_owned())
        } else {
            (format!("{} AS {alias}", table.name), alias)
        };
        let columns = self.insert_columns(table);
        let source = match self.below(10) {
            0..=5 => {
                let rows: Vec<String> = (0..=self.below(2))
                    .map(|_| format!("({})", self.row(table, &columns)))
                    .collect();
                format!("({}) VALUES {}", columns.join(", "), rows.join(", "))
            }
            6 => "DEFAULT VALUES".to_owned(),
            7 => {
                // By position; a row may be short.
                let all: Vec<String> =
                    table.columns.iter().map(|(name, _)| (*name).to_owned()).collect();
                let count = 1 + self.below(u32::try_from(all.len()).unwrap_or(1)) as usize;
                let some: Vec<String> = all.into_iter().take(count).collect();
                format!("VALUES ({})", self.row(table, &some))
            }
            _ => format!("({}) {}", columns.join(", "), self.insert_source(table, &columns)),
        };
        let overriding = if self.one_in(20) && source.starts_with('(') {
            source.replacen(") VALUES", ") OVERRIDING USER VALUE VALUES", 1)
        } else {
            source
        };
        self.scopes.push(vec![Self::target(table, &name)]);
        let conflict = self.on_conflict(table);
        let returning = self.returning();
        self.scopes.pop();
        format!("INSERT INTO {into} {overriding}{conflict}{returning}")
    }

    /// Columns to insert into: what must be there, some of the rest, sometimes the tenant's.
    fn insert_columns(&mut self, table: &Table) -> Vec<String> {
        let mut columns = Vec::new();
        for (name, _) in table.columns {
            let needed =
                matches!(*name, "id" | "day" | "name" | "order_id" | "number" | "\"Select\"");
            let keep = if *name == table.tenant {
                self.one_in(4)
            } else if *name == "amount" {
                self.one_in(40)
            } else {
                (needed && !self.one_in(12)) || self.one_in(2)
            };
            if keep {
                columns.push((*name).to_owned());
            }
        }
        if columns.is_empty() {
            columns.extend(table.columns.first().map(|(name, _)| (*name).to_owned()));
        }
        if self.one_in(3) {
            columns.reverse();
        }
        columns
    }

    /// One row of values for `columns`.
    fn row(&mut self, table: &Table, columns: &[String]) -> String {
        // Values see no columns.
        let scopes = std::mem::take(&mut self.scopes);
        let values: Vec<String> = columns.iter().map(|column| self.value(table, column)).collect();
        self.scopes = scopes;
        values.join(", ")
    }

    fn value(&mut self, table: &Table, column: &str) -> String {
        if column == table.tenant {
            return if self.one_in(3) { "DEFAULT".to_owned() } else { self.own_tenant() };
        }
        let of =
            table.columns.iter().find(|(name, _)| *name == column).map_or(Type::Int, |(_, of)| *of);
        match column {
            "id" | "\"Select\"" if !self.one_in(4) => (100 + self.below(60)).to_string(),
            "id" | "\"Select\"" | "order_id" => (1 + self.below(9)).to_string(),
            "customer_id" => (1 + self.below(9)).to_string(),
            "number" => format!("'R-{}'", 1 + self.below(15)),
            "email" => format!("'c{}@shop.test'", 1 + self.below(12)),
            "amount" => "DEFAULT".to_owned(),
            "day" => self.literal(Type::Date),
            "qty" | "price" | "tier" | "seats" | "order" => (1 + self.below(9)).to_string(),
            _ if self.one_in(8) => "DEFAULT".to_owned(),
            _ if self.one_in(5) => {
                let query = self.query_of(&[of], DEPTH_MAX - 1);
                format!("({query} ORDER BY 1 LIMIT 1)")
            }
            _ => self.literal(of),
        }
    }

    /// INSERT … SELECT, in an order, so that defaults fall the same way.
    fn insert_source(&mut self, table: &Table, columns: &[String]) -> String {
        self.scopes.push(Vec::new());
        let from = self.range_list(2);
        let targets: Vec<String> = columns
            .iter()
            .map(|column| match column.as_str() {
                "id" | "\"Select\"" => format!("200 + {}", self.leaf(Type::Int)),
                "number" => format!("'S-' || {}", self.leaf(Type::Int)),
                "email" => format!("'s' || {}", self.leaf(Type::Int)),
                "order_id" | "customer_id" => "3".to_owned(),
                "amount" => "1".to_owned(),
                name if name == table.tenant => self.own_tenant(),
                name => {
                    let of = table.columns.iter().find(|(found, _)| *found == name);
                    self.expr(of.map_or(Type::Int, |(_, of)| *of), 2)
                }
            })
            .collect();
        let filter = self.where_clause(1);
        self.scopes.pop();
        let order: Vec<String> = (1..=targets.len()).map(|position| position.to_string()).collect();
        let distinct = if self.one_in(2) { "DISTINCT " } else { "" };
        format!(
            "SELECT {distinct}{} FROM {from}{filter} ORDER BY {} LIMIT 4",
            targets.join(", "),
            order.join(", ")
        )
    }

    fn on_conflict(&mut self, table: &Table) -> String {
        if table.key.is_empty() || !self.one_in(2) {
            return String::new();
        }
        let mut key: Vec<&str> = table.key.to_vec();
        if self.one_in(3) {
            key.push(table.tenant);
        }
        if self.one_in(3) {
            key.reverse();
        }
        let target = match self.below(6) {
            0 => String::new(),
            1 => format!(" ON CONSTRAINT {}_pkey", table.bare.trim_matches('"')),
            _ => format!(" ({})", key.join(", ")),
        };
        if target.is_empty() || self.one_in(3) {
            return format!(" ON CONFLICT{target} DO NOTHING");
        }
        let excluded = Self::target(table, "excluded");
        self.push_range(excluded);
        let assignment = self.assignment(table);
        let filter = self.where_clause(1);
        if let Some(level) = self.scopes.last_mut() {
            level.pop();
        }
        format!(" ON CONFLICT{target} DO UPDATE SET {assignment}{filter}")
    }

    /// What SET holds: columns that no key holds, so that the order of rows does not matter.
    fn assignment(&mut self, table: &Table) -> String {
        let free: Vec<(&str, Type)> = table
            .columns
            .iter()
            .filter(|(name, _)| {
                !table.key.contains(name)
                    && !["id", "amount", "order_id", "customer_id", "email", "day", table.tenant]
                        .contains(name)
            })
            .copied()
            .collect();
        let (Some(first), Some(last)) = (free.first(), free.last()) else { return String::new() };
        let (one, other) = if self.one_in(2) { (last, first) } else { (first, last) };
        if one.0 == other.0 {
            return format!("{} = {}", one.0, self.assigned(*one));
        }
        match self.below(6) {
            0 | 1 => format!("{} = {}", one.0, self.assigned(*one)),
            2 => format!(
                "{} = {}, {} = {}",
                one.0,
                self.assigned(*one),
                other.0,
                self.assigned(*other)
            ),
            3 => format!(
                "({}, {}) = ({}, {})",
                one.0,
                other.0,
                self.assigned(*one),
                self.assigned(*other)
            ),
            4 => {
                let query = self.query_of(&[one.1, other.1], DEPTH_MAX);
                format!("({}, {}) = ({query} ORDER BY 1, 2 LIMIT 1)", one.0, other.0)
            }
            _ => format!(
                "{} = {}, {} = {}",
                one.0,
                self.assigned(*one),
                table.tenant,
                self.own_tenant()
            ),
        }
    }

    fn assigned(&mut self, (column, of): (&str, Type)) -> String {
        let value = match column {
            "qty" | "tier" | "age" | "\"order\"" => (1 + self.below(9)).to_string(),
            _ if self.one_in(12) => "DEFAULT".to_owned(),
            _ => self.expr(of, 1),
        };
        if of == Type::Int || value == "DEFAULT" { value } else { format!("({value})") }
    }

    fn update(&mut self) -> String {
        let Some(table) = self.writable() else { return String::new() };
        let (only, alias, name) = self.aliased(table);
        self.scopes.push(vec![Self::target(table, &name)]);
        let joined = self.one_in(3)
            && table.columns.iter().any(|(column, of)| *column == "id" && *of == Type::Int);
        let text = if joined {
            let other = self.name("b");
            let source =
                self.pick(&["orders", "items", "customers", "(SELECT * FROM notes WHERE id > 2)"]);
            self.push_named(&other, &[("id", Type::Int)]);
            let assignment = self.assignment(table);
            let condition = self.condition(2);
            let returning = self.returning();
            format!(
                "UPDATE {only}{}{alias} SET {assignment} FROM {source} AS {other} \
                 WHERE {name}.id = {other}.id AND ({condition}){returning}",
                table.name
            )
        } else {
            let assignment = self.assignment(table);
            let filter = self.where_clause(0);
            let returning = self.returning();
            format!("UPDATE {only}{}{alias} SET {assignment}{filter}{returning}", table.name)
        };
        self.scopes.pop();
        text
    }

    fn delete(&mut self) -> String {
        let Some(table) = self.writable() else { return String::new() };
        let (only, alias, name) = self.aliased(table);
        self.scopes.push(vec![Self::target(table, &name)]);
        let text = if self.one_in(2) {
            let hidden = self.scopes.pop();
            self.scopes.push(Vec::new());
            let using = self.range_list(2);
            let from = self.scopes.pop().unwrap_or_default();
            let mut level = hidden.unwrap_or_default();
            level.extend(from);
            self.scopes.push(level);
            let condition = self.condition(1);
            format!("DELETE FROM {only}{}{alias} USING {using} WHERE {condition}", table.name)
        } else {
            let filter = self.where_clause(0);
            let returning = self.returning();
            format!("DELETE FROM {only}{}{alias}{filter}{returning}", table.name)
        };
        self.scopes.pop();
        text
    }

    fn aliased(&mut self, table: &Table) -> (&'static str, String, String) {
        let only = if self.one_in(8) { "ONLY " } else { "" };
        if self.one_in(2) {
            let name = self.name("d");
            (only, format!(" AS {name}"), name)
        } else {
            (only, String::new(), table.bare.to_owned())
        }
    }

    fn returning(&mut self) -> String {
        match self.below(5) {
            2 => " RETURNING *".to_owned(),
            3 => format!(" RETURNING {}, {} AS t", self.expr(Type::Int, 1), self.leaf(Type::Text)),
            4 => {
                let name =
                    self.ranges().first().map(|range| range.name.clone()).unwrap_or_default();
                format!(" RETURNING {name}.*, {}", self.count_query(DEPTH_MAX - 1))
            }
            _ => String::new(),
        }
    }
}
