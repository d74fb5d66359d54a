//! The commands, and how each may fail.

mod catalog;
mod check;
mod documents;
mod explain;
mod generate;
mod login;
mod run;

use std::fmt;
use std::process::ExitCode;

pub(crate) use documents::{Documents, Way, read_policy, read_registry, server_tls, upstream_tls};

/// The stack of a thread that judges. Judging recurses as deep as `wire::Limits::depth_max` allows,
/// in frames that are large without optimisation.
const STACK_BYTES: usize = 16 << 20;

/// What `partywall` is asked to do.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Run(run::Arguments),
    Check(check::Arguments),
    Explain(explain::Arguments),
    Catalog(catalog::Arguments),
    Generate(generate::Arguments),
    /// Print an entry for the tenants document; the password comes from the terminal or stdin.
    Login(login::Arguments),
}

/// Does what `command` says.
///
/// # Errors
/// `Failure` with what to print and the exit code.
pub(crate) fn execute(command: Command) -> Result<(), Failure> {
    match command {
        Command::Run(arguments) => run::execute(&arguments),
        Command::Check(arguments) => check::execute(&arguments),
        Command::Explain(arguments) => on_large_stack(|| explain::execute(&arguments)),
        Command::Catalog(arguments) => catalog::execute(&arguments),
        Command::Generate(arguments) => generate::execute(&arguments),
        Command::Login(arguments) => login::execute(&arguments),
    }
}

/// Why a command ends otherwise than well. Exit code 2 is clap's.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Exit code 1.
    Failed(String),
    /// Exit code 3: all that is wrong with the documents, one problem an entry.
    Documents(Vec<String>),
    /// Exit code 4.
    Listen(String),
}

impl Failure {
    /// Exit code 1, with `what` to print.
    pub(crate) fn failed(what: impl fmt::Display) -> Self {
        Self::Failed(what.to_string())
    }

    /// Writes it to stderr, each problem on a line of its own.
    pub(crate) fn print(&self) {
        match self {
            Self::Failed(what) | Self::Listen(what) => eprintln!("partywall: {what}"),
            Self::Documents(problems) => {
                for problem in problems {
                    eprintln!("partywall: {problem}");
                }
            }
        }
    }

    /// The process's exit code.
    pub(crate) fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Failed(_) => 1,
            Self::Documents(_) => 3,
            Self::Listen(_) => 4,
        })
    }
}

/// The runtime of `run` and of what asks a store.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .thread_stack_size(STACK_BYTES)
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("the runtime cannot be started: {error}")))
}

/// Runs `work` to its end.
fn on_runtime<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    Ok(runtime()?.block_on(work))
}

/// Does `work` on a thread that can judge.
fn on_large_stack(work: impl FnOnce() -> Result<(), Failure> + Send) -> Result<(), Failure> {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, work)
            .map_err(|error| Failure::failed(format!("no thread can be started: {error}")))?
            .join()
            .unwrap_or_else(|_| Err(Failure::failed("a bug ended the command")))
    })
}
