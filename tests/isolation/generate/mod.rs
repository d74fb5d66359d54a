//! Statements from choices: a grammar with types and scopes, so that most of what comes out runs.
//!
//! What is generated has one answer: LIMIT stands behind a total order, aggregates that depend on
//! order bring their own, nothing reads a clock or the physical place of a row. Then a difference
//! between two databases is a difference.

mod error;
mod expr;
mod from;
mod join;
mod query;
mod script;
mod select;
mod sublink;
mod write;

use crate::choice::Choices;
use crate::schema::{TENANT_A, Type};
use crate::session::{Parameter, Statement};

/// How deep expressions and queries nest at most.
const DEPTH_MAX: u32 = 3;

/// A range in scope.
#[derive(Clone, Debug, Default)]
struct Range {
    /// What its columns are qualified with.
    name: String,
    columns: Vec<(String, Type)>,
    /// Whether FOR UPDATE may name it.
    lockable: bool,
    /// Whether it has a list of column aliases. Its whole row is not generated: it becomes one of the
    /// sub-select that it is wrapped into, and its columns' names with it.
    renamed: bool,
}

impl Range {
    fn of(name: String, columns: Vec<(String, Type)>) -> Self {
        Self { name, columns, lockable: false, renamed: false }
    }
}

/// The statement at hand.
struct Generator<'c> {
    choices: &'c mut Choices,
    /// The ranges of each query level, innermost last.
    scopes: Vec<Vec<Range>>,
    /// The common table expressions in force.
    ctes: Vec<Range>,
    parameters: Vec<Parameter>,
    extended: bool,
    /// For names that are used once.
    names: u32,
}

/// The statements of one unit: one, or a script of several on one connection.
pub(crate) fn unit(choices: &mut Choices) -> Vec<Statement> {
    match choices.below(20) {
        0..=10 => vec![reading(choices)],
        11..=15 => vec![writing(choices)],
        16 | 17 => error::statements(choices),
        _ => script::statements(choices),
    }
}

/// What a production yields for a whole statement: its text, and whether its rows are in order.
type Written = (String, bool);

/// A statement that reads.
fn reading(choices: &mut Choices) -> Statement {
    statement(choices, |generator| generator.read())
}

/// A statement that writes.
fn writing(choices: &mut Choices) -> Statement {
    statement(choices, |generator| generator.write())
}

fn statement(
    choices: &mut Choices,
    production: impl FnOnce(&mut Generator<'_>) -> Written,
) -> Statement {
    let extended = choices.one_in(2);
    let mut generator = Generator::new(choices, extended);
    let (text, ordered) = production(&mut generator);
    let parameters = std::mem::take(&mut generator.parameters);
    let binary_rows = extended && choices.one_in(3);
    let named = extended && choices.one_in(3);
    Statement { text, extended, named, parameters, binary_rows, ordered }
}

impl<'c> Generator<'c> {
    fn new(choices: &'c mut Choices, extended: bool) -> Self {
        Self {
            choices,
            scopes: Vec::new(),
            ctes: Vec::new(),
            parameters: Vec::new(),
            extended,
            names: 0,
        }
    }

    fn pick<T: Clone + Default>(&mut self, items: &[T]) -> T {
        self.choices.pick(items)
    }

    fn one_in(&mut self, n: u32) -> bool {
        self.choices.one_in(n)
    }

    fn below(&mut self, n: u32) -> u32 {
        self.choices.below(n)
    }

    fn name(&mut self, stem: &str) -> String {
        self.names += 1;
        format!("{stem}{}", self.names)
    }

    /// Writes `value` as a parameter, declared or not, in text or binary; where the protocol has
    /// none, as the literal.
    fn parameter(
        &mut self,
        literal: String,
        of: Type,
        text: &str,
        binary: Option<Vec<u8>>,
    ) -> String {
        if !self.extended || !self.one_in(4) {
            return literal;
        }
        let oid = match of {
            Type::Int => 20,
            Type::Text => 25,
            Type::Numeric => 1700,
            Type::Uuid => 2950,
            Type::Bool => 16,
            Type::Date => 1082,
            _ => return literal,
        };
        let (value, binary) = match binary {
            Some(bytes) if self.one_in(2) => (bytes, true),
            _ => (text.as_bytes().to_vec(), false),
        };
        // Left to the server, a number may become another type than its eight bytes are.
        let undeclared = (of == Type::Uuid || !binary) && self.one_in(4);
        let oid = if undeclared { 0 } else { oid };
        self.parameters.push(Parameter { oid, binary, value: Some(value) });
        format!("${}", self.parameters.len())
    }

    /// The tenant's own id, in one of its spellings.
    fn own_tenant(&mut self) -> String {
        let literal = match self.below(4) {
            0 => format!("'{TENANT_A}'"),
            1 => format!("'{TENANT_A}'::uuid"),
            2 => format!("'{}'", TENANT_A.to_uppercase()),
            _ => format!("CAST('{TENANT_A}' AS uuid)"),
        };
        let bytes = uuid::Uuid::try_parse(TENANT_A).map(|id| id.as_bytes().to_vec()).ok();
        self.parameter(literal, Type::Uuid, TENANT_A, bytes)
    }
}
