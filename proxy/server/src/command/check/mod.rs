//! `partywall check`: whether the documents can be used, and what has drifted away from them.

mod drift;

use std::path::PathBuf;

use policies::postgres::Rules;

use super::{Documents, Failure};
use crate::settings::Protocol;
use crate::snapshot;

/// Check the documents and, with the stores up, what has drifted away from them.
///
/// Errors are printed to stderr, and the exit code is then 3; warnings are printed to stdout. A
/// store that cannot be looked at gives exit code 1.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The settings document.
    #[arg(long, value_name = "FILE")]
    settings: PathBuf,
    /// Look at the documents and certificates only, at no store.
    #[arg(long)]
    offline: bool,
}

/// Runs the command.
///
/// # Errors
/// `Failure::Documents` with everything that must be mended; `Failure::Failed` when a store cannot
/// be looked at.
pub(crate) fn execute(arguments: &Arguments) -> Result<(), Failure> {
    let documents = Documents::load(&arguments.settings)?;
    let ways = documents.ways()?;
    for warning in &documents.settings.warnings {
        println!("warning: {}", warning.in_file(arguments.settings.display()));
    }
    if arguments.offline {
        println!("the documents can be used; the stores were not looked at");
        return Ok(());
    }
    let mut warnings = documents.settings.warnings.len();
    let (mut errors, mut unreachable) = (Vec::new(), Vec::new());
    super::on_runtime(async {
        for (listener, way) in documents.settings.listeners.iter().zip(&ways) {
            match listener.protocol {
                Protocol::Postgres => {}
            }
            match snapshot::read(&way.upstream).await {
                Err(why) => unreachable.push(why),
                Ok(catalog) => {
                    let rules = Rules::new(&documents.policy, &catalog, 0);
                    let policy = documents.settings.policy.display();
                    let line = |error| format!("{policy}: {error}");
                    errors.extend(rules.err().unwrap_or_default().iter().map(line));
                    if let Some(postgres) = &documents.policy.postgres {
                        for warning in drift::find(postgres, &catalog) {
                            println!("warning: {}: {warning}", way.upstream.name());
                            warnings += 1;
                        }
                    }
                }
            }
        }
    })?;
    if !errors.is_empty() {
        errors.extend(unreachable);
        return Err(Failure::Documents(errors));
    }
    if !unreachable.is_empty() {
        return Err(Failure::failed(unreachable.join("\npartywall: ")));
    }
    println!("the documents can be used; {warnings} warnings");
    Ok(())
}
