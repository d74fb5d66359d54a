//! Sub-selects where the grammar has an expression.

use super::Generator;
use crate::schema::Type;

impl Generator<'_> {
    /// A sub-select that yields at most one row.
    pub(super) fn scalar_query(&mut self, of: Type, depth: u32) -> String {
        let query = self.query_of(&[of], depth + 1);
        match self.below(3) {
            0 if of != Type::Json && of != Type::Bool && of != Type::Uuid => {
                let name = self.name("s");
                let direction = self.pick(&["max", "min"]);
                format!("(SELECT {direction}({name}.c) FROM ({query}) AS {name}(c))")
            }
            1 => {
                let name = self.name("s");
                format!(
                    "(SELECT {name}.c FROM ({query}) {name}(c) ORDER BY 1 FETCH FIRST ROW ONLY)"
                )
            }
            _ => format!("({query} ORDER BY 1 LIMIT 1)"),
        }
    }

    pub(super) fn array_query(&mut self, of: Type, depth: u32) -> String {
        let element = if of == Type::Texts { Type::Text } else { Type::Int };
        let query = self.query_of(&[element], depth + 1);
        let cast = if of == Type::Texts { "text[]" } else { "int4[]" };
        format!("ARRAY({query} ORDER BY 1)::{cast}")
    }

    pub(super) fn count_query(&mut self, depth: u32) -> String {
        let query = self.query_of(&[Type::Int], depth + 1);
        let name = self.name("n");
        format!("(SELECT count(*) FROM ({query}) AS {name})")
    }

    pub(super) fn sum_query(&mut self, depth: u32) -> String {
        let query = self.query_of(&[Type::Numeric], depth + 1);
        let name = self.name("t");
        format!("(SELECT sum({name}.v) FROM ({query}) AS {name}(v))")
    }

    /// A condition that holds a sub-select.
    pub(super) fn sub_condition(&mut self, depth: u32) -> String {
        let deeper = depth + 1;
        match self.below(8) {
            0 | 1 => {
                let query = self.query_of(&[Type::Int], deeper);
                format!("EXISTS ({query})")
            }
            2 => {
                let of = self.pick(&[Type::Int, Type::Text, Type::Uuid]);
                let query = self.query_of(&[of], deeper);
                format!("{} IN ({query})", self.leaf(of))
            }
            3 => {
                let query = self.query_of(&[Type::Int], deeper);
                format!("{} NOT IN ({query})", self.leaf(Type::Int))
            }
            4 => {
                let query = self.query_of(&[Type::Numeric], deeper);
                format!("{} > ALL ({query})", self.leaf(Type::Numeric))
            }
            5 => {
                let query = self.query_of(&[Type::Text], deeper);
                format!("{} = ANY ({query})", self.leaf(Type::Text))
            }
            6 => {
                let query = self.query_of(&[Type::Text], deeper);
                format!("{} = SOME ({query})", self.leaf(Type::Text))
            }
            _ => format!("{} < {}", self.count_query(deeper), self.leaf(Type::Int)),
        }
    }
}
