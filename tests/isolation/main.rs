//! The promise, as a test on a real PostgreSQL: a tenant behind the wall cannot tell the shared store
//! from a private one.
//!
//! One database holds tenant A alone; two others hold A and other tenants, whose rows differ between
//! the two. Generated and hostile statements run as A through the wall on the shared ones and
//! directly on the private one. Every answer must be the private store's, or a refusal; the same
//! with either set of others; and hold nothing of theirs. Their rows must not change.
//!
//! `PARTYWALL_PG17_URL` names the server. `ORACLE_STATEMENTS` (5000) and `ORACLE_SEED` (of the day's
//! choosing: 1) set the run; `ORACLE_UNIT` repeats one unit from its list of choices. With
//! `ORACLE_TRANSPORT=in-process` the statements are judged in this process, without the wall.

mod choice;
mod compare;
mod generate;
mod hostile;
mod program;
mod runner;
mod schema;
mod session;
mod side;
mod store;
mod wall;

use choice::{Choices, shrink};
use runner::{Failure, Must, Runner};
use session::{Outcome, Statement};

/// Statements between two looks at what is stored.
const BATCH_STATEMENTS: u32 = 100;
/// Failures of different signs that are made small; more say nothing new.
const FAILURES_MAX: u32 = 8;
const SHRINK_ATTEMPTS_MAX: u32 = 400;

/// How many promises were found broken. Each is shown when it is found.
#[derive(Default)]
struct Failures(u32);

impl Failures {
    fn push(&mut self, text: &str) {
        self.0 += 1;
        println!("---- {text}");
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn a_tenant_cannot_tell_the_shared_store_from_its_own() -> Outcome<()> {
    let server = store::server()?;
    let mut runner = Runner::new(&server)?;
    let mut failures = Failures::default();
    if let Ok(list) = std::env::var("ORACLE_UNIT") {
        let script = list.split(',').filter_map(|number| number.trim().parse().ok()).collect();
        if let Some(text) = repeat(&mut runner, script)? {
            failures.push(&text);
        }
    } else {
        if setting("ORACLE_HOSTILE", 1) == 1 {
            hostile(&mut runner, &mut failures)?;
        }
        generated(&mut runner, &mut failures)?;
    }
    report(&runner);
    match failures.0 {
        0 => Ok(()),
        count => Err(format!("{count} broken promises").into()),
    }
}

fn hostile(runner: &mut Runner, failures: &mut Failures) -> Outcome<()> {
    let mut batch = Vec::new();
    for (must, text) in hostile::attacks() {
        for extended in [false, true] {
            let unit = vec![Statement { extended, ..Statement::simple(*text) }];
            if let Some(failure) = runner.unit(&unit, *must)? {
                failures.push(&format!("{}\n(hostile)", failure.what));
                runner.reset()?;
                batch.clear();
            } else {
                batch.push(unit);
            }
        }
    }
    if let Some(failure) = runner.check_stored()? {
        let figures = runner.figures.clone();
        failures.push(&blame(runner, &batch, Must::Conceal, failure)?);
        runner.figures = figures;
    }
    Ok(())
}

fn generated(runner: &mut Runner, failures: &mut Failures) -> Outcome<()> {
    let seed = setting("ORACLE_SEED", 1);
    let wanted = u32::try_from(setting("ORACLE_STATEMENTS", 5000))?;
    println!("oracle: seed {seed}");
    let mut number = seed.wrapping_mul(1_000_003);
    let mut seen = Vec::new();
    let failures_max = failures.0 + FAILURES_MAX;
    while runner.figures.statements < wanted && failures.0 < failures_max {
        runner.reset()?;
        let end = runner.figures.statements + BATCH_STATEMENTS;
        let mut batch = Vec::new();
        while runner.figures.statements < end {
            number = number.wrapping_add(1);
            let mut choices = Choices::seeded(number);
            let unit = generate::unit(&mut choices);
            let script = choices.made().to_vec();
            batch.push(unit.clone());
            if let Some(failure) = runner.unit(&unit, Must::Agree)? {
                if !seen.contains(&failure.sign) {
                    seen.push(failure.sign.clone());
                    let figures = runner.figures.clone();
                    failures.push(&smallest(runner, script, failure)?);
                    runner.figures = figures;
                }
                runner.reset()?;
                batch.clear();
            }
        }
        if let Some(failure) = runner.check_stored()? {
            let figures = runner.figures.clone();
            failures.push(&blame(runner, &batch, Must::Agree, failure)?);
            runner.figures = figures;
        }
    }
    Ok(())
}

/// Finds the unit of a batch behind which the stored rows are wrong.
fn blame(
    runner: &mut Runner,
    batch: &[Vec<Statement>],
    must: Must,
    failure: Failure,
) -> Outcome<String> {
    runner.reset()?;
    for unit in batch {
        runner.unit(unit, must)?;
        if let Some(failure) = runner.check_stored()? {
            let texts: Vec<&str> = unit.iter().map(|statement| statement.text.as_str()).collect();
            return Ok(format!("{}\nby: {}", failure.what, texts.join("\n    ")));
        }
    }
    Ok(format!("{} (by no single unit of its batch)", failure.what))
}

fn repeat(runner: &mut Runner, script: Vec<u32>) -> Outcome<Option<String>> {
    runner.reset()?;
    let unit = generate::unit(&mut Choices::replay(script.clone()));
    let failure = runner.unit(&unit, Must::Agree)?;
    Ok(failure.map(|failure| shown(&script, &failure)))
}

/// The smallest unit that breaks the same promise.
fn smallest(runner: &mut Runner, script: Vec<u32>, failure: Failure) -> Outcome<String> {
    let mut fails = |script: &[u32]| -> Option<Failure> {
        runner.reset().ok()?;
        let unit = generate::unit(&mut Choices::replay(script.to_vec()));
        runner.unit(&unit, Must::Agree).ok()?.filter(|found| found.kind == failure.kind)
    };
    if fails(&script).is_none() {
        return Ok(format!("{}\n(only behind the statements before it)", shown(&script, &failure)));
    }
    let small = shrink(script, SHRINK_ATTEMPTS_MAX, |candidate| fails(candidate).is_some());
    Ok(shown(&small, &fails(&small).unwrap_or(failure)))
}

fn shown(script: &[u32], failure: &Failure) -> String {
    let list: Vec<String> = script.iter().map(u32::to_string).collect();
    format!("{}\nagain with ORACLE_UNIT={}", failure.what, list.join(","))
}

fn report(runner: &Runner) {
    let figures = &runner.figures;
    let refused: u32 = figures.refused.values().sum();
    let reasons: Vec<String> =
        figures.refused.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
    println!(
        "oracle: statements {}, equal {} (of them errors {}), concealed {}, refused {refused} ({}), different {}, leaked {}",
        figures.statements,
        figures.equal,
        figures.errors,
        figures.concealed,
        reasons.join(", "),
        figures.different,
        figures.leaked
    );
}
