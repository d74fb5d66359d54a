//! The log: readable on a terminal, JSON lines otherwise. Always on stderr; stdout belongs to the
//! commands' results.

use std::io::IsTerminal;

use tracing::subscriber::set_global_default;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::settings::LogFormat;

/// The variable that chooses what is logged: `info` (the default), `debug`, `partywall=trace`, …
const FILTER_VARIABLE: &str = "RUST_LOG";

/// Starts logging, for the rest of the process's life.
///
/// # Errors
/// What is wrong with the filter in `RUST_LOG`.
pub(crate) fn start(format: LogFormat) -> Result<(), String> {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .with_env_var(FILTER_VARIABLE)
        .from_env()
        .map_err(|error| format!("{FILTER_VARIABLE}: {error}; write e.g. RUST_LOG=info"))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // Whoever read the log may have gone. To say so, there, would end the connection at hand.
        .log_internal_errors(false);
    let pretty = match format {
        LogFormat::Auto => std::io::stderr().is_terminal(),
        LogFormat::Pretty => true,
        LogFormat::Json => false,
    };
    // Not `init`: that would let in what libraries write through the `log` crate, and a parser that
    // is told to be talkative writes the very literals that must not be logged.
    let started = if pretty {
        let ansi = std::io::stderr().is_terminal();
        set_global_default(builder.with_ansi(ansi).with_target(false).finish())
    } else {
        set_global_default(builder.json().flatten_event(true).with_target(false).finish())
    };
    started.map_err(|error| format!("the log cannot be started: {error}"))
}
