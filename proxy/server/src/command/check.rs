//! `partywall check`: whether the documents can be used, and what has drifted away from them.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Documents, Failure, Way};
use crate::protocol;

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
    let mut found = Found { warnings: documents.settings.warnings.len(), ..Found::default() };
    super::on_runtime(found.look(&documents, &ways))?;
    let Found { warnings, mut errors, unreachable } = found;
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

/// What the stores led to.
#[derive(Debug, Default)]
struct Found {
    warnings: usize,
    errors: Vec<String>,
    unreachable: Vec<String>,
}

impl Found {
    /// Looks at the store of every listener, and prints what is worth a warning.
    async fn look(&mut self, documents: &Documents, ways: &[Way]) {
        let Documents { settings, policy, registry } = documents;
        let registry = Arc::new(registry.clone());
        for (listener, Way { upstream, .. }) in settings.listeners.iter().zip(ways) {
            let world = protocol::world(listener, &settings.limits, Arc::clone(&registry), 0);
            if let Err(why) = world.read(upstream).await {
                self.unreachable.push(why);
                continue;
            }
            if let Some(store) = world.store() {
                println!("{}: {store}", upstream.name);
            }
            let contradictions = world.apply(policy, 0).err().unwrap_or_default();
            let problems = world.try_tenants(&registry, upstream).await;
            self.errors.extend(problems.iter().map(|what| format!("{}: {what}", upstream.name)));
            let file = settings.policy.display();
            self.errors.extend(contradictions.iter().map(|error| format!("{file}: {error}")));
            let inspected = world.inspect(policy, upstream).await;
            let inspected = inspected.unwrap_or_else(|why| {
                self.unreachable.push(why);
                Vec::new()
            });
            for warning in world.drift(policy).into_iter().chain(inspected) {
                println!("warning: {}: {warning}", upstream.name);
                self.warnings += 1;
            }
        }
    }
}
