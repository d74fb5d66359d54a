//! A simple SELECT of given types: plain, distinct, grouped, with windows.

use super::{DEPTH_MAX, Generator};
use crate::schema::Type;

impl Generator<'_> {
    /// A query that yields columns of `types`, without ORDER BY and LIMIT.
    pub(super) fn query_of(&mut self, types: &[Type], depth: u32) -> String {
        if depth < DEPTH_MAX {
            match self.below(14) {
                11 => {
                    let operation =
                        self.pick(&["UNION ALL", "UNION", "INTERSECT", "EXCEPT", "EXCEPT ALL"]);
                    let (left, right) =
                        (self.select_of(types, depth), self.select_of(types, depth + 1));
                    return format!("{left} {operation} {right}");
                }
                12 => return self.values_of(types, depth),
                13 => return self.with_inner(types, depth),
                _ => {}
            }
        }
        self.select_of(types, depth)
    }

    fn values_of(&mut self, types: &[Type], depth: u32) -> String {
        let rows: Vec<String> = (0..=self.below(2))
            .map(|_| {
                let row: Vec<String> = types
                    .iter()
                    .map(|of| format!("({})::{}", self.expr(*of, depth + 1), of.sql()))
                    .collect();
                format!("({})", row.join(", "))
            })
            .collect();
        format!("VALUES {}", rows.join(", "))
    }

    /// A query that begins with WITH, for a place inside another.
    fn with_inner(&mut self, types: &[Type], depth: u32) -> String {
        let count = self.ctes.len();
        let with = self.with_clause(depth + 1, false);
        let query = self.select_of(types, depth + 1);
        self.ctes.truncate(count);
        format!("{with}{query}")
    }

    pub(super) fn select_of(&mut self, types: &[Type], depth: u32) -> String {
        self.scopes.push(Vec::new());
        let from = self.range_list(depth);
        let text = match self.below(8) {
            6 if depth < DEPTH_MAX => self.grouped(types, &from, depth),
            7 => self.plain(types, &from, depth, "DISTINCT "),
            _ => self.plain(types, &from, depth, ""),
        };
        self.scopes.pop();
        text
    }

    fn plain(&mut self, types: &[Type], from: &str, depth: u32, distinct: &str) -> String {
        let targets: Vec<String> = types
            .iter()
            .map(|of| {
                if distinct.is_empty() && depth <= 1 && self.one_in(12) {
                    self.window_call(*of)
                } else {
                    self.expr(*of, depth + 1)
                }
            })
            .collect();
        let filter = self.where_clause(depth);
        format!("SELECT {distinct}{} FROM {from}{filter}", targets.join(", "))
    }

    pub(super) fn where_clause(&mut self, depth: u32) -> String {
        if self.one_in(3) { String::new() } else { format!(" WHERE {}", self.condition(depth + 1)) }
    }

    /// GROUP BY over columns; what is not grouped by is aggregated.
    fn grouped(&mut self, types: &[Type], from: &str, depth: u32) -> String {
        let mut keys: Vec<(String, Type)> = Vec::new();
        for _ in 0..=self.below(2) {
            let of = self.pick(&[Type::Text, Type::Int, Type::Date, Type::Uuid]);
            keys.extend(self.column(of).map(|column| (column, of)));
        }
        let targets: Vec<String> = types
            .iter()
            .map(|of| {
                let same: Vec<String> = keys
                    .iter()
                    .filter(|(_, key)| key == of)
                    .map(|(column, _)| column.clone())
                    .collect();
                if same.is_empty() || self.one_in(3) {
                    self.aggregate(*of, depth)
                } else {
                    self.pick(&same)
                }
            })
            .collect();
        let filter = self.where_clause(depth + 1);
        let list = keys.iter().map(|(column, _)| column.as_str()).collect::<Vec<_>>().join(", ");
        let group = match (keys.is_empty(), self.below(6)) {
            (true, _) => String::new(),
            (false, 3) => format!(" GROUP BY ROLLUP ({list})"),
            (false, 4) => format!(" GROUP BY GROUPING SETS (({list}), ())"),
            (false, 5) => format!(" GROUP BY CUBE ({list})"),
            (false, _) => format!(" GROUP BY {list}"),
        };
        let having = match self.below(4) {
            2 => format!(" HAVING count(*) > {}", self.below(3)),
            3 => {
                let query = self.query_of(&[Type::Int], DEPTH_MAX);
                format!(" HAVING EXISTS ({query})")
            }
            _ => String::new(),
        };
        format!("SELECT {} FROM {from}{filter}{group}{having}", targets.join(", "))
    }

    /// An aggregate whose value does not depend on the order of rows.
    pub(super) fn aggregate(&mut self, of: Type, depth: u32) -> String {
        let argument = |this: &mut Self, of| this.expr(of, depth + 1);
        let call = match of {
            Type::Int => match self.below(4) {
                0 => "count(*)".to_owned(),
                1 => format!("count(DISTINCT {})", argument(self, Type::Text)),
                2 => format!("sum({})::int8", argument(self, Type::Int)),
                _ => format!("max({})", argument(self, Type::Int)),
            },
            Type::Text => {
                let text = argument(self, Type::Text);
                if self.one_in(2) {
                    format!("min({text})")
                } else {
                    format!("string_agg({text}, ',' ORDER BY {text})")
                }
            }
            Type::Numeric => match self.below(3) {
                0 => format!("sum({})", argument(self, Type::Numeric)),
                1 => format!("avg({})", argument(self, Type::Int)),
                _ => format!(
                    "percentile_disc(0.5) WITHIN GROUP (ORDER BY {})",
                    argument(self, Type::Numeric)
                ),
            },
            Type::Bool => format!("bool_or({})", self.condition(depth + 1)),
            Type::Time | Type::Date | Type::Mood => format!("max({})", argument(self, of)),
            Type::Json => {
                let number = argument(self, Type::Int);
                format!("jsonb_agg({number} ORDER BY {number})")
            }
            Type::Ints => {
                let number = argument(self, Type::Int);
                return format!("(array_agg({number} ORDER BY {number}))::int4[]");
            }
            Type::Texts => {
                let text = argument(self, Type::Text);
                format!("array_agg({text} ORDER BY {text} DESC)")
            }
            Type::Uuid => {
                let id = argument(self, Type::Uuid);
                return format!("(array_agg({id} ORDER BY {id}))[1]");
            }
        };
        if self.one_in(4) && !call.ends_with("int8") {
            return format!("{call} FILTER (WHERE {})", self.condition(depth + 1));
        }
        call
    }

    /// A window function whose value does not depend on the order among peers.
    fn window_call(&mut self, of: Type) -> String {
        let call = match of {
            Type::Int => self.pick(&["rank()", "dense_rank()", "count(*)"]).to_owned(),
            Type::Numeric => format!("sum({})", self.leaf(Type::Numeric)),
            Type::Text => format!("min({})", self.leaf(Type::Text)),
            _ => return self.leaf(of),
        };
        let partition = if self.one_in(2) {
            format!("PARTITION BY {} ", self.leaf(Type::Text))
        } else {
            String::new()
        };
        let order = self.leaf(Type::Int);
        let frame = if call.contains("rank") {
            ""
        } else {
            self.pick(&[
                "",
                " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
                " RANGE BETWEEN 2 PRECEDING AND CURRENT ROW EXCLUDE GROUP",
            ])
        };
        format!("{call} OVER ({partition}ORDER BY {order}{frame})")
    }
}
