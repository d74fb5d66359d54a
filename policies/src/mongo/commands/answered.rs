//! Commands that are answered without the upstream: it would tell of itself, and of our account.

use mongo_wire::bson::{DocumentWriter, Value};
use mongo_wire::survey::{self, CommandClass};

use super::super::ServerFacts;
use super::super::made;
use super::super::scope::{Outcome, Task, command_refused};
use crate::Rejection;

/// Most bytes of a document (manual, "Limits and Thresholds").
const DOCUMENT_BYTES_MAX: i32 = 16 << 20;

pub(in super::super) fn answer(task: Task<'_, '_>) -> Result<Outcome, Rejection> {
    let body: &dyn Fn(&mut DocumentWriter<'_>) = match task.name() {
        "ping" => &|_| {},
        "buildInfo" => &|out| put_build_info(task.scope.facts, out),
        "connectionStatus" => &|out| put_status(task.context.login, out),
        "listCommands" => &put_commands,
        // Where the client is, is the proxy's link's business.
        "whatsmyuri" => &|out| out.value("you", Value::String("127.0.0.1:0")),
        // Not among a server's commands since 5.1.
        _ => return Err(command_refused(task.command.name())),
    };
    Ok(Outcome::Reply(made::document(|out| {
        body(out);
        out.value("ok", Value::Double(1.0));
    })))
}

fn put_build_info(facts: &ServerFacts, out: &mut DocumentWriter<'_>) {
    out.value("version", Value::String(&facts.version));
    out.value("gitVersion", Value::String(""));
    out.array("modules", |_| {});
    out.array("versionArray", |out| {
        facts.numbers.iter().chain(&[0]).for_each(|number| out.value(Value::Int32(*number)));
    });
    out.value("bits", Value::Int32(64));
    out.value("debug", Value::Boolean(false));
    out.value("maxBsonObjectSize", Value::Int32(DOCUMENT_BYTES_MAX));
}

fn put_status(login: &str, out: &mut DocumentWriter<'_>) {
    out.nested("authInfo", |out| {
        out.array("authenticatedUsers", |out| {
            out.nested(|out| {
                out.value("user", Value::String(login));
                out.value("db", Value::String("admin"));
            });
        });
        out.array("authenticatedUserRoles", |_| {});
        out.array("authenticatedUserPrivileges", |_| {});
    });
}

fn put_commands(out: &mut DocumentWriter<'_>) {
    out.nested("commands", |out| {
        for spec in survey::commands() {
            let is_open = !matches!(
                spec.class,
                CommandClass::Statistics | CommandClass::Probe | CommandClass::Refused
            );
            if is_open {
                out.nested(spec.name, |out| {
                    out.value("help", Value::String(""));
                    out.value("adminOnly", Value::Boolean(spec.on_admin));
                });
            }
        }
    });
}
