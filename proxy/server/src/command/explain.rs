//! `partywall explain`: the verdict on each statement of a file, without a store.

mod bolt;
mod mongo;
mod postgres;
mod resp;

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use policies::{Mode, Reason, Rejection, Tenant, TenantId};
use serde::{Deserialize, Serialize};

use super::Failure;

/// Print the verdict on each statement of a file, without a store.
///
/// Each statement gives one line, a JSON object: `verdict` (forward, rewrite, reply or reject),
/// `statement` (what the store would get; null where it gets nothing), `reason` (null but for a
/// reject) and `detail` (what is wrong, or what must be bound; else null). Empty lines are skipped.
/// A statement is SQL, for `bolt` Cypher, for `resp` a command as `redis-cli` reads and quotes it, and for `mongo` a
/// command as relaxed extended JSON with `$db`. The exit code is 0 whatever the verdicts.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The policy document.
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// The protocol that the statements are written for.
    #[arg(long, value_enum)]
    protocol: Protocol,
    /// The id of the tenant to explain for, of the policy's kind.
    #[arg(long, value_name = "ID")]
    tenant: String,
    /// The snapshot that `partywall catalog` prints, for PostgreSQL. Without it every relation is
    /// unknown.
    #[arg(long, value_name = "FILE")]
    catalog: Option<PathBuf>,
    /// What the input is: a statement a line, or {"statement": …, "parameters": […]} a line.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// How the listener treats what it judges.
    #[arg(long, value_enum, default_value_t = ExplainMode::Inject)]
    mode: ExplainMode,
    /// The statements; stdin when absent or `-`.
    file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Protocol {
    Bolt,
    Mongo,
    Postgres,
    Resp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Jsonl,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum ExplainMode {
    Inject,
    Validate,
}

/// One line of `--format jsonl`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    statement: String,
    #[serde(default)]
    parameters: Option<Vec<serde_json::Value>>,
}

/// One line of output.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Explanation {
    verdict: &'static str,
    statement: Option<String>,
    reason: Option<&'static str>,
    detail: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// `Failure::Documents` when the policy cannot be used, or contradicts the catalog.
pub(crate) fn execute(arguments: &Arguments) -> Result<(), Failure> {
    let policy = super::read_policy(&arguments.policy).map_err(Failure::Documents)?;
    let tenant = TenantId::parse(policy.tenant_kind, &arguments.tenant)
        .map(|id| Tenant { id, slug: arguments.tenant.clone() })
        .map_err(|error| Failure::failed(format!("--tenant {}: {error}", arguments.tenant)))?;
    let mode = match arguments.mode {
        ExplainMode::Inject => Mode::Inject,
        ExplainMode::Validate => Mode::Validate,
    };
    let (input, name): (Box<dyn BufRead>, String) = match &arguments.file {
        Some(path) if path != Path::new("-") => {
            let file = fs::File::open(path)
                .map_err(|error| Failure::failed(format!("{}: {error}", path.display())))?;
            (Box::new(BufReader::new(file)), path.display().to_string())
        }
        _ => (Box::new(io::stdin().lock()), "stdin".to_owned()),
    };
    let explain: Box<Explain> = match arguments.protocol {
        Protocol::Postgres => {
            let catalog = arguments.catalog.as_deref();
            let rules = postgres::rules(policy, &arguments.policy, catalog)?;
            Box::new(move |statement, values| {
                postgres::explain(statement, values, &tenant, &rules, mode)
            })
        }
        Protocol::Bolt => {
            no_catalog(arguments)?;
            let rules = bolt::rules(&policy, &arguments.policy)?;
            Box::new(move |statement, values| {
                bolt::explain(statement, values, &tenant.id, &rules, mode)
            })
        }
        Protocol::Mongo => {
            no_catalog(arguments)?;
            let rules = mongo::rules(&policy, &arguments.policy)?;
            Box::new(move |statement, values| {
                mongo::explain(statement, values, &tenant.id, &rules, mode)
            })
        }
        Protocol::Resp => {
            no_catalog(arguments)?;
            let rules = resp::rules(&policy, &arguments.policy)?;
            Box::new(move |statement, values| {
                resp::explain(statement, values, &tenant.id, &rules, mode)
            })
        }
    };
    let explainer = Explainer { explain, format: arguments.format };
    explainer.explain_all(input, &name, &mut io::stdout().lock())
}

fn no_catalog(arguments: &Arguments) -> Result<(), Failure> {
    match arguments.catalog {
        None => Ok(()),
        Some(_) => Err(Failure::failed("--catalog: only PostgreSQL has a catalog")),
    }
}

/// The verdict on one statement, with its parameters where they are given.
type Explain = dyn Fn(&str, Option<&[serde_json::Value]>) -> Result<Explanation, Rejection>;

struct Explainer {
    explain: Box<Explain>,
    format: Format,
}

impl Explainer {
    fn explain_all(
        &self,
        input: impl BufRead,
        name: &str,
        output: &mut impl Write,
    ) -> Result<(), Failure> {
        for (index, line) in input.split(b'\n').enumerate() {
            let at = |what: String| Failure::failed(format!("{name}:{}: {what}", index + 1));
            let line = line.map_err(|error| at(error.to_string()))?;
            let line = line.strip_suffix(b"\r").unwrap_or(&line);
            if line.trim_ascii().is_empty() {
                continue;
            }
            let explanation = match self.format {
                Format::Text => match std::str::from_utf8(line) {
                    Ok(statement) => self.explain(statement, None),
                    Err(_) => refused(&Rejection::new(
                        Reason::InvalidEncoding,
                        "the statement is not valid UTF-8",
                    )),
                },
                Format::Jsonl => {
                    let form = r#"write {"statement": "SELECT …", "parameters": […]}"#;
                    let input: Input = serde_json::from_slice(line)
                        .map_err(|error| at(format!("{error}; {form}")))?;
                    self.explain(&input.statement, input.parameters.as_deref())
                }
            };
            let mut text = serde_json::to_string(&explanation).map_err(Failure::failed)?;
            text.push('\n');
            match output.write_all(text.as_bytes()) {
                // Whoever read the output has seen enough.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
                written => written.map_err(Failure::failed)?,
            }
        }
        Ok(())
    }

    fn explain(&self, statement: &str, values: Option<&[serde_json::Value]>) -> Explanation {
        (self.explain)(statement, values).unwrap_or_else(|rejection| refused(&rejection))
    }
}

fn refused(rejection: &Rejection) -> Explanation {
    let mut detail = rejection.what.clone().into_owned();
    if let Some(span) = rejection.span {
        detail.push_str(&format!(" (bytes {} to {})", span.start, span.end));
    }
    if let Some(hint) = &rejection.hint {
        detail.push_str(&format!(". {hint}"));
    }
    Explanation {
        verdict: "reject",
        statement: None,
        reason: Some(rejection.reason.code()),
        detail: Some(detail),
    }
}

#[cfg(test)]
mod tests;
