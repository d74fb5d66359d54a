//! The `partywall` binary: the tokio shell around `relay`, and the commands of its author.
//!
//! `run` serves. The other commands let a person try a policy, look at a catalog or make a login
//! without a service. This crate knows no SQL: it moves bytes between sockets and a
//! [`relay::Connection`], and does what the connection asks for.

mod admin;
mod cluster;
mod command;
mod drive;
mod health;
mod listener;
mod protocol;
mod serve;
mod settings;
mod store;
mod telemetry;
mod tls;
mod upstream;

use std::process::ExitCode;

use clap::Parser;

/// A wall between the tenants of a shared store.
///
/// Exit codes: 0 all is well; 1 the command failed; 2 it was called wrongly; 3 a document
/// (settings, policy, tenants) cannot be used; 4 an address cannot be listened on.
#[derive(Debug, Parser)]
#[command(name = "partywall", version, about, long_about, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: command::Command,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match command::execute(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.print();
            failure.code()
        }
    }
}
