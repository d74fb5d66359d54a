//! The corpus: PostgreSQL's own regression tests, as they ship within a crate that we build anyway.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The texts of all SQL files, with what psql alone understands taken out.
///
/// # Panics
/// When the files are not where `cargo metadata` says, so that no test passes on an empty corpus.
#[must_use]
pub fn files() -> Vec<String> {
    let mut paths = Vec::new();
    collect(&folder(), &mut paths);
    paths.sort();
    assert!(paths.len() > 200, "the corpus has shrunk to {} files", paths.len());
    paths.iter().map(|path| text(path)).collect()
}

/// The files cut into statements. A piece without a closing semicolon is one, too.
#[must_use]
pub fn statements() -> Vec<String> {
    let mut statements: Vec<String> = files().iter().flat_map(|text| cut(text)).collect();
    statements.sort();
    statements.dedup();
    statements
}

fn folder() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml");
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--format-version", "1", "--locked", "--manifest-path"])
        .arg(&manifest)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let package = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|package| package["name"] == "pg_raw_parse")
        .expect("the main workspace depends on pg_raw_parse");
    let manifest = package["manifest_path"].as_str().expect("a package has a manifest");
    Path::new(manifest).with_file_name("libpg_query").join("test/sql")
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}")) {
        let path = entry.expect("a folder's entry is readable").path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "sql" || extension == "d") {
            paths.push(path);
        }
    }
}

/// A file without psql's backslash commands and without bytes that a statement cannot hold.
fn text(path: &Path) -> String {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let text = String::from_utf8_lossy(&bytes).replace('\0', " ");
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('\\'));
    lines.collect::<Vec<_>>().join("\n")
}

/// Cuts where pg_query's scanner sees a semicolon outside of brackets, and, where it fails (COPY's
/// data is no SQL), at line ends behind a semicolon.
fn cut(text: &str) -> Vec<String> {
    if let Ok(parts) = pg_query::split_with_scanner(text) {
        return parts.into_iter().map(|part| part.trim().to_owned()).collect();
    }
    text.split_inclusive(";\n").map(|part| part.trim().to_owned()).collect()
}
