//! The promise, as a test on a real Redis: a tenant behind the wall cannot tell the shared server from
//! a private one.
//!
//! One server holds tenant A alone, another one A, other tenants under the same names, and decoys
//! outside of every tenant. Generated sequences of commands run as A through the wall on the shared
//! one and directly on the private one. Every reply must have the same bytes, but for what compare.rs
//! lists; nothing of the others may be in one; what is stored of A must be the same in the end, and
//! what is stored of others must not have changed.
//!
//! `ORACLE_COMMANDS` (20000) and `ORACLE_SEED` (1) set the run; `ORACLE_SEQUENCE` repeats one sequence
//! by its number. `ORACLE_STORE` names another kind of server than redis70.

// The other oracle uses all of it.
#[allow(dead_code)]
#[path = "../choice.rs"]
mod choice;
mod compare;
mod generate;
mod hostile;
#[path = "../program.rs"]
mod program;
mod reply;
mod runner;
mod session;
mod side;
mod smaller;
mod store;
mod wall;

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use choice::Choices;
use generate::{Generator, Item};
use runner::Runner;
use session::Outcome;
use side::{Side, Way};
use store::Server;
use wall::Wall;

/// Failures of different signs that are made small; more say nothing new.
const FAILURES_MAX: u64 = 12;
/// Commands of the runs that prove the oracle itself.
const PROOF_COMMANDS: u64 = 3000;

/// The servers are used by one test at a time.
static SERVERS: Mutex<()> = Mutex::new(());

fn servers() -> MutexGuard<'static, ()> {
    SERVERS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn a_tenant_cannot_tell_the_shared_server_from_its_own() -> Outcome<()> {
    let _alone = servers();
    let (mut private, mut shared) = (Server::private()?, Server::shared()?);
    let facts = private.facts(Generator::scripts())?;
    shared.reset()?;
    let wall = Wall::start(&shared.address)?;
    let way = Side::open(&wall.address(), Way::Plain)?;
    let own = Side::open(&private.address, Way::Plain)?;
    let mut failures = Vec::new();
    if setting("ORACLE_HOSTILE", 1) == 1 {
        failures.extend(hostile::run(&wall.address(), &mut shared)?);
    }
    let mut runner = Runner::new(private, shared, way, own);
    let wanted = usize::try_from(setting("ORACLE_COMMANDS", 20_000))?;
    failures.extend(generated(&mut runner, &Generator::new(facts), wanted)?);
    report("wall", &runner);
    match failures.len() {
        0 => Ok(()),
        count => Err(format!("{count} broken promises\n{}", wall.log_tail()).into()),
    }
}

/// Two private servers are alike: whatever the oracle sees between them would be its own mistake.
#[test]
fn the_oracle_finds_nothing_between_two_private_servers() -> Outcome<()> {
    let _alone = servers();
    let (mut private, second) = (Server::private()?, Server::second_private()?);
    let facts = private.facts(Generator::scripts())?;
    let way = Side::open(&second.address, Way::Plain)?;
    let own = Side::open(&private.address, Way::Plain)?;
    let mut runner = Runner::new(private, second, way, own);
    let wanted = usize::try_from(setting("ORACLE_PROOF", PROOF_COMMANDS))?;
    let failures = generated(&mut runner, &Generator::new(facts), wanted)?;
    report("nothing between", &runner);
    assert_eq!(failures, Vec::<String>::new());
    assert!(runner.figures.errors * 3 < runner.figures.commands, "most commands should succeed");
    Ok(())
}

/// A prefix on the first argument alone is seen through: by what differs, and by what leaks.
#[test]
fn the_oracle_sees_what_a_naive_prefix_shows() -> Outcome<()> {
    let _alone = servers();
    let (mut private, shared) = (Server::private()?, Server::shared()?);
    let facts = private.facts(Generator::scripts())?;
    let way = Side::open(&shared.address, Way::Naive)?;
    let own = Side::open(&private.address, Way::Plain)?;
    let mut runner = Runner::new(private, shared, way, own);
    let generator = Generator::new(facts);
    let mut signs = BTreeSet::new();
    let mut number = 0;
    while runner.figures.commands < usize::try_from(PROOF_COMMANDS / 4)? {
        number += 1;
        let items = generator.sequence(&mut Choices::seeded(number));
        // Alone, as the first one that shows would hide what comes behind it.
        for item in items {
            let failure = runner.sequence(std::slice::from_ref(&item))?;
            signs.extend(failure.map(|failure| failure.sign));
        }
    }
    report("naive prefix", &runner);
    assert!(signs.len() > 30, "a naive prefix was not seen: {signs:?}");
    assert!(runner.figures.different > 0 && runner.figures.leaked > 0, "{signs:?}");
    Ok(())
}

/// Every command that the server has is sent, unless it is one that tenants must not have.
#[test]
fn every_command_for_tenants_is_generated() -> Outcome<()> {
    let _alone = servers();
    let mut private = Server::private()?;
    let facts = private.facts(Generator::scripts())?;
    let generator = Generator::new(facts.clone());
    let mut sent = BTreeSet::from(["randomkey".to_owned()]);
    for number in 0..400 {
        for item in generator.sequence(&mut Choices::seeded(number)) {
            for command in item.commands() {
                let (name, subcommand) = (command.word(0), command.word(1));
                sent.insert(format!("{name}|{subcommand}").to_lowercase());
                sent.insert(name.to_lowercase());
            }
        }
    }
    let missing: Vec<&String> = facts
        .commands
        .iter()
        .filter(|name| !sent.contains(*name) && !hostile::has(name))
        // Those of modules have tests of their own.
        .filter(|name| !name.contains('.'))
        .collect();
    assert!(missing.is_empty(), "commands that the oracle never sends: {missing:?}");
    Ok(())
}

fn generated(runner: &mut Runner, generator: &Generator, wanted: usize) -> Outcome<Vec<String>> {
    let seed = setting("ORACLE_SEED", 1);
    let only = std::env::var("ORACLE_SEQUENCE").ok().and_then(|text| text.parse::<u64>().ok());
    let mut number = only.unwrap_or_else(|| seed.wrapping_mul(1_000_003));
    let mut seen = BTreeSet::new();
    let mut failures = Vec::new();
    let most = usize::try_from(setting("ORACLE_FAILURES", FAILURES_MAX))?;
    while runner.figures.commands < wanted && failures.len() < most {
        number = number.wrapping_add(u64::from(only.is_none()));
        let items = generator.sequence(&mut Choices::seeded(number));
        if let Some(failure) = runner.sequence(&items)?
            && seen.insert(failure.sign.clone())
        {
            let figures = runner.figures.clone();
            let (small, failure) = smaller::smallest(runner, items, failure)?;
            let again = format!("again with ORACLE_SEQUENCE={number}");
            let text = format!("{}\nby\n{}\n{again}", failure.what, shown(&small));
            runner.figures = figures;
            println!("---- {text}");
            failures.push(text);
        }
        if only.is_some() {
            break;
        }
    }
    Ok(failures)
}

fn shown(items: &[Item]) -> String {
    let steps = items.iter().flat_map(|item| &item.steps);
    steps.map(runner::show_step).collect::<Vec<_>>().join("\n")
}

fn report(name: &str, runner: &Runner) {
    let figures = &runner.figures;
    let refused: usize = figures.refused.values().sum();
    let reasons: Vec<String> =
        figures.refused.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
    println!(
        "oracle ({name}): commands {}, equal {} (of them errors {}), refused {refused} ({}), different {}, leaked {}",
        figures.commands,
        figures.equal,
        figures.errors,
        reasons.join(", "),
        figures.different,
        figures.leaked
    );
}
