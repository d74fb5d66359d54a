//! `partywall catalog`: prints the snapshot that `explain` reads.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::{Documents, Failure};
use crate::snapshot;

/// Print the catalog snapshot that `explain` reads.
///
/// It is that of the first listener's upstream, as JSON, in an order that does not change while the
/// database does not.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The settings document.
    #[arg(long, value_name = "FILE")]
    settings: PathBuf,
    /// The listener whose upstream to read, by its address, where there are several.
    #[arg(long, value_name = "ADDRESS")]
    listener: Option<SocketAddr>,
}

/// Runs the command.
///
/// # Errors
/// `Failure::Documents` when they cannot be used, `Failure::Failed` when the upstream cannot be
/// read.
pub(crate) fn execute(arguments: &Arguments) -> Result<(), Failure> {
    let documents = Documents::load(&arguments.settings)?;
    let listeners = documents.settings.listeners.iter().zip(documents.ways()?);
    let is_meant = |address| arguments.listener.is_none_or(|meant| meant == address);
    let way = listeners
        .filter(|(listener, _)| is_meant(listener.listen))
        .map(|(_, way)| way)
        .next()
        .ok_or_else(|| Failure::failed("--listener: the settings have no listener there"))?;
    let mut catalog = super::on_runtime(snapshot::read(&way.upstream))?.map_err(Failure::failed)?;
    catalog.relations.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
    catalog
        .functions
        .sort_by(|a, b| (&a.schema, &a.name, a.arguments).cmp(&(&b.schema, &b.name, b.arguments)));
    catalog.operators.sort();
    catalog.types.sort();
    let mut text = serde_json::to_string_pretty(&catalog).map_err(Failure::failed)?;
    text.push('\n');
    std::io::stdout().write_all(text.as_bytes()).map_err(Failure::failed)
}
