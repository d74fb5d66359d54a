//! Expressions of a given type over the columns in scope.

use super::{DEPTH_MAX, Generator};
use crate::schema::Type;

impl Generator<'_> {
    /// An expression of type `of`; the deeper, the simpler.
    pub(super) fn expr(&mut self, of: Type, depth: u32) -> String {
        if depth >= DEPTH_MAX || self.one_in(3) {
            return self.leaf(of);
        }
        match self.below(8) {
            0 => self.leaf(of),
            1 => self.case(of, depth),
            2 => {
                let (a, b) = (self.expr(of, depth + 1), self.leaf(of));
                format!("COALESCE({a}, {b})")
            }
            3 => self.scalar_query(of, depth),
            _ => self.operation(of, depth),
        }
    }

    /// A column in scope, or a literal.
    pub(super) fn leaf(&mut self, of: Type) -> String {
        if !self.one_in(4)
            && let Some(column) = self.column(of)
        {
            return column;
        }
        self.literal(of)
    }

    /// A column of type `of`, mostly of the innermost level.
    pub(super) fn column(&mut self, of: Type) -> Option<String> {
        let levels = self.scopes.len();
        let outer = levels > 1 && self.one_in(5);
        let level = if outer {
            self.below(u32::try_from(levels - 1).ok()?) as usize
        } else {
            levels.checked_sub(1)?
        };
        let candidates: Vec<(String, String)> = self
            .scopes
            .get(level)?
            .iter()
            .flat_map(|range| range.columns.iter().map(move |column| (range, column)))
            .filter(|(_, (_, found))| *found == of)
            .map(|(range, (column, _))| (range.name.clone(), column.clone()))
            .collect();
        if candidates.is_empty() {
            return None;
        }
        let (range, column) = self.pick(&candidates);
        let alone = self.scopes.get(level).is_some_and(|ranges| ranges.len() == 1);
        Some(if alone && !outer && self.one_in(3) { column } else { format!("{range}.{column}") })
    }

    pub(super) fn literal(&mut self, of: Type) -> String {
        if self.one_in(20) {
            return format!("NULL::{}", of.sql());
        }
        match of {
            Type::Int => {
                let number = i64::from(self.below(13));
                let literal = number.to_string();
                self.parameter(literal.clone(), of, &literal, Some(number.to_be_bytes().to_vec()))
            }
            Type::Text => {
                let words = [
                    "'new'",
                    "'Ada'",
                    "'sku-2'",
                    "'it''s'",
                    "E'a\\'b'",
                    "''",
                    "'groß1'",
                    "$q$paid$q$",
                    "U&'\\0061'",
                ];
                let literal = self.pick(&words).to_owned();
                self.parameter(literal, of, "paid", None)
            }
            Type::Numeric => {
                let literal = self.pick(&["1.5", "0.25", "12", "1e2", "33.75"]).to_owned();
                self.parameter(literal, of, "12.25", None)
            }
            Type::Bool => {
                let literal = self.pick(&["true", "false", "'t'::boolean"]).to_owned();
                self.parameter(literal, of, "t", Some(vec![1]))
            }
            Type::Time => self
                .pick(&["'2024-02-10 12:00+00'::timestamptz", "timestamptz '2024-03-02 01:30+02'"])
                .to_owned(),
            Type::Date => {
                let literal = self.pick(&["'2024-07-01'::date", "date '2024-06-03'"]).to_owned();
                self.parameter(literal, of, "2024-06-20", None)
            }
            Type::Json => self
                .pick(&[
                    "'{\"n\": 1}'::jsonb",
                    "'[1, \"a\", null]'::jsonb",
                    "'{\"k\": 2, \"v\": \"w1\"}'::jsonb",
                ])
                .to_owned(),
            Type::Ints => {
                self.pick(&["ARRAY[1, 2]", "'{3,4,NULL}'::int4[]", "'{}'::int4[]"]).to_owned()
            }
            Type::Texts => self.pick(&["ARRAY['red', 'k1']", "'{}'::text[]"]).to_owned(),
            Type::Uuid => self.own_tenant(),
            Type::Mood => self.pick(&["'calm'::mood", "CAST('sad' AS mood)"]).to_owned(),
        }
    }

    fn case(&mut self, of: Type, depth: u32) -> String {
        let condition = self.condition(depth + 1);
        let (yes, no) = (self.expr(of, depth + 1), self.expr(of, depth + 1));
        if self.one_in(3) {
            let operand = self.leaf(Type::Int);
            return format!("CASE {operand} WHEN 1 THEN {yes} WHEN 2 THEN {no} ELSE {no} END");
        }
        format!("CASE WHEN {condition} THEN {yes} ELSE {no} END")
    }

    fn operation(&mut self, of: Type, depth: u32) -> String {
        let deeper = depth + 1;
        match of {
            Type::Int => self.int_operation(deeper),
            Type::Text => self.text_operation(deeper),
            Type::Numeric => self.numeric_operation(deeper),
            Type::Bool => self.condition(deeper),
            Type::Time => {
                let time = self.expr(Type::Time, deeper);
                match self.below(3) {
                    0 => format!("{time} + interval '1 day'"),
                    1 => format!("date_trunc('month', {time})"),
                    _ => format!("(({time}) AT TIME ZONE 'UTC')::timestamptz"),
                }
            }
            Type::Date => format!("{} + {}", self.expr(Type::Date, deeper), self.below(9)),
            Type::Json => self.json_operation(deeper),
            Type::Ints => match self.below(3) {
                0 => format!("({} || {})", self.expr(Type::Ints, deeper), self.leaf(Type::Ints)),
                1 => format!("ARRAY[{}::int4, 7]", self.leaf(Type::Int)),
                _ => self.array_query(Type::Ints, depth),
            },
            Type::Texts => match self.below(3) {
                0 => format!("ARRAY[{}, {}]", self.expr(Type::Text, deeper), self.leaf(Type::Text)),
                1 => format!(
                    "array_append({}, {})",
                    self.expr(Type::Texts, deeper),
                    self.leaf(Type::Text)
                ),
                _ => self.array_query(Type::Texts, depth),
            },
            Type::Uuid | Type::Mood => self.leaf(of),
        }
    }

    fn int_operation(&mut self, depth: u32) -> String {
        match self.below(14) {
            0 => format!("{} + {}", self.expr(Type::Int, depth), self.leaf(Type::Int)),
            1 => format!("({} - {})", self.expr(Type::Int, depth), self.leaf(Type::Int)),
            2 => format!("{} * 2", self.leaf(Type::Int)),
            3 => format!("abs({})", self.expr(Type::Int, depth)),
            4 => format!("length({})", self.expr(Type::Text, depth)),
            5 => format!("NULLIF({}, {})", self.expr(Type::Int, depth), self.leaf(Type::Int)),
            6 => format!("GREATEST({}, {})", self.expr(Type::Int, depth), self.leaf(Type::Int)),
            7 => format!("cardinality({})", self.expr(Type::Ints, depth)),
            8 => format!("EXTRACT(day FROM {})::int", self.expr(Type::Time, depth)),
            9 => format!(
                "({})[{}]",
                self.expr(Type::Ints, depth),
                self.expr(Type::Int, DEPTH_MAX - 1)
            ),
            10 => format!("({} % 7)", self.expr(Type::Int, depth)),
            11 => format!("position('a' IN ({}))", self.expr(Type::Text, depth)),
            12 => format!("- {}", self.leaf(Type::Int)),
            _ => self.count_query(depth),
        }
    }

    fn text_operation(&mut self, depth: u32) -> String {
        match self.below(12) {
            0 => format!("({} || {})", self.expr(Type::Text, depth), self.leaf(Type::Text)),
            1 => format!("upper({})", self.expr(Type::Text, depth)),
            2 => format!("substring({} FROM 1 FOR 3)", self.expr(Type::Text, depth)),
            3 => format!("({})::text", self.expr(Type::Int, depth)),
            4 => format!("{} ->> 'who'", self.leaf(Type::Json)),
            5 => format!("replace({}, 'a', 'b')", self.expr(Type::Text, depth)),
            6 => format!("CAST({} AS text)", self.expr(Type::Numeric, depth)),
            7 => format!("({})[1]", self.expr(Type::Texts, depth)),
            8 => format!("trim(both from {})", self.expr(Type::Text, depth)),
            9 => format!("concat({}, '-', {})", self.expr(Type::Text, depth), self.leaf(Type::Int)),
            10 => format!("({} COLLATE \"C\")", self.expr(Type::Text, depth)),
            _ => format!("{}::text", self.leaf(Type::Mood)),
        }
    }

    fn numeric_operation(&mut self, depth: u32) -> String {
        match self.below(8) {
            0 => format!("{} + {}", self.expr(Type::Numeric, depth), self.leaf(Type::Numeric)),
            1 => format!("({} * 2)", self.expr(Type::Numeric, depth)),
            2 => format!("round({}, 1)", self.expr(Type::Numeric, depth)),
            3 => format!("{}::numeric", self.leaf(Type::Int)),
            4 => format!("({} / 4)", self.expr(Type::Numeric, depth)),
            5 => {
                format!("LEAST({}, {})", self.expr(Type::Numeric, depth), self.leaf(Type::Numeric))
            }
            6 => format!("floor({})", self.expr(Type::Numeric, depth)),
            _ => self.sum_query(depth),
        }
    }

    fn json_operation(&mut self, depth: u32) -> String {
        match self.below(6) {
            0 => format!("{} -> 'deep'", self.leaf(Type::Json)),
            1 => format!("jsonb_build_object('k', {})", self.expr(Type::Int, depth)),
            2 => format!("to_jsonb({})", self.expr(Type::Text, depth)),
            3 => format!("({})['n']", self.leaf(Type::Json)),
            4 => format!(
                "jsonb_build_array({}, {})",
                self.expr(Type::Text, depth),
                self.leaf(Type::Int)
            ),
            _ => format!("({} #> '{{deep,2}}')", self.leaf(Type::Json)),
        }
    }

    /// A condition.
    pub(super) fn condition(&mut self, depth: u32) -> String {
        let deeper = depth + 1;
        if depth >= DEPTH_MAX {
            return self.comparison(Type::Int, deeper);
        }
        match self.below(17) {
            0..=3 => {
                let of = self.pick(&[
                    Type::Int,
                    Type::Text,
                    Type::Numeric,
                    Type::Date,
                    Type::Time,
                    Type::Mood,
                ]);
                self.comparison(of, deeper)
            }
            4 => format!("{} AND {}", self.condition(deeper), self.condition(deeper)),
            5 => format!("{} OR {}", self.condition(deeper), self.condition(deeper)),
            6 => format!("({} OR {})", self.condition(deeper), self.condition(deeper)),
            7 => format!("NOT ({})", self.condition(deeper)),
            8 => self.null_test(deeper),
            9 => self.membership(deeper),
            10 => self.pattern(deeper),
            11..=13 => self.sub_condition(depth),
            14 => self.row_comparison(deeper),
            15 => self.leaf(Type::Bool),
            _ => self.tell_tale(),
        }
    }

    /// A condition that fails on other tenants' rows and on no row of A, whose numbers are small.
    fn tell_tale(&mut self) -> String {
        match self.column(Type::Numeric) {
            Some(column) if self.one_in(2) => format!("{column}::int2 IS NOT NULL"),
            Some(column) => format!("CAST({column} AS int2) > 7"),
            None => self.leaf(Type::Bool),
        }
    }

    fn comparison(&mut self, of: Type, depth: u32) -> String {
        let operator = self.pick(&["=", "<", ">=", "<>", "!=", "<=", "IS DISTINCT FROM"]);
        format!("{} {operator} {}", self.expr(of, depth), self.leaf(of))
    }

    fn null_test(&mut self, depth: u32) -> String {
        let of = self.pick(Type::COMMON);
        let test = self.pick(&["IS NULL", "IS NOT NULL"]);
        if self.one_in(4) {
            return format!("({}) IS NOT TRUE", self.condition(depth));
        }
        format!("{} {test}", self.leaf(of))
    }

    fn membership(&mut self, depth: u32) -> String {
        match self.below(6) {
            0 => format!("{} IN (1, 2, {})", self.expr(Type::Int, depth), self.leaf(Type::Int)),
            1 => format!("{} NOT IN ('new', {})", self.leaf(Type::Text), self.literal(Type::Text)),
            2 => format!("{} = ANY ({})", self.leaf(Type::Int), self.expr(Type::Ints, depth)),
            3 => format!(
                "{} BETWEEN {} AND {}",
                self.expr(Type::Int, depth),
                self.leaf(Type::Int),
                self.leaf(Type::Int)
            ),
            4 => format!(
                "{} BETWEEN SYMMETRIC 5 AND {}",
                self.leaf(Type::Numeric),
                self.leaf(Type::Numeric)
            ),
            _ => format!("{} && {}", self.leaf(Type::Texts), self.expr(Type::Texts, depth)),
        }
    }

    fn pattern(&mut self, depth: u32) -> String {
        let text = self.expr(Type::Text, depth);
        match self.below(6) {
            0 => format!("{text} LIKE '%a%'"),
            1 => format!("{text} ILIKE 'A%'"),
            2 => format!("{text} NOT LIKE 's!_%' ESCAPE '!'"),
            3 => format!("{text} SIMILAR TO '(new|paid)'"),
            4 => format!("{text} ~ '^[a-n]'"),
            _ => format!("{} @> '{{\"n\": 1}}'", self.leaf(Type::Json)),
        }
    }

    fn row_comparison(&mut self, depth: u32) -> String {
        let (a, b) = (self.leaf(Type::Int), self.expr(Type::Text, depth));
        match self.below(3) {
            0 => format!("({a}, {b}) = ({}, {})", self.leaf(Type::Int), self.leaf(Type::Text)),
            1 => {
                format!("ROW({a}, {b}) < ROW({}, {})", self.leaf(Type::Int), self.leaf(Type::Text))
            }
            _ => {
                let query = self.query_of(&[Type::Int, Type::Text], DEPTH_MAX - 1);
                format!("({a}, {b}) IN ({query})")
            }
        }
    }
}
