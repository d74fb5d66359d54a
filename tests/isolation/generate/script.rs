//! Several statements on one connection: transactions, savepoints, errors in between.

use super::{Generator, error, reading, writing};
use crate::choice::Choices;
use crate::session::Statement;

pub(super) fn statements(choices: &mut Choices) -> Vec<Statement> {
    if choices.one_in(4) {
        return vec![several_in_one(choices)];
    }
    let mut script = vec![Statement::simple(choices.pick(&[
        "BEGIN",
        "START TRANSACTION",
        "BEGIN ISOLATION LEVEL REPEATABLE READ",
        "begin transaction isolation level serializable, read write",
    ]))];
    for _ in 0..=choices.below(3) {
        script.extend(step(choices));
    }
    script.push(Statement::simple(choices.pick(&["ROLLBACK", "COMMIT", "END", "ABORT"])));
    script
}

fn step(choices: &mut Choices) -> Vec<Statement> {
    match choices.below(6) {
        0 => vec![reading(choices)],
        1 | 2 => vec![writing(choices)],
        3 => {
            let mut guarded = vec![Statement::simple("SAVEPOINT s")];
            guarded.extend(error::statements(choices));
            guarded.push(Statement::simple("ROLLBACK TO SAVEPOINT s"));
            guarded.push(reading(choices));
            guarded
        }
        4 => vec![
            Statement::simple("SAVEPOINT \"S 1\""),
            writing(choices),
            Statement::simple("RELEASE \"S 1\""),
        ],
        _ => vec![
            writing(choices),
            Statement::simple("SELECT count(*) FROM orders"),
            Statement::simple("SELECT id, status FROM orders ORDER BY id"),
        ],
    }
}

/// One Query message that holds several statements.
fn several_in_one(choices: &mut Choices) -> Statement {
    let mut texts = Vec::new();
    for _ in 0..=1 + choices.below(2) {
        let mut generator = Generator::new(choices, false);
        let (text, _) = if generator.one_in(2) { generator.write() } else { generator.read() };
        texts.push(text);
    }
    if choices.one_in(3) {
        texts.insert(0, "BEGIN".to_owned());
        texts.push("COMMIT".to_owned());
    }
    let glue = choices.pick(&["; ", ";\n", " ;; ", "; -- and\n"]);
    Statement::simple(texts.join(glue))
}
