//! Runs the golden files. `UPDATE_GOLDEN=1` rewrites expected texts, but never turns a refusal into
//! anything else: that edit is made by hand and shows in review.

#![cfg(test)]

#[path = "golden/bolt.rs"]
mod bolt;
#[path = "golden/mongo.rs"]
mod mongo;
#[path = "golden/postgres.rs"]
mod postgres;
#[path = "golden/resp.rs"]
mod resp;

use std::fs;
use std::path::{Path, PathBuf};

use tests::golden::{Case, File};

/// What judges the cases of one file.
trait Bench {
    /// The outcome of one case. Panics where what must hold of every output does not.
    fn outcome(&self, input: &str) -> String;
}

const PROTOCOLS: [&str; 4] = ["bolt", "mongo", "postgres", "resp"];

fn bench(file: &File, folder: &Path) -> Box<dyn Bench> {
    if folder.ends_with("postgres") {
        Box::new(postgres::Bench::of(file, folder))
    } else if folder.ends_with("mongo") {
        Box::new(mongo::Bench::of(file, folder))
    } else if folder.ends_with("bolt") {
        Box::new(bolt::Bench::of(file, folder))
    } else {
        Box::new(resp::Bench::of(file, folder))
    }
}

fn folder(protocol: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(protocol)
}

fn files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = PROTOCOLS
        .iter()
        .flat_map(|protocol| fs::read_dir(folder(protocol)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    files
}

fn run(path: &Path, update: bool) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let mut file = File::parse(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let bench = bench(&file, path.parent().unwrap());
    let mut failures = Vec::new();
    let mut fresh: Vec<Case> = Vec::new();
    for case in &file.cases {
        let outcome = bench.outcome(&case.input);
        let mut case = case.clone();
        if outcome != case.expected {
            let loosens = case.expected.starts_with("reject") && !outcome.starts_with("reject");
            if !update || loosens {
                failures.push(format!(
                    "{}:{}\n{}\nexpected: {}\nfound:    {outcome}\n",
                    path.display(),
                    case.line,
                    case.input,
                    case.expected
                ));
            } else {
                case.expected = outcome;
            }
        }
        fresh.push(case);
    }
    file.cases = fresh;
    if update {
        fs::write(path, file.print()).unwrap();
    }
    failures
}

#[test]
fn every_case_earns_its_verdict() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let failures: Vec<String> = files().iter().flat_map(|path| run(path, update)).collect();
    assert!(failures.is_empty(), "{} cases differ:\n\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_file_prints_as_it_reads() {
    for path in files() {
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(File::parse(&text).unwrap().print(), text, "{}", path.display());
    }
}

#[test]
fn there_are_as_many_cases_as_promised() {
    let count: usize = files()
        .iter()
        .map(|path| File::parse(&fs::read_to_string(path).unwrap()).unwrap().cases.len())
        .sum();
    assert!(count >= 200, "{count} golden cases");
}
