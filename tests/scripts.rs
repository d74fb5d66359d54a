//! Message-level conversations: order and phase, as data (`scripts/<protocol>/*.txt`).
//!
//! What is not listed in a script must not be said. Each case is played three times, with its bytes
//! cut differently, and must come out the same.

#![cfg(test)]

#[path = "scripts/bolt.rs"]
mod bolt;
#[path = "scripts/cluster.rs"]
mod cluster;
#[path = "scripts/document.rs"]
mod document;
#[path = "scripts/encode.rs"]
mod encode;
#[path = "scripts/expect.rs"]
mod expect;
#[path = "scripts/mongo.rs"]
mod mongo;
#[path = "scripts/notation.rs"]
mod notation;
#[path = "scripts/play.rs"]
mod play;
#[path = "scripts/resp.rs"]
mod resp;
#[path = "scripts/scram.rs"]
mod scram;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use play::Cut;

#[test]
fn postgres() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/postgres");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    let mut failures = Vec::new();
    let mut names = BTreeSet::new();
    for file in &files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let cases = notation::read(&fs::read_to_string(file).unwrap())
            .unwrap_or_else(|what| panic!("{name}: {what}"));
        for case in &cases {
            assert!(names.insert(case.name.clone()), "{name}: two cases named `{}`", case.name);
            // What comes at once may mean something else than what comes apart.
            let only_runs = case.settings.iter().any(|(key, _)| key == "cut");
            let cuts = [Cut::Runs, Cut::Messages, Cut::Bytes];
            for cut in cuts.into_iter().take(if only_runs { 1 } else { 3 }) {
                if let Err(what) = play::play(case, &folder, cut) {
                    failures.push(format!("{name}: {}, cut by {cut:?}: {what}", case.name));
                    break;
                }
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    assert!(names.len() >= 30, "only {} scripts were found", names.len());
}

#[test]
fn resp() {
    assert!(play_all("scripts/resp", resp::play) >= 30);
}

#[test]
fn cluster() {
    assert!(play_all("scripts/cluster", cluster::play) >= 30);
}

/// Plays the cases of all files in `folder`. Gives how many there are.
fn play_all(folder: &str, play: impl Fn(&resp::Case, Cut) -> Result<(), String>) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut failures = Vec::new();
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        for case in resp::read(&fs::read_to_string(&path).unwrap()) {
            assert!(names.insert(case.name.clone()), "two cases named `{}`", case.name);
            for cut in [Cut::Runs, Cut::Bytes] {
                if let Err(what) = play(&case, cut) {
                    failures.push(format!(
                        "{}: {}, cut by {cut:?}: {what}",
                        path.display(),
                        case.name
                    ));
                    break;
                }
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    names.len()
}

#[test]
fn mongo() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/mongo");
    let mut failures = Vec::new();
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        for case in mongo::read(&fs::read_to_string(&path).unwrap()) {
            assert!(names.insert(case.name.clone()), "two cases named `{}`", case.name);
            for cut in [Cut::Runs, Cut::Bytes] {
                if let Err(what) = mongo::play(&case, cut) {
                    failures.push(format!(
                        "{}: {}, cut by {cut:?}: {what}",
                        path.display(),
                        case.name
                    ));
                    break;
                }
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    assert!(names.len() >= 50, "only {} scripts were found", names.len());
}

#[test]
fn bolt() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/bolt");
    let mut failures = Vec::new();
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        for case in bolt::read(&fs::read_to_string(&path).unwrap()) {
            assert!(names.insert(case.name.clone()), "two cases named `{}`", case.name);
            for cut in [Cut::Runs, Cut::Bytes] {
                if let Err(what) = bolt::play(&case, cut) {
                    failures.push(format!(
                        "{}: {}, cut by {cut:?}: {what}",
                        path.display(),
                        case.name
                    ));
                    break;
                }
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    assert!(names.len() >= 30, "only {} scripts were found", names.len());
}
