//! What the tree promises of itself: arrows, sizes, heads, and documents in step with the code.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use policies::Reason;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The files that git knows, or would, with this ending.
fn files(ending: &str) -> Vec<PathBuf> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "git ls-files failed");
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .filter(|name| name.ends_with(ending))
        .map(|name| root().join(name))
        .filter(|path| path.exists())
        .collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn complain(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

/// The arrows of docs/architecture.md: what each crate of ours may depend on.
const ARROWS: &[(&str, &[&str])] = &[
    ("wire", &[]),
    ("postgres-wire", &["wire"]),
    ("resp-wire", &["wire"]),
    ("mongo-wire", &["wire"]),
    ("bolt-wire", &["wire"]),
    ("policies", &["wire", "postgres-wire", "bolt-wire", "mongo-wire", "resp-wire"]),
    ("identity", &["policies"]),
    (
        "relay",
        &["wire", "postgres-wire", "bolt-wire", "mongo-wire", "resp-wire", "policies", "identity"],
    ),
    ("partywall", &["wire", "policies", "identity", "relay"]),
    (
        "tests",
        &[
            "wire",
            "postgres-wire",
            "bolt-wire",
            "mongo-wire",
            "resp-wire",
            "policies",
            "identity",
            "relay",
        ],
    ),
];

/// Crates that bring I/O, tasks or a clock, and those that may use them.
const SHELL_ONLY: &[&str] = &["tokio", "tokio-postgres", "tokio-rustls", "hyper", "rustls"];

fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "cargo metadata failed");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().unwrap();
            let normal = dependencies.iter().filter(|dependency| dependency["kind"].is_null());
            let names = normal.map(|dependency| dependency["name"].as_str().unwrap().to_owned());
            (package["name"].as_str().unwrap().to_owned(), names.collect())
        })
        .collect()
}

#[test]
fn arrows_are_those_of_the_architecture() {
    let dependencies = dependencies();
    let ours: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    let found: BTreeSet<&str> = dependencies.keys().map(String::as_str).collect();
    assert_eq!(found, ours, "the crates of the workspace");
    let mut wrong = Vec::new();
    for (name, allowed) in ARROWS {
        for dependency in &dependencies[*name] {
            let is_ours = ours.contains(dependency.as_str());
            let shell = SHELL_ONLY.contains(&dependency.as_str());
            if is_ours && !allowed.contains(&dependency.as_str())
                || shell && !matches!(*name, "partywall" | "tests")
            {
                wrong.push(format!("{name} -> {dependency}"));
            }
        }
    }
    complain(&wrong, "arrows that the architecture does not have");
}

#[test]
fn every_file_says_what_it_is_for() {
    let mut headless = Vec::new();
    for path in files(".rs") {
        if !read(&path).starts_with("//!") {
            headless.push(path.display().to_string());
        }
    }
    complain(&headless, "files that do not begin with `//!`");
}

#[test]
fn files_are_under_500_lines() {
    let mut long = Vec::new();
    for path in files(".rs") {
        let generated = path.file_name().is_some_and(|name| name == "table.rs");
        let lines = read(&path).lines().count();
        if lines >= 500 && !generated {
            long.push(format!("{} {lines}", path.display()));
        }
    }
    complain(&long, "files of 500 lines or more: split along a seam");
}

/// Functions by indentation: from a line with `fn` to the closing brace in its column.
fn functions(text: &str) -> Vec<(usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let bare = line.trim_start();
        let indent = line.len() - bare.len();
        let words =
            ["fn ", "pub fn ", "async fn ", "pub async fn ", "pub(super) fn ", "pub(crate) fn "];
        if !words.iter().any(|word| bare.starts_with(word)) {
            continue;
        }
        let closing = format!("{}}}", " ".repeat(indent));
        let end = lines[start..].iter().position(|line| *line == closing);
        if let Some(length) = end {
            found.push((start + 1, length + 1));
        }
    }
    found
}

#[test]
fn functions_are_under_70_lines() {
    let mut long = Vec::new();
    for path in files(".rs") {
        for (line, length) in functions(&read(&path)) {
            if length > 70 {
                long.push(format!("{}:{line} {length}", path.display()));
            }
        }
    }
    complain(&long, "functions of more than 70 lines");
}

#[test]
fn every_reason_has_a_page_and_a_case() {
    let pages = read(&root().join("docs/rejections.md"));
    let cases: String = files(".txt").iter().map(|path| read(path)).collect();
    let code: String = files(".rs")
        .iter()
        .filter(|path| path.components().any(|part| part.as_os_str() == "tests"))
        .map(|path| read(path))
        .collect();
    let mut missing = Vec::new();
    for reason in Reason::ALL {
        if !pages.contains(&format!("\n## {reason}\n")) {
            missing.push(format!("{reason}: no page in docs/rejections.md"));
        }
        let in_code = [format!("\"{reason}\""), format!("Reason::{reason:?})")];
        let shown = cases.contains(reason.code()) || in_code.iter().any(|word| code.contains(word));
        // What cannot be provoked from outside is a mistake of ours.
        if !shown && *reason != Reason::Internal {
            missing.push(format!("{reason}: no golden case, script or test"));
        }
    }
    complain(&missing, "reasons without a page or a case");
    let known: BTreeSet<&str> = Reason::ALL.iter().map(|reason| reason.code()).collect();
    for page in pages.lines().filter_map(|line| line.strip_prefix("## ")) {
        assert!(
            known.contains(page),
            "docs/rejections.md has a page for `{page}`, which is no reason"
        );
    }
}

#[test]
fn policies_leave_nothing_out() {
    let folder = root().join("policies/src/postgres");
    let mut found = Vec::new();
    for path in files(".rs").iter().filter(|path| path.starts_with(&folder)) {
        for (number, line) in read(path).lines().enumerate() {
            if line.contains(".ok()") || line.contains("#[allow(") {
                found.push(format!("{}:{} {}", path.display(), number + 1, line.trim()));
            }
        }
    }
    complain(&found, "`.ok()` or `allow` where statements are judged");
}

#[test]
fn tests_neither_sleep_nor_are_ignored() {
    let banned =
        [concat!("#[ign", "ore"), concat!("#[should", "_panic"), concat!("thread::sl", "eep")];
    let mut found = Vec::new();
    for path in files(".rs").iter().chain(&files(".py")) {
        for (number, line) in read(path).lines().enumerate() {
            // A poll for a condition may pause between two looks.
            if banned.iter().any(|word| line.contains(word)) && !line.contains("(PAUSE)") {
                found.push(format!("{}:{} {}", path.display(), number + 1, line.trim()));
            }
        }
    }
    complain(&found, "sleeping, ignored or inverted tests");
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut broken = Vec::new();
    for path in files(".md") {
        let text = read(&path);
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            let outside = target.contains("://") || file.is_empty();
            if !outside && !path.parent().unwrap().join(file).exists() {
                broken.push(format!("{} -> {target}", path.display()));
            }
        }
    }
    complain(&broken, "links that lead nowhere");
}
