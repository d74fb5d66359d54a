//! Seeds: inputs to begin with, kept as text.
//!
//! A file has one input a line; a line that begins with `#` is a comment. `\n`, `\r`, `\t`, `\\` and
//! `\xHH` stand for what they mean in Rust. The statements of the golden files are seeds, too.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::path::{Path, PathBuf};

use crate::golden::File;

/// The inputs that a fuzz target begins with.
///
/// # Errors
/// When a file cannot be read, or does not have the form above.
pub fn seeds(target: &str) -> io::Result<BTreeSet<Vec<u8>>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("fuzz/seeds").join(format!("{target}.txt")))?;
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let mut seeds: BTreeSet<Vec<u8>> = lines.map(unescape).collect::<io::Result<_>>()?;
    // Those that read SQL.
    if matches!(target, "lex" | "scope") {
        for path in golden_files(&root.join("golden/postgres"))? {
            let file = File::parse(&fs::read_to_string(&path)?).map_err(io::Error::other)?;
            seeds.extend(file.cases.into_iter().map(|case| case.input.into_bytes()));
        }
    }
    Ok(seeds)
}

/// Writes a target's seeds to where cargo-fuzz keeps its corpus, one file each.
///
/// # Errors
/// As [`seeds`], and when a file cannot be written.
pub fn plant(target: &str) -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    fs::create_dir_all(&folder)?;
    for seed in seeds(target)? {
        let mut hasher = DefaultHasher::new();
        seed.hash(&mut hasher);
        fs::write(folder.join(format!("seed-{:016x}", hasher.finish())), seed)?;
    }
    Ok(())
}

fn golden_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let paths = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let paths = paths.collect::<io::Result<Vec<_>>>()?;
    Ok(paths.into_iter().filter(|path| path.extension().is_some_and(|end| end == "txt")).collect())
}

fn unescape(line: &str) -> io::Result<Vec<u8>> {
    let wrong = || io::Error::other(format!("no such escape: {line}"));
    let mut bytes = Vec::new();
    let mut rest = line.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next() {
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'\\') => b'\\',
            Some(b'x') => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                let (high, low) = (digit().ok_or_else(wrong)?, digit().ok_or_else(wrong)?);
                u8::try_from(high * 16 + low).map_err(|_| wrong())?
            }
            _ => return Err(wrong()),
        });
    }
    Ok(bytes)
}
