//! Our side of the comparison, in a process of its own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, thread};

use serde_json::Value;

/// What our converter makes of each text: see `print_syntax.rs` for the form.
///
/// # Panics
/// When the process cannot be built, or does not answer every text.
#[must_use]
pub fn answers(texts: &[String]) -> Vec<Value> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml");
    let mut child = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["run", "--quiet", "--locked", "-p", "tests", "--example", "print_syntax"])
        .arg("--manifest-path")
        .arg(manifest)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("cargo runs");
    let mut stdin = child.stdin.take().expect("it is piped");
    let lines: Vec<String> =
        texts.iter().map(|text| Value::from(text.as_str()).to_string()).collect();
    let writer = thread::spawn(move || {
        for line in lines {
            writeln!(stdin, "{line}").expect("the process reads");
        }
    });
    let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
    let answers: Vec<Value> = stdout
        .lines()
        .map(|line| serde_json::from_str(&line.expect("it is text")).expect("it is JSON"))
        .collect();
    writer.join().expect("all was written");
    assert!(child.wait().expect("it ends").success());
    assert_eq!(answers.len(), texts.len());
    answers
}
