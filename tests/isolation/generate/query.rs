//! Whole queries: WITH, ORDER BY, LIMIT, DISTINCT ON, row locks.

use super::from::owned;
use super::{DEPTH_MAX, Generator, Range, Written};
use crate::schema::{TABLES, Type};

impl Generator<'_> {
    /// A statement that reads.
    pub(super) fn read(&mut self) -> Written {
        let with = if self.one_in(6) { self.with_clause(1, true) } else { String::new() };
        let (text, ordered) = match self.below(15) {
            0..=5 => self.sorted(0),
            6 => (self.stars(), false),
            7 => self.distinct_on(),
            8 => self.locked(),
            9 => self.table_command(),
            10 => self.nested_set(),
            11 => self.recursive(),
            12 => self.named_windows(),
            13 => self.grouped_by_key(),
            _ => {
                let types = self.types();
                (self.query_of(&types, 0), false)
            }
        };
        if text.starts_with("WITH") { (text, ordered) } else { (format!("{with}{text}"), ordered) }
    }

    /// A query in a total order, perhaps cut.
    fn sorted(&mut self, depth: u32) -> Written {
        let types = self.types();
        let query = self.query_of(&types, depth);
        if self.one_in(4) {
            return (query, false);
        }
        let (order, reliable) = self.total_order(types.len());
        let limit = self.limit();
        (format!("{query}{order}{limit}"), reliable)
    }

    /// ORDER BY every column, by position.
    fn total_order(&mut self, width: usize) -> (String, bool) {
        let keys: Vec<String> = (1..=width)
            .map(|position| {
                let direction =
                    self.pick(&["", "", " DESC", " ASC NULLS FIRST", " DESC NULLS LAST"]);
                format!("{position}{direction}")
            })
            .collect();
        (format!(" ORDER BY {}", keys.join(", ")), true)
    }

    fn limit(&mut self) -> String {
        match self.below(8) {
            4 => format!(" LIMIT {}", self.literal(Type::Int)),
            5 => format!(" LIMIT {} OFFSET 1", self.below(5)),
            6 => format!(" OFFSET {} ROWS FETCH NEXT 3 ROWS ONLY", self.below(3)),
            7 => {
                let query = self.count_query(DEPTH_MAX);
                format!(" LIMIT {query}")
            }
            _ => String::new(),
        }
    }

    /// Stars and whole rows.
    fn stars(&mut self) -> String {
        self.scopes.push(Vec::new());
        let from = self.range_list(1);
        let ranges = self.ranges();
        let Range { name: range, renamed, .. } = self.pick(&ranges);
        let targets = match self.below(6) {
            1 => format!("{range}.*"),
            2 => format!("{range}.*, {}", self.expr(Type::Int, 1)),
            3 if !renamed => range,
            4 if !renamed => format!("row_to_json({range})"),
            5 if !renamed => format!("({range}).*"),
            _ => "*".to_owned(),
        };
        let filter = self.where_clause(0);
        self.scopes.pop();
        format!("SELECT {targets} FROM {from}{filter}")
    }

    fn distinct_on(&mut self) -> Written {
        self.scopes.push(Vec::new());
        let from = self.range_list(1);
        let key = self.leaf(Type::Text);
        let types = self.types();
        let targets: Vec<String> = types.iter().map(|of| self.expr(*of, 2)).collect();
        let filter = self.where_clause(1);
        self.scopes.pop();
        let (order, _) = self.total_order(types.len() + 1);
        // The first key is sorted plainly: DISTINCT ON wants it first, in whatever direction.
        (
            format!(
                "SELECT DISTINCT ON (1) {key}, {} FROM {from}{filter}{order}",
                targets.join(", ")
            ),
            true,
        )
    }

    fn locked(&mut self) -> Written {
        self.scopes.push(Vec::new());
        let from = self.range_list(2);
        let targets = [self.leaf(Type::Int), self.leaf(Type::Text)].join(", ");
        let filter = self.where_clause(1);
        let strength = self.pick(&["UPDATE", "NO KEY UPDATE", "SHARE", "KEY SHARE"]);
        let lockable: Vec<String> = self
            .ranges()
            .iter()
            .filter(|range| range.lockable)
            .map(|range| range.name.clone())
            .collect();
        self.scopes.pop();
        let of = self.pick(&lockable);
        let of = if of.is_empty() || self.one_in(3) { String::new() } else { format!(" OF {of}") };
        let wait = self.pick(&["", " SKIP LOCKED", " NOWAIT"]);
        (
            format!("SELECT {targets} FROM {from}{filter} ORDER BY 1, 2 FOR {strength}{of}{wait}"),
            true,
        )
    }

    fn table_command(&mut self) -> Written {
        let names: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
        let name = self.pick(&names);
        match self.below(3) {
            0 => (format!("TABLE {name}"), false),
            1 => (format!("TABLE {name} ORDER BY 1, 2 LIMIT 3"), false),
            _ => (
                format!(
                    "(TABLE {name}) UNION ALL (SELECT * FROM {name} WHERE {})",
                    self.comparison_of_nothing()
                ),
                false,
            ),
        }
    }

    fn comparison_of_nothing(&mut self) -> String {
        self.pick(&["true", "1 = 1", "NOT false"]).to_owned()
    }

    /// Set operations with parentheses, and an order that refers to the whole.
    fn nested_set(&mut self) -> Written {
        let types = self.types();
        let first = self.query_of(&types, 2);
        let (second, third) = (self.query_of(&types, 2), self.query_of(&types, 2));
        let outer = self.pick(&["UNION", "UNION ALL", "INTERSECT", "EXCEPT"]);
        let inner = self.pick(&["UNION ALL", "INTERSECT ALL", "EXCEPT", "UNION"]);
        let (order, reliable) = self.total_order(types.len());
        (format!("({first}) {outer} (({second}) {inner} ({third})){order}"), reliable)
    }

    fn recursive(&mut self) -> Written {
        let name = self.pick(&["orders", "tree", "items"]);
        let limit = 3 + self.below(6);
        let text = match self.below(3) {
            0 => format!(
                "WITH RECURSIVE {name}(n, p) AS (SELECT id, customer_id FROM public.orders WHERE id = 1 \
                 UNION ALL SELECT o.id, o.customer_id FROM public.orders o JOIN {name} ON o.id = {name}.n + 1 \
                 WHERE o.id < {limit}) SELECT * FROM {name} ORDER BY 1, 2"
            ),
            1 => format!(
                "WITH RECURSIVE {name} AS (SELECT 1 AS n UNION SELECT n + 1 FROM {name} WHERE n < \
                 (SELECT count(*) FROM public.items)) SELECT max(n), count(*) FROM {name}"
            ),
            _ => format!(
                "WITH RECURSIVE {name}(id, up) AS (SELECT id, customer_id FROM public.orders WHERE id <= {limit} \
                 UNION ALL SELECT t.up, NULL::int8 FROM {name} t WHERE t.up IS NOT NULL) \
                 SEARCH BREADTH FIRST BY id SET seq CYCLE id SET looped USING path \
                 SELECT id, up, looped FROM {name} ORDER BY 1, 2, 3"
            ),
        };
        (text, true)
    }

    /// Columns that depend on a primary key that is grouped by.
    fn grouped_by_key(&mut self) -> Written {
        let kind = self.pick(&["JOIN", "LEFT JOIN", "RIGHT JOIN"]);
        let condition =
            self.pick(&["o.customer_id = c.id", "o.customer_id = c.id AND o.total > 20"]);
        let filter = self.pick(&["", " WHERE c.tier > 0", " WHERE c.balance::int2 > 3"]);
        let text = format!(
            "SELECT c.id, c.name, c.balance, count(o.id), sum(o.total) FROM customers c {kind} orders o \
             ON {condition}{filter} GROUP BY c.id ORDER BY c.joined, 1, 2, 3, 4, 5"
        );
        (text, true)
    }

    fn named_windows(&mut self) -> Written {
        self.scopes.push(Vec::new());
        let from = self.range_list(1);
        let (partition, order) = (self.leaf(Type::Text), self.leaf(Type::Int));
        let (number, text) = (self.expr(Type::Int, 1), self.leaf(Type::Text));
        let filter = self.where_clause(1);
        self.scopes.pop();
        (
            format!(
                "SELECT {number}, {text}, rank() OVER w, sum({order}) OVER (w RANGE UNBOUNDED PRECEDING) \
                 FROM {from}{filter} WINDOW p AS (PARTITION BY {partition}), w AS (p ORDER BY {order}) \
                 ORDER BY 1, 2, 3, 4"
            ),
            true,
        )
    }

    /// WITH and its common table expressions, which stay in force.
    pub(super) fn with_clause(&mut self, depth: u32, may_write: bool) -> String {
        let mut parts = Vec::new();
        for _ in 0..=u32::from(self.one_in(3)) {
            let shadow = self.pick(&["", "", "orders", "items", "plans", "customers"]);
            let name = if shadow.is_empty() || self.ctes.iter().any(|cte| cte.name == shadow) {
                self.name("x")
            } else {
                shadow.to_owned()
            };
            // A definition does not see the ranges around it, nor itself.
            let scopes = std::mem::take(&mut self.scopes);
            let (query, columns) = if may_write && self.one_in(4) {
                let text = self.modifying();
                (text, owned(&[("c0", Type::Int), ("c1", Type::Text)]))
            } else {
                let types = self.types();
                let columns =
                    types.iter().enumerate().map(|(at, of)| (format!("c{at}"), *of)).collect();
                (self.query_of(&types, depth), columns)
            };
            self.scopes = scopes;
            let names: Vec<&str> =
                columns.iter().map(|(name, _): &(String, Type)| name.as_str()).collect();
            let kind = self.pick(&["", "", "MATERIALIZED ", "NOT MATERIALIZED "]);
            parts.push(format!("{name}({}) AS {kind}({query})", names.join(", ")));
            self.ctes.push(Range::of(name, columns));
        }
        format!("WITH {} ", parts.join(", "))
    }
}
