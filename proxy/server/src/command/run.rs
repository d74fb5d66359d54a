//! `partywall run`: serves until it is told to stop.

use std::path::PathBuf;

use super::{Documents, Failure, runtime};
use crate::{serve, telemetry};

/// Serve.
///
/// SIGTERM and SIGINT drain: no new clients, and those that are there end at their next idle moment
/// or after `drain_seconds`; a second signal ends at once. SIGHUP reads policy, tenants, catalog and
/// certificates again, and not the settings: a policy that cannot be used refuses every statement,
/// a tenants document that cannot be used refuses every login. RUST_LOG chooses what is logged.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The settings document.
    #[arg(long, value_name = "FILE")]
    settings: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// `Failure::Documents` when they cannot be used, `Failure::Listen` when an address cannot be
/// listened on.
pub(crate) fn execute(arguments: &Arguments) -> Result<(), Failure> {
    let documents = Documents::load(&arguments.settings)?;
    telemetry::start(documents.settings.log).map_err(Failure::Failed)?;
    for warning in &documents.settings.warnings {
        tracing::warn!("{}", warning.in_file(arguments.settings.display()));
    }
    let runtime = runtime()?;
    let served = runtime.block_on(serve::serve(documents));
    // What still runs was given its time.
    runtime.shutdown_background();
    served
}
