//! `partywall catalog`: prints the snapshot that `explain` reads.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::{Documents, Failure};
use crate::protocol;
use crate::settings::StoreUrl;

/// Print the catalog snapshot that `explain` reads.
///
/// It is that of the first PostgreSQL listener's upstream, as JSON, in an order that does not change while the
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
    let mut meant = listeners.filter_map(|(listener, way)| match &listener.upstream.store {
        StoreUrl::Postgres(account)
            if arguments.listener.is_none_or(|address| address == listener.listen) =>
        {
            Some((way.upstream, &listener.upstream, account))
        }
        StoreUrl::Postgres(_) | StoreUrl::Resp { .. } | StoreUrl::Mongo(_) | StoreUrl::Bolt(_) => {
            None
        }
    });
    let (upstream, url, account) = meant
        .next()
        .ok_or_else(|| Failure::failed("the settings have no PostgreSQL listener there"))?;
    let read = protocol::read_catalog(&upstream, url, account);
    let mut catalog = super::on_runtime(read)?.map_err(Failure::failed)?;
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
