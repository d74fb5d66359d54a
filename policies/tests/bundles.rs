//! The policy documents under `bundles/`: good ones load, bad ones fail with the very text beside
//! them.
//!
//! `UPDATE_BUNDLES=1` writes the texts anew. It never makes a bad document a good one: that is
//! moved by hand, and shows in review.

use std::error::Error;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use policies::policy::Policy;

type Outcome = Result<(), Box<dyn Error>>;

/// The documents of a bundle, by name. At least `least` of them, or the folder was lost.
fn documents(bundle: &str, least: usize) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("bundles").join(bundle);
    let mut documents = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension() == Some(OsStr::new("toml")) {
            documents.push(path);
        }
    }
    documents.sort();
    assert!(documents.len() >= least, "{bundle}: only {} documents", documents.len());
    Ok(documents)
}

/// The errors as `partywall check` prints them, one a line. Empty when the document loads.
fn rendered(path: &Path) -> Result<String, Box<dyn Error>> {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let errors = Policy::parse(&fs::read_to_string(path)?).err().unwrap_or_default();
    Ok(errors.iter().map(|error| error.in_file(&file) + "\n").collect())
}

#[test]
fn good_documents_load() -> Outcome {
    for path in documents("good", 8)? {
        assert_eq!(rendered(&path)?, "", "{}", path.display());
    }
    Ok(())
}

#[test]
fn bad_documents_fail_with_the_text_beside_them() -> Outcome {
    for path in documents("bad", 20)? {
        let text = path.with_extension("txt");
        let errors = rendered(&path)?;
        assert_ne!(errors, "", "{} loads", path.display());
        if std::env::var_os("UPDATE_BUNDLES").is_some() {
            fs::write(&text, &errors)?;
        }
        assert_eq!(errors, fs::read_to_string(&text)?, "{}", path.display());
    }
    Ok(())
}

/// A document cut off anywhere, or with a byte changed, is read or refused, and nothing else.
#[test]
fn damaged_documents_do_no_harm() -> Outcome {
    for path in documents("good", 8)? {
        let text = fs::read_to_string(&path)?;
        for (at, letter) in text.char_indices() {
            let (head, tail) = text.split_at(at);
            let changed = format!("{head}\"{}", tail.strip_prefix(letter).unwrap_or_default());
            for damaged in [head, &changed] {
                if let Err(errors) = Policy::parse(damaged) {
                    assert!(!errors.is_empty(), "{}: {damaged}", path.display());
                }
            }
        }
    }
    Ok(())
}
